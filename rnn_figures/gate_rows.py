"""Prove which rows of a weight are which gate: change those rows, and see which gates move.

Tables and diagrams both rest on it; they may not import each other.
"""

import copy

import torch
from torch import nn

from rnn_figures.configurations import class_name
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.tracing import LayerTrace, trace
from rnn_figures.weights import STACKED, parameter_slices, suffix


def moved_gates(module: nn.RNNBase, name: str, rows: slice) -> str:
    """Say which gates of a layer move when some rows of one of its parameters change.

    A copy of the module runs one step from states of ones, once with zeros in all parameters of
    the layer and once with ones in these rows.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass; it is not changed.
        name: The parameter's name: "weight_ih_l0", "bias_hh_l1_reverse".
        rows: Rows of it.

    Returns:
        Letters of the quantities that moved, in torch's order: of i f g o, r z n, or h; of "h"
        alone for weight_hr.

    Raises:
        TypeError: `module` is no recurrent layer.
        ValueError: it has no such parameter; the message lists them.

    Examples:
        >>> moved_gates(nn.LSTM(5, 3), "weight_ih_l0", slice(3, 6))
        'f'
        >>> moved_gates(nn.LSTM(5, 3), "weight_ih_l0", slice(2, 4))
        'if'
    """
    names = list(parameter_slices(module))
    if name not in names:
        raise ValueError(f"expected a parameter of {', '.join(names)}, got {name!r}")
    return _moved(_patient(module), name, [rows])[0]


def prove_rows(module: nn.RNNBase) -> Proof:
    """Check that the rows of every quantity, in every parameter, move that quantity alone.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass; it is not changed.

    Raises:
        TypeError: `module` is no recurrent layer.
        RuntimeError: some rows move another quantity; this torch stacks them in another order.
    """
    patient, compared = _patient(module), []
    for name, slices in parameter_slices(module).items():
        moves = _moved(patient, name, list(slices.values()))
        for (letter, rows), moved in zip(slices.items(), moves, strict=True):
            if moved != letter:
                raise RuntimeError(
                    f"{name}[{rows.start}:{rows.stop}] moves {moved or 'nothing'}, expected "
                    f"{letter}; this torch stacks the gates in another order"
                )
            compared.append(compare(name, moved, letter))
    words = f"each block of rows moves its own quantity alone, nn.{class_name(module)}"
    return Proof(words, *compared)


def _patient(module: nn.RNNBase) -> nn.RNNBase:
    """Return a copy to operate on."""
    return copy.deepcopy(module).eval()


def _moved(patient: nn.RNNBase, name: str, blocks: list[slice]) -> list[str]:
    """Say for each block of rows which quantities move when it alone is set to ones."""
    letters = "h" if name.startswith("weight_hr") else STACKED[class_name(patient)]
    place = name.rpartition("_l")[2]
    layer, direction = int(place.removesuffix("_reverse")), int(place.endswith("_reverse"))
    moved = []
    with torch.no_grad():
        for other, parameter in patient.named_parameters():
            # layers below must give something other than zero to read
            parameter.fill_(0.0 if other.endswith(suffix(layer, direction)) else 0.1)
        before = _one_step(patient, layer, direction)
        for rows in blocks:
            patient.get_parameter(name)[rows] = 1.0
            after = _one_step(patient, layer, direction)
            patient.get_parameter(name)[rows] = 0.0
            moved.append([q for q in letters if not torch.equal(before[q], after[q])])
    return ["".join(quantities) for quantities in moved]


def _one_step(module: nn.RNNBase, layer: int, direction: int) -> LayerTrace:
    """Trace one step of ones, from states of ones."""
    like = next(module.parameters())
    states = module.num_layers * (2 if module.bidirectional else 1)
    x = like.new_ones(1, module.input_size)
    h_0 = like.new_ones(states, module.proj_size or module.hidden_size)
    c_0 = like.new_ones(states, module.hidden_size)
    return trace(module, x, (h_0, c_0) if class_name(module) == "LSTM" else h_0)[layer, direction]
