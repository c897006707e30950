"""Run the code of one fence as a notebook runs a cell."""

import ast
import contextlib
import io
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from rnn_figures.site.running.names import names_in
from rnn_figures.site.running.prelude import provide
from rnn_figures.site.running.records import Fence

EXPECTED = "LSTM with projections is not supported with oneDNN"
"""A warning that torch gives for each projected LSTM on a CPU; of no use to a reader."""


class FenceError(Exception):
    """A fence ran but did not give what its kind must give."""


class ClaimsError(Exception):
    """A fence ran to its end, but some of its asserts do not hold.

    Args:
        found: What each of them raised.
    """

    def __init__(self, found: list[AssertionError]) -> None:
        self.found = found
        super().__init__(f"{len(found)} claims do not hold")


@dataclass
class Chain:
    """The fences that run on from one another: one namespace, and the code so far.

    Attributes:
        namespace: What the fences see; starts empty, since each name is put in when first used.
        code: The code of every fence so far.
        reads: Files that they opened, below the working directory.
        stopped: True once one of them raised: what it was to define may not be there.
    """

    namespace: dict[str, object] = field(default_factory=lambda: {"__name__": "__main__"})
    code: list[str] = field(default_factory=list)
    reads: set[str] = field(default_factory=set)
    stopped: bool = False


class Outcome(NamedTuple):
    """What some code gave: the value of its last expression, its prints, its error or warnings."""

    value: object = None
    printed: str = ""
    error: Exception | None = None
    warned: tuple[Warning | str, ...] = ()


def execute(fence: Fence, chain: Chain, page: str) -> Outcome:
    """Run a fence in its chain; return what it gave, printed, warned and, if announced, raised."""
    printed = io.StringIO()
    error = value = None
    with (
        _warnings_recorded(keep_expected=fence.kind == "raises") as caught,
        contextlib.redirect_stdout(printed),
        contextlib.redirect_stderr(printed),
    ):
        try:
            value = _last_value(fence, chain.namespace, page)
        except Exception as raised:
            if fence.kind != "raises":
                raise
            error = raised
    if error is None:  # else a copy of what follows would stop here
        chain.code.append(fence.code)
    return Outcome(value, printed.getvalue(), error, tuple(warning.message for warning in caught))


def evaluate(fence: Fence, chain: Chain, page: str) -> Outcome:
    """Return what an inline value or an answer gave; it leaves no mark on what follows."""
    state = torch.random.get_rng_state()
    with _warnings_recorded() as caught:
        value = _last_value(fence, dict(chain.namespace), page)
    torch.random.set_rng_state(state)
    return Outcome(value, warned=tuple(warning.message for warning in caught))


@contextlib.contextmanager
def _warnings_recorded(*, keep_expected: bool = False) -> Iterator[list[warnings.WarningMessage]]:
    """Record every warning but those that Python keeps for developers of libraries."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for kind in (ResourceWarning, ImportWarning, PendingDeprecationWarning):
            warnings.simplefilter("ignore", kind)
        if not keep_expected:
            warnings.filterwarnings("ignore", EXPECTED)
        yield caught


def _last_value(fence: Fence, namespace: dict[str, object], page: str) -> object:
    """Run code as a notebook does and return the value of its last expression."""
    provide(names_in(fence.code), namespace)
    tree = ast.parse("\n" * (fence.line - 1) + fence.code, page)  # tracebacks give the page's lines
    run = _run_plainly if fence.kind == "raises" else _run_claims
    last = tree.body[-1] if tree.body else None
    if not isinstance(last, ast.Expr) or fence.code.rstrip().endswith(";"):
        run(tree.body, namespace, page)
        return None
    run(tree.body[:-1], namespace, page)
    value = eval(compile(ast.Expression(last.value), page, "eval"), namespace)
    # torch.manual_seed returns the generator, of which nobody wants to see the address
    return None if isinstance(value, torch.Generator) else value


def _run_plainly(statements: list[ast.stmt], namespace: dict[str, object], page: str) -> None:
    """Run statements up to the first that raises."""
    exec(compile(ast.Module(statements, []), page, "exec"), namespace)


def _run_claims(statements: list[ast.stmt], namespace: dict[str, object], page: str) -> None:
    """Run statements one by one; after an assert that does not hold, the rest runs all the same."""
    found: list[AssertionError] = []
    for statement in statements:
        code = compile(ast.Module([statement], []), page, "exec")
        try:
            exec(code, namespace)
        except AssertionError as error:
            if not isinstance(statement, ast.Assert):
                raise
            if not error.args:
                error.args = (_claim(statement.test, namespace, page),)
            found.append(error)
    if found:
        raise ClaimsError(found)


def _claim(test: ast.expr, namespace: dict[str, object], page: str) -> str:
    """Return what an assert expected, and what came."""

    def value(expression: ast.expr) -> str:
        return f"{eval(compile(ast.Expression(expression), page, 'eval'), namespace)!r:.80}"

    match test:
        case ast.Compare(left=left, ops=[ast.Eq()], comparators=[right]):
            return f"{ast.unparse(test)}: expected {value(right)}, got {value(left)}"
        case ast.Compare(left=left, ops=[_], comparators=[_]):
            return f"{ast.unparse(test)}: got {value(left)}"
    return f"{ast.unparse(test)}: got {value(test)}"
