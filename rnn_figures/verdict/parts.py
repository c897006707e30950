"""One layer in one direction over all its calls, and what is measured of it."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from rnn_figures.configurations import class_name
from rnn_figures.models import Call, place
from rnn_figures.numbers import digits
from rnn_figures.traces import LayerTrace
from rnn_figures.verdict.records import MOST_UNITS, Finding, note
from rnn_figures.weights import STACKED, layers_and_directions, weights

STEEP = 16.0
"""|a| from which on σ(a) is flat: its slope s(1 − s) is below 1e-7."""


@dataclass(frozen=True, eq=False)
class Part:
    """One layer in one direction of a module, over all calls of the module.

    Attributes:
        name: The module's name in the model.
        layer: From 0.
        direction: 0 forward, 1 reverse.
        calls: The module's calls, in order.
        kept: What was measured of it once and is asked for again.
    """

    name: str
    layer: int
    direction: int
    calls: Sequence[Call]
    kept: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def where(self) -> str:
        """Module, layer and direction in words."""
        return place(self.name, self.layer, self.direction)

    @property
    def module(self) -> nn.RNNBase:
        """The layer as it was in the first call."""
        return self.calls[0].module

    @property
    def kind(self) -> str:
        """Name of torch's class: "LSTM", "GRU" or "RNN"."""
        return class_name(self.module)

    @property
    def mode(self) -> str:
        """As torch has it: "LSTM", "GRU", "RNN_TANH" or "RNN_RELU"."""
        return self.module.mode

    @property
    def traces(self) -> list[LayerTrace]:
        """The layer's trace in each call."""
        return [call.trace[self.layer, self.direction] for call in self.calls]

    @property
    def steps(self) -> int:
        """Valid steps of all calls and sequences."""
        return sum(int(run.lengths.sum()) for run in self.traces)

    def values(self, name: str) -> Tensor:
        """Return a quantity, or "x", at all valid steps of all calls, a row each."""
        return torch.cat([valid(run[name], run.lengths) for run in self.traces])

    def weights(self, call: int = 0) -> dict[str, Tensor]:
        """Return the weights of a call, at least in float32."""
        found = weights(self.calls[call].module, self.layer, self.direction)
        return {name: wide(weight) for name, weight in found.items()}

    def spot(self, units: Sequence[int] = ()) -> dict[str, Any]:
        """Return the evidence of a finding that names layer, direction and units."""
        return {
            "layer": self.layer,
            "direction": self.direction,
            "units": tuple(units[:MOST_UNITS]),
            "num_units": len(units),
        }

    def shares_weights(self, call: int) -> bool:
        """Return whether a call had the weights of the first."""
        of_call = self.calls[call].module.parameters()
        pairs = zip(self.module.parameters(), of_call, strict=True)
        return all(one.data_ptr() == other.data_ptr() for one, other in pairs)


def parts(calls: Sequence[Call]) -> list[Part]:
    """Return every layer and direction of every module that was called."""
    names = dict.fromkeys(call.name for call in calls)
    found = []
    for name in names:
        own = [call for call in calls if call.name == name]
        found += [Part(name, *where, own) for where in layers_and_directions(own[0].module)]
    return found


def wide(value: Tensor) -> Tensor:
    """Return numbers at least in float32."""
    return value.detach().float() if value.dtype.itemsize < 4 else value.detach()


def valid(value: Tensor, lengths: Tensor) -> Tensor:
    """Return the steps that sequences have, (L, N, H) -> (steps, H), in float32 or float64."""
    return wide(value)[mask(value, lengths)]


def mask(value: Tensor, lengths: Tensor) -> Tensor:
    """Return which steps the sequences have, (L, N)."""
    return (torch.arange(len(value))[:, None] < lengths).to(value.device)


def before(run: LayerTrace) -> Tensor:
    """Return the h that each step read, (L, N, H_out); h_0 where a direction starts."""
    h, h_0 = wide(run.h), wide(run.h_0)[None]
    if not run.reverse:
        return torch.cat((h_0, h[:-1]))
    h = torch.where(mask(h, run.lengths)[..., None], h, h_0)
    return torch.cat((h[1:], h_0))


def totals(part: Part, index: int) -> dict[str, Tensor]:
    """Return what goes into each σ and tanh in one call, (L, N, H_cell) by letter.

    A gate itself cannot say how flat it is: in float32 σ(17.3) is 1.
    """
    run, own = part.traces[index], part.weights(index)
    letters = STACKED[part.kind]
    x = torch.nn.functional.linear(wide(run.x).to(own["weight_ih"].dtype), own["weight_ih"])
    h = torch.nn.functional.linear(before(run).to(x.dtype), own["weight_hh"])
    if "bias_ih" in own:
        x, h = x + own["bias_ih"], h + own["bias_hh"]
    of_x = dict(zip(letters, x.chunk(len(letters), -1), strict=True))
    of_h = dict(zip(letters, h.chunk(len(letters), -1), strict=True))
    if part.kind == "GRU":
        of_h["n"] = wide(run.r) * of_h["n"]
    return {letter: of_x[letter] + of_h[letter] for letter in letters}


@dataclass(frozen=True)
class Share:
    """How often something is so: as a share of all values, of each unit's, and where first.

    Attributes:
        all: Share of all values.
        units: Units of which it is so at more than half of the steps.
        call: First call where it is so; None if it never is.
        sequence: First sequence there.
        step: First step there, in the order of the direction, as the input counts.
    """

    all: float
    units: tuple[int, ...]
    call: int | None
    sequence: int | None
    step: int | None


def shares(part: Part) -> dict[str, Share]:
    """Return of each letter how often its σ or tanh is flat."""
    if "shares" not in part.kept:
        part.kept["shares"] = _measured_shares(part)
    return part.kept["shares"]


def _measured_shares(part: Part) -> dict[str, Share]:
    counts: dict[str, Tensor] = {}
    first: dict[str, tuple[int, int, int]] = {}
    for index, run in enumerate(part.traces):
        own = totals(part, index)
        there = mask(run.h, run.lengths)[..., None]
        for letter in own:
            flat = (own[letter].abs() > STEEP) & there
            count = flat.sum((0, 1)).double()
            counts[letter] = counts[letter] + count if letter in counts else count
            if letter not in first and bool(flat.any()):
                step, sequence = first_step(flat.any(-1), run)
                first[letter] = index, sequence, step
    found = {}
    for letter, count in counts.items():
        units = units_where(count / part.steps > 0.5)
        call, sequence, step = first.get(letter, (None, None, None))
        share = float(count.sum()) / (part.steps * len(count))
        found[letter] = Share(share, units, call, sequence, step)
    return found


def first_step(there: Tensor, run: LayerTrace) -> tuple[int, int]:
    """Return the first step, in the direction's order, where (L, N) is true, and its sequence."""
    steps = there.any(1).nonzero()[:, 0]
    step = int(steps[-1] if run.reverse else steps[0])
    return step, int(there[step].nonzero()[0, 0])


def closed_units(part: Part, letter: str, below: float) -> tuple[int, ...]:
    """Return the units whose gate is below a value at every valid step of every call."""
    return units_where(part.values(letter).amax(0) < below)


def units_where(there: Tensor) -> tuple[int, ...]:
    """Return the units where (H,) is true."""
    return tuple(there.nonzero()[:, 0].tolist())


def twins(part: Part) -> tuple[int, ...]:
    """Return the units that move, and have the weights of another unit in every gate."""
    weights = [weight for name, weight in part.weights().items() if name != "weight_hr"]
    rows = torch.cat([weight.reshape(len(weight), -1) for weight in weights], dim=1)
    by_unit = rows.unflatten(0, (-1, part.module.hidden_size)).transpose(0, 1).flatten(1)
    _, group = by_unit.unique(dim=0, return_inverse=True)
    states = part.values("c" if part.kind == "LSTM" else "h")
    moves = (states != states[0]).any(dim=0).to(group.device)
    has_twin = (group[:, None] == group).sum(dim=1) > 1
    return units_where(has_twin & moves)


def spread_of_input(part: Part) -> float:
    """Return the largest standard deviation of a feature of the input over all valid steps."""
    return float(part.values("x").double().std(0, correction=0).max())


def heard_input(part: Part) -> float:
    """Return how far the input moves what goes into a gate: the median over rows of std(W x)."""
    weight = part.weights()["weight_ih"]
    heard = torch.nn.functional.linear(part.values("x").to(weight.dtype), weight).double()
    return float(heard.std(0, correction=0).median())


def large_input(part: Part) -> tuple[str, str] | None:
    """Return how large the input of a first layer is, and what to do; None if it is not that.

    It alone makes gates flat where it is beyond ±STEEP, and so is the root mean square of W x.
    """
    x = part.values("x").double()
    heard = torch.nn.functional.linear(x, part.weights()["weight_ih"].double())
    moved = float(heard.square().mean().sqrt())
    if part.layer or float(x.abs().max()) <= STEEP or moved <= STEEP:
        return None
    whole = bool((x == x.round()).all())
    kind, least, most = "whole numbers" if whole else "numbers", *map(float, x.aminmax())
    return (
        (
            f"Its input, {kind} from {digits(least)} to {digits(most)}, alone moves a by "
            f"{digits(moved)}, the root mean square of W x."
        ),
        "Scale the input to a standard deviation near 1, with numbers of the training set."
        + (" Numbers of words are no sizes: an nn.Embedding makes a vector of each." * whole),
    )


def gain(part: Part) -> float:
    """Return the norm of a unit's recurrent weights in one gate, the root mean square of all."""
    rows = part.weights()["weight_hh"].double()
    return float(rows.square().sum(1).mean().sqrt())


def size_of_weights(part: Part) -> float:
    """Return the root mean square of all weights, as a part of what torch starts with."""
    own = torch.cat([weight.flatten().double() for weight in part.weights().values()])
    return float(own.square().mean().sqrt()) * math.sqrt(3 * part.module.hidden_size)


def spread_across(part: Part, name: str) -> Tensor:
    """Return how far sequences are apart at the same step: of each unit or feature, in the mean."""
    squares, count = torch.zeros(()), 0
    for run in part.traces:
        values = wide(run[name]).double()
        if values.shape[1] < 2:
            continue
        there = mask(values, run.lengths)[..., None]
        several = there.sum(1, keepdim=True)
        mean = values.where(there, 0).sum(1, keepdim=True) / several.clamp(min=1)
        off = (values - mean).where(there & (several > 1), 0)
        squares = squares + off.square().sum((0, 1))
        count += int((there & (several > 1)).sum())
    return (squares / max(count, 1)).sqrt()


def steps_first(result: Tensor, steps: int, several: int) -> Tensor | None:
    """Return a result of so many steps and sequences with its steps first; None of any other."""
    sizes = list(result.shape[:2])
    if steps == several or sorted(sizes) != sorted((steps, several)) or result.isnan().any():
        return None
    return result.movedim(sizes.index(steps), 0)


def alike(values: Tensor) -> bool:
    """Return whether all along the first axis are the same numbers."""
    return torch.equal(values[1:], values[:-1])


def is_fresh(part: Part) -> bool:
    """Return whether the weights are as torch makes them: uniform between ±1/√H.

    A standard deviation of n such numbers is within 2/√n of 1/√(3H), as a part of it.
    """
    own = torch.cat([weight.flatten().double() for weight in part.weights().values()])
    size = part.module.hidden_size
    expected = 1 / math.sqrt(3 * size)
    near = abs(float(own.std()) - expected) <= 2 / math.sqrt(len(own)) * expected
    return near and float(own.abs().max()) <= (1 + 1e-6) / math.sqrt(size)


def of_calls(
    make: Callable[..., Finding],
    part: Part,
    check: str,
    calls: Iterable[int],
    how: str,
    remedy: str,
    page: str,
) -> Iterator[Finding]:
    """Yield the note or alarm on some calls of a module, if there are any, at their first."""
    found = [*dict.fromkeys(calls)]
    if found:
        meaning, number = f"{len(found)} of its calls {how}", float(len(found))
        yield make(part.name, check, meaning, remedy, page, call=found[0], number=number)


def units_note(
    part: Part, subject: str, units: tuple[int, ...], meaning: str, remedy: str, page: str
) -> Finding:
    """Return a note on units of one layer in one direction."""
    own = {"number": float(len(units)), **part.spot(units)}
    return note(part.name, subject, meaning, remedy, page, **own)
