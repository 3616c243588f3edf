"""Bounces: what mail servers report of a message, by the standard (RFC 3464) or by their own habits, and how heavy it weighs.

Hard: the message did not arrive, and another would not either. Soft: it did not arrive, but the address is good. Delayed: the server
still tries. Delivered: a server says that it arrived.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email import message_from_bytes

from flufl.bounce import all_failures

from pipeline.mail import phrases
from pipeline.mail.incoming import Mail, Part

HARD, SOFT, DELAYED, DELIVERED = "hard", "soft", "delayed", "delivered"
_HEAVIEST = (HARD, SOFT, DELAYED, DELIVERED)
_OWN = 8_000            # characters of a report that are the server's own words, at most
_SCANNED = 200_000      # bytes of a mail that the detectors of flufl.bounce get to see

# Enhanced status codes (RFC 3463) of class 5 that nevertheless speak of a state that passes: full mailbox, full or stopped
# system, congestion, time expired.
_PASSING = frozenset({"2.2", "3.1", "3.2", "4.5", "4.7", "7.28"})

_ENHANCED = re.compile(r"(?<![\d.])(?P<class>[245])\.(?P<detail>[0-7]\.\d{1,3})(?!\.?\d)")
_REPLY = re.compile(r"(?im)(?:said:?|says:?|error[^0-9\n]{0,80}|answer(?:ed|s)?:?|returned:?|respon(?:se|ded)[^0-9\n]{0,60}|code:?|status:?|smtp;|"
                    r"[#(<>\[]|^)\s*(?P<code>[45][0-5]\d)(?=[ \-,:;)\]])")
_ADDRESS = re.compile(r"[^\s<>\"';:,()\[\]]+@[^\s<>\"';:,()\[\]]+")
# What servers write where they give no code that says something; in the order in which they are asked. The more certain come first:
# Exim calls every failure permanent, also that of a server it could not reach for days.
_WORDS: tuple[tuple[str, re.Pattern[str]], ...] = ((SOFT, phrases.FULL), (HARD, phrases.NOBODY), (SOFT, phrases.PASSING), (HARD, phrases.FINAL))


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounce:
    """What a server reports of one message."""

    weight: str            # hard, soft, delayed, delivered
    code: str = ""         # "5.1.1" (RFC 3463), or "550"; "" where there is none
    recipient: str = ""    # the address that failed, in small letters; "" where it is not told


def reported(mail: Mail) -> Bounce | None:
    """A report by the standard; the heaviest of its recipients decides."""
    if mail.kind == "multipart/report" and mail.parameter("report-type").lower() not in ("delivery-status", ""):
        return None
    for part in mail.parts:
        if part.kind in ("message/delivery-status", "message/global-delivery-status"):
            found = [bounce for fields in _blocks(part) if (bounce := _judged(fields, mail)) is not None]
            if found:
                return min(found, key=lambda bounce: _HEAVIEST.index(bounce.weight))
    return None


def habitual(mail: Mail) -> Bounce | None:
    """A report in a server's own words: it looks like one, and says something that weighs."""
    failed = mail.head("x-failed-recipients").casefold().strip("<> ")
    by_daemon = bool(phrases.DAEMON.match(mail.sender)) or "mail delivery" in mail.head("from").casefold()
    by_machine = mail.head("return-path") == "<>" or mail.head("auto-submitted").casefold().startswith("auto-") or not mail.sender
    if not (failed or (by_daemon and not _human(mail)) or (by_machine and phrases.BOUNCE_TITLE.search(mail.subject))):
        return None
    text = _own(mail)
    weight, code = _weighed(text)
    weight = weight or _detected(mail)
    if not weight:
        return None
    address = _ADDRESS.search(text)
    return Bounce(weight=weight, code=code, recipient=failed or (address[0].casefold() if address else ""))


def _human(mail: Mail) -> bool:
    """A postmaster is a person now and then: who answers us, and is no machine by any header line."""
    return bool(mail.head("in-reply-to")) and mail.head("return-path") not in ("<>", "") and not mail.head("auto-submitted")


def _blocks(part: Part) -> Iterator[Mapping[str, str]]:
    """The blocks of fields of a delivery report (RFC 3464, 2.1), whatever it is encoded in."""
    text = re.sub(r"\n[ \t]+", " ", part.text.replace("\r\n", "\n"))
    for block in text.split("\n\n"):
        yield {name.strip().lower(): value.strip() for name, colon, value in (line.partition(":") for line in block.splitlines()) if colon}


def _judged(fields: Mapping[str, str], mail: Mail) -> Bounce | None:
    action = fields.get("action", "").partition(" ")[0].lower()
    if not (action or "status" in fields or "diagnostic-code" in fields):
        return None         # the block about the message as a whole
    said = fields.get("diagnostic-code", "")
    status = _ENHANCED.search(fields.get("status", ""))
    code = status[0] if status and status["detail"] != "0.0" else _code(said) or (status[0] if status else "")
    if action in ("delivered", "relayed", "expanded"):
        weight = DELIVERED
    elif action == "delayed":
        weight = DELAYED
    else:
        weight = _by_code(code)
        if weight == DELIVERED:      # a failure that boasts of success: the action is what happened
            weight = HARD
        if _vague(code):
            weight = _by_words(said) or weight or _by_words(_own(mail)) or HARD
    address = _ADDRESS.search(fields.get("original-recipient", "")) or _ADDRESS.search(fields.get("final-recipient", ""))
    return Bounce(weight=weight, code=code, recipient=address[0].casefold() if address else "")


def _weighed(text: str) -> tuple[str, str]:
    if phrases.STILL_TRYING.search(text):
        return DELAYED, _code(text)
    code = _code(text)
    return (_by_words(text) or _by_code(code)) if _vague(code) else _by_code(code), code


def _code(text: str) -> str:
    """The first status code in a text, an enhanced one before one of three digits, one that says something before "5.0.0"."""
    found = [match[0] for match in _ENHANCED.finditer(text) if match["class"] != "2"]
    plain = _REPLY.search(text)
    return next((code for code in found if not code.endswith(".0.0")), "") or (plain["code"] if plain else "") or next(iter(found), "")


def _vague(code: str) -> bool:
    """It tells whether the server was sure, and not of what: a full mailbox is a 552, a 550 or 5.0.0 here and there."""
    return not code or code.endswith(".0.0") or "." not in code


def _by_code(code: str) -> str:
    if code[:1] == "5":
        return SOFT if code[2:] in _PASSING else HARD
    return {"4": SOFT, "2": DELIVERED}.get(code[:1], "")


def _by_words(text: str) -> str:
    return next((weight for weight, words in _WORDS if words.search(text)), "")


def _own(mail: Mail) -> str:
    """What the server itself wrote, without the message it returns."""
    text = mail.text[:_OWN]
    copy = phrases.COPY.search(text)
    return text[:copy.start()] if copy and copy.start() > 0 else text


def _detected(mail: Mail) -> str:
    """What the detectors of flufl.bounce find, which know many a server's habits."""
    data = mail.data[:_SCANNED]
    if mail.odd or data.lower().count(b"multipart/") > len(mail.parts) + 1:     # nested where we did not look: its parser might break off
        return ""
    try:
        temporary, permanent = all_failures(message_from_bytes(data))
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):      # each can be seen on broken mails
        return ""
    return HARD if permanent else SOFT if temporary else ""
