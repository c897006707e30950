"""Shapes in torch's letters, and the numbers that the letters stand for in one run."""

import math

from torch import nn

from rnn_figures.configurations import class_name
from rnn_figures.figures import Value
from rnn_figures.proofs import Comparison, compare
from rnn_figures.weights import STACKED, num_directions

Letters = tuple[str, ...]
"""One axis each: a letter, a number, or a product such as "4·H_cell"."""


def letter_sizes(module: nn.RNNBase) -> dict[str, int]:
    """Return what the letters of the module's own axes stand for; L and N belong to a run."""
    return {
        "D": num_directions(module),
        "num_layers": module.num_layers,
        "H_in": module.input_size,
        "H_cell": module.hidden_size,
        "H_out": module.proj_size or module.hidden_size,
    }


def parameter_letters(module: nn.RNNBase, name: str, layer: int) -> Letters:
    """Return the axes of a parameter.

    A layer above the first reads D·H_out numbers a step.
    """
    blocks = len(STACKED[class_name(module)])
    stacked = "H_cell" if blocks == 1 else f"{blocks}·H_cell"
    return {
        "weight_ih": (stacked, "H_in" if layer == 0 else "D·H_out"),
        "weight_hh": (stacked, "H_out"),
        "bias_ih": (stacked,),
        "bias_hh": (stacked,),
        "weight_hr": ("H_out", "H_cell"),
    }[name]


def write(letters: Letters) -> str:
    """Write axes as a shape.

    Examples:
        >>> write(("L", "N", "D·H_out")), write(("4·H_cell",))
        ('(L, N, D·H_out)', '(4·H_cell,)')
    """
    return f"({letters[0]},)" if len(letters) == 1 else f"({', '.join(letters)})"


def read(written: str) -> Letters:
    """Return the axes that are written as a shape.

    Examples:
        >>> read("(L, N, D·H_out)"), read("(4·H_cell,)")
        (('L', 'N', 'D·H_out'), ('4·H_cell',))
    """
    return tuple(axis.strip() for axis in written.strip("()").split(",") if axis.strip())


def compare_shape(name: str, letters: Letters, shape: Value, sizes: dict[str, int]) -> Comparison:
    """Compare a tensor's shape, as a table has it, with what its letters give by torch's rule.

    `sizes` are what each letter stands for in this run.
    """
    by_rule = [
        math.prod(int(part) if part.isdigit() else sizes[part] for part in axis.split("·"))
        for axis in letters  # such as "4·H_cell"
    ]
    return compare(f"shape {write(letters)} of {name}", by_rule, shape)
