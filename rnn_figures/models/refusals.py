"""Say in a sentence why a call of a layer cannot be recorded or traced."""

from typing import Any

import torch
from torch import Tensor
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import argument
from rnn_figures.configurations import NO_VALUES
from rnn_figures.models.found import called
from rnn_figures.traces.runs import data_of


def refuse_what_is_no_tensor(name: str, input: Any) -> None:
    """Raise TypeError for arrays and lists, of which torch's own message says little."""
    argument(f"the input of {called(name)}", input, Tensor | PackedSequence)


def without_values(name: str, given: Any, output: Any) -> Exception | None:
    """Return the error of a call whose tensors hold no numbers that could be read."""
    given, output = map(data_of, (given, output))
    if given.is_meta or output.is_meta:
        return ValueError(f"{called(name)}: {NO_VALUES}")
    functorch: Any = torch._C  # more than its stubs name
    if functorch._functorch.is_functorch_wrapped_tensor(given):
        return ValueError(
            f"{called(name)}: expected plain tensors, got those of a torch.func transform; call "
            "the model outside it"
        )
    if not output.numel():
        return ValueError(
            f"{called(name)}: expected a batch with a sequence in it, got the shape "
            f"{tuple(given.shape)}, which has none: there is nothing to trace"
        )
    return None


def shapes(input: Any, hx: Any) -> str:
    """Return what a layer was given, in words."""

    def shape(value: Any) -> str:
        if isinstance(value, PackedSequence):
            return f"a PackedSequence of {tuple(value.data.shape)}"
        if isinstance(value, Tensor):
            return f"{tuple(value.shape)} {str(value.dtype).removeprefix('torch.')}"
        if isinstance(value, tuple | list):
            return f"({', '.join(map(shape, value))})"
        return repr(value)

    return f"input {shape(input)}" + ("" if hx is None else f", hx {shape(hx)}")
