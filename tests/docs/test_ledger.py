"""The page on the ledger tells of every event that is written, and of no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from pipeline.ledger import CAME_BACK, MESSAGE_STATES, RETURN_STATES
from tests.docs.manual import DOCS, ROOT

TREES = [ast.parse(path.read_text("utf-8")) for path in sorted((ROOT / "pipeline").rglob("*.py"))]
# What a name stands for where an event is handed on: the state of a message, of a return, a word that another function was given.
HANDED = {"state": set(MESSAGE_STATES) - {"claimed"}, "row.state": set(RETURN_STATES) - set(CAME_BACK), "what": set()}


def constants() -> dict[str, str]:
    """Words that modules give a name: CERTIFIED is "certified"."""
    return {name.id: word.value for tree in TREES for node in tree.body if isinstance(node, ast.Assign)
            for target in node.targets for name, word in _pairs(target, node.value)
            if isinstance(name, ast.Name) and isinstance(word, ast.Constant) and isinstance(word.value, str)}


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def kinds() -> Iterator[ast.expr]:
    """What each call that writes an event says has happened."""
    for node in (node for tree in TREES for node in ast.walk(tree) if isinstance(node, ast.Call)):
        called = ast.unparse(node.func)
        if called in ("self._event", "self._message_event"):
            yield node.args[1]
        elif called.endswith("ledger.note"):
            yield node.args[0]
        elif called == "_note" and ast.unparse(node.args[0]) == "ledger":
            yield node.args[1]


def words(node: ast.expr, named: dict[str, str]) -> set[str]:
    if isinstance(node, ast.IfExp):
        return words(node.body, named) | words(node.orelse, named)
    said = ast.unparse(node)
    return {str(node.value)} if isinstance(node, ast.Constant) else {named[said]} if said in named else HANDED[said]


def test_every_event_the_ledger_writes_stands_on_its_page_and_no_other() -> None:
    named = constants()
    written = {word for node in kinds() for word in words(node, named)}
    table = (DOCS / "ledger.md").read_text("utf-8").partition("### `events`")[2]
    listed = {word for line in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for word in re.findall(r"`([^`]+)`", line)} - {"what"}
    assert {"built", "certified", "decided", "sent"} <= written
    assert written == listed
