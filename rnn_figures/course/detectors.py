"""Checks that find mistakes which raise nothing: each returns True for right code.

The page of silent mistakes shows their source as it is, to be pasted: so each is complete by
itself, asks for torch alone, and says in its docstring what it cannot see.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence, pack_sequence, unpack_sequence


def keeps_sequences_apart(
    model: nn.Module,
    batch: Tensor,
    axis: int = 0,
) -> bool:
    """Return whether each sequence of a batch is read by itself.

    Three copies of the batch, side by side, must give three times what one
    gives: a layer that takes sequences for steps starts the second copy from
    a state of the first. For numbers and ids, whole models and single layers.
    It looks in eval mode, so it cannot see what dropout or batch
    normalisation mix in training.

    Args:
        model: Returns a tensor, or a tuple that begins with one.
        batch: A padded tensor; any number of sequences, one too.
        axis: Which axis of the batch, and of the output, counts sequences.
    """
    modes = {module: module.training for module in model.modules()}
    model.eval()
    with torch.no_grad():
        one, three = model(batch), model(torch.cat([batch] * 3, dim=axis))
    for module, mode in modes.items():
        module.training = mode
    if isinstance(one, tuple):
        one, three = one[0], three[0]
    wanted = torch.cat([one] * 3, dim=axis)
    same = three.shape == wanted.shape
    return same and torch.allclose(three, wanted, atol=1e-5)


def is_transposed(after: Tensor, before: Tensor) -> bool:
    """Return whether axes 0 and 1 changed places, and nothing else did."""
    return torch.equal(after, before.transpose(0, 1))


def has_state_for(h_n: Tensor, N: int | None) -> bool:
    """Return whether a layer's h_n has a row for each of N sequences.

    Args:
        h_n: What `nn.LSTM`, `nn.GRU` or `nn.RNN` returned; c_n will do too.
        N: Your number of sequences; None if you mean one without a batch.
    """
    if N is None:
        return h_n.dim() == 2
    return h_n.dim() == 3 and h_n.shape[1] == N


def hears_first_step(run: Callable, steps: Tensor) -> bool:
    """Return whether the state after the last step depends on step 0.

    It asks for a gradient, which is exactly 0 where no path leads. Give it
    few steps: over hundreds a gradient may vanish, and a relu may be shut.

    Args:
        run: From steps, along axis 0, to the last state or all of them.
        steps: Numbers, two steps or more.
    """
    steps = steps.detach().clone().requires_grad_()
    total = run(steps)[-1].sum()
    (gradient,) = torch.autograd.grad(total, steps, allow_unused=True)
    return gradient is not None and bool(gradient[0].any())


def keeps_batch_of_one(
    run: Callable,
    batch: Tensor,
    axis: int = 0,
) -> bool:
    """Return whether a batch of one has as many axes as a batch of two.

    Args:
        run: Your code, from the batch to what you use of it.
        batch: A padded tensor; its first sequence is taken.
        axis: Which axis of the batch counts sequences.
    """
    one = batch.narrow(axis, 0, 1)
    two = torch.cat([one, one], dim=axis)
    return run(one).dim() == run(two).dim()


def takes_final_h(
    take: Callable,
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
) -> bool:
    """Return whether your line takes the top layer's final h.

    That is h_n[-1], or both directions side by side: (N, D·H_out). Kinds,
    layers, directions, layouts, packed or not, projection: all. It believes
    what it is given: h_n of a padded batch that was not packed has read the
    padding. And one layer, one step or equal lengths hide what only more
    would show.

    Args:
        take: Your line, from what the module returned: (output, state).
        module: An `nn.LSTM`, `nn.GRU` or `nn.RNN`, called once.
        input: What the module reads.
        hx: Its initial state, if there is one.
    """
    output, state = module(input, hx)
    h_n = state[0] if isinstance(state, tuple) else state
    final = h_n[-1]
    if module.bidirectional:
        final = torch.cat([h_n[-2], h_n[-1]], dim=-1)
    return torch.equal(take(output, state), final)


def keeps_rows_together(features: Tensor, h_n: Tensor) -> bool:
    """Return whether row n of (N, rows·H) is all of sequence n's states."""
    return torch.equal(features, h_n.transpose(0, 1).flatten(1))


def gives_each_its_own(
    run: Callable,
    batch: Tensor,
    lengths: Tensor | list[int],
    batch_first: bool = False,
) -> bool:
    """Return whether each sequence gets what it gets alone, unpadded.

    Finds padding that is read or counted, sequences out of order, and
    batches packed along the wrong axis. Dropout must be off: `eval()`.
    Equal lengths hide padding, equal sequences a wrong order. Not for half
    precision, where a sequence alone may be rounded otherwise.

    Args:
        run: Your code, from (batch, lengths) to one row for each sequence.
        batch: A padded tensor.
        lengths: A list of integers, or a tensor; a tensor reaches `run`.
        batch_first: Whether axis 0 of the batch counts sequences.
    """
    lengths = torch.as_tensor(lengths)
    by_sequence = batch if batch_first else batch.transpose(0, 1)
    together = run(batch, lengths)
    if len(together) != len(lengths):
        return False
    for n, length in enumerate(lengths.tolist()):
        alone = by_sequence[n : n + 1, :length]
        alone = alone if batch_first else alone.transpose(0, 1)
        try:
            row = run(alone, lengths[n : n + 1])[0]
        except RuntimeError:  # such code cannot read one sequence at all
            return False
        if not torch.allclose(row, together[n], atol=1e-5):
            return False
    return True


def holds_sequences(packed: PackedSequence, sequences: list[Tensor]) -> bool:
    """Return whether a packed batch holds these sequences, in this order.

    Args:
        packed: Sorted by you, or with `enforce_sorted=False`.
        sequences: What you mean: one tensor each, without padding.
    """
    if packed.batch_sizes.sum() != len(packed.data):
        return False  # a length was longer than the batch
    held = unpack_sequence(packed)
    return len(held) == len(sequences) and all(
        torch.equal(a, b) for a, b in zip(held, sequences, strict=True)
    )


def counts_sequences(count: Callable) -> bool:
    """Return whether your function counts the sequences of a packed batch."""
    one = torch.zeros(2, 1)
    return all(count(pack_sequence([one] * N)) == N for N in range(1, 7))


def keeps_every_step(output: Tensor, batch: Tensor) -> bool:
    """Return whether output has the steps and sequences of the batch.

    Both in one layout: a wrong `batch_first` hides where N equals L.
    """
    return output.shape[:-1] == batch.shape[:-1]


def fits_packed(packed: PackedSequence, module: nn.RNNBase) -> bool:
    """Return whether the rows of a packed input are as wide as is read."""
    return packed.data.shape[1:] == (module.input_size,)


def equals_one_call(
    read: Callable,
    module: nn.RNNBase,
    input: Tensor,
) -> bool:
    """Return whether your loop, pieces or formula give what one call gives.

    It looks in eval mode, and from zeros. For one direction: pieces of two
    directions cannot give it.

    Args:
        read: Your code, from the input to the output of all steps.
        module: The layer.
        input: Several steps: a lost state does not show in the first.
    """
    mode = module.training
    module.eval()
    with torch.no_grad():
        pieces, whole = read(input), module(input)[0]
    module.train(mode)
    same = pieces.shape == whole.shape
    return same and torch.allclose(pieces, whole, atol=1e-5)


def starts_afresh(read: Callable, batch: Tensor, other: Tensor) -> bool:
    """Return whether a batch gives the same, whatever was read before it.

    Dropout draws the same masks each time. It cannot see a state that has
    faded: take few steps, and two batches that differ.

    Args:
        read: Your code, from a batch to its output; called five times.
        batch: The batch that is looked at.
        other: Another, to be read before it.
    """
    outputs = []
    for before in (batch, other):
        read(before)
        with torch.random.fork_rng():
            torch.manual_seed(0)
            outputs.append(read(batch))
    return torch.equal(*outputs)


def starts_own_rows(
    run: Callable,
    state: Tensor,
    axis: int = 1,
    output_axis: int = 1,
) -> bool:
    """Return whether each sequence starts from its own part of a state.

    Another start for sequence 0 must move its output, and no other.

    Args:
        run: Your code, from the state to the output.
        state: The state as your code has it.
        axis: Which of its axes counts sequences.
        output_axis: Which axis of the output does.
    """
    other = state.detach().clone()
    other.select(axis, 0).add_(1.0)
    with torch.no_grad(), torch.random.fork_rng():
        torch.manual_seed(0)  # the same masks of dropout twice
        before = run(state)
        torch.manual_seed(0)
        moved = (run(other) - before).abs() > 1e-6
    moved = moved.transpose(0, output_axis).flatten(1).any(dim=1)
    return bool(moved[0]) and not bool(moved[1:].any())


def has_options(module: nn.Module, **options: object) -> bool:
    """Return whether a layer has these options, in value and in type."""
    has = {name: getattr(module, name) for name in options}
    types = all(type(has[name]) is type(options[name]) for name in options)
    return has == options and types


def is_random(run: Callable, calls: int = 30) -> bool:
    """Return whether dropout is at work: calls differ.

    Many calls, since a small probability may drop nothing in one.
    """
    first = run()
    return any(not torch.equal(run(), first) for _ in range(calls))


def has_forget_bias(lstm: nn.LSTM, value: float) -> bool:
    """Return whether each forget gate's two biases add up to a value.

    All layers and directions; without biases the sum is 0.
    """
    H, sums = lstm.hidden_size, []
    for layer in range(lstm.num_layers):
        for end in ("", "_reverse")[: 1 + lstm.bidirectional]:
            names = [f"bias_{part}_l{layer}{end}" for part in ("ih", "hh")]
            both = [getattr(lstm, name) for name in names if lstm.bias]
            sums.append(sum(bias[H : 2 * H] for bias in both))
    apart = [(torch.as_tensor(total) - value).abs().max() for total in sums]
    return all(bool(largest < 1e-5) for largest in apart)


def holds_parameters(
    optimizer: torch.optim.Optimizer,
    module: nn.Module,
) -> bool:
    """Return whether an optimizer holds all that is to be trained.

    Frozen parameters, `requires_grad=False`, need not be there.
    """
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    return all(id(p) in held for p in module.parameters() if p.requires_grad)


def has_its_shapes(module: nn.RNNBase) -> bool:
    """Return whether each weight has the shape that a new layer has."""
    kind = getattr(nn, module.mode.split("_")[0])
    options = {"proj_size": module.proj_size} if module.proj_size else {}
    fresh = kind(
        module.input_size,
        module.hidden_size,
        module.num_layers,
        bias=module.bias,
        bidirectional=module.bidirectional,
        device="meta",
        **options,
    )
    wanted = {name: weight.shape for name, weight in fresh.named_parameters()}
    return all(getattr(module, name).shape == wanted[name] for name in wanted)


def compares_one_to_one(given: Tensor, target: Tensor) -> bool:
    """Return whether a loss by element, as MSELoss, broadcasts nothing."""
    return given.shape == target.shape


def reaches_zero(loss: Callable) -> bool:
    """Return whether a loss on classes is near 0 for a sure, right answer.

    For scores that may be any number. Label smoothing never comes near 0.
    """
    scores = torch.tensor([[-50.0, 50.0, -50.0]])
    return bool((loss(scores, torch.tensor([1])) < 0.1).all())


def ignores_padding(loss: Callable, logits: Tensor, padding: Tensor) -> bool:
    """Return whether a loss is the same, whatever stands at padding.

    Args:
        loss: Your code, from logits to the loss.
        logits: With a last axis of classes.
        padding: True where there is nothing; the other axes of the logits.
    """
    other = logits.clone()
    other[padding] = torch.randn_like(other[padding])
    return torch.equal(loss(logits), loss(other))
