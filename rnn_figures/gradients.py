"""How far back a gradient reaches: d output / d x, by autograd on the live module.

The module is run on copies of its sequences, one copy for each feature of the output, so that one
backward pass gives the gradients of many features. Sequences of a batch do not interact.
"""

import contextlib
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures.arguments import checked
from rnn_figures.proofs import Comparison, compare
from rnn_figures.traces.runs import (
    full_precision,
    refuse_not_finite,
    refuse_other_kinds,
    refuse_random,
    steps_first,
    telling_shapes,
)
from rnn_figures.weights import layers_and_directions, num_directions, output_size

NUMBERS_AT_ONCE = 1 << 24
"""Numbers that one run may keep for its backward pass, as a rough count: 128 MiB in float64."""


@checked
def gradient_by_lag(module: nn.RNNBase, input: Tensor | PackedSequence) -> Tensor:
    """Measure how much the last output depends on the input k steps before it.

    Entry [k, n] is the Frobenius norm of d output[T] / d x[T - k], a matrix of D·H_out × H_in
    numbers, for sequence n; T is its last valid step. Both halves of the output count. Initial
    states are zeros. Nothing of the caller's is changed: parameters, gradients, mode, random
    state, input.

    Args:
        module: nn.LSTM, nn.GRU or nn.RNN, or of a subclass; any options, any floating dtype.
        input: What the module takes: (L, N, H_in), (N, L, H_in) with batch_first, (L, H_in), or
            a PackedSequence.

    Returns:
        (L, N), N in the caller's order and 1 if unbatched; the input's dtype. Row k is lag k, from
        0, the last step itself. NaN where T - k is before the sequence's first step.

    Raises:
        ValueError: dropout between layers is active, so that the gradient would be random.
        RuntimeError: the module refuses the input; torch's own message.

    Source:
        Pascanu, Mikolov, Bengio 2013 bound this norm for a tanh RNN; here it is measured.

    Examples:
        >>> gradient_by_lag(nn.LSTM(5, 3), torch.zeros(8, 1, 5)).shape
        torch.Size([8, 1])
    """
    x, lengths = _steps(module, input)
    last = lengths - 1
    norms = _norms(module, x, lengths, last, range(output_size(module)))
    steps = last - torch.arange(len(x)).unsqueeze(1)  # (L, N): T - k
    by_lag = norms.gather(0, steps.clamp(min=0).to(norms.device))
    return by_lag.masked_fill((steps < 0).to(norms.device), torch.nan)


@checked
def gradient_by_step(module: nn.RNNBase, input: Tensor | PackedSequence) -> Tensor:
    """Measure which inputs each step's output depends on, one direction's half at a time.

    Entry [t, d, s, n] is the Frobenius norm of d output[t], half d, / d x[s] for sequence n: 0
    where x[s] cannot reach that half. It takes L·D runs, so it is meant for short sequences.
    Initial states are zeros. Nothing of the caller's is changed.

    Args:
        module: As for `gradient_by_lag`.
        input: As for `gradient_by_lag`.

    Returns:
        (L, D, L, N): step of the output, direction, step of the input, sequence; the input's
        dtype. NaN where a sequence does not have one of the two steps.

    Raises:
        ValueError: dropout between layers is active, so that the gradient would be random.
        RuntimeError: the module refuses the input; torch's own message.

    Examples:
        >>> reach = gradient_by_step(nn.RNN(1, 1, bidirectional=True), torch.zeros(3, 1, 1)) > 0
        >>> reach[1, :, :, 0].tolist()  # output[1]: forward from x[0], x[1], reverse from the rest
        [[True, True, False], [False, True, True]]
    """
    x, lengths = _steps(module, input)
    count = num_directions(module)
    half = output_size(module) // count
    by_step = x.new_empty(len(x), count, len(x), x.shape[1])
    for t in range(len(x)):
        for direction in range(count):
            features = range(direction * half, (direction + 1) * half)
            steps = (lengths - 1).clamp(max=t)
            by_step[t, direction] = _norms(module, x, lengths, steps, features)
    beyond = (torch.arange(len(x)).unsqueeze(1) >= lengths).to(x.device)  # (L, N)
    return by_step.masked_fill(beyond[:, None, None] | beyond, torch.nan)


def compare_with_jacobian(
    module: nn.RNNBase, input: Tensor | PackedSequence, by_lag: Tensor
) -> Comparison:
    """Compare the first sequence's gradient by lag with torch's Jacobian of its last output.

    The sequence runs alone, without a batch, in one piece: none of what `gradient_by_lag` does to
    save time and memory. So it is for short sequences.

    The difference is a part of the value; what is too small to have all its digits, below 1e-307 in
    float64, does not count. Allowed is the square root of eps, 1.5e-8 in float64, or 100·eps·Σ of
    the norms, where that is more: a module that blows up gradients blows up rounding too.

    Examples:
        >>> lstm, x = nn.LSTM(5, 3, dtype=torch.float64), torch.ones(8, 1, 5, dtype=torch.float64)
        >>> compare_with_jacobian(lstm, x, gradient_by_lag(lstm, x)).max_difference < 1e-12
        True
    """
    x, lengths = _steps(module, input)
    with _recording():
        alone = x[: int(lengths[0]), 0].clone()  # (L, H_in)
        jacobian = torch.autograd.functional.jacobian(
            lambda x: module(x)[0][-1], alone, vectorize=True
        )
    assert isinstance(jacobian, Tensor)
    expected = _norm(jacobian.movedim(0, 1).unsqueeze(2))[:, 0].flip(0)  # (D·H_out, L, H_in)
    given = by_lag[: len(expected), 0]
    refuse_not_finite("gradients", expected)
    numbers = torch.finfo(expected.dtype)
    counts = expected > numbers.tiny
    if not counts.any():
        return compare("the gradient by lag", given, expected, within=numbers.tiny)
    parts = given[counts] / expected[counts]
    within = max(numbers.eps**0.5, 100 * numbers.eps * float(expected.sum()))
    what = "the gradient by lag, as a part of torch's own Jacobian,"
    return compare(what, parts, torch.ones_like(parts), within=within)


def products_after(factors: Tensor) -> Tensor:
    """Return for each step the product of the factors of all later ones, of the shape of these.

    It is how the last state depends on that of the step, where each depends by its factor on the
    one before.

    Examples:
        >>> products_after(torch.tensor([5.0, 2.0, 3.0])).tolist()
        [6.0, 3.0, 1.0]
    """
    later = torch.cat([factors[1:], torch.ones_like(factors[:1])])
    return later.flip(0).cumprod(0).flip(0)


def _steps(module: nn.RNNBase, input: Tensor | PackedSequence) -> tuple[Tensor, Tensor]:
    """Refuse what cannot be measured; return x as (L, N, H_in) and the lengths, (N,)."""
    refuse_random(module)
    refuse_other_kinds(module, input, None)
    with torch.no_grad(), telling_shapes(module, input, None):
        module(input)  # what torch refuses, it refuses here, in terms of what the caller gave
    return steps_first(input, module.batch_first)


def _norms(
    module: nn.RNNBase, x: Tensor, lengths: Tensor, steps: Tensor, features: Sequence[int]
) -> Tensor:
    """Return norms of d output[steps[n], n, features] / d x[s, n] over the features, (L, N)."""
    num_steps, num_sequences, input_size = x.shape
    kept = input_size + 6 * module.hidden_size * len(layers_and_directions(module))
    at_once = max(1, NUMBERS_AT_ONCE // max(1, num_steps * num_sequences * kept))
    norms = x.new_zeros(num_steps, num_sequences)
    for start in range(0, len(features), at_once):
        chunk = torch.tensor(features[start : start + at_once])
        with _recording():
            copies = x.repeat(1, len(chunk), 1).requires_grad_()  # (L, N, H_in) -> (L, F·N, H_in)
            output = _output(module, copies, lengths.repeat(len(chunk)))
            sequences = torch.arange(copies.shape[1])
            picked = output[
                steps.repeat(len(chunk)), sequences, chunk.repeat_interleave(num_sequences)
            ]
            (gradient,) = torch.autograd.grad(picked.sum(), copies)
        gradient = gradient.unflatten(1, (len(chunk), num_sequences))  # (L, F, N, H_in)
        norms = torch.hypot(norms, _norm(gradient))
    return norms


@contextlib.contextmanager
def _recording() -> Iterator[None]:
    """Record for a backward pass, whatever mode the caller is in, also under no_grad."""
    # cuDNN has no backward pass for a module in eval mode; torch's own kernels have.
    without_cudnn = torch.backends.cudnn.flags(enabled=False)
    with torch.inference_mode(False), full_precision(), without_cudnn:
        yield


def _output(module: nn.RNNBase, x: Tensor, lengths: Tensor) -> Tensor:
    """Run the module on (L, N, H_in) from zeros; return its output as (L, N, D·H_out)."""
    if bool((lengths < len(x)).any()):
        output, _ = module(pack_padded_sequence(x, lengths, enforce_sorted=False))
    else:
        output, _ = module(x.transpose(0, 1) if module.batch_first else x)
    return steps_first(output, module.batch_first)[0]


def _norm(gradient: Tensor) -> Tensor:
    """Return the Frobenius norm over features and inputs, (L, F, N, H_in) -> (L, N).

    Scaled first: at lag 100 a gradient may be 1e-40, and its square is no float32.
    """
    largest = gradient.abs().amax((1, 3), keepdim=True)
    scale = torch.where((largest > 0) & largest.isfinite(), largest, 1)
    return (gradient / scale).square().sum((1, 3)).sqrt() * scale[:, 0, :, 0]
