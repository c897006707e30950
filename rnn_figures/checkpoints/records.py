"""What moved between two models: a Change of each quantity of each layer, a Moved of all."""

import textwrap
from typing import NamedTuple

import numpy as np

from rnn_figures.checkpoints.drawing import change_plot, comparison_html
from rnn_figures.figures import Plot, Table
from rnn_figures.models import place
from rnn_figures.numbers import counted, digits
from rnn_figures.palette import NAMES
from rnn_figures.proofs import Proof
from rnn_figures.weights import DIRECTIONS

FORGETTING = "forgetting time"
"""The quantity that has no letter: −1 / mean ln f of a unit (GRU: z), in steps."""

MOST_NAMED = 6
"""Changes that the sentences name."""


class Change(NamedTuple):
    """How far one quantity of one layer in one direction is apart in two models.

    Attributes:
        module: The layer's name in the models; "" for the model itself.
        layer: Layer of that module, from 0.
        direction: 0 forward, 1 reverse.
        quantity: Its letter, or "forgetting time".
        before: Of each unit the mean over all steps in the first model; of a forgetting time the
            time itself.
        after: The same in the second.
        moved: Of each unit the mean |difference| over all steps.
        largest: The largest |difference| of all.
    """

    module: str
    layer: int
    direction: int
    quantity: str
    before: np.ndarray
    after: np.ndarray
    moved: np.ndarray
    largest: float

    @property
    def where(self) -> str:
        """Module, layer and direction, in words."""
        return place(self.module, self.layer, self.direction)

    @property
    def name(self) -> str:
        """The quantity in words, with its letter."""
        name = NAMES.get(self.quantity)
        return f"{name} {self.quantity}" if name else self.quantity

    @property
    def unit(self) -> int:
        """The unit that moved most."""
        return int(np.nan_to_num(self.moved, nan=np.inf).argmax())

    @property
    def is_move(self) -> bool:
        """True if any number is another; NaN in both is the same."""
        return bool(self.largest != 0)

    def __str__(self) -> str:
        """Return the change as a sentence."""
        of = "median" if self.quantity == FORGETTING else "mean"
        before, after = (digits(_middle(self, each)) for each in (self.before, self.after))
        return (
            f"{self.where}: {self.name}: {of} {before} before, {after} after; unit {self.unit} "
            f"moved most, by {digits(float(self.moved[self.unit]))} on average."
        )


class Moved(NamedTuple):
    """What moved between two models on one input.

    Attributes:
        changes: One for each quantity of each layer and direction, in the order of the models.
        steps: Steps that were compared, of all calls and sequences.
        proof: What the numbers were checked against: the traces of both runs.
    """

    changes: tuple[Change, ...]
    steps: int
    proof: Proof

    @property
    def nothing(self) -> bool:
        """True if every number of every layer is the same in both."""
        return not any(change.is_move for change in self.changes)

    @property
    def headline(self) -> str:
        """What moved, in one sentence."""
        places = dict.fromkeys(change.where for change in self.changes)
        checked = f"{counted(len(places), 'layer')} on {self.steps} steps"
        if self.nothing:
            return f"{checked}: nothing moved."
        moved = dict.fromkeys(change.where for change in self.changes if change.is_move)
        most = max((c for c in self.changes if c.quantity in NAMES), key=_size)
        return (
            f"{checked}: {len(moved)} of {len(places)} moved, most of all the {most.name} of "
            f"{most.where}, by {digits(float(np.mean(most.moved)))} on average."
        )

    def to_table(self) -> Table:
        """Return a row for each quantity of each layer and direction."""
        columns = (
            *("module", "layer", "direction", "quantity", "before", "after", "moved"),
            *("largest", "unit that moved most"),
        )
        rows = [
            (
                one.module,
                one.layer,
                DIRECTIONS[one.direction],
                one.quantity,
                _middle(one, one.before),
                _middle(one, one.after),
                float(np.mean(one.moved)),
                one.largest,
                one.unit if one.is_move else None,
            )
            for one in self.changes
        ]
        return Table(columns, rows, alt=" ".join(self._paragraphs()), proof=self.proof)

    def unit_table(self) -> Table:
        """Return a row for each unit of each quantity of each layer and direction."""
        rows = [
            (
                *(one.module, one.layer, DIRECTIONS[one.direction], one.quantity, unit),
                *(float(each[unit]) for each in (one.before, one.after, one.moved)),
            )
            for one in self.changes
            for unit in range(len(one.moved))
        ]
        columns = ("module", "layer", "direction", "quantity", "unit", "before", "after", "moved")
        return Table(columns, rows, alt=f"{self.headline} Unit by unit.", proof=self.proof)

    def to_plot(self) -> Plot:
        """Plot how far each quantity moved, and the forgetting time of each unit in both."""
        return change_plot(self.changes, self.to_table(), self.proof)

    def to_html(self) -> str:
        """Return headline, plot and tables as one file that needs nothing else."""
        return comparison_html(self.headline, self.to_plot(), self.to_table(), self.unit_table())

    def _paragraphs(self) -> list[str]:
        """Return the headline, and a sentence for each of what moved most."""
        moved = sorted((c for c in self.changes if c.is_move), key=_size, reverse=True)
        lines = [self.headline, *map(str, moved[:MOST_NAMED])]
        if len(moved) > MOST_NAMED:
            lines.append(f"And {len(moved) - MOST_NAMED} more: to_table() has them.")
        return lines

    def __repr__(self) -> str:
        """Return the headline and what moved most, a paragraph each."""
        paragraphs = self._paragraphs()
        return "\n".join(textwrap.fill(each, 80, subsequent_indent="  ") for each in paragraphs)

    def _repr_markdown_(self) -> str:
        return f"**{self.headline}**\n\n{self.to_table().to_markdown()}"


def _middle(change: Change, values: np.ndarray) -> float:
    """Return the mean over units; of forgetting times, which may be huge, the median."""
    return float(np.median(values) if change.quantity == FORGETTING else np.mean(values))


def _size(change: Change) -> tuple[bool, float]:
    """Return what changes are sorted by: letters before times, then the mean move."""
    return change.quantity in NAMES, float(np.nan_to_num(np.mean(change.moved), nan=np.inf))
