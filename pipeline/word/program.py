"""One part of a template, compiled: its Jinja code, its places for values, its fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError
from jinja2.visitor import NodeTransformer

from pipeline.errors import GremiumError, TemplateError
from pipeline.word.markup import TEXT, Position
from pipeline.word.paths import Use, uses
from pipeline.word.rendering import ANY_WRITER, NUMBER_WRITER, TEXT_WRITER, TURNS, WRITERS, Rendering, Site, count_turns
from pipeline.word.sandbox import CONCAT, RENDERING, Environment, Excess, Missing
from pipeline.word.tags import BadTag, line_style, line_text, shortened
from pipeline.word.words import near_miss, worded

_FILE = "<word template>"
_DRAWING_ID = re.compile(r'<wp:docPr\b[^<>]*?\sid="(\d+)"')
_ESCAPES = (("{_{", "{{"), ("}_}", "}}"), ("{_%", "{%"), ("%_}", "%}"))     # docxtpl's way to print a tag as it stands
_LEAST_WEIGHT = 64
_ONCE_ONLY = (            # what a document can hold once: repeated, it is lost or Word calls the file damaged
    ("<w:bookmarkStart", "eine Textmarke"), ("<w:commentReference", "einen Kommentar"),
    ("<w:footnoteReference", "eine Fußnote"), ("<w:endnoteReference", "eine Endnote"), ("<wps:wsp", "eine Form"),
)
_NOT_TAKEN_OVER: dict[type[nodes.Node], str] = {
    nodes.Extends: "„extends“", nodes.Include: "„include“", nodes.Import: "„import“", nodes.FromImport: "„import“",
    nodes.Block: "„block“", nodes.ScopedEvalContextModifier: "„autoescape“",
}

_environment = Environment(WRITERS)
_environment.filters[TURNS] = count_turns


class MissingField(TemplateError):
    """A template asks for a field that the paper does not have."""

    def __init__(self, template: str, path: str, paragraph: str, near: str | None) -> None:
        meant = f"; meinten Sie „{near}“?" if near else ""
        super().__init__(f"{template}, Absatz „{shortened(paragraph)}“: das Feld „{path}“ gibt es nicht{meant}",
                         hint="„gremium fields“ nennt die Felder einer Vorlage.")


class ForbiddenAccess(TemplateError):
    """A template reaches for something that is not its own."""

    def __init__(self, template: str, paragraph: str) -> None:
        super().__init__(f"{template}, Absatz „{shortened(paragraph)}“: dieser Zugriff ist einer Vorlage nicht erlaubt",
                         hint="Nur Felder verwenden, die „gremium fields“ nennt; Namen mit „_“ am Anfang sind gesperrt.")


class TooMuch(TemplateError):
    """A template would make more than any paper holds."""

    def __init__(self, template: str, paragraph: str) -> None:
        super().__init__(f"{template}, Absatz „{shortened(paragraph)}“: das Ergebnis würde übermäßig groß",
                         hint="Wiederholungen und Schleifen der Vorlage prüfen.")


class BrokenExpression(TemplateError):
    """An expression of a template cannot be worked out with the values it got."""

    def __init__(self, template: str, paragraph: str, reason: str) -> None:
        super().__init__(f"{template}, Absatz „{shortened(paragraph)}“: der Ausdruck lässt sich nicht auswerten ({reason})",
                         hint="Den Ausdruck in der Vorlage berichtigen.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A part as Jinja source; what a pickled template keeps."""

    template: str         # file name, for messages
    part: str             # member name: "word/document.xml"
    text: str
    renumber: bool        # its drawings get new ids, as docxtpl gives them
    fit_grids: bool       # its tags change the number of columns


class Program:
    """A compiled part. Safe to use from several threads."""

    def __init__(self, source: Source) -> None:
        """Compiles. Raises BadTag."""
        self.source = source
        self.part = source.part
        self.lines = source.text.split("\n")
        try:
            tree = _environment.parse(source.text)
        except TemplateSyntaxError as error:
            raise BadTag(source.template, self.paragraph(error.lineno), worded(error.message or "")) from error
        except RecursionError as error:
            raise BadTag(source.template, "", "der Ausdruck ist zu tief verschachtelt") from error
        builder = _Builder(self)
        builder.visit(tree)                 # refuses what no template may reach for, before anything else reads the tree
        self.uses: tuple[Use, ...] = tuple(uses(tree))
        builder.build(tree)
        self.sites = tuple(builder.sites)
        self.repeated: tuple[tuple[int, str], ...] = tuple(dict.fromkeys(builder.repeated))   # line, and what a loop there repeats
        try:
            code = _environment.compile(tree, filename=_FILE)
        except jinja2.TemplateAssertionError as error:
            raise BadTag(source.template, self.paragraph(error.lineno), worded(error.message or "")) from error
        except (SyntaxError, RecursionError) as error:      # Python's own bound on nesting
            raise BadTag(source.template, "", "Bedingungen und Schleifen sind zu tief verschachtelt") from error
        self._jinja = jinja2.Template.from_code(_environment, code, _environment.make_globals(None))

    def paragraph(self, line: int) -> str:
        """The text around a line of the source."""
        return line_text(self.lines[line - 1]) if 0 < line <= len(self.lines) else ""

    def style(self, line: int) -> str:
        """The paragraph style around a line of the source."""
        return line_style(self.lines[line - 1]) if 0 < line <= len(self.lines) else ""

    def run(self, context: Mapping[str, object], rendering: Rendering) -> str:
        """The part with the values in it. Raises TemplateError or DocumentError."""
        rendering.begin(self.sites)
        names = self._jinja.new_context({**context, RENDERING: rendering})
        try:
            pieces = list(self._jinja.root_render_func(names))
        except GremiumError:
            raise
        except Missing as error:
            raise self._missing(error, context) from error
        except SecurityError as error:
            raise ForbiddenAccess(self.source.template, self._where(error.__traceback__)) from error
        except (Excess, MemoryError, RecursionError, OverflowError) as error:
            raise TooMuch(self.source.template, self._where(error.__traceback__)) from error
        except (TypeError, ValueError, ArithmeticError, LookupError, AttributeError, TemplateRuntimeError) as error:
            raise BrokenExpression(self.source.template, self._where(error.__traceback__), str(error)) from error
        return "".join(pieces)

    def _line(self, traceback: TracebackType | None) -> int:
        line = 0
        while traceback is not None:
            if traceback.tb_frame.f_code.co_filename == _FILE:
                line = self._jinja.get_corresponding_lineno(traceback.tb_lineno)
            traceback = traceback.tb_next
        return line

    def _where(self, traceback: TracebackType | None) -> str:
        return self.paragraph(self._line(traceback))

    def _missing(self, error: Missing, context: Mapping[str, object]) -> MissingField:
        line = self._line(error.__traceback__)
        owner = context if error.owner is jinja2.utils.missing else error.owner
        known = [str(key) for key in owner] if isinstance(owner, Mapping) else []
        path = next((use.path for use in self.uses if use.line == line and use.path.split(".")[-1] == error.name), error.name)
        near = near_miss(error.name, known)
        if near:
            near = ".".join((*path.split(".")[:-1], near))
        return MissingField(self.source.template, path, self.paragraph(line), near)


class _Builder(NodeTransformer):
    """Changes the syntax tree so that values know their place, loops are paid for and nothing private is reached."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.sites: list[Site] = []
        self.repeated: list[tuple[int, str]] = []
        self.depth = 0                      # of loops
        self.position = Position()
        self.recorded = True

    def _refuse(self, node: nodes.Node, reason: str) -> BadTag:
        return BadTag(self.program.source.template, self.program.paragraph(node.lineno), reason)

    # expressions, by Jinja's own visitor

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        return nodes.Filter(nodes.List(node.nodes, lineno=node.lineno), CONCAT, [], [], None, None, lineno=node.lineno)

    def visit_Name(self, node: nodes.Name) -> nodes.Node:
        if node.name.startswith("_"):
            raise self._refuse(node, f"der Name „{node.name}“ ist gesperrt")
        return node

    def visit_Getattr(self, node: nodes.Getattr) -> nodes.Node:
        if node.attr.startswith("_"):
            raise self._refuse(node, f"der Name „{node.attr}“ ist gesperrt")
        self.generic_visit(node)
        return node

    def visit_Getitem(self, node: nodes.Getitem) -> nodes.Node:
        if isinstance(node.arg, nodes.Const) and str(node.arg.value).startswith("_"):
            raise self._refuse(node, f"der Name „{node.arg.value}“ ist gesperrt")
        self.generic_visit(node)
        return node

    # statements, in the order of the document

    def build(self, tree: nodes.Template) -> None:
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
        if not self.program.source.renumber:
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
        self.sites.append(Site(path=found or "Ausdruck", line=node.lineno, spot=spot,
                               formatting=self.position.formatting, recorded=self.recorded))
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

