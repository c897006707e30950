"""The masks that dropout between layers draws, recovered from live runs in training mode."""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from rnn_figures.arguments import at_least, checked
from rnn_figures.configurations import describe
from rnn_figures.proofs import Proof, ProofError, compare
from rnn_figures.stacks import layers_of
from rnn_figures.traces.agreement import TOLERANCE
from rnn_figures.traces.runs import (
    full_precision,
    refuse_other_kinds,
    steps_first,
    telling_shapes,
)


class Masks(NamedTuple):
    """What dropout let through in some calls of a module.

    Attributes:
        kept: True where a number went up to the next layer, bool, (calls, gaps, L, N, D·H_out);
            gap k is between layer k and layer k + 1.
        scale: What a kept number was multiplied with: 1 / (1 - dropout), 0 where all are dropped.
        proof: The module's outputs compared with what its layers give, one by one, with these
            masks.
    """

    kept: Tensor
    scale: float
    proof: Proof

    @property
    def max_difference(self) -> float:
        """Largest |difference| of the outputs."""
        return self.proof.max_difference


@checked
def dropout_masks(module: nn.RNNBase, input: Tensor, *, calls: int = 1) -> Masks:
    """Return the masks that the module's next calls on this input will draw.

    The module does not return its masks. But it draws them from torch's random numbers, so each
    call is made twice from the same random state: by the module, then layer by layer with a dropout
    in each gap. Equal outputs prove the masks. The random state is as before afterwards.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN in training mode, with dropout and two or more layers.
        input: A tensor that the module takes; not packed.
        calls: How many calls.

    Raises:
        TypeError: the module is no recurrent layer, or the input is packed or of integers.
        ValueError: the module drops nothing, or `calls` is below 1.
        ProofError: the outputs differ: the module draws by other means (cuDNN has its own).

    Source:
        torch.nn.LSTM documentation, `dropout`: "on the outputs of each LSTM layer except the last".

    Examples:
        >>> dropout_masks(nn.GRU(5, 3, 2, dropout=1.0), torch.zeros(8, 1, 5)).kept.any().item()
        False
    """
    if not (module.training and module.dropout > 0 and module.num_layers > 1):
        raise ValueError(
            "expected a module in training mode with dropout and two or more layers, got "
            f"{describe(module)} in {'training' if module.training else 'eval'} mode, which "
            "drops nothing"
        )
    at_least(1, calls=calls)
    refuse_other_kinds(module, input, None)
    kept, comparisons = [], []
    with torch.random.fork_rng(_devices(input)), torch.no_grad(), full_precision():
        for _ in range(calls):
            with telling_shapes(module, input, None):
                masks, by_hand, output = _one_call(module, input)
            kept.append(masks)
            try:
                what = f"output of {describe(module)} on {input.device}, layer by layer"
                comparisons.append(compare(what, by_hand, output, within=TOLERANCE[input.dtype]))
            except ProofError as error:
                raise ProofError(
                    f"{error}; so the masks are not the module's: move it and the input to the CPU"
                ) from None
    words = f"with these masks the layers, one by one, give the output of {describe(module)}"
    scale = 0.0 if module.dropout == 1 else 1 / (1 - module.dropout)
    return Masks(torch.stack(kept), scale, Proof(words, *comparisons))


def _one_call(module: nn.RNNBase, input: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Return the masks of one call, (gaps, L, N, D·H_out), the output with them, and the output."""
    with torch.random.fork_rng(_devices(input)):
        by_hand, _ = steps_first(input, module.batch_first)  # (L, N, H_in)
        kept = []
        for layer in range(module.num_layers):
            lone = layers_of(module, layer, layer + 1)
            lone.batch_first = False
            by_hand, _ = lone(by_hand)
            if layer < module.num_layers - 1:
                # Drawn as torch draws it for h, since the draw depends on the shape alone; from
                # ones, because an h that is 0 would look dropped.
                mask = nn.functional.dropout(torch.ones_like(by_hand), module.dropout)
                kept.append(mask != 0)
                by_hand = by_hand * mask
    output, _ = steps_first(module(input)[0], module.batch_first)
    return torch.stack(kept), by_hand, output


def _devices(input: Tensor) -> list[torch.device]:
    """Return the devices whose random numbers a run on this input may draw, beside the CPU."""
    return [input.device] if input.device.type == "cuda" else []
