"""Which quantity a name in text, code or a table stands for, and its mark in HTML."""

import html
import re

from rnn_figures.palette import NAMES, SAME_COLOUR

STATES = {"h_n": "h", "c_n": "c", "h_0": "h", "c_0": "c", "h_prev": "h", "c_prev": "c"}
"""Names in code that stand for a quantity, besides its letter and `output`."""

SYMBOL = re.compile(rf"({'|'.join([*STATES, *SAME_COLOUR, *NAMES])})(\[[^\]]*\])?")
"""A quantity as code writes it: `h`, `h_n[2]`, `output[7]`."""

IDENTIFIER = re.compile(r"[A-Za-z]\w*(_\w+|\[.*\]|\.\w+)+")
"""Another name of code, such as `weight_ih_l0`."""

LINE = re.compile(r"[a-z]\w* = [a-z(].*\W.*|tuple\(.*\)")
"""A line of code that computes something: `c = f * c + i * g`, or the shape of a result."""


def letter_in(text: str) -> str:
    """Return the letter of the quantity that some code names, "" if it names none.

    Examples:
        >>> letter_in("h_n[2]"), letter_in("output"), letter_in("z"), letter_in("weight_ih_l0")
        ('h', 'h', 'z', '')
    """
    symbol = SYMBOL.fullmatch(text)
    if not symbol:
        return ""
    name = symbol[1]
    return "h" if name == "output" else STATES.get(name, name)


def quantity_class(text: str) -> str:
    """Return the CSS class of code that names a quantity, "" if it names none.

    Examples:
        >>> quantity_class("h_n[2]"), quantity_class("h"), quantity_class("weight_ih_l0")
        ('q-h', 'q-h rnn-letter', '')
    """
    letter = letter_in(text)
    if not letter:
        return ""
    return f"q-{letter} rnn-letter" if letter == text else f"q-{letter}"


def marked(text: str) -> str:
    """Return text as HTML; as code where it is a name of code, with its quantity's class.

    Examples:
        >>> marked("c_n"), marked("input gate"), marked("h = (1 - z) * n + z * h")
        ('<code class="q-c">c_n</code>', 'input gate', '<code>h = (1 - z) * n + z * h</code>')
        >>> marked("tuple(h_n.shape)")
        '<code>tuple(h_n.shape)</code>'
    """
    classes = quantity_class(text)
    if classes:
        return f'<code class="{classes}">{html.escape(text)}</code>'
    if IDENTIFIER.fullmatch(text) or LINE.fullmatch(text):
        return f"<code>{html.escape(text)}</code>"
    return html.escape(text)
