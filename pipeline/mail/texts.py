"""What the messages say: the office's own texts in `templates/mail/`, one pair of files a kind of paper.

`invitation.txt` begins with the line "Betreff: …" and an empty line; `invitation.html` says the same, plainly set out. What stands under
every greeting, the office's address, is drawn in from `foot.txt` and `foot.html`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from traceback import extract_tb
from types import MappingProxyType
from zoneinfo import ZoneInfo

from jinja2 import FileSystemLoader, StrictUndefined, Template
from jinja2 import TemplateError as JinjaError
from jinja2.exceptions import TemplateNotFound
from jinja2.meta import find_referenced_templates, find_undeclared_variables
from jinja2.sandbox import SandboxedEnvironment

from pipeline import wording
from pipeline.errors import TemplateError
from pipeline.mail.calendar import ZONE
from pipeline.mail.holding import Change
from pipeline.mail.paper import Paper, worded
from pipeline.papers.draft import Recipient
from pipeline.records import Meeting
from pipeline.settings import Settings

SUBJECT = "Betreff:"


class NoMailText(TemplateError):
    """There is no text for messages of this kind."""

    def __init__(self, name: str) -> None:
        super().__init__(f"templates/mail/{name} fehlt", hint="Die Datei anlegen; templates/mail/invitation.txt ist ein Muster.")


class BadMailText(TemplateError):
    """A mail text cannot be filled in."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"templates/mail/{name}: {reason}", hint="Die Datei in einem Texteditor öffnen und berichtigen.")


class NoChanges(TemplateError):
    """Somebody is to be told of a change, and the text does not say what it is."""

    def __init__(self, name: str) -> None:
        super().__init__(f"templates/mail/{name} sagt nicht, was sich geändert hat: das Feld „changes“ fehlt darin",
                         hint="Die Zeilen mit „changes“ aus dem mitgelieferten Text übernehmen („gremium new“ legt ihn in einen neuen Ordner).")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One message's words."""

    subject: str
    plain: str
    html: str


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What a message has to say beyond the meeting itself."""

    changes: tuple[Change, ...] = ()   # since the recipient was last told
    again: bool = False                # the recipient was invited before
    off: bool = False                  # of a cancellation: the meeting is not held at all
    number: int = 0                    # of a reminder
    paper: Paper | None = None         # one that is given out to be signed and sent back


class Texts:
    """The mail texts of one kind, read once and filled in for many."""

    def __init__(self, folder: Path, kind: str) -> None:
        """Reads `<kind>.txt` and `<kind>.html` with what they draw in. Raises TemplateError."""
        def world(autoescape: bool) -> SandboxedEnvironment:
            return SandboxedEnvironment(loader=FileSystemLoader(folder), undefined=StrictUndefined, autoescape=autoescape, auto_reload=False,
                                        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
        self._plain = _read(folder, world(False), f"{kind}.txt")
        self._html = _read(folder, world(True), f"{kind}.html")
        self._silent = tuple(name for name in (f"{kind}.txt", f"{kind}.html") if not _names((folder / name).read_text("utf-8"), "changes"))

    def fill(self, context: Mapping[str, object]) -> Text:
        """The words for one message. Raises TemplateError."""
        if context.get("changes") and self._silent:
            raise NoChanges(self._silent[0])
        head, _, body = _filled(self._plain, context).partition("\n")
        if not head.startswith(SUBJECT) or body[:1] != "\n":
            raise BadMailText(str(self._plain.name), f"beginnt nicht mit „{SUBJECT} …“ und einer leeren Zeile")
        subject = head.removeprefix(SUBJECT).replace(wording.NO_BREAK, " ").strip()
        return Text(subject=subject, plain=body.strip() + "\n", html=_filled(self._html, context))


_NO_NEWS = News()


def context(recipient: Recipient, meeting: Meeting | None, settings: Settings, news: News = _NO_NEWS) -> dict[str, object]:
    """The fields a mail text may use, worded as they are to stand there."""
    office = settings.office
    return {
        "alliance": settings.alliance.name,
        "recipient": {"salutation": recipient.salutation, "name": recipient.name, "organisation": recipient.organisation},
        "office": {"name": office.name, "contact": office.contact, "contact_function": office.contact_function, "street": office.street,
                   "place": f"{office.postcode} {office.city}", "phone": office.phone, "email": office.email, "web": office.web,
                   "reply_to": settings.mail.reply_to or office.email},
        "meeting": _meeting(meeting) if meeting else None,
        "paper": worded(news.paper, ZoneInfo(ZONE)) if news.paper else None,
        "changes": [{"label": change.label, "old": change.old, "new": change.new} for change in news.changes],
        "again": news.again, "off": news.off, "number": news.number,
    }


@lru_cache(maxsize=64)
def _meeting(meeting: Meeting) -> Mapping[str, object]:
    return MappingProxyType({
        "title": meeting.title,
        "date": wording.date(meeting.date),
        "day": wording.weekday_date(meeting.date),
        "time": wording.period(meeting.start, meeting.end),
        "place": meeting.place,
        "address": meeting.address,
        "agenda": meeting.agenda,
        "reply_by": wording.weekday_date(meeting.reply_by) if meeting.reply_by else "",
    })


def _names(source: str, name: str) -> bool:
    """The text uses this field."""
    try:
        return name in find_undeclared_variables(SandboxedEnvironment().parse(source))
    except JinjaError:
        return False      # said when it is filled in


def _read(folder: Path, world: SandboxedEnvironment, name: str) -> Template:
    """A text with what it draws in, so that a fault in either is named with its own file before the first message."""
    text = _opened(world, name)
    for drawn in filter(None, find_referenced_templates(world.parse((folder / name).read_text("utf-8")))):
        _opened(world, drawn)
    return text


def _opened(world: SandboxedEnvironment, name: str) -> Template:
    try:
        return world.get_template(name)
    except TemplateNotFound as error:
        raise NoMailText(name) from error
    except JinjaError as error:
        raise BadMailText(name, f"{error.message}{_line(error)}") from error
    except UnicodeDecodeError as error:
        raise BadMailText(name, "nicht in UTF-8 gespeichert") from error


def _filled(template: Template, fields: Mapping[str, object]) -> str:
    try:
        return template.render(fields)
    except JinjaError as error:
        raise BadMailText(_faulty(template, error), f"{error.message}{_line(error)}") from error
    except (TypeError, ValueError, ArithmeticError, LookupError) as error:   # from an expression in the text
        raise BadMailText(_faulty(template, error), str(error)) from error


def _faulty(template: Template, error: Exception) -> str:
    """The file in which an error arose: the text, or one that it draws in; Jinja writes them into the traceback."""
    passed = [Path(frame.filename) for frame in extract_tb(error.__traceback__)]
    return next((path.name for path in reversed(passed) if path.parent == Path(str(template.filename)).parent), str(template.name))


def _line(error: JinjaError) -> str:
    line = getattr(error, "lineno", None)
    return f" (Zeile {line})" if line else ""
