"""Prose that every reader has: the topics that Python's own `help()` knows, and what is true of it.

They are pages of the language reference, as text: English, wrapped, with lists and examples.
"""

import functools
import re
from collections.abc import Sequence
from pydoc_data.topics import topics

import numpy as np

from rnn_figures.training.characters import mark_lines, text_experiment
from rnn_figures.training.scores import Passages, measured, passages

CHOSEN_ON = ["string-methods", "typesseq"]
"""Topics that no network was trained on, by which the best unit for each truth is chosen."""

HELD_OUT = ["compound", "debugger", "formatstrings"]
"""Topics that were neither trained on nor chosen by: every number of the page is from these."""

TRUTHS = {
    "parentheses": "inside parentheses",
    "quotes": "inside double quotes",
    "column": "at column 40 or beyond",
    "indent": "on a line indented by 3 or more",
    "word": "at a word's fifth letter or beyond",
    "sentence": "before a sentence's first letter",
}
"""What is asked of every character, after it has been read: name and words."""

DEEP = 3
"""Spaces from which on, at its beginning, a line is in a list, a note or an example."""

LATE = 5
"""This letter of a word, or a later one, is late in it."""

PLAIN = str.maketrans("\u2018\u2019\u201c\u201d\u2013\u2014\t", "''\"\"-- ")
"""Quotes and dashes of printed English, as a keyboard has them."""


@functools.cache
def topic(name: str) -> str:
    """Return a topic's text, quotes and dashes as a keyboard has them."""
    return str(topics[name]).translate(PLAIN)


def paragraphs(names: Sequence[str]) -> list[str]:
    """Return the paragraphs of topics, without the blank lines between them."""
    return [part for name in names for part in re.split(r"\n\n+", topic(name).strip("\n"))]


@functools.cache
def trained_on() -> str:
    """Return what the network is trained on: every paragraph once that no other topic has.

    Topics contain one another: what is also in CHOSEN_ON or HELD_OUT is left out.
    """
    others = set(paragraphs([*CHOSEN_ON, *HELD_OUT]))
    own = dict.fromkeys(paragraphs(sorted(topics)))  # each once, in their order
    return "\n\n".join(paragraph for paragraph in own if paragraph not in others)


def truths(text: str) -> np.ndarray:
    """Return what is true of each character of a prose text, once it has been read.

    (len(text), 6), boolean: a column for each of TRUTHS. Parentheses and quotes end with their
    paragraph, closed or not.

    Examples:
        >>> words = "Say (yes). No"
        >>> marks = truths(words)[:, list(TRUTHS).index("parentheses")]
        >>> "".join("^" if mark else " " for mark in marks)
        '    ^^^^     '
    """
    inside = {name: np.zeros(len(text), dtype=bool) for name in TRUTHS}
    for paragraph in re.finditer(r"(?:.|\n(?!\n))+", text):
        depth, quoted = 0, False
        for position in range(*paragraph.span()):
            letter = text[position]
            depth = max(0, depth + (letter == "(") - (letter == ")"))
            quoted ^= letter == '"'
            inside["parentheses"][position], inside["quotes"][position] = depth > 0, quoted
    mark_lines(text, inside["column"], inside["indent"], deep=DEEP)
    for word in re.finditer(r"[A-Za-z]+", text):
        inside["word"][word.start() + LATE - 1 : word.end()] = True
    for gap in re.finditer(r"(?<=[.?!])\s+(?=[A-Z])", text):
        inside["sentence"][gap.start() : gap.end()] = True
    return np.stack([inside[name] for name in TRUTHS], axis=1)


@functools.cache
def chosen_on() -> Passages:
    """Return the first characters of the topics to choose units by."""
    return passages(map(topic, CHOSEN_ON), truths)


@functools.cache
def held_out() -> Passages:
    """Return the first characters of the topics that every number is from."""
    return passages(map(topic, HELD_OUT), truths)


PROSE = text_experiment(
    "prose",
    "What do single units tell about prose, and is the network worse without them?",
    steps=1000,
    text=trained_on,
    measure=lambda network: measured(
        network, tuple(TRUTHS), chosen_on=chosen_on(), held_out=held_out()
    ),
)
