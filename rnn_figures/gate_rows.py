"""Prove which rows of a weight are which gate: change those rows, and see which gates move."""

import copy

import torch
from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name
from rnn_figures.proofs import Proof, compare
from rnn_figures.traces.records import LayerTrace
from rnn_figures.traces.tracing import trace
from rnn_figures.weights import STACKED, layers_and_directions, parameter_slices, suffix


@checked
def moved_gates(module: nn.RNNBase, name: str, rows: slice) -> str:
    """Return which gates of a layer move when some rows of one of its parameters change.

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
    return _moved(copy.deepcopy(module).eval(), name, [rows])[0]


def prove_rows(module: nn.RNNBase, *wheres: tuple[int, int]) -> Proof:
    """Prove that the rows of every quantity move that quantity alone.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass; it is not changed.
        wheres: Layer and direction of each whose parameters are looked at; all of them for none.

    Examples:
        >>> prove_rows(nn.LSTM(5, 3)).words
        'each block of rows moves its own quantity alone, nn.LSTM'
    """
    copied = copy.deepcopy(module).eval()
    comparisons = []
    ends = tuple(suffix(*where) for where in wheres or layers_and_directions(module))
    for name, slices in parameter_slices(module).items():
        if not name.endswith(ends):
            continue
        moves = _moved(copied, name, list(slices.values()))
        comparisons += [
            compare(f"the quantity that {name}[{rows.start}:{rows.stop}] moves", letter, moved)
            for (letter, rows), moved in zip(slices.items(), moves, strict=True)
        ]
    words = f"each block of rows moves its own quantity alone, nn.{class_name(module)}"
    return Proof(words, *comparisons)


def _moved(copied: nn.RNNBase, name: str, blocks: list[slice]) -> list[str]:
    """Return for each block of rows which quantities move when it alone is set to ones."""
    letters = "h" if name.startswith("weight_hr") else STACKED[class_name(copied)]
    layer, direction = next(
        where for where in layers_and_directions(copied) if name.endswith(suffix(*where))
    )
    with torch.no_grad():
        for other, parameter in copied.named_parameters():
            # layers below must give something other than zero to read
            parameter.fill_(0.0 if other.endswith(suffix(layer, direction)) else 0.1)
        before = _one_step(copied, layer, direction)
        moved = []
        for rows in blocks:
            copied.get_parameter(name)[rows] = 1.0
            after = _one_step(copied, layer, direction)
            copied.get_parameter(name)[rows] = 0.0
            moved.append("".join(q for q in letters if not torch.equal(before[q], after[q])))
    return moved


def _one_step(module: nn.RNNBase, layer: int, direction: int) -> LayerTrace:
    """Trace one step of ones, from states of ones."""
    like = next(module.parameters())
    rows = len(layers_and_directions(module))
    x = like.new_ones(1, module.input_size)
    h_0 = like.new_ones(rows, module.proj_size or module.hidden_size)
    c_0 = like.new_ones(rows, module.hidden_size)
    return trace(module, x, (h_0, c_0) if class_name(module) == "LSTM" else h_0)[layer, direction]
