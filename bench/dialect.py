"""The memorandum in the peers' dialects.

    docxtemplater, easy-template-x   `{field}`, `{#section}…{/section}`
    docx-templates                   `{field}`, `{IF section}…{END-IF}`, `{FOR item IN list}…{END-FOR item}`
    carbone                          `{d.field}`, `{d.section:ifEQ(true):showBegin}…{d.section:showEnd}`, loops by example
    docx-mailmerge2                  Word's merge fields alone

The first know fields and sections and no expressions, so conditions are worked out beforehand: a section for each branch, a list
for each loop; all are given the same. The data of one document is what its tags name, no more. Merge fields know no
conditions and repeat nothing but rows: their template is the memorandum of one partner, for partners whose papers have the same shape.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml import etree

from pipeline.word import package
from pipeline.word.template import Template

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{\s*(?P<path>[\w.]+)\s*\}\}|\{%-?\s*(?P<level>tr|p|)\s*(?P<word>if|elif|else|endif|for|endfor)\s*(?P<rest>[^%]*?)\s*-?%\}")


@dataclass(frozen=True, slots=True)
class Tongue:
    """How a peer writes a field, a branch and a loop; `at` is the innermost loop's item, with a dot behind it."""

    field: str = "{{{at}{name}}}"
    begin: str = "{{#{name}}}"
    end: str = "{{/{name}}}"
    loop: str = "{{#{name}}}"
    over: str = "{{/{name}}}"
    item: str = ""                  # what `at` is inside a loop
    top: str = ""                   # and outside
    rows: bool = False              # tags in rows of their own move to the row beside
    inline: Callable[[str], str] = str      # what is done to a text that holds whole branches


def _expressions(text: str) -> str:
    """docx-templates takes one IF a line: branches inside a line become expressions of JavaScript."""
    while found := _BRANCH.search(text):
        pieces = [piece[1:-1].join("()") if piece.startswith("{") else json.dumps(piece) for piece in re.split(r"(\{[^{}]*\})", found[2]) if piece]
        text = f"{text[:found.start()]}{{{found[1]} ? {' + '.join(pieces)} : ''}}{text[found.end():]}"
    return text


_BRANCH = re.compile(r"\{IF ([^{}]+)\}((?:(?!\{IF |\{END-IF).)+)\{END-IF\}")
SECTIONS = Tongue(rows=True)
COMMANDS = Tongue(begin="{{IF {at}{name}}}", end="{{END-IF}}", loop="{{FOR {variable} IN {at}{name}}}", over="{{END-FOR {variable}}}",
                  item="${variable}.", inline=_expressions)
EXAMPLES = Tongue(begin="{{{at}{name}:ifEQ(true):showBegin}}", end="{{{at}{name}:showEnd}}", loop="{{{at}{name}[i].mark}}",
                  over="{{{at}{name}[i+1].mark}}", item="{at}{name}[i].", top="d.")


@dataclass(slots=True)
class _Section:
    """One open `if` or `for`: what is said of it so far."""

    number: int
    plan: list[Any]
    at: str                         # where its own name stands
    inside: str                     # where the names inside it stand
    branches: tuple[str, ...] = ()  # conditions, in order
    variable: str = ""

    def words(self) -> dict[str, str]:
        return {"name": f"s{self.number}b{len(self.branches)}", "at": self.at, "variable": self.variable}


def translated(template: bytes, contexts: list[dict[str, Any]], tongue: Tongue = SECTIONS) -> tuple[bytes, list[dict[str, Any]]]:
    """The template in a peer's dialect, and each context as the data it asks for."""
    opened = package.unpack("memorandum.docx", template)
    parts = dict(opened.parts)
    plans: list[Any] = []
    for name, content in opened.parts.items():
        if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
            root = etree.fromstring(content)
            plans += _Translation(tongue, len(plans) * 1000).of(root)
            parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    data = [_data(plans, context) for context in contexts]
    return package.write(package.pack(name, content) for name, content in parts.items()), data


class _Translation:
    """Rewrites the tags of a part; its plan is what they need: fields, branches and loops, nested as they stand."""

    def __init__(self, tongue: Tongue, first: int) -> None:
        self._tongue, self._number = tongue, first
        self._open = [_Section(0, [], "", tongue.top)]

    def of(self, root: etree._Element) -> list[Any]:
        for node in list(root.iter(f"{_W}t")):
            node.text = self._tongue.inline(_TAG.sub(self._written, node.text or ""))
            node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if self._tongue.rows:
            _gather_rows(root)
        return self._open[0].plan

    def _written(self, tag: re.Match[str]) -> str:
        here = self._open[-1]
        if tag["path"]:
            here.plan.append(("field", tag["path"]))
            return self._tongue.field.format(at=here.inside, name=tag["path"].replace(".", "_"))
        match tag["word"]:
            case "if":
                return self._branch(self._next(), (tag["rest"],))
            case "elif" | "else":
                closed = self._open.pop()
                return self._tongue.end.format(**closed.words()) + self._branch(closed.number, (*closed.branches, tag["rest"]))
            case "for":
                return self._loop(*tag["rest"].split(" in "))
        closed = self._open.pop()
        return (self._tongue.over if closed.variable else self._tongue.end).format(**closed.words())

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _branch(self, number: int, branches: tuple[str, ...]) -> str:
        around = self._open[-1]
        section = _Section(number, [], around.inside, around.inside, branches)
        around.plan.append(("branch", section.words()["name"], branches, section.plan))
        self._open.append(section)
        return self._tongue.begin.format(**section.words())

    def _loop(self, variable: str, path: str) -> str:
        around = self._open[-1]
        section = _Section(self._next(), [], around.inside, "", variable=variable.strip())
        section.inside = self._tongue.item.format(**section.words())
        around.plan.append(("loop", section.words()["name"], section.variable, path.strip(), section.plan))
        self._open.append(section)
        return self._tongue.loop.format(**section.words())


def _gather_rows(root: etree._Element) -> None:
    """Some repeat the rows between two tags: a row that holds a tag alone gives it to its neighbour."""
    for row in list(root.iter(f"{_W}tr")):
        text = "".join(node.text or "" for node in row.iter(f"{_W}t"))
        found = re.fullmatch(r"\{([#/])s\d+b\d+\}", text)
        parent = row.getparent()
        if found is None or parent is None:
            continue
        rows = parent.findall(f"{_W}tr")
        other = rows[rows.index(row) + (1 if found[1] == "#" else -1)]
        texts = list(other.iter(f"{_W}t"))
        if found[1] == "#":
            texts[0].text = text + (texts[0].text or "")
        else:
            texts[-1].text = (texts[-1].text or "") + text
        parent.remove(row)


def _data(plan: list[Any], scope: Mapping[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for step in plan:
        match step:
            case ("field", path):
                made[path.replace(".", "_")] = str(_value(scope, path))
            case ("branch", name, branches, inner):
                made[name] = _holds(scope, branches[-1]) and not any(_holds(scope, before) for before in branches[:-1])
                if made[name]:
                    made |= _data(inner, scope)
            case ("loop", name, variable, path, inner):
                made[name] = [_data(inner, {**scope, variable: item}) for item in _value(scope, path)]
    return made


def _holds(scope: Mapping[str, Any], condition: str) -> bool:
    return not condition or bool(_value(scope, condition))


def _value(scope: Mapping[str, Any], path: str) -> Any:
    value: Any = scope
    for step in path.split("."):
        value = value[step]
    return value


def merge_fields(template: Template, given: list[dict[str, Any]]) -> tuple[bytes, dict[int, dict[str, str]]]:
    """The memorandum of the first context with merge fields for all it says; and the fields of each one of the same shape."""
    names = {path: f"f{number}" for number, (path, _) in enumerate(_leaves(given[0]))}
    opened = package.unpack("memorandum.docx", template.render(_marked(given[0], names)))
    parts = dict(opened.parts)
    for name, content in opened.parts.items():
        if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
            root = etree.fromstring(content)
            for node in list(root.iter(f"{_W}t")):
                _fields(node)
            parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    data = {number: {names[path]: text for path, text in _leaves(context)} for number, context in enumerate(given)
            if [path for path, _ in _leaves(context)] == list(names)}
    return package.write(package.pack(name, content) for name, content in parts.items()), data


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """All that a context says, by its place; what is empty or false says nothing."""
    match value:
        case Mapping():
            for key, item in value.items():
                yield from _leaves(item, f"{path}.{key}")
        case list() | tuple():
            for number, item in enumerate(value):
                yield from _leaves(item, f"{path}.{number}")
        case bool():
            if value:
                yield path, "1"
        case _:
            if value:
                yield path, str(value)


def _marked(value: Any, names: Mapping[str, str], path: str = "") -> Any:
    """The same context with a mark for each word it says."""
    if isinstance(value, Mapping):
        return {key: _marked(item, names, f"{path}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(item, names, f"{path}.{number}") for number, item in enumerate(value)]
    return f"⟦{names[path]}⟧" if value and not isinstance(value, bool) else value


def _fields(node: etree._Element) -> None:
    """The marks of a text as merge fields, each a run of its own with the look of the run it stood in."""
    pieces = re.split(r"⟦(f\d+)⟧", node.text or "")
    run = node.getparent()
    if len(pieces) == 1 or run is None:
        return
    for number, piece in enumerate(pieces):
        if not piece:
            continue
        made = etree.Element(f"{_W}r")
        if (look := run.find(f"{_W}rPr")) is not None:
            made.append(copy.deepcopy(look))
        text = etree.SubElement(made, f"{_W}t")
        text.text = piece
        text.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
        if number % 2:
            field = etree.Element(f"{_W}fldSimple")
            field.set(f"{_W}instr", f" MERGEFIELD {piece} ")
            field.append(made)
            made = field
        run.addprevious(made)
    run.remove(node)
