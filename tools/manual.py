"""The page of messages, written from the code so that it cannot lie: `python -m tools.manual` writes docs/messages.md.

It reads the syntax of every module: each class of errors words its own sentence, each finding its own. Sentences that are handed
through – to the parent's constructor, to a function that makes findings – are followed to where they are said. Values that come
in only at run time are shown as „…“.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "messages.md"
VALUE = "…"
OTHERWISE = " Sonst: "
DEPTH = 4        # from where a sentence is said, so many hands it may go through

# What each code means to whoever reads it, and the classes of pipeline/errors.py that carry it.
CODES: Mapping[int, tuple[str, str]] = {
    0: ("erledigt", "–"),
    1: ("abgebrochen, oder ein Fehler des Programms", "Denselben Befehl wiederholen; was fertig war, bleibt. Kommt die Meldung wieder, mit `--debug` "
        "aufrufen und die Ausgabe der IT geben."),
    2: ("der Befehl, der Arbeitsordner oder die Einstellungen stimmen nicht",
        "Die Meldung nennt die Angabe; `gremium BEFEHL --help` zeigt, was möglich ist."),
    3: ("Befunde in Tabellen", "`gremium check` nennt jede Zelle; mit `--keep-going` entsteht alles Übrige."),
    4: ("eine Vorlage stimmt nicht", "Die Word-Datei an der genannten Stelle berichtigen."),
    5: ("ein Papier konnte nicht entstehen", "Die Meldung nennt Papier und Stelle."),
    6: ("Schlüssel, Freigabe oder Unterschrift fehlt oder stimmt nicht", "Siehe [Freigabe und Unterschrift](signatures.md)."),
    7: ("einige Nachrichten sind nicht hinausgegangen", "Noch einmal senden; was versandt ist, geht nicht zweimal."),
    8: ("eine Prüfung ist nicht bestanden", "Die vier Antworten lesen; siehe [Was zurückkommt](returns.md)."),
}

ROOMS: Mapping[str, str] = {        # beginning of a module's name → heading, in the order of the page
    "workspace": "Arbeitsordner und Einstellungen", "cli": "Befehle", "tables": "Tabellen", "papers": "Papierarten",
    "word": "Vorlagen und Word-Dateien", "pdf": "PDF", "build": "Erstellen", "release": "Freigabe", "signing": "Unterschrift und Rücklauf",
    "issue": "Ausgabe", "mail": "Versand und Posteingang", "council": "Rat", "ledger": "Verzeichnis",
}
FOUND: Mapping[str, str] = {"tables": "In den Tabellen", "council": "Zur Ratsvorlage", "word": "In den Vorlagen", "pdf": "Auf dem Weg ins PDF"}
WEIGHT = {"ERROR": "Fehler", "WARNING": "Warnung", "NOTE": "Hinweis"}
MAKERS = {"Finding": ("place", "rule", "message", "hint"), "Remark": ("rule", "message", "hint", "severity")}

HEAD = """\
# Meldungen und was zu tun ist

Jede Meldung sagt, was los ist, wo, und was zu tun ist. Diese Seite nennt alle, damit sich auch eine finden lässt, die am Telefon
vorgelesen wird: das Suchfeld oben nimmt jedes Wort daraus. „…“ steht für das, was die Meldung einsetzt – eine Datei, eine Zelle,
einen Namen.

<!-- aus dem Programm: python -m tools.manual -->
"""


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """One sentence of an error or a finding."""

    message: str
    hint: str
    what: str = field(compare=False)         # class of the error, rule of the finding
    room: str = field(compare=False)
    code: int = field(default=0, compare=False)
    weight: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Class:
    """A class of errors: where it stands, what it derives from, how it words itself."""

    module: str
    node: ast.ClassDef
    base: tuple[str, str] | None             # module and name of the parent

    @property
    def init(self) -> ast.FunctionDef | None:
        """Its own constructor."""
        return next((part for part in self.node.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"), None)


class House:
    """The modules under pipeline/, read once."""

    def __init__(self, root: Path) -> None:
        self.modules = {".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): ast.parse(path.read_text("utf-8"))
                        for path in sorted((root / "pipeline").rglob("*.py"))}
        self.names = {name: dict(_imported(tree)) for name, tree in self.modules.items()}
        self.functions: dict[ast.AST, ast.FunctionDef | None] = {}
        for tree in self.modules.values():
            self._inside(tree, None)

    def _inside(self, node: ast.AST, function: ast.FunctionDef | None) -> None:
        for child in ast.iter_child_nodes(node):
            self.functions[child] = function
            self._inside(child, child if isinstance(child, ast.FunctionDef) else function)

    def errors(self) -> dict[tuple[str, str], Class]:
        """Every class that descends from GremiumError."""
        found = {("pipeline.errors", "GremiumError"): Class("pipeline.errors", next(
            node for node in self.modules["pipeline.errors"].body if isinstance(node, ast.ClassDef) and node.name == "GremiumError"), None)}
        grown = True
        while grown:
            grown = False
            for module, tree in self.modules.items():
                for node in tree.body:
                    if isinstance(node, ast.ClassDef) and (module, node.name) not in found:
                        bases = [self.names[module].get(base.id, (module, base.id)) for base in node.bases if isinstance(base, ast.Name)]
                        parent = next((base for base in bases if base in found), None)
                        if parent:
                            found[module, node.name] = Class(module, node, parent)
                            grown = True
        return found

    def calls(self, module: str, name: str) -> Iterator[tuple[str, ast.Call]]:
        """Where something of a module is called, by the module itself or by one that imports it."""
        for where, tree in self.modules.items():
            known = {local for local, source in self.names[where].items() if source == (module, name)} | ({name} if where == module else set())
            if known:
                yield from ((where, node) for node in ast.walk(tree)
                            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in known)

    def words(self, module: str, node: ast.expr | None, told: Mapping[str, str], call: ast.AST | None) -> str:
        """A sentence as it will read; what is known only later is „…“, and of two ways to say it both."""
        if isinstance(node, ast.IfExp):
            ways = [self.words(module, each, told, call) for each in (node.body, node.orelse)]
            return OTHERWISE.join(dict.fromkeys(way for way in ways if _letters(way))) or VALUE
        return " ".join(re.sub(rf"{VALUE}(?:[ ,]*{VALUE})+", VALUE, self._words(module, node, told, call)).split())

    def _words(self, module: str, node: ast.expr | None, told: Mapping[str, str], call: ast.AST | None) -> str:      # noqa: PLR0911  # a table of cases
        def again(part: ast.expr) -> str:
            return self._words(module, part, told, call)
        match node:
            case ast.Constant(value=str(text)):
                return text
            case ast.JoinedStr(values=parts):
                return "".join(again(part) for part in parts)
            case ast.FormattedValue(value=value):
                return again(value) if isinstance(value, ast.IfExp | ast.Name) else VALUE
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return again(left) + again(right)
            case ast.IfExp(body=body, orelse=other):
                return again(body) or again(other)
            case ast.BoolOp(values=values):
                return again(values[-1])
            case ast.Call(func=ast.Name(id="meant")):
                rest = next((again(word.value) for word in node.keywords if word.arg == "otherwise"), "")
                return f"Meinten Sie „{VALUE}“? Sonst: {rest}"
            case ast.Name(id=name) if name in told:
                return told[name]
            case ast.Name(id=name):
                return self._named(module, name, told, call)
        return VALUE if node is not None else ""

    def _named(self, module: str, name: str, told: Mapping[str, str], call: ast.AST | None) -> str:
        function = self.functions.get(call) if call else None
        for scope in filter(None, (function, self.modules[module])):
            inside = function if scope is function else None
            given = [part.value for part in ast.walk(scope) if isinstance(part, ast.Assign) and self.functions[part] is inside
                     and [getattr(target, "id", "") for target in part.targets] == [name]]
            if len(given) == 1 and isinstance(given[0], ast.Constant | ast.JoinedStr | ast.IfExp | ast.BinOp):
                return self._words(module, given[0], told, call)
            if given:
                break
        return VALUE

    def bound(self, module: str, call: ast.Call, names: Sequence[str], told: Mapping[str, str]) -> dict[str, str]:
        """What a call hands over, by the names of the parameters."""
        given = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
        return {name: self.words(module, value, told, call) for name, value in given.items()}


def _imported(tree: ast.Module) -> Iterator[tuple[str, tuple[str, str]]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from ((alias.asname or alias.name, (node.module, alias.name)) for alias in node.names)


def _parameters(function: ast.FunctionDef) -> list[str]:
    return [each.arg for each in (*function.args.args, *function.args.kwonlyargs)]


@cache
def house() -> House:
    """The code as it is now."""
    return House(ROOT)


def errors() -> list[Said]:
    """Every sentence an error may say."""
    found = house().errors()
    said: dict[tuple[str, str], Said] = {}
    for key, each in found.items():
        if each.module == "pipeline.errors":
            continue
        for message, hint in _sentences(found, key):
            one = Said(message, hint, each.node.name, each.module.removeprefix("pipeline."), _code(found, key))
            said.setdefault((message, one.room), one)
    return sorted(said.values())


def _sentences(found: Mapping[tuple[str, str], Class], key: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """What a class says: as its own constructor words it, or, where that leaves it to the caller, as the callers do."""
    each = found[key]
    init = each.init
    own = _worded(found, key, {})
    texts = {"message", "why", "reason", "what", "text", "really", "problem"} & set(_parameters(init) if init else ("message",))
    if not texts:
        yield own
        return
    said = set()
    names = _parameters(init)[1:] if init else ["message", "hint"]
    for module, call in house().calls(*key):
        one = _worded(found, key, house().bound(module, call, names, {}))
        if _telling(one[0]) and one[0] != own[0]:
            said.add(one)
    yield from sorted(said) or ([own] if _telling(own[0]) else [])


def _worded(found: Mapping[tuple[str, str], Class], key: tuple[str, str], told: Mapping[str, str]) -> tuple[str, str]:
    each = found[key]
    init = each.init
    if each.base is None:
        return told.get("message", VALUE), told.get("hint", "")
    if init is None:
        return _worded(found, each.base, told)
    call = next((node for node in ast.walk(init) if isinstance(node, ast.Call) and ast.unparse(node.func) == "super().__init__"), None)
    if call is None:
        return VALUE, ""
    defaults = {name.arg: house().words(each.module, value, {}, None)
                for name, value in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True) if value}
    parent = found[each.base]
    while parent.init is None and parent.base:
        parent = found[parent.base]
    names = _parameters(parent.init)[1:] if parent.init else []
    return _worded(found, each.base, house().bound(each.module, call, names, defaults | dict(told)))


def _code(found: Mapping[tuple[str, str], Class], key: tuple[str, str]) -> int:
    at: tuple[str, str] | None = key
    while at:
        for part in found[at].node.body:
            if isinstance(part, ast.Assign) and ast.unparse(part.targets[0]) == "exit_code":
                return int(ast.literal_eval(part.value))
        at = found[at].base
    return 1


def findings() -> list[Said]:
    """Every sentence a finding may say."""
    said: dict[tuple[str, str], Said] = {}
    for module, tree in house().modules.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                for one in _found(module, node, MAKERS[node.func.id], {}, DEPTH):
                    said.setdefault((one.what, one.message), one)
    return sorted(said.values())


def handed_on() -> list[str]:
    """Rules under which the sentence of an error is given."""
    named = {str(word.value.value) for tree in house().modules.values() for node in ast.walk(tree)
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Finding"
             for word in node.keywords if word.arg == "rule" and isinstance(word.value, ast.Constant)}
    return sorted(named - {one.what for one in findings()})


def _found(module: str, call: ast.Call, names: Sequence[str], told: Mapping[str, str], depth: int) -> Iterator[Said]:
    """The findings one call makes; where it is handed its words, those of all who hand them over."""
    function = house().functions.get(call)
    given = dict(zip(names, call.args, strict=False)) | {word.arg: word.value for word in call.keywords if word.arg}
    parameters = _parameters(function) if function else []
    handed = {name for key in ("rule", "message", "hint") if key in given for name in _bare(given[key])} & set(parameters)
    if function and depth and handed and not handed & told.keys():
        defaults = dict(zip(reversed([each.arg for each in function.args.args]),
                            (house().words(module, value, {}, None) for value in reversed(function.args.defaults)), strict=False))
        told_by = [(defaults | house().bound(where, outer, parameters, {}), where, outer) for where, outer in house().calls(module, function.name)]
        more = [one for passed, where, outer in told_by if any(_letters(passed.get(name, "")) for name in handed)
                for one in _found(module, call, names, passed, depth - 1)]
        if more:
            yield from more
            return
    worded = {name: house().words(module, given.get(name), told, call) for name in ("rule", "message", "hint")}
    if _telling(worded["message"]) and worded["rule"] not in ("", VALUE):
        weight = ast.unparse(given["severity"]).rpartition(".")[2] if "severity" in given else "ERROR"
        yield Said(worded["message"], worded["hint"], worded["rule"], module.removeprefix("pipeline."),
                   weight=WEIGHT.get(weight, "Fehler oder Warnung"))


def _bare(node: ast.expr) -> Iterator[str]:
    """Names that are said as they are, and not asked for something of theirs."""
    match node:
        case ast.Name(id=name):
            yield name
        case ast.JoinedStr(values=parts) | ast.BoolOp(values=parts):
            for part in parts:
                yield from _bare(part)
        case ast.FormattedValue(value=value):
            yield from _bare(value)
        case ast.IfExp(body=body, orelse=other):
            yield from (*_bare(body), *_bare(other))


def _letters(text: str) -> bool:
    return bool(re.search("[A-Za-zÄÖÜäöüß]", text))


def _telling(message: str) -> bool:
    return bool(re.search(r"[A-Za-zÄÖÜäöüß]{3,}", message))


def page() -> str:
    """The whole page."""
    return "\n".join((HEAD, *_codes(), *_found_tables(), *_error_tables()))


def _codes() -> Iterator[str]:
    yield "## Rückgabewerte\n"
    yield "Für Programme, die `gremium` aufrufen; im Terminal zeigt `echo $?` den letzten.\n"
    yield "| Wert | heißt | was zu tun ist |\n|---|---|---|"
    yield from (f"| {code} | {meaning} | {remedy} |" for code, (meaning, remedy) in CODES.items())


def _found_tables() -> Iterator[str]:
    yield "\n## Befunde\n"
    yield ("`gremium check` stellt sie zusammen. Ein **Fehler** hält seine Zeile zurück, eine **Warnung** will angesehen sein, ein **Hinweis** "
           "sagt, was berichtigt wurde. In `check --json` steht unter `rule` der Name der Regel; er ändert sich nicht. Unter den Regeln "
           f"{', '.join(f'`{rule}`' for rule in handed_on())} stehen dort die [Fehler zu Vorlagen](#vorlagen-und-word-dateien) und zum "
           "[PDF](#pdf), mit ihrer Stelle in der Datei.")
    for room, title in FOUND.items():
        rows = [one for one in findings() if one.room.partition(".")[0] == room]
        if rows:
            yield f"\n### {title}\n\n| Regel | Befund | was zu tun ist | Art |\n|---|---|---|---|"
            yield from (f"| `{one.what}` | {_cell(one.message)} | {_advice(one)} | {one.weight} |"
                        for one in sorted(rows, key=lambda one: (one.what, one)))


def _error_tables() -> Iterator[str]:
    yield "\n## Fehler\n"
    yield "Hinter `Fehler:` stehen sie im Terminal, mit dem Rat darunter; mit `--json` unter `error` und `hint`."
    said = errors()
    for room, title in ROOMS.items():
        rows = [one for one in said if one.room.partition(".")[0] == room]
        if rows:
            yield f"\n### {title}\n\n| Meldung | was zu tun ist | Wert |\n|---|---|---|"
            yield from (f"| {_cell(one.message)} | {_advice(one)} | {one.code} |" for one in _alphabetic(rows))


def _alphabetic(rows: Iterable[Said]) -> list[Said]:
    return sorted(rows, key=lambda one: re.sub(r"[^a-zäöüß ]", "", one.message.lower()).strip())


def _advice(one: Said) -> str:
    return "steht dabei" if one.hint.strip() == VALUE else _cell(one.hint) or "–"


def _cell(text: str) -> str:
    """Fit for a cell: nothing in it is read as Markdown, HTML or a template."""
    return re.sub(r"([\\`*_{}\[\]<>|#])", r"\\\1", text.replace("\n", " "))


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page() + "\n", "utf-8")
    print(f"{PAGE.relative_to(ROOT)}: {len(findings())} findings, {len(errors())} errors", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
