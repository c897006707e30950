"""What a plot shows is read back from the finished drawing: lies on the way there are found."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes

from rnn_figures import Plot, Proof, ProofError, Table
from rnn_figures.plots.reading import prove_shown
from rnn_figures.proofs import compare
from tests.right import RIGHT, call, public_functions

Call = tuple[list[Any], dict[str, Any]]
"""What a drawing function of matplotlib is called with."""

NUMBER = re.compile(r"[−-]?\d+\.\d+")
"""A number with decimals."""


def numbers_of(args: list[Any], index: int) -> np.ndarray | None:
    """Return the numbers of an argument; None if it has none, or no two that differ."""
    try:
        values = np.asarray(args[index], dtype=float)
    except (IndexError, TypeError, ValueError):
        return None
    return values if len({*values[np.isfinite(values)].tolist()}) > 1 else None


def of_the_neighbour(args: list[Any], options: dict[str, Any]) -> Call | None:
    """Draw the y of each point at the next; an upright line of two points stays what it was."""
    values = numbers_of(args, 1)
    if values is None or (len(values) == 2 and numbers_of(args, 0) is None):
        return None
    return [args[0], np.roll(values, 1), *args[2:]], options


def without_sign(args: list[Any], options: dict[str, Any]) -> Call | None:
    """Turn every sign of y."""
    values = numbers_of(args, 1)
    return None if values is None else ([args[0], -values, *args[2:]], options)


def one_step_on(args: list[Any], options: dict[str, Any]) -> Call | None:
    """Draw everything one step later."""
    values = numbers_of(args, 0)
    later = None if values is None or numbers_of(args, 1) is None else values + 1
    return None if later is None else ([later, *args[1:]], options)


def one_more(args: list[Any], options: dict[str, Any]) -> Call | None:
    """Change the last digit of a number that is written."""
    index = 2 if len(args) > 2 else 0
    if not isinstance(args[index], str) or not NUMBER.search(args[index]):
        return None
    text = NUMBER.sub(lambda n: f"{n[0][:-1]}{(int(n[0][-1]) + 5) % 10}", args[index])
    return [*args[:index], text, *args[index + 1 :]], options


def next_tick(args: list[Any], options: dict[str, Any]) -> Call | None:
    """Write each tick's label at the next."""
    labels = list(args[1]) if len(args) > 1 else list(options.get("labels") or ())
    numeric = any(re.search(r"\d", label) for label in labels)
    if len({*labels}) < 2 or not numeric:
        return None
    return [args[0], [*labels[-1:], *labels[:-1]]], {
        k: v for k, v in options.items() if k != "labels"
    }


LIES: dict[str, tuple[str, Callable[[list[Any], dict[str, Any]], Call | None]]] = {
    "line of the neighbour": ("plot", of_the_neighbour),
    "line without sign": ("plot", without_sign),
    "line one step on": ("plot", one_step_on),
    "bar of the neighbour": ("bar", of_the_neighbour),
    "bar one step on": ("bar", one_step_on),
    "area of the neighbour": ("fill_between", of_the_neighbour),
    "number beside a point": ("annotate", one_more),
    "number above a point": ("text", one_more),
    "tick": ("set_xticks", next_tick),
}
"""By name: a function of Axes, and how what it is called with is changed on the way."""


def lie(monkeypatch, lie: str, at: int) -> list[int]:
    """Let one call lie, of those that can; return a list that grows with each of these."""
    name, change = LIES[lie]
    original = getattr(Axes, name)
    seen: list[int] = []

    def lying(self, *args, **options):
        changed = change(list(args), options)
        if changed is not None:
            seen.append(len(seen))
            if seen[-1] == at:
                args, options = changed
        return original(self, *args, **options)

    monkeypatch.setattr(Axes, name, lying)
    return seen


OF_MORE: Mapping[str, dict[str, Any]] = {"reading_plot": {"quantities": None}}
"""What draws more than the right arguments do."""

UNPROVED = (
    *("comparison_plot", "operator_plot", "precision_plot"),  # their numbers are the caller's
    *("documentation_code_table", "documentation_table", "told_table", "verdict_rates_table"),
)
"""Plots and tables without a proof; one that is in no list here is lied to."""


def proved(kind: type) -> list[str]:
    """Return the public functions whose plots or tables have a proof."""
    functions = public_functions().items()
    found = [name for name, each in functions if each.__annotations__.get("return") is kind]
    return [name for name in found if name not in UNPROVED]


FAST = (
    "contribution_plot",
    "gradient_lag_plot",
    "letters_read_plot",
    "mixing_plot",
    "returned_plot",
    "state_plot",
)
"""In these every lie can be told."""

ROWS = ("cut_plot", "dropout_plot", "gradient_dial", "spread_plot", "unit_auc_plot")
"""Here heights of lines are rows or the ends of an axis: the same points in another order."""


def drawn(name: str) -> Any:
    """Return a figure of the right arguments."""
    return call(public_functions()[name], RIGHT[name]() | OF_MORE.get(name, {}))


def refuse_every(monkeypatch, name: str, what: str, *, most: int) -> int:
    """Let some calls lie, one at a time, and hold that each stops the plot; return how many can."""
    with monkeypatch.context() as listening:
        seen = lie(listening, what, -1)
        drawn(name)
    for at in seen if len(seen) <= most else [seen[0], seen[len(seen) // 2], seen[-1]][-most:]:
        with monkeypatch.context() as lying:
            lie(lying, what, at)
            with pytest.raises((ProofError, IndexError)):
                drawn(name)
    return len(seen)


@pytest.mark.parametrize("what", LIES)
def test_no_lie_reaches_a_reader(what, monkeypatch):
    assert sum(refuse_every(monkeypatch, name, what, most=1) for name in FAST)


@pytest.mark.slow
@pytest.mark.parametrize("what", LIES)
@pytest.mark.parametrize("name", proved(Plot))
def test_no_lie_of_any_plot_reaches_a_reader(name, what, monkeypatch):
    if name not in ROWS or not what.startswith("line"):
        refuse_every(monkeypatch, name, what, most=9)


def test_bars_side_by_side_are_refused_in_one_sentence():
    plot = Plot()
    plot.alt, plot.data = "Bars.", Table(("step", "a", "b"), [(0, 1.0, 2.0), (1, 3.0, 4.0)])
    plot.add_subplot().bar([-0.2, 0.8], [1.0, 3.0], width=0.4, label="a")
    plot.proof = Proof("the same", compare("a", 1.0, 1.0))

    with pytest.raises(ProofError, match=r"^the bars a: expected a row .* at x = -0.2, got none"):
        prove_shown(plot)


@pytest.mark.parametrize("name", UNPROVED)
def test_what_is_said_to_have_no_proof_has_none(name):
    assert drawn(name).proof is None


@pytest.mark.parametrize(
    "name", sorted({*proved(Table)} - {"outcome_table"})
)  # what compared it wrote it
def test_no_column_of_a_table_is_one_row_off(name, monkeypatch):
    finished = drawn(name)
    honest = Table.__post_init__
    caught = 0
    for index in range(len(finished.columns)):
        cells = [row[index] for row in finished.rows]
        if len({*map(repr, cells)}) < 2:
            continue

        def lying(self, index=index):
            if tuple(self.columns) == tuple(finished.columns) and self.proof is None:
                of = [row[index] for row in self.rows]
                moved = [*of[-1:], *of[:-1]]
                rows = [
                    (*row[:index], cell, *row[index + 1 :])
                    for row, cell in zip(self.rows, moved, strict=True)
                ]
                object.__setattr__(self, "rows", rows)
            honest(self)

        with monkeypatch.context() as lies:
            lies.setattr(Table, "__post_init__", lying)
            with pytest.raises((ProofError, KeyError, ValueError, TypeError, SyntaxError)):
                drawn(name)
        caught += 1
    assert caught
