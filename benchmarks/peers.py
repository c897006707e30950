"""What others see of an LSTM inside a model, in one run: which quantities, time, memory, size.

Nobody is asked what a tool can do: every tensor that its result reaches is held against the gates
and states of the layer. A tool that is not installed says so.
"""

import functools
import gc
import importlib.util
import statistics
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import click
import torch
from torch import Tensor, nn

from benchmarks.measuring import memory, seconds
from rnn_figures import Table, explain, trace, trace_all

STEPS, SEQUENCES, FEATURES, UNITS = 100, 8, 32, 64

ROUNDS = 5

LETTERS = "ifgoch"

MOST_OBJECTS = 300_000
"""Objects of a result that are searched for tensors."""

NEAR = 1e-5


class Tagger(nn.Module):
    """A layer, and what turns its output into scores."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(FEATURES, UNITS)
        self.head = nn.Linear(UNITS, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores of each step."""
        return self.head(self.rnn(x)[0])


class Peer(NamedTuple):
    """A way to look into a model.

    Attributes:
        name: What it is called.
        package: What it needs; "" for nothing.
        look: Runs the model and returns what it gives.
        size: Bytes of the report that comes of it; None if there is none.
    """

    name: str
    package: str
    look: Callable[[Tagger, Tensor], Any]
    size: Callable[[Any], int] | None = None


def _explained(model: Tagger, x: Tensor) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return explain(model, x, path=Path(folder, "report.html")).stat().st_size


def _hooked(model: Tagger, x: Tensor) -> list[Any]:
    """Do what captum's LayerActivation does: a hook on the layer that keeps its output."""
    kept: list[Any] = []
    handle = model.rnn.register_forward_hook(lambda _, given, returned: kept.append(returned))
    with torch.no_grad():
        model(x)
    handle.remove()
    return kept


def _by_cells(model: Tagger, x: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Write the layer out as a loop over a cell with its weights."""
    cell = nn.LSTMCell(FEATURES, UNITS)
    own = {name.removesuffix("_l0"): value for name, value in model.rnn.state_dict().items()}
    cell.load_state_dict(own)
    kept, state = [], None
    with torch.no_grad():
        for step in x:
            state = cell(step, state)
            kept.append(state)
    return kept


def _torchlens(model: Tagger, x: Tensor) -> Any:
    import torchlens  # pyright: ignore[reportMissingImports]

    look = getattr(torchlens, "trace", None) or torchlens.log_forward_pass
    return look(model, x)


def _torchview(model: Tagger, x: Tensor) -> Any:
    import torchview  # pyright: ignore[reportMissingImports]

    return torchview.draw_graph(model, input_data=x, device="cpu")


def _torchinfo(model: Tagger, x: Tensor) -> Any:
    import torchinfo  # pyright: ignore[reportMissingImports]

    return torchinfo.summary(model, input_data=x, verbose=0)


PEERS = (
    Peer("rnn_figures trace_all", "", trace_all),
    Peer("rnn_figures explain", "", _explained, lambda size: size),
    Peer("torchlens", "torchlens", _torchlens, lambda found: len(str(found))),
    Peer("torchview", "torchview", _torchview, lambda found: len(found.visual_graph.source)),
    Peer("torchinfo", "torchinfo", _torchinfo, lambda found: len(str(found))),
    Peer("a hook, as captum's", "", _hooked),
    Peer("a loop over LSTMCell", "", _by_cells),
)


@click.command()
def peers_command() -> None:
    """Measure what others recover of an LSTM in a model, and what it costs."""
    torch.set_num_threads(1)
    torch.manual_seed(0)
    model, x = Tagger().eval(), torch.randn(STEPS, SEQUENCES, FEATURES)
    click.echo(f"An LSTM({FEATURES}, {UNITS}) in a model, {STEPS} × {SEQUENCES} steps\n")
    click.echo(peers_table(model, x).to_markdown())


def peers_table(model: Tagger, x: Tensor) -> Table:
    """Return a row for each way to look into a model."""
    run = trace(model.rnn, x)[0, 0]
    known = {letter: run[letter] for letter in LETTERS}

    def plain() -> Tensor:
        with torch.no_grad():
            return model(x)

    plain()
    forward = statistics.median(seconds(plain) for _ in range(ROUNDS))
    forward_bytes = max(memory(plain)[1])
    rows = []
    for peer in PEERS:
        if peer.package and importlib.util.find_spec(peer.package) is None:
            rows.append((peer.name, "not installed", None, None, None))
            continue
        look = functools.partial(peer.look, model, x)
        took = statistics.median(seconds(look) for _ in range(ROUNDS))
        found, live = memory(look)
        peak = max(live)
        seen = " ".join(recovered(found, known)) or "–"
        if peer.look is _explained:
            seen = "in the file"
        size = peer.size(found) / 1e3 if peer.size else None
        rows.append((peer.name, seen, took / forward, peak / forward_bytes, size))
    columns = ["tool", "recovered at every step", "time / forward", "memory / forward", "report kB"]
    return Table(columns, rows)


def recovered(found: Any, known: dict[str, Tensor]) -> list[str]:
    """Return the letters whose numbers are in a result, whole or step by step."""
    tensors = list(tensors_in(found))
    return [letter for letter, value in known.items() if _is_in(value, tensors)]


def _is_in(value: Tensor, tensors: list[Tensor]) -> bool:
    def near(one: Tensor, other: Tensor) -> bool:
        return one.numel() == other.numel() and bool(
            ((one.reshape(-1) - other.reshape(-1)).abs() < NEAR).all()
        )

    if any(near(value, each) for each in tensors):
        return True
    small = [each for each in tensors if each.numel() == value[0].numel()]
    return bool(small) and all(any(near(step, each) for each in small) for step in value)


def tensors_in(found: Any) -> Iterator[Tensor]:
    """Walk the tensors that an object reaches, but for those of modules."""
    queue, seen = [found], set()
    while queue and len(seen) < MOST_OBJECTS:
        one = queue.pop()
        if id(one) in seen or isinstance(one, type | ModuleType | nn.Module):
            continue
        seen.add(id(one))
        if isinstance(one, Tensor):
            if not isinstance(one, nn.Parameter) and one.is_floating_point():
                yield one.detach()
            continue
        queue += gc.get_referents(one)
