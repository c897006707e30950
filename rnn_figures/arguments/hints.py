"""What to do about an argument of another kind, as far as it shows from what came."""

import inspect
import operator
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

RECURRENT = ("LSTM", "GRU", "RNN")
"""torch.nn's recurrent layers."""

HINTS = {
    "RNNBase": "pass the recurrent layer itself, for example model.rnn",
    "Module": "make one first",
    "Trace": "trace(module, input) makes one",
    "Network": "trained(name) gives one",
    "Tensor": "torch.as_tensor(...) makes a tensor of numbers",
    "PackedSequence": "pack_padded_sequence(input, lengths) makes one",
    "Callable": "pass the function or the module itself, not its name or its result",
    "tuple": "write them in parentheses",
    "Mapping": "write {name: value}",
}
"""What to do, by the class that was expected."""

NAMED = {
    "direction": "0 is forward, 1 is reverse",
    "hx": "it is the initial state; lengths go into pack_padded_sequence(input, lengths)",
    "weights": "a list for each layer and direction, [arrays] for one",
}
"""What to do, by the name of the argument, where its class says little."""


DATA = ("torch.utils.data.dataset", "torch.utils.data.dataloader")
"""Where torch's datasets and their loaders are from."""


def hint_for(kind: str, name: str, value: Any) -> str:
    """Return what to do about a value where one of a kind, by its class, was expected."""
    if isinstance(value, type) and kind in ("RNNBase", "LSTM", "GRU", "Module", "Callable"):
        home = "nn." if value.__module__.startswith("torch.nn") else ""
        return f"make one first, for example {home}{value.__name__}(...)"
    if kind == "str" and is_recurrent(value):
        return f"write its name, {type(value).__name__!r}"
    if kind in ("RNNBase", "Module", "Sequence") and isinstance(value, Mapping):
        return "a state_dict goes into module.load_state_dict(...)"
    if kind in ("RNNBase", "Module") and hasattr(value, "param_groups"):
        return "an optimizer has the weights alone; pass the model that they are of"
    own = ""
    if kind in ("RNNBase", "Module") and isinstance(value, str | os.PathLike):
        own = "make the module, and module.load_state_dict(torch.load(path)) reads its weights"
    elif kind in ("RNNBase", "Module"):
        own = _of_a_layer(kind, value)
    elif kind == "Trace" and isinstance(value, Mapping):
        own = "choose one, by the name of its layer and the call: traces[name][0]"
    elif kind == "Trace" and hasattr(value, "quantities"):
        own = "give the whole trace, and layer= and direction="
    elif kind == "Tensor" and name not in NAMED:
        own = _of_a_tensor(name, value)
        if not own and value is None:
            return "a function without a return gives None"
    return own or NAMED.get(name.split("[")[0]) or HINTS.get(kind, "")


def _of_a_layer(kind: str, value: Any) -> str:
    """Return what to do where a layer or a module was expected; "" if that does not show."""
    if hasattr(value, "__self__") and hasattr(value.__self__, "named_modules"):
        return f"pass the module itself, not its {value.__name__}"
    if inspect.isroutine(value):
        return "a function has no layers to look at: pass the module that it calls"
    home = type(value).__module__
    if home.startswith("torch.") and "quantized" in home:
        return "this one is quantized: give it as it was in floating point"
    is_module = hasattr(value, "named_modules")  # a wrapper has a .module too
    if kind == "RNNBase" and not is_module and is_recurrent(getattr(value, "module", None)):
        return "trace.module is the layer that was traced"
    if kind == "Module" and hasattr(value, "module") and is_recurrent(value.module):
        return "give the module and its input, not their trace"
    several = isinstance(value, list | tuple) and len(value) > 0
    if several and all(hasattr(part, "named_modules") for part in value):
        return "pass a module that calls them in its forward, or each by itself"
    if hasattr(value, "shape") or isinstance(value, list | tuple):
        return "the module comes first"
    if kind == "RNNBase" and type(value).__name__ in (f"{name}Cell" for name in RECURRENT):
        return "a cell takes one step; trace_all(model, input) follows the loop that calls it"
    if home == "torch.nn.modules.rnn" and type(value).__name__ == "RNNBase":
        return f"build it as nn.{value.mode.partition('_')[0]}(...)"
    if kind == "RNNBase" and is_module:
        names = [inner for inner, part in value.named_modules() if is_recurrent(part)]
        if not names:
            return "it has no recurrent layer in it"
        return f"pass the recurrent layer itself, model{''.join(map(_step, names[0].split('.')))}"
    return ""


def _step(name: str) -> str:
    """Return the code that reaches a submodule from its parent: ".name" or "[0]"."""
    return f"[{name}]" if name.isdigit() else f".{name}" if name.isidentifier() else f"[{name!r}]"


def _of_a_tensor(name: str, value: Any) -> str:
    """Return what to do where a tensor was expected; "" if that does not show."""
    if type(value).__name__ == "PackedSequence":
        return "pad_packed_sequence(...) makes a tensor of it"
    if hasattr(value, "named_modules"):
        return "pass what it returns, or one module that calls both"
    bases = {base.__name__ for base in type(value).__mro__ if base.__module__ in DATA}
    if "DataLoader" in bases:
        return "it gives batches: batch = next(iter(loader)), and pass the tensors of that"
    if "Dataset" in bases:
        return "a DataLoader makes batches of it: next(iter(DataLoader(dataset, batch_size=8)))"
    if is_whole(value):
        return "sizes make a tensor by torch.zeros(L, N, H_in)"
    if not isinstance(value, tuple | list) or not value:
        return ""
    if all(map(is_whole, value)):
        return f"torch.zeros({', '.join(map(str, value))}) has this shape"
    shapes = [tuple(part.shape) for part in value if hasattr(part, "shape")]
    if len(shapes) < len(value):
        return ""
    if len({shape[1:] for shape in shapes}) == 1 and len(shapes[0]) > 1:
        return "pack_sequence(..., enforce_sorted=False) makes one of sequences of any lengths"
    return (
        f"pass its tensor, {name}[0]; lengths go with it into pack_padded_sequence(input, lengths)"
    )


def is_recurrent(value: Any) -> bool:
    """Return whether a value is an nn.LSTM, nn.GRU or nn.RNN, or of a subclass of theirs."""
    return any(
        base.__module__ == "torch.nn.modules.rnn" and base.__name__ in RECURRENT
        for base in type(value).__mro__
    )


def is_whole(value: Any) -> bool:
    """Return whether a value is a whole number: an int, or what stands for one in an index."""
    if isinstance(value, bool | np.bool_) or "bool" in str(getattr(value, "dtype", "")):
        return False
    try:
        operator.index(value)
    except TypeError:
        return False
    return True
