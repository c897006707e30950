"""How well single units tell what is true of a text, and what the network loses without one.

AUC is the probability that a unit's c is higher at a character where the truth holds than at one
where it does not, both drawn by chance: 1/2 says nothing, 1 tells them apart without a mistake, and
so does 0, with the sign turned. It is computed by rank, so that no threshold is chosen.
"""

import copy
import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from rnn_figures.traces import trace
from rnn_figures.training.characters import numbers
from rnn_figures.training.networks import Network

LENGTH = 12000
"""Characters of each text that are read."""

SHORT = 6000
"""Characters of them that are read again without a unit."""

SOME = 10
"""Other units that are taken out, to compare with the best one."""


class Passages(NamedTuple):
    """Passages of a text side by side, and what is true of each character.

    Attributes:
        symbols: Numbers of the characters, (L, N), int64.
        marks: What is true of each, once it has been read, (L, N, truths), boolean.
    """

    symbols: Tensor
    marks: np.ndarray

    @property
    def digest(self) -> str:
        """What tells this text from that of another Python: 16 digits of its SHA-256."""
        return hashlib.sha256(self.symbols.numpy().tobytes()).hexdigest()[:16]

    def first(self, length: int) -> "Passages":
        """Return the first `length` characters of each passage."""
        return Passages(self.symbols[:length], self.marks[:length])


def passages(
    texts: Iterable[str], truths: Callable[[str], np.ndarray], *, length: int = LENGTH
) -> Passages:
    """Return the first characters of texts, and their truths, which the whole text decides."""
    whole = list(texts)
    symbols = torch.stack([numbers(text[:length]) for text in whole], dim=1)
    return Passages(symbols, np.stack([truths(text)[:length] for text in whole], axis=1))


def cell_states(network: Network, symbols: Tensor) -> np.ndarray:
    """Return c of every unit after each character, (L, N, units), traced from zero states."""
    with torch.no_grad():
        read = network.embedding(symbols)
    return trace(network.layer, read)[0, 0].c.double().numpy()


def auc(values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Return how often each unit is higher where a truth holds than where it does not.

    Args:
        values: What the units were at each character, (…, units).
        marks: What is true of it, (…, truths), boolean.

    Returns:
        (units, truths), 0 to 1; two equal values count one half. NaN for a truth that holds
        everywhere or nowhere.

    Source:
        Hanley and McNeil 1982: the area under the ROC curve is Mann and Whitney's statistic.

    Examples:
        >>> auc(np.array([[0.1], [0.3], [0.2]]), np.array([[False], [True], [True]])).tolist()
        [[1.0]]
    """
    units = values.reshape(-1, values.shape[-1]).T
    flat = marks.reshape(-1, marks.shape[-1])
    ranks = np.stack([_ranks(unit) for unit in units])  # (units, characters)
    true = flat.sum(axis=0).astype(float)
    above = ranks @ flat - true * (true + 1) / 2
    with np.errstate(invalid="ignore"):
        return above / (true * (len(flat) - true))


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return the rank of each value, from 1; equal values share the mean of their ranks."""
    _, where, counts = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(counts) - (counts - 1) / 2)[where]


def pairs_in_order(values: np.ndarray, marks: np.ndarray) -> np.ndarray:
    """Return the same as `auc`, by counting every pair: slow, and plain to see."""
    found = np.empty((values.shape[1], marks.shape[1]))
    for truth, inside in enumerate(marks.T):
        above = values[inside][:, None] - values[~inside][None]  # (inside, outside, units)
        with np.errstate(invalid="ignore"):
            found[:, truth] = ((above > 0) + (above == 0) / 2).sum((0, 1)) / above[..., 0].size
    return found


def strength(auc: np.ndarray) -> np.ndarray:
    """Return how well a unit tells a truth, high or low: 1/2 to 1."""
    return np.maximum(auc, 1 - auc)


def elsewhere(marks: np.ndarray) -> np.ndarray:
    """Return the marks of another passage, turned by half its length: true of nothing here.

    Unlike shuffled marks they keep their runs, as long and as many as they are. So a unit that is
    slow has the same chance to look like them as it has with the true ones.
    """
    return np.roll(np.roll(marks, 1, axis=1), len(marks) // 2, axis=0)


def shuffled(marks: np.ndarray) -> np.ndarray:
    """Return the marks in an order drawn by chance."""
    flat = marks.reshape(-1, marks.shape[-1])
    return np.random.default_rng(0).permutation(flat).reshape(marks.shape)


def losses(network: Network, symbols: Tensor) -> np.ndarray:
    """Return the loss at each character, −log of the chance of the next one: (L − 1, N)."""
    with torch.no_grad():
        scores = network(symbols)[:-1].flatten(0, 1)
    loss = nn.functional.cross_entropy(scores, symbols[1:].flatten(), reduction="none")
    return loss.view(len(symbols) - 1, -1).double().numpy()


def unread(network: Network, unit: int) -> Network:
    """Return the network whose readout does not read a unit; the layer's own gates still do."""
    changed = copy.deepcopy(network)
    with torch.no_grad():
        changed.readout.weight[:, unit] = 0.0
    return changed


def held_at_zero(network: Network, unit: int) -> Network:
    """Return the network in which a unit's c, and so its h, is 0 at every step.

    Its input gate is shut: at a bias of −1e9, σ is 0 in float32. Nothing is ever written to c,
    which begins at 0.
    """
    changed = copy.deepcopy(network)
    with torch.no_grad():
        changed.layer.get_parameter("bias_ih_l0")[unit] = -1e9  # torch stacks i, f, g, o
    return changed


CUTS = {"unread": unread, "held at zero": held_at_zero}
"""Two ways to take a unit out of a network, by name."""


def added_losses(network: Network, units: Sequence[int], read: Passages, cut: str) -> np.ndarray:
    """Return what a unit's cut adds to the mean loss, inside and outside: (units, truths, 2)."""
    whole = losses(network, read.symbols)
    inside = np.moveaxis(read.marks[:-1], -1, 0)  # (truths, L - 1, N)
    added = [losses(CUTS[cut](network, unit), read.symbols) - whole for unit in units]
    return np.array([[[one[of].mean(), one[~of].mean()] for of in inside] for one in added])


def measured(
    network: Network, names: Sequence[str], *, chosen_on: Passages, held_out: Passages
) -> dict[str, Any]:
    """Return what the units of a trained network tell, and what it loses without them.

    `chosen_on` chooses the best unit for each truth; every number is from `held_out`.

    Returns:
        The digest of the text; the mean loss; and for each truth the unit, its AUC, the median
        strength of all units, the highest strength of any unit for marks of elsewhere and for
        shuffled ones; and for each of CUTS what is added to the loss inside and outside without the
        unit, and inside without each of SOME others.
    """
    units = strength(auc(cell_states(network, chosen_on.symbols), chosen_on.marks)).argmax(axis=0)
    states = cell_states(network, held_out.symbols)
    found = auc(states, held_out.marks)
    controls = {
        name: strength(auc(states, change(held_out.marks))).max(axis=0)
        for name, change in (("elsewhere", elsewhere), ("shuffled", shuffled))
    }
    short = held_out.first(SHORT)
    others = other_units(units.tolist(), states.shape[-1])
    cuts = {
        cut: added_losses(network, [*units.tolist(), *others], short, cut).round(5) for cut in CUTS
    }
    return {
        "text": held_out.digest,
        "loss": round(float(losses(network, held_out.symbols).mean()), 4),
        "other units": others,
        "truths": {
            name: {
                "unit": int(units[truth]),
                "AUC": round(float(found[units[truth], truth]), 4),
                "median": round(float(np.median(strength(found)[:, truth])), 4),
                **{one: round(float(highest[truth]), 4) for one, highest in controls.items()},
                **{
                    cut: {
                        "inside": float(added[truth, truth, 0]),
                        "outside": float(added[truth, truth, 1]),
                        "others inside": added[len(names) :, truth, 0].tolist(),
                    }
                    for cut, added in cuts.items()
                },
            }
            for truth, name in enumerate(names)
        },
    }


def other_units(chosen: Sequence[int], units: int) -> list[int]:
    """Return SOME units drawn by chance, none of them chosen for a truth."""
    left = sorted(set(range(units)) - set(chosen))
    return sorted(np.random.default_rng(0).choice(left, SOME, replace=False).tolist())
