"""From a part's syntax tree to one that knows its places: values are written for where they stand, loops are paid for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from jinja2 import nodes
from jinja2.visitor import NodeTransformer

from pipeline.word import places
from pipeline.word.bounds import CONCAT
from pipeline.word.markup import TEXT, Position
from pipeline.word.paths import uses
from pipeline.word.rendering import EXPRESSION, Site
from pipeline.word.tags import BadTag, line_style, line_text
from pipeline.word.writing import ANY_WRITER, NUMBER_WRITER, TEXT_WRITER, TICK, TURNS

_DRAWING_ID = re.compile(r'<wp:docPr\b[^<>]*?\sid="(\d+)"')
_ESCAPES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))     # docxtpl's way to print a tag as it stands
_LEAST_WEIGHT = 64
_ONCE_ONLY = (            # what a document can hold once: repeated, it is lost or Word calls the file damaged
    ("<w:bookmarkStart", "eine Textmarke"), ("<w:commentReference", "einen Kommentar"),
    ("<w:footnoteReference", "eine Fußnote"), ("<w:endnoteReference", "eine Endnote"), ("<wps:wsp", "eine Form"), ("<v:shape ", "eine Form"),
)
_NOT_TAKEN_OVER: dict[type[nodes.Node], str] = {
    nodes.Extends: "„extends“", nodes.Include: "„include“", nodes.Import: "„import“", nodes.FromImport: "„import“",
    nodes.Block: "„block“", nodes.ScopedEvalContextModifier: "„autoescape“",
}


@dataclass(frozen=True, kw_only=True)
class Source:
    """A part as Jinja source; what a pickled template keeps."""

    template: str         # file name, for messages
    part: str             # member name: "word/document.xml"
    area: str             # of the page: "Kopfzeile"; "" is the text itself
    styles: Mapping[str, str]   # names of the paragraph styles, by id
    text: str
    renumber: bool        # its drawings get new ids, as docxtpl gives them
    fit_grids: bool       # its tags change the number of columns

    @cached_property
    def lines(self) -> list[str]:
        """One line a paragraph."""
        return self.text.split("\n")

    def where(self, line: int, length: int = 90) -> str:
        """The place of a line of the source; `length` bounds the text that is quoted."""
        if self.area == places.PROPERTIES:
            return self.area
        text = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        style = line_style(text)
        return places.said(self.area, line_text(text), self.styles.get(style, style), length)


class Builder(NodeTransformer):
    """Changes the syntax tree so that values know their place, loops are paid for and nothing private is reached."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.sites: list[Site] = []
        self.repeated: list[tuple[int, str]] = []
        self.depth = 0                      # of loops
        self.position = Position()
        self.recorded = True

    def _refuse(self, node: nodes.Node, reason: str) -> BadTag:
        return BadTag(self.source.template, self.source.where(node.lineno), reason)

    # expressions, by Jinja's own visitor

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        """Joining with `~`, bounded."""
        self.generic_visit(node)
        return nodes.Filter(nodes.List(node.nodes, lineno=node.lineno), CONCAT, [], [], None, None, lineno=node.lineno)

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        """No name that begins with `_`."""
        if node.name.startswith("_"):
            raise self._refuse(node, f"der Name „{node.name}“ ist gesperrt")
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        """No attribute that begins with `_`."""
        if node.attr.startswith("_"):
            raise self._refuse(node, f"der Name „{node.attr}“ ist gesperrt")
        self.generic_visit(node)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        """No key that begins with `_`."""
        if isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("_"):
            raise self._refuse(node, f"der Name „{node.arg.value}“ ist gesperrt")
        self.generic_visit(node)
        return node

    # statements, in the order of the document

    def build(self, tree: nodes.Template) -> None:
        """Changes the tree in place. Raises BadTag."""
        self._block(tree.body)

    def _block(self, body: list[nodes.Node]) -> int:
        """Works through a list of statements; the characters of their literal text."""
        return sum(self._statement(node) for node in body)

    def _statement(self, node: nodes.Node) -> int:
        for kind, name in _NOT_TAKEN_OVER.items():
            if isinstance(node, kind):
                raise self._refuse(node, f"{name} gibt es in Vorlagen nicht")
        match node:
            case nodes.Output():
                return self._output(node)
            case nodes.If():
                return self._branches(node)
            case nodes.For():
                return self._loop(node)
            case nodes.Macro() | nodes.CallBlock() | nodes.FilterBlock() | nodes.AssignBlock():
                return self._captured(node)
            case nodes.With() | nodes.Scope():
                return self._block(node.body)
        return 0

    def _output(self, node: nodes.Output) -> int:
        made: list[nodes.Expr] = []
        size = 0
        for child in node.nodes:
            if isinstance(child, nodes.TemplateData):
                data = self._data(child)
                size += len(data)
                made += self._numbered(data, child.lineno)
            elif isinstance(child, nodes.Expr):
                made.append(self._value(child))
        node.nodes = made
        return size

    def _data(self, node: nodes.TemplateData) -> str:
        data = node.data.replace("\n", "")
        for written, meant in _ESCAPES:
            data = data.replace(written, meant)
        try:
            self.position = self.position.after(data)
        except ValueError as error:
            raise self._refuse(node, f"die Auszeichnung zerschneidet den Aufbau des Dokuments (bei „{error}“)") from error
        if self.depth:
            self.repeated += ((node.lineno, what) for written, what in _ONCE_ONLY if written in data)
        return data

    def _numbered(self, data: str, line: int) -> list[nodes.Expr]:
        if not self.source.renumber:
            return [nodes.TemplateData(data, lineno=line)]
        made: list[nodes.Expr] = []
        end = 0
        for found in _DRAWING_ID.finditer(data):
            made += [nodes.TemplateData(data[end:found.start(1)], lineno=line),
                     self._filter(nodes.Const(None, lineno=line), NUMBER_WRITER)]
            end = found.end(1)
        return [*made, nodes.TemplateData(data[end:], lineno=line)]

    def _value(self, node: nodes.Expr) -> nodes.Expr:
        spot = self.position.spot
        found = next((use.path for use in uses(nodes.Template([nodes.Output([node])]))), None)
        self.sites.append(Site(path=found or EXPRESSION, line=node.lineno, spot=spot,
                               formatting=self.position.formatting, paragraph=self.position.paragraph if self.position.splits else None,
                               recorded=self.recorded))
        writer = TEXT_WRITER if spot is TEXT and self.recorded else ANY_WRITER
        return self._filter(node, writer, len(self.sites) - 1)

    def _filter(self, node: nodes.Expr, name: str, *arguments: Any) -> nodes.Filter:
        return nodes.Filter(node, name, [nodes.Const(argument, lineno=node.lineno) for argument in arguments],
                            [], None, None, lineno=node.lineno)

    def _branches(self, node: nodes.If) -> int:
        start = self.position
        ends: list[Position] = []
        size = 0
        for body in (node.body, *(branch.body for branch in node.elif_), node.else_):
            self.position = start
            size += self._block(body)
            ends.append(self.position)
        if any(end.shape != ends[0].shape for end in ends):
            raise self._refuse(node, "die Zweige der Bedingung umfassen verschiedene Teile des Dokuments")
        self.position = ends[0]
        return size

    def _loop(self, node: nodes.For) -> int:
        start, recorded = self.position, self.recorded
        self.recorded = recorded and not node.recursive      # inner turns come back as one value
        self.depth += 1
        size = self._block(node.body)
        self.depth -= 1
        self._returned(node, start, "der Schleife")
        self._block(node.else_)
        self._returned(node, start, "der Schleife")
        self.recorded = recorded
        assert isinstance(node.iter, nodes.Expr)
        node.iter = self._filter(node.iter, TURNS, max(size, _LEAST_WEIGHT))
        node.body.insert(0, nodes.ExprStmt(self._filter(nodes.Const(None, lineno=node.lineno), TICK), lineno=node.lineno))
        return 0

    def _captured(self, node: nodes.Macro | nodes.CallBlock | nodes.FilterBlock | nodes.AssignBlock) -> int:
        start, recorded = self.position, self.recorded
        self.recorded = False
        size = self._block(node.body)
        self._returned(node, start, "des Blocks")
        self.recorded = recorded
        return size

    def _returned(self, node: nodes.Node, start: Position, what: str) -> None:
        if self.position.shape != start.shape:
            raise self._refuse(node, f"Anfang und Ende {what} stehen in verschiedenen Teilen des Dokuments")

