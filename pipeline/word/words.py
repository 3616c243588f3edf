"""What Jinja says about a template, in the office's German, and the name somebody probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable

_SENTENCES: tuple[tuple[str, str], ...] = (
    (r"Encountered unknown tag '(\w+)'.* innermost block that needs to be closed is '(\w+)'", "„{0}“ passt nicht: zuerst muss „{1}“ beendet werden"),
    (r"Encountered unknown tag '(\w+)'", "den Befehl „{0}“ gibt es nicht oder er steht hier nicht richtig"),
    (r"[Uu]nexpected end of template.* innermost block that needs to be closed is '(\w+)'", "„{0}“ wird nicht beendet: „end{0}“ fehlt"),
    (r"No filter named '(.+?)'", "den Filter „{0}“ gibt es in Vorlagen nicht"),
    (r"No test named '(.+?)'", "die Prüfung „{0}“ gibt es nicht"),
    (r"expected token '(.+?)', got '(.+?)'", "hier steht „{1}“, erwartet wird „{0}“"),
    (r"unexpected char '(.+?)'", "das Zeichen „{0}“ gehört nicht in eine Auszeichnung"),
    (r"unexpected '(.+?)'", "„{0}“ steht an der falschen Stelle"),
    (r"Missing end of", "die Auszeichnung wird nicht geschlossen"),
    (r"[Ee]xpected an expression", "zwischen den Klammern fehlt ein Feld"),
    (r"unexpected end of template", "die Auszeichnung ist unvollständig"),
)


def worded(message: str) -> str:
    """A syntax error in German; Jinja's own words where they are not known."""
    for pattern, sentence in _SENTENCES:
        if found := re.search(pattern, message, re.DOTALL):
            return sentence.format(*found.groups())
    return f"die Auszeichnung ist nicht zu verstehen ({message})"


def near_miss(name: str, known: Iterable[str]) -> str | None:
    """The known name that is most like this one, when any is."""
    return next(iter(difflib.get_close_matches(name, list(known), 1, 0.6)), None)
