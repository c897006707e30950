"""Take the forward of a model apart into lines: what each reads, calls and binds.

The code is read, not run, but for the names of submodules.
"""

import ast
import inspect
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping
from typing import NamedTuple

from torch import nn

LIFTED = "lifted__"
"""Begins the name of what a submodule gave inside an expression; never shown."""

Statement = ast.Assign | ast.Return


class Line(NamedTuple):
    """One statement, with the submodule that it calls and the names that it binds."""

    statement: Statement
    module: nn.Module | None
    targets: tuple[tuple[str, str], ...]  # each name with its index in the value: "10" for h_n

    @property
    def value(self) -> ast.expr:
        """The right side, or what is returned."""
        assert self.statement.value is not None
        return self.statement.value

    def reads(self) -> list[ast.expr]:
        """Return what goes into the box: a submodule's arguments, the result, or bare names."""
        if isinstance(self.value, ast.Call) and self.module is not None:
            given = [*self.value.args, *(keyword.value for keyword in self.value.keywords)]
            return [part for value in given for part in _parts(value)]
        if isinstance(self.statement, ast.Return):
            return _parts(self.value)
        return [ast.Name(name, ast.Load()) for name in names_in(self.value)]


def lines_of(model: Callable, names: Mapping[str, object]) -> Iterator[Line]:
    """Yield the lines; a submodule called inside an expression gets a line of its own before it.

    `names` are those that the code can see, `self` and the arguments among them.
    """
    count = 0
    for statement in _statements(model):
        lift = _Lift(names, count)
        assert statement.value is not None
        statement.value = lift.visit(statement.value)
        count += len(lift.lines)
        if isinstance(statement, ast.Return):
            statement.value = lift.made_simple(statement.value)
            yield from lift.lines
            yield Line(statement, None, ())
            continue
        module = None
        if isinstance(statement.value, ast.Name) and statement.value.id.startswith(LIFTED):
            call = lift.lines.pop()  # the line is that call and nothing else
            statement.value, module = call.value, call.module
        yield from lift.lines
        yield Line(statement, module, tuple(_targets(statement.targets[0])))


class _Lift(ast.NodeTransformer):
    """Replaces calls of submodules by names, and keeps the lines that bind these names."""

    def __init__(self, names: Mapping[str, object], count: int) -> None:
        self.names = names
        self.count = count
        self.lines: list[Line] = []

    def visit_Call(self, node: ast.Call) -> ast.expr:
        """Lift the innermost calls first, as Python evaluates them."""
        self.generic_visit(node)
        module = _module(node.func, self.names)
        if module is None:
            return node
        node.args = [self.made_simple(value) for value in node.args]
        return self._named(node, module)

    def made_simple(self, value: ast.expr) -> ast.expr:
        """Give what must be computed first a line, and so a box, of its own; keep names as are."""
        if isinstance(value, ast.Tuple):
            return ast.Tuple([self.made_simple(part) for part in value.elts], ast.Load())
        is_name = isinstance(value, (ast.Name, ast.Subscript, ast.Attribute, ast.Constant))
        if is_name and not any(isinstance(node, ast.Call) for node in ast.walk(value)):
            return value
        return self._named(value, None)

    def _named(self, value: ast.expr, module: nn.Module | None) -> ast.expr:
        """Bind a value to a name in a line of its own, and return the name."""
        called = ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
        name = f"{LIFTED}{self.count + len(self.lines)}__{re.sub(r'[^a-z_0-9]', '', called)}"
        statement = ast.Assign([ast.Name(name, ast.Store())], value)
        self.lines.append(Line(statement, module, ((name, ""),)))
        return ast.Name(name, ast.Load())


def _statements(model: Callable) -> Iterator[Statement]:
    """Yield the statements of forward; a Sequential has one for each of its modules."""
    if isinstance(model, nn.Sequential):
        names = ["input", *(f"{LIFTED}{number}__" for number in range(len(model)))]
        lines = [
            f"{after} = self[{number}]({names[number]})" for number, after in enumerate(names[1:])
        ]
        source = "\n    ".join(["def forward(self, input):", *lines, f"return {names[-1]}"])
    else:
        function = type(model).forward if isinstance(model, nn.Module) else model
        source = _source(function)
    definition = _definition(source)
    if definition is None:
        raise TypeError(
            f"expected a model whose source Python can read, got {model!r:.60}; define it with def "
            "in a file, in a notebook or in a fence"
        )
    if isinstance(model, nn.Module):
        _call_it_self(definition)
    for statement in definition.body:
        if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
            continue  # its docstring
        if isinstance(statement, ast.Return) or (
            isinstance(statement, ast.Assign) and len(statement.targets) == 1
        ):
            yield statement
            continue
        line = ast.unparse(statement).partition("\n")[0]
        raise ValueError(
            f"expected only assignments and a return in {definition.name}, got {line!r}; move that "
            "line into a function, which is then one box"
        )


def _definition(source: str) -> ast.FunctionDef | None:
    """Return the function that a source defines; None for a lambda, which is a part of a line."""
    try:
        statements = ast.parse(source).body
    except SyntaxError:
        return None
    first = statements[0] if statements else None
    return first if isinstance(first, ast.FunctionDef) else None


def _call_it_self(method: ast.FunctionDef) -> None:
    """Give the first argument of a method its usual name, whatever its author called it."""
    own = [*method.args.posonlyargs, *method.args.args][0].arg
    for node in ast.walk(method):
        if isinstance(node, ast.Name) and node.id == own:
            node.id = "self"


def _source(function: Callable) -> str:
    """Return the source of a function; nothing where Python cannot read it."""
    try:
        return textwrap.dedent(inspect.getsource(function))
    except (OSError, TypeError):
        return ""


def _module(function: ast.expr, names: Mapping[str, object]) -> nn.Module | None:
    """Return the module that an expression such as self.lstm names, None for anything else."""
    root = function
    while isinstance(root, (ast.Attribute, ast.Subscript)):
        root = root.value
    if not isinstance(root, ast.Name) or root.id not in names:
        return None
    value = value_of(function, names)
    return value if isinstance(value, nn.Module) else None


def value_of(expression: ast.expr, names: Mapping[str, object]) -> object:
    """Evaluate an expression with the names bound so far."""
    source = ast.fix_missing_locations(ast.Expression(expression))
    return eval(compile(source, "<forward>", "eval"), dict(names))


def code_of(expression: ast.expr, *, whole: bool = False) -> str:
    """Return the code of an expression, without the names that no author wrote.

    `whole` writes "encoder(…)" where a submodule was called; else its wire's tail tells that.
    """
    return re.sub(rf"{LIFTED}\d+__(\w*)", r"\1(…)" if whole else "", ast.unparse(expression))


def names_in(expression: ast.expr) -> list[str]:
    """Return the names that an expression reads, each once."""
    return list(
        dict.fromkeys(node.id for node in ast.walk(expression) if isinstance(node, ast.Name))
    )


def _targets(target: ast.expr, index: str = "") -> Iterator[tuple[str, str]]:
    """Yield the names that a line binds, each with its index in the value."""
    if isinstance(target, ast.Name):
        yield target.id, index
    elif isinstance(target, (ast.Tuple, ast.List)):
        for number, part in enumerate(target.elts):
            yield from _targets(part, f"{index}{number}")


def _parts(expression: ast.expr) -> list[ast.expr]:
    """Return the parts of a tuple such as (h_0, c_0); of anything else, itself."""
    return expression.elts if isinstance(expression, ast.Tuple) else [expression]
