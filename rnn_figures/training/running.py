"""Train every network of an experiment, one after the other; go on where an earlier run ended."""

import hashlib
import json
import pathlib
import shutil
from collections.abc import Callable
from dataclasses import asdict

import safetensors.torch
from torch import Tensor

from rnn_figures.machine import replace_file
from rnn_figures.training.experiment import SETTLED, Experiment
from rnn_figures.training.stored import TrainedRun, key, network_of, versions, write


def train_all(
    experiment: Experiment,
    folder: pathlib.Path,
    *,
    seeds: int | None = None,
    steps: int | None = None,
    stepped: Callable[[int], None] = lambda steps: None,
) -> pathlib.Path:
    """Train all networks of an experiment and write them; the same bytes on the same machine.

    Each network is kept as soon as it is trained, in a folder beside the result, so that a run that
    was cut off trains only what is missing. A whole run leaves no such folder. `stepped` is told
    how many steps were done or are not needed. Returns the path of the weights.
    """
    seeds = experiment.seeds if seeds is None else seeds
    most = experiment.steps if steps is None else steps
    finished = folder / f".{experiment.name}-{_settings(experiment, most)}"
    tensors: dict[str, Tensor] = {}
    runs = []
    for kind in experiment.kinds:
        for seed in range(seeds):
            part = finished / f"{experiment.kinds.index(kind)}-{seed}"
            if not part.with_suffix(".json").exists():
                _train_one(experiment, kind, seed, most, part, stepped)
            else:
                stepped(most)
            if experiment.kept is None or seed < experiment.kept:
                tensors |= safetensors.torch.load(part.with_suffix(".safetensors").read_bytes())
            runs.append(TrainedRun(**json.loads(part.with_suffix(".json").read_text("utf-8"))))
    command = f"rnn-figures train {experiment.name} --seeds {seeds} --steps {most}"
    path = write(folder, experiment, command=command, tensors=tensors, runs=runs)
    shutil.rmtree(finished)
    return path


def _train_one(
    experiment: Experiment,
    kind: str,
    seed: int,
    most: int,
    part: pathlib.Path,
    stepped: Callable[[int], None],
) -> None:
    """Train one network, measure it as it will be kept, and keep it."""
    network = experiment.network(kind, seed)
    losses = []
    for loss in experiment.train(network, seed, steps=most):
        losses.append(loss)
        stepped(1)
    stepped(most - len(losses))
    tensors = {
        key(kind, seed, name): tensor.to(experiment.stored).contiguous()
        for name, tensor in network.state_dict().items()
    }
    enough = experiment.enough
    run = TrainedRun(
        kind=kind,
        seed=seed,
        steps=len(losses),
        loss=losses[-1],
        settled=None if enough is None else max(losses[-SETTLED:]) < enough,
        data=experiment.digest(seed),
        measured=experiment.measure(network_of(tensors, experiment, kind, seed)),
    )
    part.parent.mkdir(parents=True, exist_ok=True)
    replace_file(part.with_suffix(".safetensors"), safetensors.torch.save(tensors))
    # last: with it the network counts as kept
    replace_file(part.with_suffix(".json"), json.dumps(asdict(run)).encode())


def _settings(experiment: Experiment, most: int) -> str:
    """Return a digest of what a network depends on beside its kind and seed."""
    found = hashlib.sha256(f"{experiment.name} {most} {versions()}".encode())
    for source in sorted(pathlib.Path(__file__).parent.rglob("*.py")):
        found.update(source.read_bytes())
    return found.hexdigest()[:12]
