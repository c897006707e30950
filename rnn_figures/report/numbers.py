"""The numbers of a run that a report carries, for its reader to choose from.

A report has MOST_BYTES for them. Small runs fit whole, 16 bits a number; of larger ones each column
of steps has its lowest and its highest number, 8 bits each, so that no peak is lost; of many
sequences the first few are kept.
"""

import base64
import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnn_figures.models import Call, called
from rnn_figures.palette import NAMES
from rnn_figures.traces import LayerTrace
from rnn_figures.traces.selection import BOUNDS
from rnn_figures.weights import DIRECTIONS, layers_and_directions

MOST_BYTES = 2_400_000
"""Bytes of all numbers, before they are compressed and written as text."""


class Plan(NamedTuple):
    """How much of a run is kept.

    Attributes:
        columns: Columns of steps; None for every step.
        sequences: Sequences of each call.
    """

    columns: int | None
    sequences: int

    @property
    def dtype(self) -> type[np.signedinteger]:
        """16 bits where every step is kept, else 8."""
        return np.int16 if self.columns is None else np.int8


PLANS = (
    *(Plan(None, 16), Plan(None, 8), Plan(512, 8), Plan(512, 4), Plan(256, 4), Plan(192, 4)),
    *(Plan(128, 4), Plan(192, 2), Plan(64, 4), Plan(192, 1), Plan(128, 1), Plan(64, 1)),
    Plan(32, 1),
)
"""What can be kept, the best first."""


def kept_numbers(calls: Sequence[Call], titles: Sequence[str]) -> dict[str, Any]:
    """Return the numbers of some calls, as JSON can hold them.

    Returns:
        "plan", what was left out, in words; and "parts", a record for each layer and direction of
        each call. A part's "numbers" are one zlib stream as base64: sequence by sequence, quantity
        by quantity, a row for each unit, columns of lowest and highest, in units of its "tops".
    """
    plan = next((plan for plan in PLANS if _bytes(calls, plan) <= MOST_BYTES), None)
    if plan is None:
        return {"plan": "This run is too large to choose from.", "parts": []}
    parts = [
        part
        for call, title in zip(calls, titles, strict=True)
        for part in _parts(call, title, plan)
    ]
    return {"plan": _words(calls, plan), "parts": parts}


def _words(calls: Sequence[Call], plan: Plan) -> str:
    """Return what of the run is kept, in a sentence or two."""
    words = []
    longest = max(int(call.trace.lengths.max()) for call in calls)
    if plan.columns is not None and longest > plan.columns:
        words.append(
            f"Of up to {longest} steps, {plan.columns} columns with the lowest and the highest "
            "number of the steps in each."
        )
    most = max(len(call.trace.lengths) for call in calls)
    if most > plan.sequences:
        words.append(f"The first {plan.sequences} of {most} sequences.")
    return " ".join(words)


def _bytes(calls: Sequence[Call], plan: Plan) -> int:
    total = 0
    for call in calls:
        sequences = min(plan.sequences, len(call.trace.lengths))
        for layer, direction in layers_and_directions(call.module):
            run = call.trace[layer, direction]
            columns = _columns(run, plan)
            width = plan.dtype().itemsize * (1 if columns == len(run.h) else 2)
            units = sum(run[letter].shape[-1] for letter in run.quantities)
            total += sequences * units * columns * width
    return total


def _columns(run: LayerTrace, plan: Plan) -> int:
    return len(run.h) if plan.columns is None else min(len(run.h), plan.columns)


def _parts(call: Call, title: str, plan: Plan) -> Iterator[dict[str, Any]]:
    for layer, direction in layers_and_directions(call.module):
        run = call.trace[layer, direction]
        sequences = range(min(plan.sequences, len(run.lengths)))
        columns = _columns(run, plan)
        stream = b""
        values = {
            letter: run[letter][:, : len(sequences)].detach().double().cpu().numpy()
            for letter in run.quantities
        }
        tops = {letter: full_colour(letter, own) for letter, own in values.items()}
        for sequence in sequences:
            for letter, own in values.items():
                stream += _packed(own[:, sequence].T, columns, tops[letter], plan.dtype)
        yield {
            "call": title or called(call.name),
            "part": f"layer {layer}, {DIRECTIONS[direction]}",
            "letters": {letter: NAMES[letter] for letter in values},
            "units": {letter: own.shape[-1] for letter, own in values.items()},
            "tops": tops,
            "steps": len(run.h),
            "columns": columns,
            "lengths": run.lengths[: len(sequences)].tolist(),
            "bits": 8 * plan.dtype().itemsize,
            "reverse": run.reverse,
            "orders": orders({letter: own[:, 0] for letter, own in values.items()}),
            "numbers": base64.b64encode(zlib.compress(stream, 6)).decode(),
        }


def full_colour(letter: str, values: np.ndarray) -> float:
    """Return the number that full colour stands for: 1 of a gate, else the largest |value|."""
    largest = float(np.abs(values[np.isfinite(values)]).max(initial=0.0))
    return 1.0 if letter in BOUNDS else largest or 1.0


def _packed(rows: np.ndarray, columns: int, top: float, dtype: type[np.signedinteger]) -> bytes:
    """Return numbers, (units, steps), as integers; the lowest integer is what is not finite."""
    high = np.iinfo(dtype).max
    bad = np.iinfo(dtype).min
    if columns == rows.shape[1]:
        pairs = rows[..., None]
        finite = np.isfinite(pairs)
    else:
        starts = np.arange(columns) * rows.shape[1] // columns
        known = np.isfinite(rows)
        pairs = np.stack(
            [
                np.minimum.reduceat(np.where(known, rows, np.inf), starts, axis=1),
                np.maximum.reduceat(np.where(known, rows, -np.inf), starts, axis=1),
            ],
            -1,
        )
        finite = np.logical_and.reduceat(known, starts, axis=1)[..., None]
    scaled = np.where(finite, pairs, 0.0) / top * high
    return np.where(finite, np.rint(scaled), bad).astype(f"<i{dtype().itemsize}").tobytes()


def orders(values: dict[str, np.ndarray]) -> dict[str, list[int]]:
    """Return orders of the units in which something shows, from (steps, units) by letter.

    By "forgetting time" (of f or z, longest first), by "activity" (the mean of |h|, largest first),
    by "similarity" (units that move together are neighbours), and by "number".
    """
    h = np.nan_to_num(values["h"], posinf=0.0, neginf=0.0)
    found: dict[str, list[int]] = {}
    keeps = next((letter for letter in "fz" if letter in values), None)
    if keeps and values[keeps].shape == h.shape:  # else a projected h has other units
        logs = np.log(np.nan_to_num(values[keeps]).clip(1e-30, 1.0)).mean(0)
        found["forgetting time"] = np.argsort(-logs, kind="stable").tolist()
    found["activity"] = np.argsort(-np.abs(h).mean(0), kind="stable").tolist()
    found["similarity"] = _by_similarity(h)
    found["number"] = list(range(h.shape[1]))
    return found


def _by_similarity(h: np.ndarray) -> list[int]:
    """Return units by their angle in the plane of the run's two main components."""
    stride = math.ceil(len(h) / 256)
    moving = h[::stride] - h[::stride].mean(0)
    moving /= np.maximum(np.linalg.norm(moving, axis=0), 1e-12)
    plane = np.linalg.eigh(moving @ moving.T)[1][:, -2:].T @ moving
    angles = np.arctan2(plane[0], plane[-1])
    return np.argsort(np.round(angles, 6), kind="stable").tolist()
