"""What a model answers while it reads: a strip for each text, a point after each of its letters."""

from collections.abc import Mapping

from matplotlib.axes import Axes
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.figures import Plot, Table
from rnn_figures.numbers import digits
from rnn_figures.palette import COLOURS
from rnn_figures.plots.reading import prove_shown
from rnn_figures.plots.style import SMALL, new_plot, plot_style, strips_of
from rnn_figures.proofs import Proof, compare

STRIP = 1.15
"""Inches that each text has."""

WITHIN = 1e-6
"""How far two runs in float32 may be apart: a text alone, and the same in a packed batch."""


@checked
def letters_read_plot(
    chances: Mapping[str, Tensor], answer: str, *, whole: Mapping[str, float]
) -> Plot:
    """Plot how likely a model holds one answer after each letter of some texts.

    Args:
        chances: By text, its chance after each letter, (L,).
        answer: What the chance is of.
        whole: By text, the chance when the model was given all of it, in a call of its own.

    Returns:
        The plot; `data` has a row for each letter.

    Raises:
        ValueError: no text; not one number for each letter, or one below 0 or above 1; a text that
            is missing in `whole`.
        ProofError: the last point of a text is not what the model said of the whole.
    """
    missing = [text for text in chances if text not in whole]
    if missing or not chances:
        raise ValueError(f"expected a text or more, each in `whole` too, got none for {missing}")
    for text, values in chances.items():
        if not _are_chances(text, values):
            raise ValueError(f"expected {len(text)} chances for {text!r}, got {values!r}")
    with plot_style():
        plot = new_plot(0.25 + STRIP * len(chances))
        strips = strips_of(plot, [1] * len(chances), sharex=False)
        for strip, (text, values) in zip(strips, chances.items(), strict=True):
            _draw(strip, text, values.detach().double().cpu())
        strips[0].set_title(f"chance of “{answer}” after each letter", fontsize=SMALL)
    plot.alt = " ".join(
        f"{text!r}: {digits(values[0])} after the first letter, "
        f"{digits(values[-1])} after the last."
        for text, values in chances.items()
    )
    rows = [
        (text, step, repr(letter), float(value))  # in quotes: an f read is no forget gate
        for text, values in chances.items()
        for step, (letter, value) in enumerate(zip(text, values, strict=True))
    ]
    plot.data = Table(("text", "step", "letter", f"chance of {answer}"), rows)
    last = [values[-1].item() for values in chances.values()]
    plot.proof = Proof(
        "its last points are what the model says of the whole texts",
        compare("last points", last, [whole[text] for text in chances], within=WITHIN),
    )
    prove_shown(plot)
    return plot


def _are_chances(text: str, values: Tensor) -> bool:
    """Return whether there is a number from 0 to 1 for each letter."""
    if not text or values.shape != (len(text),) or values.is_meta or values.is_complex():
        return False
    return bool(((values >= 0) & (values <= 1)).all())


def _draw(strip: Axes, text: str, values: Tensor) -> None:
    """Draw one text: what is above the middle is for the answer, what is below against it."""
    letters = range(len(text))
    strip.axhline(0.5, color=COLOURS["faint"], linewidth=0.9)
    strip.fill_between(letters, 0.5, values, color=COLOURS["h"], alpha=0.18, linewidth=0)
    strip.plot(letters, values, color=COLOURS["h"], marker="o", gid="q-h-chance")
    strip.set_ylim(-0.08, 1.08)
    strip.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    strip.set_xlim(-0.5, len(text) - 0.5)
    strip.set_xticks(letters, [letter.replace(" ", "␣") for letter in text])
    strip.grid(visible=False, axis="x")
