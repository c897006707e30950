"""Measures that cannot tell a sick network from a healthy one, beside those of other networks.

The others are layers as torch starts them, and the trained networks that come with the package. A
number outside their range is no fault; no alarm rests on one.
"""

import functools
import importlib.resources
import json
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor

from rnn_figures.figures import Table
from rnn_figures.numbers import digits
from rnn_figures.verdict.parts import Part
from rnn_figures.verdict.reach import reach
from rnn_figures.weights import DIRECTIONS, gate_slices

RANGES = importlib.resources.files("rnn_figures.verdict").joinpath("ranges.json")
"""Of each measure and letter the least and the largest of fresh and of trained layers.

`python -m tests.ranges` measured them, and a slow test measures them again.
"""

LARGEST_MATRIX = 256
"""Rows up to which eigenvalues are computed."""


def facts(own: Sequence[Part]) -> Table:
    """Return the measures of each part whose numbers are finite."""
    ranges = _ranges()
    rows = [
        (
            part.name,
            part.layer,
            DIRECTIONS[part.direction],
            measure,
            letter,
            value,
            *ranges.get(f"{measure} of {letter}", ("", "")),
        )
        for part in own
        for measure, letter, value in measures(part)
    ]
    return Table(
        (
            "module",
            "layer",
            "direction",
            "measure",
            "of",
            "value",
            "fresh layers",
            "trained layers",
        ),
        rows,
        alt=f"{len(rows)} measures, beside the ranges of other layers; none of them is an alarm.",
    )


@functools.cache
def _ranges() -> dict[str, tuple[str, ...]]:
    """Return the ranges of fresh and of trained layers in words, by measure and letter."""
    return {
        of: tuple(f"{digits(least)} – {digits(most)}" for least, most in each.values())
        for of, each in json.loads(RANGES.read_text("utf-8")).items()
    }


def measures(part: Part) -> Iterator[tuple[str, str, float]]:
    """Yield the measures of a part: name, letter, number."""
    keeps = {"LSTM": "f", "GRU": "z"}.get(part.kind)
    if keeps:
        kept = part.values(keeps)
        logs = kept.clamp(min=torch.finfo(kept.dtype).tiny).log().mean(0)
        yield "forgetting time", keeps, float((-1 / logs).median())
    for letter in {"LSTM": "ifo", "GRU": "rz", "RNN": ""}[part.kind]:
        gate = part.values(letter)
        share = float(((gate < 0.1) | (gate > 0.9)).float().mean())
        yield "gates below 0.1 or above 0.9", letter, share
    if part.kind == "LSTM":
        yield "largest |c|", "c", float(part.values("c").abs().max())
    if part.mode != "RNN_RELU":
        yield "|h| above 0.99", "h", float((part.values("h").abs() > 0.99).float().mean())
    own = part.weights()
    for letter, rows in gate_slices(part.module).items():
        block = own["weight_hh"][rows]
        if part.kind == "RNN" or letter in "gnfz":
            yield from _spectrum(letter, block)
    if part.kind == "LSTM" and "bias_ih" in own:
        rows = gate_slices(part.module)["f"]
        yield "forget bias", "f", float((own["bias_ih"] + own["bias_hh"])[rows].mean())
    found = reach(part)
    if found is not None:
        yield "r₁/r₀", "h", found.drop
        yield "lags that hold 90 %", "h", float(found.lag)
        yield "largest r_k/r₀", "h", found.growth


def _spectrum(letter: str, block: Tensor) -> Iterator[tuple[str, str, float]]:
    if len(block) > LARGEST_MATRIX:
        return
    if block.shape[0] == block.shape[1]:
        radius = float(torch.linalg.eigvals(block.double()).abs().max())
        yield "spectral radius of W_h", letter, radius
    yield "largest singular value of W_h", letter, float(torch.linalg.matrix_norm(block, 2))
