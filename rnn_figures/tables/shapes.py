"""Every tensor that goes into a module, comes out of it, or belongs to it."""

import contextlib
import math
from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import PackedSequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.figures import Table
from rnn_figures.proofs import Comparison, compare_column
from rnn_figures.tables.letters import Letters, compare_shape, letter_sizes, read, write
from rnn_figures.tables.parameters import parameters
from rnn_figures.traces.runs import refuse_other_kinds, states_of, telling_shapes

Entry = tuple[str, Letters, Tensor, str]
"""Name, axes, live tensor, meaning."""


@checked
def shape_table(
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    hx: Tensor | tuple[Tensor, Tensor] | None = None,
) -> Table:
    """Run a module and list every tensor in, every tensor out and every parameter.

    Shapes are read from the live tensors; the letters follow from torch's rules and are compared
    with them. Without `hx`, the initial states are listed too, as the zeros that torch takes: a
    second run with these zeros shows that their shapes are right.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass; any options.
        input: What the module takes: (L, N, H_in), (N, L, H_in) with batch_first, (L, H_in), or a
            PackedSequence, of which each tensor has a row.
        hx: Initial state as the module takes it; None for zeros.

    Returns:
        Columns tensor, shape, letters, numbers (how many) and meaning.

    Raises:
        TypeError: integers, as token ids are; a state of another kind than the module's.
        RuntimeError: the module refuses the input; torch's own message.
        ProofError: a shape is not what torch's rule gives.

    Examples:
        >>> table = shape_table(nn.LSTM(5, 3, bidirectional=True), torch.zeros(8, 1, 5))
        >>> next(row for row in table.rows if row[0] == "output")[1:3]
        ((8, 1, 6), '(L, N, D·H_out)')
    """
    remark = "" if hx is not None else "; not given: zeros"
    refuse_other_kinds(module, input, hx)
    with torch.no_grad(), _random_state_kept(module), telling_shapes(module, input, hx):
        output, states = module(input, hx)
        if hx is None:
            zeros = tuple(torch.zeros_like(state) for state in states_of(states))
            hx = (zeros[0], zeros[1]) if len(zeros) == 2 else zeros[0]
            module(input, hx)
    sizes = letter_sizes(module) | _run_sizes(module, input)
    entries = [
        *_sequence("input", module, input),
        *_states("0", module, input, states_of(hx), remark),
        *_sequence("output", module, output),
        *_states("n", module, input, states_of(states), ""),
    ]
    own = parameters(module)
    for one in own:
        stacked = f"{one.blocks} stacked, " if len(one.blocks) > 1 else ""
        entries.append((one.name, one.letters, one.tensor, stacked + one.use))
    rows = [
        (name, tuple(tensor.shape), write(letters), tensor.numel(), words)
        for name, letters, tensor, words in entries
    ]
    numbers = sum(one.tensor.numel() for one in own)
    columns = ("tensor", "shape", "letters", "numbers", "meaning")
    table = Table(columns, rows, alt=_alt(module, rows, len(own), numbers))
    words = f"shapes by torch's rule equal to those of nn.{class_name(module)}"
    return table.proved(words, *_compare_rows(table, entries, sizes))


def _compare_rows(
    table: Table, entries: list[Entry], sizes: dict[str, int]
) -> Iterator[Comparison]:
    """Compare the finished rows with the live tensors, and their letters with their shapes."""
    for row in table:
        yield compare_shape(str(row["tensor"]), read(str(row["letters"])), row["shape"], sizes)
    yield compare_column(table, "tensor", [entry[0] for entry in entries])
    yield compare_column(table, "meaning", [entry[3] for entry in entries])
    yield compare_column(table, "numbers", [math.prod(entry[2].shape) for entry in entries])
    yield compare_column(table, "shape", [tuple(entry[2].shape) for entry in entries])


@contextlib.contextmanager
def _random_state_kept(module: nn.RNNBase) -> Iterator[None]:
    """Keep the random numbers that dropout in training mode draws from the caller's stream."""
    device = next(iter(module.parameters())).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        yield


def _run_sizes(module: nn.RNNBase, input: Tensor | PackedSequence) -> dict[str, int]:
    """Return what L, N and, packed, the sum of the lengths stand for in this run."""
    if isinstance(input, PackedSequence):
        sizes = input.batch_sizes
        return {"L": len(sizes), "N": int(sizes[0]), "Σlengths": int(sizes.sum())}
    if input.dim() == 2:
        return {"L": input.shape[0]}
    steps, sequences = (1, 0) if module.batch_first else (0, 1)
    return {"L": input.shape[steps], "N": input.shape[sequences]}


def _sequence(name: str, module: nn.RNNBase, value: Tensor | PackedSequence) -> list[Entry]:
    """List the tensors of what goes in or comes out for every step."""
    width = "H_in" if name == "input" else "D·H_out"
    words = "what the module reads at every step"
    if name == "output":
        halves = ", forward | reverse" if module.bidirectional else ""
        words = f"h of the top layer at every step{halves}"
    if not isinstance(value, PackedSequence):
        axes = ("L",) if value.dim() == 2 else ("N", "L") if module.batch_first else ("L", "N")
        return [(name, (*axes, width), value, words)]
    entries: list[Entry] = [
        (f"{name}.data", ("Σlengths", width), value.data, f"{words}, without padding"),
        (f"{name}.batch_sizes", ("L",), value.batch_sizes, "sequences that have each step"),
    ]
    for order, tensor, meaning in (
        ("sorted", value.sorted_indices, "the caller's sequences, longest first"),
        ("unsorted", value.unsorted_indices, "back to the caller's order"),
    ):
        if tensor is not None:
            entries.append((f"{name}.{order}_indices", ("N",), tensor, meaning))
    return entries


def _states(
    end: str,
    module: nn.RNNBase,
    input: Tensor | PackedSequence,
    states: tuple[Tensor, ...],
    remark: str,
) -> list[Entry]:
    """List h_0 and c_0, or h_n and c_n: never batch first."""
    batched = isinstance(input, PackedSequence) or input.dim() == 3
    when = "before the first step" if end == "0" else "after the last step"
    one = module.num_layers == 1 and not module.bidirectional
    rows = "one row" if one else "one row per layer and direction"
    axes = ("D·num_layers", "N") if batched else ("D·num_layers",)
    return [
        (f"{letter}_{end}", (*axes, width), state, f"{words} {when}, {rows}{remark}")
        for letter, width, words, state in zip(
            "hc", ("H_out", "H_cell"), ("hidden state", "cell state"), states, strict=False
        )
    ]


def _alt(module: nn.RNNBase, rows: list[tuple], count: int, numbers: int) -> str:
    """Describe what goes in, what comes out and how much the module holds."""
    shapes = {row[0]: row[1] for row in rows}
    packed = ".data" if "input.data" in shapes else ""
    came = [f"output{packed}", *(name for name in ("h_n", "c_n") if name in shapes)]
    out = [f"{name} {shapes[name]}" for name in came]
    return (
        f"Table of shapes in one run of {describe(module)}. In: input{packed} "
        f"{shapes['input' + packed]}. Out: {', '.join(out)}. "
        f"Its {count} parameters hold {numbers} numbers."
    )
