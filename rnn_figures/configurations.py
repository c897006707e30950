"""Every configuration of a recurrent layer, as live modules, and the call that makes each.

There is no configuration class: the torch module is the configuration.
"""

import inspect
import itertools
from typing import Any

from torch import nn

from rnn_figures import options
from rnn_figures.arguments import at_least, checked, is_recurrent

NO_VALUES = (
    "expected tensors with values, got the device meta, which has shapes only; "
    "model.to_empty(device='cpu') and a checkpoint give it values"
)
"""What is said where numbers are needed and there are none."""


@checked
def every_configuration(
    input_size: int = 6, hidden_size: int = 8, proj_size: int = 5
) -> list[nn.RNNBase]:
    """Build one module for every configuration, in a fixed order.

    4 kinds × 3 numbers of layers × 2 directions × bias × batch_first make 96 modules; LSTM also
    with a projection makes 24 more. The options vary from the last to the first: proj_size,
    batch_first, bias, bidirectional, num_layers, kind. Three options are left out, since they
    change neither shapes nor figures: dropout (off when a module is traced), dtype and device.

    Args:
        input_size: H_in of every module.
        hidden_size: H_cell of every module.
        proj_size: H_out of the LSTMs that project; smaller than hidden_size, larger than 0.

    Returns:
        120 modules with torch's own initial weights, in the caller's default dtype.

    Raises:
        ValueError: torch refuses the sizes, for example proj_size >= hidden_size.

    Examples:
        >>> len(every_configuration())
        120
    """
    at_least(1, input_size=input_size, hidden_size=hidden_size, proj_size=proj_size)
    modules = []
    for kind, num_layers, bidirectional, bias, batch_first in itertools.product(
        options.KINDS,
        options.NUM_LAYERS,
        options.BIDIRECTIONAL,
        options.BIAS,
        options.BATCH_FIRST,
    ):
        name, own = options.class_of(kind)
        own |= {"num_layers": num_layers, "bidirectional": bidirectional}
        own |= {"bias": bias, "batch_first": batch_first}
        for projecting in options.projects(kind):
            size = {"proj_size": proj_size} if projecting else {}
            modules.append(getattr(nn, name)(input_size, hidden_size, **own, **size))
    return modules


@checked
def describe(module: nn.RNNBase) -> str:
    """Return the constructor call of a module, without the options left at their defaults.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or a module of a subclass.

    Returns:
        Code that builds a module of the same configuration where `nn` is torch.nn. A subclass is
        described as the torch class that it extends: the code does not call its own constructor.

    Examples:
        >>> describe(nn.LSTM(5, 3, num_layers=2, bidirectional=True))
        'nn.LSTM(5, 3, num_layers=2, bidirectional=True)'
    """
    name = class_name(module)
    own: dict[str, object] = {**options.class_of(module.mode)[1]}
    for option in ("num_layers", "bias", "batch_first", "dropout", "bidirectional", "proj_size"):
        own[option] = getattr(module, option)
    defaults = {"nonlinearity": "tanh"} | {
        parameter.name: parameter.default
        for parameter in inspect.signature(nn.RNNBase).parameters.values()
    }
    arguments = [str(module.input_size), str(module.hidden_size)]
    arguments += [f"{k}={v!r}" for k, v in own.items() if v != defaults[k]]
    return f"nn.{name}({', '.join(arguments)})"


def built_like(module: nn.RNNBase, **changes: Any) -> nn.RNNBase:
    """Build a layer with a module's options, but for those that change; it has no dropout.

    It is of torch's own class, whatever subclass the module is of.
    """
    name = class_name(module)
    names = ["input_size", "hidden_size", "num_layers", "bias", "batch_first", "bidirectional"]
    names += ["proj_size"] * (name == "LSTM")
    own = {option: getattr(module, option) for option in names}
    return getattr(nn, name)(**options.class_of(module.mode)[1] | own | changes)


def class_name(module: nn.RNNBase) -> str:
    """Return the torch class behind a module, "LSTM", "GRU" or "RNN", or TypeError."""
    if not is_recurrent(module):
        raise TypeError(
            f"expected an nn.LSTM, nn.GRU or nn.RNN, got {type(module).__name__}; "
            "pass the recurrent layer itself, for example model.rnn"
        )
    return module.mode.partition("_")[0]
