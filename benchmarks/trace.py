"""What `trace` costs beside the module's own forward: time, and memory beside what it returns.

Beside the ratio stands the least that it can be where only the module's output is known: its own
forward, the layers below the top once more (their h is in no output), and the products of all that
the steps read with the weights. A second table says where the time of each trace goes.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

import click
import torch
from torch import Tensor, nn

from benchmarks.measuring import memory, seconds
from benchmarks.parts import parts
from rnn_figures import Trace, describe, trace
from rnn_figures.stacks import layers_of
from rnn_figures.weights import layers_and_directions, weights

SIZES = (
    (8, 1, 5, 3),
    (50, 8, 32, 64),
    (200, 32, 64, 128),
    (1000, 1, 64, 128),
    (1000, 64, 128, 512),
)
"""(L, N, H_in, H_cell), from a page's example to a network's."""

WIDE = (1000, 256, 512, 128)
"""Of one GRU: a wide input, 0.5 GB of it."""

ROUNDS, SECONDS = 3, 2.0
"""A row is measured at least so often, and again until it has taken so long."""

MIB = 2**20


class Cost(NamedTuple):
    """What one trace cost: seconds, and bytes."""

    forward: float  # median of the module's own forward
    trace: float  # median of trace, its check included
    least: float  # the forward, the lower layers once more, and the products alone
    returned: int  # storages that the Trace reaches
    kept: int  # allocated before and after, the Trace still there
    peak: int  # largest allocated at any time on the way


HEADINGS = "L, N       forward ms   trace / forward   least   returned MiB   kept   peak   module"

PART_HEADINGS = (
    "L, N       forward   below   products   gates   check   rest   operators of both   module"
)

ABOUT = """\
least: forward, lower layers once more and products alone, times the forward
kept, peak: memory after and at most, times what the trace returns
"""

ABOUT_PARTS = """
Where the time of a trace goes, in forwards of the module:
forward: the module's own, once; above 1 where its code has left the processor's caches meanwhile
below: the layers below the top once more, whose h is in no output
products: of all that the steps read with the weights; gates: sigmoid, tanh, and c step by step
check: every h rebuilt, h_n and c_n; rest: layout, copies, records
operators of both: what the trace calls of torch, and what the forward does

Why 2.0 is not always reached: a fused LSTM takes hardly longer than its products, so that forward
and products alone come to about 2, and to more with a layer below; a forward of 0.1 ms is one fused
call, and a trace of it some hundred calls, each of a microsecond or more whatever its size.
"""


@click.command()
@click.option("--quick", is_flag=True, help="Leave out the largest sizes, which take minutes.")
def trace_command(quick: bool) -> None:
    """Measure trace against nn.LSTM.forward and nn.GRU.forward."""
    torch.set_num_threads(1)
    click.echo(f"What trace costs: torch {torch.__version__}, one thread")
    click.echo(ABOUT)
    click.echo(HEADINGS)
    rows: list[str] = []
    for module, (steps, sequences) in _modules(quick):
        given = torch.randn(steps, sequences, module.input_size)
        cost = measure(module, given)
        click.echo(
            f"{f'{steps}, {sequences}':9}  {cost.forward * 1000:10.2f}   "
            f"{cost.trace / cost.forward:15.2f}   {cost.least / cost.forward:5.2f}   "
            f"{cost.returned / MIB:12.3f}   "
            f"{cost.kept / cost.returned:4.2f}   {cost.peak / cost.returned:4.2f}   "
            f"{describe(module)}"
        )
        rows.append(_parts_row(module, given, cost.forward))
    click.echo(ABOUT_PARTS)
    click.echo("\n".join((PART_HEADINGS, *rows)))


def _parts_row(module: nn.RNNBase, input: Tensor, forward: float) -> str:
    """Return the row of the second table: the parts of a trace, in forwards."""
    found = parts(module, input)
    shares = [seconds / forward for seconds in found[:6]]
    numbers = "   ".join(
        f"{share:{width}.2f}" for share, width in zip(shares, (7, 5, 8, 5, 5, 4), strict=True)
    )
    operators = f"{found.operators} / {found.operators_of_forward}"
    size = f"{input.shape[0]}, {input.shape[1]}"
    return f"{size:9}  {numbers}   {operators:>17}   {describe(module)}"


def _modules(quick: bool) -> Iterator[tuple[nn.RNNBase, tuple[int, int]]]:
    """Build one layer, and two layers in both directions, of each kind and size, with (L, N)."""
    for kind, (steps, sequences, input_size, hidden_size), deep in itertools.product(
        (nn.LSTM, nn.GRU), SIZES[:-1] if quick else SIZES, (False, True)
    ):
        options = {"num_layers": 2, "bidirectional": True} if deep else {}
        yield kind(input_size, hidden_size, **options).eval(), (steps, sequences)
    if not quick:
        yield nn.GRU(*WIDE[2:]).eval(), WIDE[:2]


def measure(module: nn.RNNBase, input: Tensor) -> Cost:
    """Measure forward and trace in turns, so that both meet the same machine.

    Time is that of this thread: what other programs take from the processor does not count.
    """
    calls = (lambda: module(input), lambda: trace(module, input), _least(module, input))
    times: list[list[float]] = [[], [], []]
    with torch.no_grad():
        for call in calls:
            call()
        end = time.perf_counter() + SECONDS
        while len(times[0]) < ROUNDS or time.perf_counter() < end:
            for call, taken in zip(calls, times, strict=True):
                taken.append(seconds(call))
    result, live = memory(lambda: trace(module, input))
    returned = sum(_storages(result).values())
    forward, traced, least = map(statistics.median, times)
    return Cost(forward, traced, least, returned, live[-1], max(live))


def _least(module: nn.RNNBase, input: Tensor) -> Callable[[], None]:
    """Return a call of what no trace can leave out: forward, lower layers, products."""
    top, rows = module.num_layers - 1, len(input) * input.shape[1]
    below = layers_of(module, 0, top) if top else None
    parts = [weights(module, *where) for where in layers_and_directions(module)]
    factors = [torch.cat((part["weight_ih"], part["weight_hh"]), 1).detach() for part in parts]
    reads = [torch.rand(rows, factor.shape[1]) for factor in factors]
    totals = torch.empty(rows, len(factors[0]))

    def call() -> None:
        module(input)
        if below is not None:
            below(input)
        for read, factor in zip(reads, factors, strict=True):
            torch.mm(read, factor.T, out=totals)

    return call


def _storages(trace: Trace) -> dict[int, int]:
    """Return the bytes of each storage that a Trace reaches, by its address."""
    tensors = [trace.output, trace.h_n, trace.c_n, trace.lengths]
    for layer_trace in (trace[where] for where in layers_and_directions(trace.module)):
        tensors += [layer_trace.x, layer_trace.h_0, layer_trace.c_0]
        tensors += [layer_trace[letter] for letter in layer_trace.quantities]
    storages = [tensor.untyped_storage() for tensor in tensors if isinstance(tensor, Tensor)]
    return {storage.data_ptr(): storage.nbytes() for storage in storages}
