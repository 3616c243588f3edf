"""The sentences the tool says, gathered from the code, and their English: `python -m tools.messages`.

German stands in the code, in literals and f-strings. This reads the syntax of every module, writes what reaches a person into
pipeline/cli/locale/gremium.pot, brings the English catalogue up to date and compiles it. See docs/languages.md.
"""

from __future__ import annotations

import ast
import inspect
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from pipeline.cli.tongue import METAVAR

ROOT = Path(__file__).parent.parent
LOCALE = ROOT / "pipeline" / "cli" / "locale"
ENGLISH = LOCALE / "en" / "LC_MESSAGES" / "gremium.po"

# Modules whose words are printed in papers, workbooks or the status page, and therefore stay German; of these only errors and findings count.
PAPERS = (
    "papers/", "report/", "starter/", "wording.py", "qr.py", "records.py", "register.py", "council/oparl.py", "pdf/hyphenation.py",
    "mail/calendar.py", "mail/cover.py", "mail/letters.py", "mail/message.py", "mail/phrases.py",
    "tables/columns.py", "tables/countries.py", "tables/forms.py", "tables/guide.py", "tables/mark.py", "tables/survey.py",
)
SPOKEN_OF = ("report/words.py",)        # words of the page that the terminal uses as well
SAID = frozenset({
    "tr", "print", "echo", "secho", "say", "prompt", "confirm", "fail", "UsageError", "BadParameter", "progress", "patience", "Finding", "Step",
    "_block", "_tell", "tell",
})
SILENT = frozenset({"rule", "command", "fg", "name", "file", "default", "column", "sheet", "place", "value", "subject", "cell", "who", "keys"})
SPOKEN = frozenset({"help", "short_help", "metavar", "hint", "message"})      # keywords whose values are said wherever they stand

# Words that are put together only when they are said, or stand among those of the papers.
PUT_TOGETHER = (
    "Gelesen: {partners}, {persons}, {projects}, {topics}, {bodies}, {memberships}, {meetings}.",
    "unterschrieben {number} von {all}", "Uhr laut Unterzeichner", "Uhr laut Zeitstempel", "Laufzeit", "Erfolgskriterien", "Risiken", "Datenschutz",
    "vorbereitet", "von mindestens einer Partei unterzeichnet", "von allen Parteien unterzeichnet", "keine gültige Signatur", "gesperrt",
    "zurückgekommen", "1 Papier", "{number} Papiere", "Kosten", "Stellen", "Memorandum", "Memoranden", "Vorlage an den Rat", "Vorlagen an den Rat",
    "Einladung", "Einladungen", "Auszug aus dem Beschluss", "Auszüge aus dem Beschluss", "Mitglieder- und Anwesenheitsliste",
    "Mitglieder- und Anwesenheitslisten", "Namensschilder", "Liste der Kurzvorträge", "Listen der Kurzvorträge", "Überblick", "Plakat", "Plakate",
)

_LETTERS = re.compile(r"[A-Za-zÄÖÜäöüß]{2}")
_SETTING = re.compile(r"[a-z_]+(?:\.[a-z_{}0-9]+)+")
_CODE = re.compile(        # SQL, patterns, marks of XML and HTML, names of MIME types, addresses
    r"^(expected |unexpected |SELECT|INSERT|UPDATE|DELETE|CREATE|PRAGMA|BEGIN|COMMIT|ROLLBACK|DROP|ALTER|WITH) |TEXT NOT NULL|"
    r"INTEGER,|,  +-- | has no | is in the |objects point|[\\^$]|"
    r"\(\?|^[#@/<-]|^\.\w|"
    r"<[a-zA-Z/!]|=\"|;$|^\w+=|xmlns|http://|urn:|-{5}|^[A-Z0-9_ ]+$|^[a-z]+/[a-z]|\{\{|%\}|^ *[a-z-]+:[^ ]|\w\|\w|\[[A-Z]\w*\]\.|\w\+xml|"
    r"\w/\w+\{|\{\w+\}\w+/|^\[Ee\]|^\w+(?:, \w+){5,}$")
_GERMAN = re.compile(
    r"[ÄÖÜäöüß„“…«»→–]|\b(der|die|das|den|dem|des|ein|eine|einen|einem|einer|und|oder|nicht|kein|keine|keinen|ist|sind|war|wird|werden|mit|von|aus|"
    r"nach|zu|zum|zur|für|auf|in|im|an|am|bei|nur|noch|schon|als|wie|es|er|sie|hat|haben|fehlt|fehlen|gibt|steht|gelesen|erst|dann|sonst|wenn|ohne|"
    r"mehr|weniger|alle|weitere|diese|dieser|dieses|Datei|Ordner|Zeile|Papier|Papiere|bis|um|so|sich|neu|leer|laut|seit|Tage|Uhr|je|Spalte|Fehler|"
    r"Feld|Vorlage|Wert|Name|findet|gilt|abgelehnt|gemeldet|E-Mail-Adresse|verloren|eingebettete|etwas|inzwischen|niemand|gesiegelt|signiert|"
    r"unbekannter|Original|Blatt|unlesbare|passen|schreiben|schmales|weiches|unsichtbares|Umlaute|Zeilenumbruch|weitergeleitete|ausgeblendeten|"
    r"Doppelte|eigene|formatierter|sicher|Stufe|Dateityp|hatte|unterschrieben|Partner|Prozesse|zugleich|Post|E-Mail|Datum|Meinten|Formatvorlage|"
    r"wer|wo|welchem|unter|vor)\b", re.IGNORECASE)
# Words that look as if they were said and are names in the program, or letters that are looked for.
_NOISE = frozenset({
    "red", "yellow", "blue", "green", "cyan", "inputs", "outputs", "gremium", "gremium {list}", "key", "contact", "outcome", "as_json", "title",
    "memoranda counted", "total-failed", "links", "pagination", "indication", "sentence", "held", "open", "going", "done", "metavar:{metavar}",
    "äöüÄÖÜßéèçñ§€–„“", "mär", "own_funds", "cell", "row", "deferred", "left",
})


class Gathering(ast.NodeVisitor):
    """What one module says."""

    def __init__(self, source: Path) -> None:
        self.source = source
        name = source.relative_to(ROOT / "pipeline").as_posix()
        self.paper = name.startswith(PAPERS) and name not in SPOKEN_OF
        self.words = name.startswith("cli/") or name in SPOKEN_OF
        self.found: list[tuple[int, str]] = []
        self._depth = 0          # inside something that is said
        self._docstrings: set[int] = set()

    def gather(self) -> list[tuple[int, str]]:
        """Line and msgid of each sentence."""
        tree = ast.parse(self.source.read_text("utf-8"))
        self._docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        self.visit(tree)
        return self.found

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """A command's docstring is its help."""
        decorators = " ".join(ast.unparse(each) for each in node.decorator_list)
        if re.search(r"\bcommand\(|\bgroup\(", decorators) and (help_text := ast.get_docstring(node)):
            for paragraph in filter(_GERMAN.search, help_of(help_text)):
                self.found.append((node.lineno, escaped(paragraph)))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        """What is handed to something that says it."""
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        says = name in SAID or ast.unparse(node.func) == "super().__init__"
        self.visit(node.func)
        self._depth += says
        for child in (*node.args, *node.keywords):
            if isinstance(child, ast.keyword) and child.arg in SPOKEN:
                self._spoken(child)
            elif isinstance(child, ast.keyword) and child.arg in SILENT:
                self._depth, kept = 0, self._depth
                self.visit(child)
                self._depth = kept
            else:
                self.visit(child)
        self._depth -= says

    def _spoken(self, keyword: ast.keyword) -> None:
        if keyword.arg == "metavar" and isinstance(keyword.value, ast.Constant):
            self.found.append((keyword.value.lineno, METAVAR + str(keyword.value.value)))
        self._depth += 1
        self.visit(keyword.value)
        self._depth -= 1

    def visit_Dict(self, node: ast.Dict) -> None:
        """Tables of words: their values are said, their keys are not, unless they are titles of groups."""
        table = self.words
        for key, value in zip(node.keys, node.values, strict=True):
            if key is not None and not (isinstance(key, ast.Constant) and not _GERMAN.search(str(key.value)) and not isinstance(value, ast.Dict)):
                self._tabled(key, isinstance(value, ast.Dict))
            self._tabled(value, table)

    def _tabled(self, node: ast.expr, said: bool) -> None:
        self._depth += said
        self.visit(node)
        self._depth -= said

    def visit_BinOp(self, node: ast.BinOp) -> None:
        """A sentence put together from pieces."""
        if isinstance(node.op, ast.Add) and any(isinstance(part, ast.JoinedStr | ast.Constant) for part in _parts(node)):
            self._sentence(list(_parts(node)), node.lineno)
        else:
            self.generic_visit(node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        """A sentence with values."""
        self._sentence([node], node.lineno)

    def visit_Constant(self, node: ast.Constant) -> None:
        """A sentence without."""
        if isinstance(node.value, str) and id(node) not in self._docstrings:
            self._take(_formatted(node.value), node.lineno)

    def _sentence(self, parts: Sequence[ast.expr], line: int) -> None:
        names: dict[str, int] = {}
        text = ""
        for part in parts:
            if isinstance(part, ast.Constant) and isinstance(part.value, str):
                text += escaped(part.value)
            elif isinstance(part, ast.JoinedStr):
                for piece in part.values:
                    if isinstance(piece, ast.Constant):
                        text += escaped(str(piece.value))
                    elif isinstance(piece, ast.FormattedValue):
                        text += _named(piece.value, names)
                        self.visit(piece.value)
            else:
                text += _named(part, names)
                self.visit(part)
        self._take(text, line)

    def _take(self, msgid: str, line: int) -> None:
        for each in msgid.split("\n"):
            self._take_line(each.strip(" →·"), line)

    def _take_line(self, msgid: str, line: int) -> None:
        words = re.sub(r"\{\w+\}", "", msgid)
        if not _LETTERS.search(words) or _CODE.search(words) or msgid in _NOISE or _SETTING.fullmatch(msgid):
            return
        many = len(re.findall(r"[A-Za-zÄÖÜäöüß]+", words)) > 1
        german = (many and " " in words.strip() and _GERMAN.search(words)) or re.search("[äöüßÄÖÜ]", words)
        if self._depth or (not self.paper and german):
            self.found.append((line, msgid))


def _parts(node: ast.expr) -> Iterator[ast.expr]:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _parts(node.left)
        yield from _parts(node.right)
    else:
        yield node


def _named(value: ast.expr, taken: dict[str, int]) -> str:
    """A placeholder that tells the translator what will stand there."""
    said = {ast.Name: lambda: value.id, ast.Attribute: lambda: value.attr, ast.IfExp: lambda: "rest"}.get(type(value), lambda: "")()  # type: ignore[attr-defined]
    if isinstance(value, ast.Call):
        inner = value.args[0] if value.args else value.func
        said = "number" if ast.unparse(value.func) == "len" else getattr(inner, "attr", getattr(inner, "id", "")) or "list"
    name = re.sub(r"\W|^_+", "", said) or "value"
    taken[name] = taken.get(name, 0) + 1
    return f"{{{name}{taken[name] if taken[name] > 1 else ''}}}"


def escaped(text: str) -> str:
    """Braces that are meant, doubled, as str.format has them."""
    return text.replace("{", "{{").replace("}", "}}")


def _formatted(text: str) -> str:
    """A literal that is filled later keeps its placeholders; those that are numbers get a letter."""
    return re.sub(r"\{(\d)\}", r"{v\1}", text) if re.search(r"\{\w+\}", text) and "{{" not in text else escaped(text)


def help_of(docstring: str) -> list[str]:
    """The paragraphs of a command's help, each on one line, without the examples."""
    from pipeline.cli.guidance import EXAMPLES
    return [" ".join(paragraph.split()) for paragraph in EXAMPLES.sub("", inspect.cleandoc(docstring)).split("\n\n")]


def gathered() -> dict[str, list[tuple[str, int]]]:
    """Every msgid with the places it is said at."""
    found: dict[str, list[tuple[str, int]]] = {}
    for source in sorted((ROOT / "pipeline").rglob("*.py")):
        for line, msgid in Gathering(source).gather():
            found.setdefault(msgid, []).append((source.relative_to(ROOT).as_posix(), line))
    for msgid in PUT_TOGETHER:
        found.setdefault(msgid, []).append(("tools/messages.py", 0))
    return found


def catalogue(found: dict[str, list[tuple[str, int]]]) -> Catalog:
    """The template: every sentence with the module it is said in; no lines, which would change with every edit."""
    made = Catalog(domain="gremium", project="gremium", locale="en", charset="utf-8")
    for msgid, places in found.items():
        made.add(msgid, locations=[(name, None) for name in dict.fromkeys(place for place, _ in places)])     # type: ignore[misc]  # babel allows None
    return made


def untranslated(found: dict[str, list[tuple[str, int]]]) -> list[str]:
    """What has no English yet."""
    with ENGLISH.open("rb") as file:
        known = {str(message.id): message.string for message in read_po(file)}
    return [msgid for msgid in found if not known.get(msgid)]


def main(arguments: Sequence[str]) -> int:
    """Brings the catalogue up to date; arguments are files of translations, {msgid: English} as JSON. Gives 1 when some are missing."""
    found = gathered()
    english: dict[str, str] = {}
    if ENGLISH.exists():
        with ENGLISH.open("rb") as file:
            english = {str(message.id): str(message.string) for message in read_po(file) if message.id and message.string}
    for name in arguments:
        english |= json.loads(Path(name).read_text("utf-8"))
    made = catalogue(found)
    LOCALE.mkdir(parents=True, exist_ok=True)
    with (LOCALE / "gremium.pot").open("wb") as file:
        write_po(file, made, omit_header=True, sort_output=True, width=0)
    for message in made:
        if message.id:
            message.string = english.get(str(message.id), "")
    ENGLISH.parent.mkdir(parents=True, exist_ok=True)
    with ENGLISH.open("wb") as file:
        write_po(file, made, sort_output=True, width=0, include_previous=False)
    with ENGLISH.with_suffix(".mo").open("wb") as file:
        write_mo(file, made)
    left = untranslated(found)
    for msgid in left:
        print(json.dumps(msgid, ensure_ascii=False))
    print(f"{len(found)} sentences, {len(left)} without English", file=sys.stderr)
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
