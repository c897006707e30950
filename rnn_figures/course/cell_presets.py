"""Layers of one unit whose weights give each gate a reason, with what they read."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.course.seeds import from_seed_0

VALUES = (0.8, 0.3, -0.5, 0.2, -0.9, 0.4, 0.1, 0.6)
"""What write-and-keep reads, in both kinds of cell."""

WRITES = (1, 0, 0, 0, 1, 0, 0, 0)
READS = (0, 0, 1, 0, 0, 0, 1, 0)


class CellPreset(NamedTuple):
    """A layer of one unit, and a sequence on which each of its gates has something to do.

    Attributes:
        name: In a few words.
        why: What to look at, in a sentence or two.
        module: A one-layer nn.LSTM, nn.GRU or nn.RNN with hidden_size 1, in float64.
        input: (L, H_in), in float64.
        names: What each input is called, H_in of them.
        step: The step that is shown first.
        text: What the input spells, a character for each step, if readers may type another.
    """

    name: str
    why: str
    module: nn.RNNBase
    input: Tensor
    names: tuple[str, ...]
    step: int
    text: str = ""


@checked
def cell_presets(mode: str) -> list[CellPreset]:
    """Return the presets of a kind of cell.

    Args:
        mode: "LSTM", "GRU" or "RNN_TANH", as module.mode has it.

    Raises:
        ValueError: there are none for that kind.

    Examples:
        >>> [preset.name for preset in cell_presets("GRU")]
        ['write and keep', 'add up in groups', 'fresh, random weights']
    """
    makers = {"LSTM": _lstm, "GRU": _gru, "RNN_TANH": _rnn}
    if mode not in makers:
        raise ValueError(f"expected a kind of cell among {', '.join(makers)}, got {mode!r}")
    with from_seed_0():
        return makers[mode]()


CHARACTERS = {"(": (1.0, 1.0), ")": (-1.0, 1.0), " ": (0.0, 0.0)}
"""What the reader of brackets is given of a character: its value, and whether it is a bracket."""

LETTER = (1.0, 0.0)
"""What it is given of any other one: counted too, if the input gate did not shut."""


@checked
def bracket_reader(text: str) -> CellPreset:
    """Return an LSTM of one unit that counts the open brackets of a text, and shuts out the rest.

    Args:
        text: At most 8 characters.

    Examples:
        >>> bracket_reader("(a)").input.tolist()[:4]
        [[1.0, 1.0], [1.0, 0.0], [-1.0, 1.0], [0.0, 0.0]]
    """
    if not 0 < len(text) <= len(VALUES):
        raise ValueError(f"expected a text of 1 to {len(VALUES)} characters, got {text!r}")
    padded = text.ljust(len(VALUES))
    given = [CHARACTERS.get(character, LETTER) for character in padded]
    module = _set(nn.LSTM(2, 1), [[0, 40], [0, 0], [20, 0], [0, 0]], [-20, 40, 0, 40])
    return CellPreset(
        "count brackets in a text",
        "“(” is worth 1, “)” −1, and a letter 1 as well. The input gate i opens at a bracket and "
        "shuts at a letter, so the cell state c counts brackets alone. The forget gate f keeps c.",
        module,
        torch.tensor(given, dtype=torch.float64),
        ("value", "bracket"),
        len(text) - 1,
        padded,
    )


def _lstm() -> list[CellPreset]:
    """Return those of an LSTM: write, keep and read; only the first; a counter; fading; random."""
    keeper = _set(
        nn.LSTM(3, 1), [[0, 20, 0], [0, -20, 0], [2, 0, 0], [0, 0, 20]], [-10, 10, 0, -10]
    )
    first = _set(nn.LSTM(1, 1), [[0], [0], [20], [0]], [10, 10, 0, 20], [-30, 0, 0, 0])
    counter = _set(nn.LSTM(1, 1), [[0], [0], [20], [0]], [40, 40, 0, 40])  # σ(40) is 1 in float64
    fading = _set(nn.LSTM(1, 1), [[0], [0], [20], [0]], [40, 0, 0, 40])
    return [
        CellPreset(
            "write, keep, read",
            "i opens where write is 1, and f shuts to clear the place. Then f keeps c, whatever "
            "comes. o opens where read is 1: only there h shows c. A value is doubled and squashed "
            f"before it is written: {VALUES[0]} becomes {math.tanh(2 * VALUES[0]):.2f}.",
            keeper,
            _columns(VALUES, WRITES, READS),
            ("value", "write", "read"),
            6,
        ),
        CellPreset(
            "only the first counts",
            "i is open until something is written. Then h, fed back, shuts it for ever.",
            first,
            _columns((0, 0, 1, 0, 1, 1, 0, 1)),
            ("x",),
            4,
        ),
        CellPreset(
            "count brackets",
            "With all gates open, c adds up +1 for each ( and −1 for each ). h follows, flattened.",
            counter,
            _columns((1, 1, -1, 1, 1, -1, -1, -1)),
            ("x",),
            4,
        ),
        CellPreset(
            "fade",
            "f is 0.5: each step keeps half of what was there.",
            fading,
            _columns((1, 0, 0, 0, 0, 0, 0, 0)),
            ("x",),
            3,
        ),
        _fresh(nn.LSTM(3, 1), ("x[0]", "x[1]", "x[2]")),
    ]


def _gru() -> list[CellPreset]:
    """Return those of a GRU: write and keep; add up in groups; random weights."""
    keeper = _set(nn.GRU(2, 1), [[0, 0], [0, -20], [2, 0]], [0, 10, 0])
    sums = (0.3, 0.3, 0.3, 0, -0.4, -0.4, 0, 0.2)
    groups = _set(nn.GRU(2, 1), [[0, -20], [0, 0], [1, 0]], [10, -10, 0], [0, 0, 1])
    return [
        CellPreset(
            "write and keep",
            "Where write is 1, z shuts: h becomes the candidate n. Elsewhere z is 1 and h stays. "
            "One gate does what i and f do in an LSTM, and h shows what it keeps all the time. r "
            "is idle: n does not read h. A value is doubled and squashed before it is written: "
            f"{VALUES[0]} becomes {math.tanh(2 * VALUES[0]):.2f}.",
            keeper,
            _columns(VALUES, WRITES),
            ("value", "write"),
            4,
        ),
        CellPreset(
            "add up in groups",
            "n adds the value to the old h, and tanh squashes the sum: three times 0.3 gives "
            f"{_squashed_sum(sums[:3]):.2f}. Where a group starts, r shuts: n begins anew. Hold r "
            "open, and the old group leaks into the new one.",
            groups,
            _columns(sums, (1, 0, 0, 0, 1, 0, 0, 1)),
            ("value", "start"),
            4,
        ),
        _fresh(nn.GRU(2, 1), ("x[0]", "x[1]")),
    ]


def _rnn() -> list[CellPreset]:
    """Return those of an RNN: one number that goes round, for four recurrent weights."""
    impulse = (1, 0, 0, 0, 0, 0, 0, 0)
    lessons = (
        ("it fades", 0.5, "With W_hh = 0.5, half of h or less comes back at each step."),
        ("it fades slowly", 1, "With W_hh = 1, h comes back whole, and tanh alone lets it fade."),
        ("it changes sign", -0.5, "With W_hh = −0.5, h fades, and changes its sign at each step."),
        ("it forgets at once", 0, "With W_hh = 0, nothing of the past comes back."),
    )
    return [
        CellPreset(
            name, why, _set(nn.RNN(1, 1), [[1]], [0], [weight]), _columns(impulse), ("x",), 1
        )
        for name, weight, why in lessons
    ]


def _squashed_sum(values: Sequence[float]) -> float:
    """Return what is left of a sum where tanh squashes it after each value."""
    total = 0.0
    for value in values:
        total = math.tanh(total + value)
    return total


def _fresh(module: nn.RNNBase, names: tuple[str, ...]) -> CellPreset:
    """Return the preset of a layer as torch makes it, with random weights."""
    values = (torch.randn(8, module.input_size, dtype=torch.float64) * 10).round() / 10
    why = "Weights as torch draws them: the gates stay around one half, and nothing is kept."
    return CellPreset("fresh, random weights", why, module.double(), values, names, 3)


def _columns(*columns: Sequence[float]) -> Tensor:
    """Return an input, (L, H_in), from its columns."""
    return torch.tensor(columns, dtype=torch.float64).T.contiguous()


def _set(
    module: nn.RNNBase,
    read: Sequence[Sequence[float]],
    bias: Sequence[float],
    recurrent: Sequence[float] | None = None,
) -> nn.RNNBase:
    """Return a float64 layer of one unit with these weights, the rest 0; rows as torch has them."""
    given: dict[str, Sequence] = {"weight_ih_l0": read, "bias_ih_l0": bias}
    if recurrent is not None:
        given["weight_hh_l0"] = [[weight] for weight in recurrent]
    module.double().load_state_dict(
        {
            name: torch.tensor(given[name], dtype=torch.float64)
            if name in given
            else torch.zeros_like(weight)
            for name, weight in module.state_dict().items()
        }
    )
    return module
