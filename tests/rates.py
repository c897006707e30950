"""Measure how often the verdict is right: `python -m tests.rates` writes what the page shows."""

import json
import pathlib

import click
import torch

from rnn_figures.course.rates import RATES
from tests.layers import HEALTHY, SICK, healthy_rate, sick_rate

SEEDS = 20


def measured() -> dict[str, list[list[str | int]]]:
    """Return a row for each layer of both zoos: what is due, runs, right ones."""
    healthy, sick = [], []
    for name in HEALTHY:
        false, runs = healthy_rate(name, SEEDS)
        healthy.append([name, "none", runs, runs - false])
    for name, (_, _, due) in SICK.items():
        exact, _, runs = sick_rate(name, SEEDS)
        sick.append([name, ", ".join(sorted(due)), runs, exact])
    return {"healthy": healthy, "sick": sick}


@click.command()
def main() -> None:
    """Measure, and write the record that the package carries."""
    torch.set_num_threads(1)
    kinds = []
    for kind, rows in measured().items():
        lines = ",\n  ".join(json.dumps(row, ensure_ascii=False) for row in rows)
        kinds.append(f' "{kind}": [\n  {lines}\n ]')
    text = ",\n".join(kinds)
    pathlib.Path(str(RATES)).write_text(f"{{\n{text}\n}}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
