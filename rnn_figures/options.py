"""The values of every option that changes a shape or a figure; a leaf that imports no torch.

`configurations` makes modules of them and `atlas` pages: a value added here adds both.
"""

from typing import Any

KINDS = ("LSTM", "GRU", "RNN_TANH", "RNN_RELU")
"""What torch calls `module.mode`, in the order of the site."""

NUM_LAYERS = (1, 2, 3)
"""Three, since the middle layer of three is neither the first nor the last."""

BIDIRECTIONAL = (False, True)

BIAS = (True, False)

BATCH_FIRST = (False, True)

FORMS = ("batched", "unbatched", "packed")
"""Forms of input that a layer takes."""


def class_of(kind: str) -> tuple[str, dict[str, Any]]:
    """Return the name of a kind's class, and the options that make it of this kind.

    Examples:
        >>> class_of("RNN_RELU"), class_of("GRU")
        (('RNN', {'nonlinearity': 'relu'}), ('GRU', {}))
    """
    name, _, nonlinearity = kind.partition("_")
    return name, {"nonlinearity": nonlinearity.lower()} if nonlinearity else {}


def projects(kind: str) -> tuple[bool, ...]:
    """Return whether a kind can be had without and with proj_size: only LSTM projects."""
    return (False, True) if kind == "LSTM" else (False,)
