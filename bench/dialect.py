"""The memorandum in the dialect of docxtemplater and easy-template-x: `{field}`, `{#section}…{/section}`.

Both know fields and sections and no expressions, so conditions are worked out beforehand: a section for each branch,
a list for each loop. The data of one document is what its tags name, no more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

from pipeline.word import package

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_TAG = re.compile(r"\{\{\s*(?P<path>[\w.]+)\s*\}\}|\{%-?\s*(?P<level>tr|p|)\s*(?P<word>if|elif|else|endif|for|endfor)\s*(?P<rest>[^%]*?)\s*-?%\}")


class _Section:
    """One open `if` or `for`: what is said of it so far."""

    def __init__(self, number: int, variable: str = "") -> None:
        self.number = number
        self.variable = variable
        self.branches: list[str] = []           # conditions, in order

    @property
    def name(self) -> str:
        return f"s{self.number}b{len(self.branches)}"


def translated(template: bytes, contexts: list[dict[str, Any]]) -> tuple[bytes, list[dict[str, Any]]]:
    """The template in the peers' dialect, and each context as the data it asks for."""
    opened = package.unpack("memorandum.docx", template)
    parts = dict(opened.parts)
    plans: list[Any] = []
    for name, content in opened.parts.items():
        if re.fullmatch(r"word/(document|header\d*|footer\d*)\.xml", name):
            root = etree.fromstring(content)
            plans += _translate(root, len(plans) * 1000)
            parts[name] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    data = [_data(plans, context) for context in contexts]
    return package.write(package.pack(name, content) for name, content in parts.items()), data


def _translate(root: etree._Element, first: int) -> list[Any]:
    """Rewrites the tags of a part; returns what they need: fields, branches and loops, nested as they stand."""
    top: list[Any] = []
    open_: list[tuple[_Section, list[Any]]] = []
    number = first
    for node in list(root.iter(f"{_W}t")):
        def write(tag: re.Match[str]) -> str:
            nonlocal number
            plan = open_[-1][1] if open_ else top
            if tag["path"]:
                plan.append(("field", tag["path"]))
                return "{" + tag["path"].replace(".", "_") + "}"
            word, rest = tag["word"], tag["rest"]
            if word == "if":
                number += 1
                section = _Section(number)
                section.branches.append(rest)
                inner: list[Any] = []
                plan.append(("branch", section.name, tuple(section.branches), inner))
                open_.append((section, inner))
                return f"{{#{section.name}}}"
            if word in ("elif", "else"):
                section, _ = open_.pop()
                before = section.name
                section.branches.append(rest)
                plan = open_[-1][1] if open_ else top
                inner = []
                plan.append(("branch", section.name, tuple(section.branches), inner))
                open_.append((section, inner))
                return f"{{/{before}}}{{#{section.name}}}"
            if word == "for":
                number += 1
                variable, _, path = rest.partition(" in ")
                section = _Section(number, variable.strip())
                inner = []
                plan.append(("loop", section.name, section.variable, path.strip(), inner))
                open_.append((section, inner))
                return f"{{#{section.name}}}"
            section, _ = open_.pop()
            return f"{{/{section.name}}}"
        node.text = _TAG.sub(write, node.text or "")
        node.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    _gather_rows(root)
    return top


def _gather_rows(root: etree._Element) -> None:
    """Both peers repeat the rows between two tags: a row that holds a tag alone gives it to its neighbour."""
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
