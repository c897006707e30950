"""Measure fresh and trained layers: `python -m tests.ranges` writes the ranges of the facts."""

import itertools
import json
import pathlib
from collections import defaultdict
from collections.abc import Iterator
from typing import cast

import click
import torch
from torch import Tensor, nn

from rnn_figures import diagnose
from rnn_figures.training import EXPERIMENTS, trained, trained_runs
from rnn_figures.verdict.facts import RANGES
from tests.layers import FEATURES, draw

SEEDS, SIZES = 5, (8, 64)
"""Of fresh layers."""

Ranges = dict[str, dict[str, list[float]]]


def fresh_layers() -> Iterator[tuple[nn.Module, Tensor]]:
    """Yield layers of each kind as torch starts them, each with a batch."""
    for kind, units, seed in itertools.product((nn.RNN, nn.GRU, nn.LSTM), SIZES, range(SEEDS)):
        torch.manual_seed(seed)
        yield kind(FEATURES, units), draw(seed=seed)


def trained_networks() -> Iterator[tuple[nn.Module, Tensor]]:
    """Yield the trained networks whose weights are kept, each with a batch it has not seen."""
    for name, experiment in EXPERIMENTS.items():
        for run in trained_runs(name):
            if experiment.kept is None or run.seed < experiment.kept:
                batch = next(experiment.batches(1000 + run.seed)).symbols
                yield trained(name, run.kind, run.seed).eval(), batch


def measured() -> Ranges:
    """Return of each measure the least and the largest, of the networks without an alarm."""
    found: defaultdict[str, dict[str, list[float]]] = defaultdict(dict)
    for which, networks in (("fresh", fresh_layers()), ("trained", trained_networks())):
        for model, batch in networks:
            verdict = diagnose(model, batch)
            for _, _, _, measure, letter, value, *_ in () if verdict.alarms else verdict.facts.rows:
                number = cast("float", value)
                least, most = found[f"{measure} of {letter}"].get(which, (number, number))
                found[f"{measure} of {letter}"][which] = [min(least, number), max(most, number)]
    return dict(found)


@click.command()
def main() -> None:
    """Measure, and write the record that the package carries."""
    torch.set_num_threads(1)
    rounded = {
        of: {which: [float(f"{end:.4g}") for end in ends] for which, ends in each.items()}
        for of, each in measured().items()
    }
    lines = ",\n ".join(
        f"{json.dumps(of, ensure_ascii=False)}: {json.dumps(each)}" for of, each in rounded.items()
    )
    pathlib.Path(str(RANGES)).write_text(f"{{\n {lines}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
