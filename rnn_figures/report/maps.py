"""All units of a large call as pictures: a row per unit, a column per step, peaks kept."""

import base64
import html
import io

import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS, NAMES
from rnn_figures.report.numbers import full_colour
from rnn_figures.traces import Trace

ROWS, COLUMNS = 256, 512
"""Pixels of a picture at most; where there are more units or steps, several share one."""

SHADES = 24
"""Shades on each side of zero."""


def maps_html(trace: Trace, *, layer: int, direction: int, id: str, where: str) -> str:
    """Return a picture of each quantity of one layer in one direction, first sequence, all units.

    Units are in the order of how long they keep: the mean of f (GRU: z), largest first; where no
    gate keeps, the mean of |h|. A pixel that stands for several numbers shows the one farthest
    from zero, so that no peak is lost.
    """
    run = trace[layer, direction]
    valid = slice(int(run.lengths[0]))
    values = {letter: run[letter][valid, 0].double().cpu().numpy() for letter in run.quantities}
    keeps = next((letter for letter in "fz" if letter in values), "h")
    order = np.argsort(-np.nan_to_num(np.abs(values[keeps]).mean(0)), kind="stable")
    strips = "\n".join(_strip(letter, of, order) for letter, of in values.items())
    steps, units = values[keeps].shape
    caption = (
        f"{where}: all {units} units over {steps} steps of the first sequence. A row is a unit, "
        f"in the order of its mean {'|h|' if keeps == 'h' else keeps}, largest above; step 0 is "
        "left. Full colour is the largest value, white is 0, grey is negative, red is NaN or "
        "infinite. A pixel shows the number farthest from zero of those that it stands for."
    )
    return (
        f'<figure class="rnn-figure rnn-maps" id="{id}">\n{strips}\n'
        f'<figcaption class="rnn-figure__caption">{html.escape(caption)}</figcaption></figure>'
    )


def _strip(letter: str, values: np.ndarray, order: np.ndarray) -> str:
    """Return the picture of one quantity, its letter, and its range in words."""
    rows = values.T[order] if values.shape[1] == len(order) else values.T
    finite = values[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (np.nan, np.nan)
    bad = values.size - finite.size
    alt = f"{NAMES[letter]} {letter}: {digits(low)} … {digits(high)}"
    alt += f", {bad} numbers are not finite" if bad else ""
    return (
        f'<p class="rnn-maps__name"><b class="q-{letter}">{letter}</b> {html.escape(alt)}</p>\n'
        f'<img class="rnn-maps__map" alt="{html.escape(alt)}" src="{_picture(rows, letter)}">'
    )


def _picture(rows: np.ndarray, letter: str) -> str:
    """Return a PNG as the address of an image: shades of the quantity's colour."""
    small = _farthest(_farthest(rows, ROWS, 0), COLUMNS, 1) / full_colour(letter, rows)
    shades = np.rint(np.nan_to_num(small).clip(-1, 1) * SHADES).astype(int) + SHADES
    shades[~np.isfinite(small)] = 2 * SHADES + 1
    image = Image.fromarray(shades.astype(np.uint8))
    image.putpalette(_palette(letter))
    data = io.BytesIO()
    image.save(data, format="png", compress_level=6)
    return f"data:image/png;base64,{base64.b64encode(data.getvalue()).decode()}"


def _palette(letter: str) -> list[int]:
    """Return grey to white to the quantity's colour, then red for what is not finite."""
    colours = []
    for shade in range(-SHADES, SHADES + 1):
        end = to_rgb(COLOURS[letter if shade > 0 else "ink"])
        share = abs(shade) / SHADES
        colours += [round(255 * (1 - share + share * part)) for part in end]
    return [*colours, 255, 0, 0]


def _farthest(values: np.ndarray, most: int, axis: int) -> np.ndarray:
    """Return at most `most` rows or columns: of several, the value farthest from zero.

    What is not finite is farthest.
    """
    count = values.shape[axis]
    if count <= most:
        return values
    starts = np.arange(most) * count // most
    high = np.maximum.reduceat(values, starts, axis=axis)  # NaN where there is one
    low = np.minimum.reduceat(values, starts, axis=axis)
    peaks = np.where(high >= -low, high, low)
    return np.where(np.isfinite(peaks), peaks, np.nan)
