"""Some layers of a module as a module of their own, with the same weights.

A stack is its layers run one after the other; with these pieces a figure can show it, and a run
can be taken apart.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import built_like, describe
from rnn_figures.proofs import Proof, ProofError, compare
from rnn_figures.traces.agreement import TOLERANCE
from rnn_figures.traces.runs import (
    full_precision,
    refuse_other_kinds,
    refuse_random,
    states_of,
    steps_first,
    telling_shapes,
)
from rnn_figures.weights import input_size, num_directions, suffix, weights


@checked
def layers_of(module: nn.RNNBase, start: int, stop: int) -> nn.RNNBase:
    """Return a module of the layers start to stop - 1 of `module`, sharing their weights.

    Its forward is torch's own fused kernel, whatever a subclass does in its own. It has no
    dropout, and the weights take no gradients through it.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.
        start: First layer, from 0.
        stop: The layer after the last, from start + 1 to num_layers.

    Raises:
        ValueError: there are no such layers.

    Examples:
        >>> layers_of(nn.LSTM(5, 3, num_layers=2, bidirectional=True), 1, 2)
        LSTM(6, 3, bidirectional=True)
    """
    if not 0 <= start < stop <= module.num_layers:
        raise ValueError(
            f"expected 0 <= start < stop <= {module.num_layers} layers, "
            f"got start={start}, stop={stop}"
        )
    part = built_like(
        module,
        input_size=input_size(module, start),
        num_layers=stop - start,
        device="meta",  # its own weights are never drawn, so the random state stays as it was
    )
    for layer in range(start, stop):
        for direction in range(num_directions(module)):
            for name, weight in weights(module, layer, direction).items():
                shared = nn.Parameter(weight.detach(), requires_grad=False)
                setattr(part, name + suffix(layer - start, direction), shared)
    part.flatten_parameters()  # cuDNN warns when the weights of a layer are not one block
    return part


class LayerRun(NamedTuple):
    """One layer of a stack, run as a module of its own and as a part of the stack.

    Attributes:
        module: The layer alone: a module of one layer with the stack's weights.
        alone: Its output, fed with the output of the lone layer below, (L, N, D·H_out).
        in_stack: The same layer's h inside the stack, (L, N, D·H_out): the output of the stack cut
            off above it; for the top layer, of the whole module.
        proof: The two compared, and the two ways to this layer's rows of h_n and c_n.
    """

    module: nn.RNNBase
    alone: Tensor
    in_stack: Tensor
    proof: Proof

    @property
    def max_difference(self) -> float:
        """Largest |difference| between the two ways to the layer's numbers."""
        return self.proof.max_difference


@checked
def layer_by_layer(module: nn.RNNBase, input: Tensor) -> list[LayerRun]:
    """Run a stack whole and as one-layer modules one after the other, and compare every layer.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.
        input: A tensor that the module takes; not packed. Initial states are zeros.

    Returns:
        A LayerRun for each layer, from the bottom.

    Raises:
        TypeError: integers, as token ids are.
        ValueError: dropout between layers is active.
        ProofError: a layer alone does not give what it gives in the stack: the module's forward
            does more than torch's own.

    Examples:
        >>> runs = layer_by_layer(nn.GRU(5, 3, num_layers=2), torch.zeros(8, 1, 5))
        >>> [run.alone.shape for run in runs]
        [torch.Size([8, 1, 3]), torch.Size([8, 1, 3])]
    """
    refuse_random(module)
    refuse_other_kinds(module, input, None)
    runs = []
    count = num_directions(module)
    with torch.no_grad(), full_precision():
        with telling_shapes(module, input, None):
            whole, states = module(input)
        below = input
        for layer in range(module.num_layers):
            alone = layers_of(module, layer, layer + 1)
            below, ends = alone(below)
            is_top = layer == module.num_layers - 1
            in_stack = whole if is_top else layers_of(module, 0, layer + 1)(input)[0]
            rows = slice(layer * count, (layer + 1) * count)
            pairs = {"h": (below, in_stack)}
            for letter, end, state in zip("hc", states_of(ends), states_of(states), strict=False):
                pairs[f"{letter}_n"] = end, state[rows]
            proof = _compare(module, layer, pairs)
            by_step = [steps_first(value, module.batch_first)[0] for value in (below, in_stack)]
            runs.append(LayerRun(alone, by_step[0], by_step[1], proof))
    return runs


def _compare(module: nn.RNNBase, layer: int, pairs: dict[str, tuple[Tensor, Tensor]]) -> Proof:
    """Return the proof that a layer alone gives what it gives in the stack, by what is compared."""
    try:
        comparisons = [
            compare(f"{name} of layer {layer} alone", alone, given, within=TOLERANCE[given.dtype])
            for name, (alone, given) in pairs.items()
        ]
    except ProofError as error:
        raise ProofError(
            f"{error}; the forward of {type(module).__name__} does more than torch's own"
        ) from None
    return Proof(f"layer {layer} alone equal to layer {layer} of {describe(module)}", *comparisons)
