"""The fields a template uses, read off its syntax tree: "partner.name", "projects[].title"."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

_ONE_OF = ("first", "last", "min", "max")                       # a list in, one of its items out
_SAME_LIST = ("sort", "select", "reject", "selectattr", "rejectattr", "reverse", "unique", "list")
_NAMES_A_FIELD = ("selectattr", "rejectattr", "map", "groupby", "sum", "sort", "unique", "join", "min", "max")
_FIRST_ARGUMENT = ("selectattr", "rejectattr", "groupby", "sum")   # the field is their first argument; elsewhere `attribute=`
_GIVEN = ("loop", "caller", "varargs", "kwargs", "self", "range", "dict", "cycler", "joiner", "namespace")


@dataclass(frozen=True, slots=True)
class Use:
    """One field, used at one place."""

    path: str
    line: int             # of the prepared source
    guarded: bool         # asked for with `is defined` or `default`: it may be missing


def uses(tree: nodes.Template) -> Iterator[Use]:
    """The fields of a template, in the order in which they stand."""
    reader = _Reader(dict.fromkeys(_GIVEN))
    reader.block(tree.body)
    yield from reader.found


class _Reader:
    def __init__(self, scope: dict[str, str | None], found: list[Use] | None = None) -> None:
        self.scope = scope                                      # local name → the path it stands for; None: of no field
        self.found: list[Use] = [] if found is None else found

    def _inner(self, **names: str | None) -> _Reader:
        return _Reader(self.scope | names, self.found)

    def block(self, body: list[nodes.Node]) -> None:
        for node in body:
            self.statement(node)

    def statement(self, node: nodes.Node) -> None:
        match node:
            case nodes.For():
                self._loop(node)
            case nodes.Assign(target=nodes.Name(name=name)):
                self.scope[name] = self.read(node.node)
            case nodes.AssignBlock(target=nodes.Name(name=name)):
                self.scope[name] = None
                self.block(node.body)
            case nodes.Macro():
                self.scope[node.name] = None
                self._inner(**{argument.name: None for argument in node.args}).block(node.body)
            case nodes.CallBlock():
                self.read(node.call)
                self._inner(**{argument.name: None for argument in node.args}).block(node.body)
            case nodes.With():
                names = {target.name: self.read(value) for target, value in zip(node.targets, node.values, strict=True)
                         if isinstance(target, nodes.Name)}
                self._inner(**names).block(node.body)
            case nodes.Expr():
                self.read(node)
            case _:
                for child in node.iter_child_nodes():
                    self.statement(child)

    def _loop(self, node: nodes.For) -> None:
        source = self.read(node.iter)
        names: dict[str, str | None] = {name.name: None for name in node.target.find_all(nodes.Name)}
        if isinstance(node.target, nodes.Name):
            names = {node.target.name: f"{source}[]" if source else None}
        inner = self._inner(**names)
        if node.test is not None:
            inner.read(node.test)
        inner.block(node.body)
        self.block(node.else_)

    def read(self, node: nodes.Node, *, guarded: bool = False) -> str | None:
        """Notes the fields of an expression; the path of its value, when it is that of a field."""
        path = self._chain(node)
        if path is not None:
            self.found.append(Use(path.removesuffix("[]"), node.lineno, guarded))
            return path
        match node:
            case nodes.Filter(name="default" | "d", node=nodes.Expr() as value):
                self.read(value, guarded=True)
                self._read_all(node.args)
                return None
            case nodes.Filter(node=nodes.Expr() as value):
                return self._filtered(node, self.read(value, guarded=guarded))
            case nodes.Test(name="defined" | "undefined"):
                self.read(node.node, guarded=True)
                return None
            case nodes.Call(node=nodes.Getattr() as method):       # contexts are plain: what is called is a method of the value
                self.read(method.node, guarded=guarded)
                self._read_all([*node.args, *(keyword.value for keyword in node.kwargs)])
                return None
        self._read_all(list(node.iter_child_nodes()), guarded=guarded)
        return None

    def _read_all(self, several: list[nodes.Node] | list[nodes.Expr], *, guarded: bool = False) -> None:
        for node in several:
            self.read(node, guarded=guarded)

    def _chain(self, node: nodes.Node) -> str | None:
        match node:
            case nodes.Name(name=name):
                return self.scope.get(name, name)
            case nodes.Getattr(node=inner, attr=attr):
                base = self._chain(inner)
                return f"{base}.{attr}" if base else None
            case nodes.Getitem(node=inner, arg=nodes.Const(value=key)):
                base = self._chain(inner)
                if base is None:
                    return None
                return f"{base}.{key}" if isinstance(key, str) else f"{base}[]"
        return None

    def _filtered(self, node: nodes.Filter, base: str | None) -> str | None:
        self._read_all(node.args)
        self._read_all([keyword.value for keyword in node.kwargs])
        if base is None:
            return None
        if node.name in _NAMES_A_FIELD:
            named = [keyword.value for keyword in node.kwargs if keyword.key == "attribute"]
            if node.name in _FIRST_ARGUMENT:
                named += node.args[:1]
            for value in named:
                if isinstance(value, nodes.Const) and isinstance(value.value, str):
                    self.found.append(Use(f"{base}[].{value.value}", node.lineno, False))
        if node.name in _SAME_LIST:
            return base
        return f"{base}[]" if node.name in _ONE_OF else None
