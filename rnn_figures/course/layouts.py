"""What goes in and comes out for each layout of the input: batch first or not, batched or not."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import torch
from torch import Tensor, nn

from rnn_figures.arguments import at_least, checked
from rnn_figures.configurations import built_like, class_name
from rnn_figures.figures import Table, Value
from rnn_figures.proofs import Comparison, compare
from rnn_figures.tables.shapes import shape_table
from rnn_figures.traces.runs import states_of

TENSORS = ("output", "h_n", "c_n")


@checked
def layout_table(module: nn.RNNBase, *, L: int = 8, N: int = 4) -> Table:
    """Run a module's eight siblings and list the shapes of what they read and return.

    The siblings are of the module's kind and sizes, with and without batch_first, with one and two
    directions; each reads a batch, then one sequence without a batch.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN; its own batch_first and directions do not matter.
        L: Steps of the input.
        N: Sequences of the batch.

    Returns:
        A row for each of the eight runs. A GRU or RNN has no c_n.

    Raises:
        RuntimeError: a shape is not what torch's rule gives.
        ProofError: batch_first changes more than the order of two axes.

    Examples:
        >>> layout_table(nn.GRU(5, 3)).rows[4]
        (True, 'batch', 1, (4, 8, 5), (4, 8, 3), (1, 4, 3))
    """
    at_least(1, L=L, N=N)
    rows = []
    for batch_first, batched, directions in product((False, True), (True, False), (1, 2)):
        sibling, read = _sibling(module, (L, N), batch_first, batched, directions)
        shapes = {row[0]: row[1] for row in shape_table(sibling, read).rows}
        found = [shapes[name] for name in TENSORS if name in shapes]
        what = "batch" if batched else "one sequence"
        rows.append((batch_first, what, directions, tuple(read.shape), *found))
    kind = class_name(module)
    columns = ["batch_first", "input is", "D", "input", *TENSORS[: len(rows[0]) - 4]]
    table = Table(
        columns,
        rows,
        alt=(
            f"Shapes of nn.{kind} in eight runs: with and without batch_first, for a batch of {N} "
            f"sequences of {L} steps and for one sequence without a batch, with one and two "
            "directions. batch_first exchanges the first two axes of input and output of a batch; "
            "the states have the same shape with and without it."
        ),
    )
    return table.proved(
        f"eight runs of nn.{kind}: states of one shape, first two axes exchanged",
        *_compare_twins(table.rows),
        *(one for row in table for one in _compare_run(row, module, (L, N))),
    )


def _compare_run(
    row: Mapping[str, Value], module: nn.RNNBase, sizes: tuple[int, int]
) -> Iterator[Comparison]:
    """Compare a finished row with a run of its own, of the options that the row names."""
    batched, directions = row["input is"] == "batch", 2 if row["D"] == 2 else 1
    sibling, read = _sibling(module, sizes, bool(row["batch_first"]), batched, directions)
    with torch.no_grad():
        output, states = sibling(read)
    tensors = (read, output, *states_of(states))
    for name, tensor in zip(("input", *TENSORS), tensors, strict=False):
        yield compare(name, row[name], tuple(tensor.shape))


def _compare_twins(rows: Sequence[Sequence]) -> Iterator[Comparison]:
    """Compare each run of batch_first with its twin without, as the alt text has them."""
    for twin, row in zip(rows[:4], rows[4:], strict=True):
        for name, (one, two, *rest), shown in zip(
            ("input", *TENSORS), twin[3:], row[3:], strict=False
        ):
            exchanged = row[1] == "batch" and name in ("input", "output")
            given = (two, one, *rest) if exchanged else (one, two, *rest)
            yield compare(f"{name} with batch_first", shown, given)


def _sibling(
    module: nn.RNNBase, sizes: tuple[int, int], batch_first: bool, batched: bool, directions: int
) -> tuple[nn.RNNBase, Tensor]:
    """Return a module of the same kind and sizes, and zeros for it to read, of (L, N).

    The random state stays as it was.
    """
    axes = (sizes[::-1] if batch_first else sizes) if batched else sizes[:1]
    with torch.random.fork_rng(devices=[]):
        sibling = built_like(module, batch_first=batch_first, bidirectional=directions == 2)
    return sibling, torch.zeros(*axes, module.input_size)
