"""What mail servers and absent people's machines write, in English and German: by it a mail is known that says nothing in its head."""

from __future__ import annotations

import re


def _any(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


# Whom servers sign with, and what they call their reports.
DAEMON = re.compile(r"(?:mailer-?daemon|mail-?daemon|mdaemon|postmaster|mail-?delivery|\w*mail[-_]service|microsoftexchange[0-9a-f]*|bounces?|imss|"
                    r"\"?system ?administrator\"?)(?:\+[^@]*)?@", re.IGNORECASE)
BOUNCE_TITLE = _any(
    "undeliver", "unzustellbar", "returned mail", "failure notice", "non[- ]delivery", "nondeliverable",
    "delivery (?:status|failure|failed|has failed|notification|report|problem|unsuccessful)", "mail (?:delivery|system error|status report)",
    "message (?:status|delivery|could not be)", "could not be delivered", "not delivered", "rejected:", "delayed", "verzögert",
    "nicht zugestellt", r"zustellung\w* (?:fehlgeschlagen|nicht möglich|gescheitert|verzögert)", "fehlgeschlagene zustellung",
    "nachricht (?:ist )?nicht zustellbar", "failure delivery",
    "mail fail", "failed mail", "error during delivery", "user unknown", "warning: (?:could not|message)",
    "postfach (?:ist )?voll", "mailbox (?:is )?full",
)

# Where the message that is returned begins.
COPY = re.compile(r"^(?:-{3,}.{0,60}(?:original|copy of|returned|below this line|ursprüngliche|nachricht|kopie).*|original message headers:?|"
                  r"received: from .*|return-path: .*)$", re.IGNORECASE | re.MULTILINE)

STILL_TRYING = _any(
    "will (?:continue to |keep )(?:try|retry|attempt)", "will be retried", "still (?:be )?(?:try|retry|attempt)", "delivery attempts will continue",
    "no action is required", "do not need to (?:resend|send)", "message delayed", "has been delayed", "delivery (?:is|to .{0,80} has been) delayed",
    "not yet been delivered", "warning message only", "wird weiter(?:hin)? versucht", "noch nicht zugestellt", "zustellung (?:wurde )?verzögert",
    "weitere zustellversuche",
)
FULL = _any(
    "(?:box|folder) (?:is )?(?:full|exceeded)", "over (?:its |the )?(?:disk )?quota", "quota (?:has been )?(?:exceeded|exhausted|überschritten)",
    r"exceed\w* (?:\w+ ){0,3}quota", "insufficient (?:system )?storage", "not enough (?:storage|space)", "out of storage", "storage limit",
    "too much mail", "speicherplatz", "postfachgrenze", r"(?:postfach|briefkasten|mailbox)\S{0,30} (?:ist |des \w+ ist )?(?:\w+ )?voll",
)
NOBODY = _any(
    r"(?:user|account|mailbox|address|recipient|alias|benutzer|empfänger|adresse|postfach|konto|anschrift)\S{0,40} .{0,90}?"
    r"(?:unknown|not (?:exist|found|known|listed|valid|active|local)|n't (?:exist|found|have)|does not have|disabled|inactive|suspended|invalid|"
    r"no longer|unbekannt|existiert nicht|nicht (?:bekannt|gefunden|vorhanden|gültig|mehr)|ungültig|gesperrt|deaktiviert)",
    r"(?:unknown|no such|invalid|bad|illegal|non-?existent) (?:\w+ ){0,2}"
    r"(?:user|account|mailbox|address|recipient|domain|host|person|alias)",
    "no mailbox here", "not our customer", "unroute?able", "host (?:unknown|not found|or domain name not found)",
    "domain (?:not found|does not exist)", r"(?:unbekannte[rns]?|ungültige[rns]?) (?:\w+ )?(?:empfänger|benutzer|adresse|nutzer|domäne)",
)
PASSING = _any(
    "temporar(?:y|ily)", "vorübergehend", "try (?:again|later)", "später (?:noch ?mal|erneut)", "greylist", "timed? ?out", "zeitüberschreitung",
    "connection (?:refused|reset|lost|dropped)", "in the queue (?:too long|for)", "retry time(?:out)? (?:not reached|exceeded)", "expired",
    "rate limit", "too many (?:connections|messages|mails)", "server (?:busy|not available)", "could not be reached", "nicht erreichbar",
    "network is unreachable",
)
FINAL = _any(
    "relay(?:ing)? (?:access )?denied", "not relay", "permanent (?:fatal )?(?:error|failure)",
    r"(?:dauerhaft|endgültig)\w* (?:\w+ )?(?:fehler|nicht)",
    "rejected", "unavailable", "blocked", "spam", "policy", "virus", "too (?:large|big)", "zu groß", "nimmt keine", "gave up", "i've given up",
    "giving up",
)

# How machines that answer for absent people begin their subjects. With "AW:" before it, it is a person who answers the machine.
ABSENT_TITLE = re.compile(
    r"(?:\[?auto(?:matic|matische|matisch)?[ .-]*(?:reply|response|responder|antwort|antw\.?|generierte antwort|answer)\]?|autoreply|"
    r"abwesen(?:d|heit)\w*|out of (?:the )?office|out-of-office|ooo\b|"
    r"ich bin (?:\w+ )?(?:abwesend|nicht im (?:büro|haus|dienst)|im urlaub|außer haus)|"
    r"i am (?:\w+ )?(?:out of|away|on (?:vacation|leave|holiday))|nicht im (?:büro|haus)\b|urlaubs(?:vertretung|meldung|notiz)|vacation|"
    r"away from (?:the |my )?(?:office|mail|desk)|eingangsbestätigung|ihre (?:e-?mail|nachricht|anfrage) (?:ist|wurde|haben wir)|"
    r"we (?:have )?received your|elternzeit|mutterschutz|nicht mehr (?:im unternehmen|bei uns)|no longer with)", re.IGNORECASE)
