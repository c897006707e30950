"""The drawing that `<rnn-typed>` writes into: a strip for each letter of a kind of network.

A text has as many steps as its reader types. So the drawing has MOST of them, and its script shows
as many as there are, and sets the paths of the bars; letters, axes and all else stay.
"""

from rnn_figures import palette

FOLDER = "assets/typed"
"""Where the drawings are in the site."""

MOST = 400
"""Symbols that a text may have."""

PITCH = 14
"""From one symbol to the next, in CSS pixels."""

HEIGHT, GAP = 30, 10
"""Of a strip, and between two of them."""

BELOW = 16
"""Room for the symbols below the strips, each under its bars."""

LEFT = 38
"""Width of the letters and of the ends of their axes, which stay when the strips scroll."""

LETTERS = {"LSTM": "ifgoch", "GRU": "rznh", "RNN_TANH": "h"}
"""What each kind of layer computes at a step, in the order of the strips."""

GATES = "iforz"
"""What is between 0 and 1; all others have two signs."""


def files() -> dict[str, str]:
    """Return the drawing of each kind, by its name.

    Examples:
        >>> list(files())
        ['lstm.svg', 'gru.svg', 'rnn-tanh.svg']
    """
    names = {kind: f"{kind.lower().replace('_', '-')}.svg" for kind in LETTERS}
    return {name: strips(kind) for kind, name in names.items()}


def strips(kind: str) -> str:
    """Return the letters of a kind, and beside them their strips: two drawings of one height.

    The id of a path is "rnn-typed-bars-" and its letter. What the text sets is written by the
    script: the end of the axis of c, "rnn-typed-end-c", and the symbols, "rnn-typed-symbols".
    """
    letters = LETTERS[kind]
    height, width = (HEIGHT + GAP) * len(letters) + BELOW, PITCH * MOST
    names = "".join(_name(letter, row) for row, letter in enumerate(letters))
    rows = "".join(_strip(letter, row, width) for row, letter in enumerate(letters))
    size = f'height="{height}" aria-hidden="true"'
    return (
        f'<svg class="rnn-typed__letters" width="{LEFT}" {size}>{names}</svg>'
        f'<div class="rnn-typed__steps"><svg width="{width}" {size} '
        f'viewBox="0 0 {width} {height}" data-pitch="{PITCH}" data-height="{HEIGHT}">'
        f'<rect class="rnn-typed__shade" id="rnn-typed-shade" height="{height}"/>{rows}'
        f'<rect class="rnn-typed__cursor" id="rnn-typed-cursor" y="1" width="{PITCH}" '
        f'height="{height - 2}"/>'
        f'<text class="rnn-typed__read" id="rnn-typed-symbols" y="{height - 6}"/></svg></div>'
    )


def _name(letter: str, row: int) -> str:
    """Draw a letter at the left of its strip, and the end of its axis."""
    top = (HEIGHT + GAP) * row
    end = "1" if letter in GATES else "±1"
    colour = f"var({palette.variable(letter)})"
    return (
        f'<text x="2" y="{top + HEIGHT / 2 + 5:g}" fill="{colour}">{letter}</text>'
        f'<text class="rnn-typed__end" x="{LEFT - 2}" y="{top + 8}" '
        f'id="rnn-typed-end-{letter}">{end}</text>'
    )


def _strip(letter: str, row: int, width: int) -> str:
    """Draw the zero line of a strip, and the path of its bars, which is empty as yet."""
    top = (HEIGHT + GAP) * row
    zero = top + (HEIGHT if letter in GATES else HEIGHT / 2)
    return (
        f'<g fill="var({palette.variable(letter)})"><line x2="{width}" y1="{zero:g}" '
        f'y2="{zero:g}"/><path id="rnn-typed-bars-{letter}" data-zero="{zero:g}"/></g>'
    )
