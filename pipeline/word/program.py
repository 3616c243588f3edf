"""One part of a template, compiled: its Jinja code, its places for values, its fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from types import TracebackType

import jinja2
from jinja2.exceptions import SecurityError, TemplateRuntimeError, TemplateSyntaxError

from pipeline.errors import GremiumError, TemplateError
from pipeline.word.absent import Missing
from pipeline.word.bounds import RENDERING, Excess
from pipeline.word.builder import Builder, Source
from pipeline.word.paths import Use, uses
from pipeline.word.rendering import Rendering
from pipeline.word.sandbox import Environment
from pipeline.word.tags import BadTag
from pipeline.word.words import near_miss, worded
from pipeline.word.writing import TURNS, WRITERS, count_turns

_FILE = "<word template>"

Filters = Mapping[str, Callable[..., object]]


def environment(filters: Filters, *, draft: bool) -> Environment:
    """What a template's expressions are read and worked out in; `filters` are the office's own, by name."""
    return _usual(draft=draft) if not filters else _made(filters, draft=draft)


def _made(filters: Filters, *, draft: bool) -> Environment:
    made = Environment(WRITERS, filters, draft=draft)
    made.filters[TURNS] = count_turns
    return made


@cache
def _usual(*, draft: bool) -> Environment:
    return _made({}, draft=draft)


class MissingField(TemplateError):
    """A template asks for a field that the paper does not have."""

    def __init__(self, template: str, path: str, where: str, near: str | None) -> None:
        meant = f"; meinten Sie „{near}“?" if near else ""
        super().__init__(f"{template}, {where}: das Feld „{path}“ gibt es nicht{meant}",
                         hint="„gremium fields“ nennt die Felder einer Vorlage.")


class ForbiddenAccess(TemplateError):
    """A template reaches for something that is not its own."""

    def __init__(self, template: str, where: str) -> None:
        super().__init__(f"{template}, {where}: dieser Zugriff ist einer Vorlage nicht erlaubt",
                         hint="Nur Felder verwenden, die „gremium fields“ nennt; Namen mit „_“ am Anfang sind gesperrt.")


class TooMuch(TemplateError):
    """A template would make more than any paper holds."""

    def __init__(self, template: str, where: str) -> None:
        super().__init__(f"{template}, {where}: das Ergebnis würde übermäßig groß",
                         hint="Wiederholungen und Schleifen der Vorlage prüfen.")


class BrokenExpression(TemplateError):
    """An expression of a template cannot be worked out with the values it got."""

    def __init__(self, template: str, where: str, reason: str) -> None:
        super().__init__(f"{template}, {where}: der Ausdruck lässt sich nicht auswerten ({reason})",
                         hint="Den Ausdruck in der Vorlage berichtigen.")


class Program:
    """A compiled part. Safe to use from several threads."""

    def __init__(self, source: Source, environment: Environment) -> None:
        """Compiles. Raises BadTag."""
        self.source = source
        self.part = source.part
        try:
            tree = environment.parse(source.text)
        except TemplateSyntaxError as error:
            raise BadTag(source.template, source.where(error.lineno), worded(error.message or "")) from error
        except RecursionError as error:
            raise BadTag(source.template, source.where(0), "der Ausdruck ist zu tief verschachtelt") from error
        builder = Builder(source)
        builder.visit(tree)                 # refuses what no template may reach for, before anything else reads the tree
        self.uses: tuple[Use, ...] = tuple(uses(tree))
        builder.build(tree)
        self.sites = tuple(builder.sites)
        self.repeated: tuple[tuple[int, str], ...] = tuple(dict.fromkeys(builder.repeated))   # line, and what a loop there repeats
        try:
            code = environment.compile(tree, filename=_FILE)
        except jinja2.TemplateAssertionError as error:
            raise BadTag(source.template, source.where(error.lineno), worded(error.message or "")) from error
        except (SyntaxError, RecursionError) as error:      # Python's own bound on nesting
            raise BadTag(source.template, source.where(0), "Bedingungen und Schleifen sind zu tief verschachtelt") from error
        self._jinja = jinja2.Template.from_code(environment, code, environment.make_globals(None))

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
        return self.source.where(self._line(traceback))

    def _missing(self, error: Missing, context: Mapping[str, object]) -> MissingField:
        line = self._line(error.__traceback__)
        owner = context if error.owner is jinja2.utils.missing else error.owner
        known = [str(key) for key in owner] if isinstance(owner, Mapping) else []
        path = next((use.path for use in self.uses if use.line == line and use.path.split(".")[-1] == error.name), error.name)
        near = near_miss(error.name, known)
        if near:
            near = ".".join((*path.split(".")[:-1], near))
        return MissingField(self.source.template, path, self.source.where(line), near)
