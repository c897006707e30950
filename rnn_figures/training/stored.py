"""Trained weights in files: NAME.safetensors, and beside it NAME.json with how they came about."""

import functools
import hashlib
import json
import pathlib
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import safetensors.torch
import torch
from torch import Tensor

from rnn_figures.arguments import checked
from rnn_figures.machine import replace_file
from rnn_figures.training.experiment import Experiment
from rnn_figures.training.networks import Network
from rnn_figures.training.registry import EXPERIMENTS

SHIPPED = pathlib.Path(__file__).parent / "shipped"
"""The weights that come with the package."""


@dataclass(frozen=True, eq=False, kw_only=True)
class TrainedRun:
    """What is known of one trained network.

    Attributes:
        kind: Which of the experiment's kinds it is.
        seed: Of its first weights, and of what it was trained on.
        steps: How many steps it was trained.
        loss: Of the last step.
        settled: Whether the loss stayed low enough to end before all steps were used; None where
            the experiment has no such end.
        data: SHA-256 of the first batches that it was trained on.
        measured: What the weights can do, as they are kept.
    """

    kind: str
    seed: int
    steps: int
    loss: float
    settled: bool | None
    data: str
    measured: Mapping[str, Any] = field(default_factory=dict)


@checked
def trained(name: str, kind: str = "LSTM", seed: int = 0) -> Network:
    """Return one of the trained networks that come with this package, as a live module.

    Args:
        name: Of the experiment: "counting", "brackets", "recall", …
        kind: Which of its kinds: "RNN", "GRU", "LSTM", …
        seed: From 0.

    Returns:
        A Network: its `layer` is an nn.LSTM, nn.GRU or nn.RNN of one layer, which reads
        `inputs(text)`; `chances(text)` has the probability of each answer after each symbol.

    Raises:
        ValueError: there is no such experiment, or no such network in it; the message names them.

    Examples:
        >>> network = trained("counting", "LSTM", 0)
        >>> network.best("$aabb")[3:]
        ['b', '$']
    """
    record(name)  # says which experiments there are
    # Read by Python, not mapped by safetensors: what a fence opens is then known to its cache.
    tensors = _tensors((SHIPPED / f"{name}.safetensors").read_bytes())
    return network_of(tensors, EXPERIMENTS[name], kind, seed)


@checked
def trained_runs(name: str, kind: str | None = None) -> list[TrainedRun]:
    """Return what is known of the trained networks that come with this package.

    Args:
        name: Of the experiment: "counting", "brackets", "recall", …
        kind: One of its kinds; None for all.

    Returns:
        One for each network, kind by kind, each with the steps that it was trained and what was
        measured on it.

    Raises:
        ValueError: there is no such experiment or kind; the message names those that there are.

    Examples:
        >>> [run.seed for run in trained_runs("counting", "GRU")]
        [0, 1, 2, 3, 4]
    """
    known = record(name)["runs"]
    if kind not in (None, *(run["kind"] for run in known)):
        kinds = "; ".join(dict.fromkeys(run["kind"] for run in known))
        raise ValueError(f"expected a kind among {kinds}, got {kind!r}")
    runs = [TrainedRun(**run) for run in known]
    return [run for run in runs if kind in (None, run.kind)]


def record(name: str) -> dict[str, Any]:
    """Return all that is known of an experiment's training: command, versions, digests, runs."""
    if name not in EXPERIMENTS:
        raise ValueError(f"expected an experiment among {', '.join(EXPERIMENTS)}, got {name!r}")
    return json.loads((SHIPPED / f"{name}.json").read_bytes())


def network_of(
    tensors: Mapping[str, Tensor], experiment: Experiment, kind: str, seed: int
) -> Network:
    """Return the network of a kind and seed from a file's tensors, or ValueError."""
    network = experiment.network(kind, 0)
    start = key(kind, seed, "")
    found = {name.removeprefix(start): t for name, t in tensors.items() if name.startswith(start)}
    if not found:
        seeds = sorted({name.split("/")[1] for name in tensors if name.startswith(f"{kind}/")})
        raise ValueError(f"expected a seed among {', '.join(seeds)} of {kind}, got {seed}")
    network.load_state_dict({name: tensor.float() for name, tensor in found.items()})
    return network.eval()


def key(kind: str, seed: int, parameter: str) -> str:
    """Return the name of a parameter in a file of many networks."""
    return f"{kind}/{seed}/{parameter}"


def write(
    folder: pathlib.Path,
    experiment: Experiment,
    *,
    command: str,
    tensors: Mapping[str, Tensor],
    runs: Sequence[TrainedRun],
) -> pathlib.Path:
    """Write an experiment's weights and what is known of them; return the path of the weights."""
    weights = safetensors.torch.save(dict(tensors))
    network = experiment.network(experiment.kinds[0], 0)
    known = {
        "name": experiment.name,
        "question": experiment.question,
        "command": command,
        "versions": versions(),
        "symbols": network.symbols,
        "answers": network.answers,
        "stored": str(experiment.stored).removeprefix("torch."),
        "weights": hashlib.sha256(weights).hexdigest(),
        "runs": [asdict(run) for run in runs],
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{experiment.name}.safetensors"
    replace_file(path, weights)
    text = json.dumps(known, indent=1, ensure_ascii=False) + "\n"
    replace_file(path.with_suffix(".json"), text.encode())
    return path


def versions() -> dict[str, str]:
    """Return the versions that the weights depend on."""
    return {"python": platform.python_version(), "torch": torch.__version__}


@functools.lru_cache(maxsize=4)
def _tensors(content: bytes) -> dict[str, Tensor]:
    return safetensors.torch.load(content)
