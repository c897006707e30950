"""One colour and one letter per quantity, light and dark: the same in equations, code and figures.

A leaf: it imports nothing of the package. Figures are drawn in the light hex values; `html` turns
each into the CSS variable that the site's style sheet sets for both schemes.
"""

from collections.abc import Mapping

NAMES = {
    "x": "input",
    "i": "input gate",
    "f": "forget gate",
    "g": "candidate",
    "o": "output gate",
    "c": "cell state",
    "h": "hidden state",
    "r": "reset gate",
    "z": "update gate",
    "n": "candidate",
}
"""What each letter stands for, in torch's words."""

LIGHT = {
    "x": "#363a42",
    "i": "#248160",
    "f": "#be148b",
    "g": "#450cb2",
    "o": "#667815",
    "c": "#7a3410",
    "h": "#4964f6",
    "ink": "#1f2329",
    "faint": "#6b7280",
    "paper": "#ffffff",
}
"""Hex colour by quantity on a light page; also ink (text), faint (axes, frames) and paper."""

DARK = {
    "x": "#cfd6dd",
    "i": "#59ec85",
    "f": "#f4428d",
    "g": "#c35cec",
    "o": "#d6e807",
    "c": "#f66b17",
    "h": "#83cafb",
    "ink": "#e6e9ee",
    "faint": "#9aa3af",
    "paper": "#1e2129",
}
"""The same on a dark page."""

SAME_COLOUR = {"r": "i", "z": "f", "n": "g", "output": "h"}
"""Quantities that take another's colour: LSTM and GRU share no figure without letters."""

COLOURS = LIGHT | {name: LIGHT[other] for name, other in SAME_COLOUR.items()}
"""What the drawing modules use: the light hex of every quantity, ink, faint and paper."""

DASHES = {
    "x": "solid",
    "i": (0, (5, 1.5)),
    "f": "solid",
    "g": (0, (1, 1.2)),
    "o": (0, (5, 1.5, 1, 1.5)),
    "c": "solid",
    "h": "solid",
    "r": (0, (5, 1.5)),
    "z": "solid",
    "n": (0, (1, 1.2)),
}
"""Matplotlib line style by quantity: a line is known without its colour."""


def variable(name: str) -> str:
    """Return the CSS variable of a colour of COLOURS: the quantity's own, or whose it takes.

    Examples:
        >>> variable("z"), variable("ink")
        ('--rnn-f', '--rnn-ink')
    """
    return f"--rnn-{SAME_COLOUR.get(name, name)}"


THEMED = {colour: f"var({variable(name)}, {colour})" for name, colour in LIGHT.items()}
"""What stands for each light hex where a page has schemes: its variable, or itself without one."""


def style_sheet() -> str:
    """Return the CSS that sets every colour's variable for the light and the dark scheme."""
    slate = '[data-md-color-scheme="slate"]'
    return "\n".join([style_rule(":root", LIGHT), style_rule(slate, DARK)])


def style_rule(selector: str, colours: Mapping[str, str]) -> str:
    """Return the rule that sets the variables of a scheme's colours."""
    values = "".join(f"  {variable(name)}: {colour};\n" for name, colour in colours.items())
    return f"{selector} {{\n{values}}}"
