"""Measure how often the verdict is right: `python -m tests.rates` writes what the page shows."""

import json
import pathlib

import click
import torch

from rnn_figures.course.rates import RATES
from tests.layers import HEALTHY, SICK, healthy_rate, sick_rate
from tests.whole_models import checks, judged
from tests.whole_models.zoos import SICK as SICK_MODELS, WELL as HEALTHY_MODELS

SEEDS, SEEDS_OF_MODELS = 20, 5


def measured() -> dict[str, list[list[str | int]]]:
    """Return a row for each layer and model of the zoos: what is due, runs, right ones."""
    healthy, sick, seeds = [], [], range(SEEDS_OF_MODELS)
    for name in HEALTHY:
        false, runs = healthy_rate(name, SEEDS)
        healthy.append([name, "none", runs, runs - false])
    for name, (_, _, due) in SICK.items():
        exact, _, runs = sick_rate(name, SEEDS)
        sick.append([name, ", ".join(sorted(due)), runs, exact])
    models = [
        [name, "none", SEEDS_OF_MODELS, sum(not judged(case, seed).alarms for seed in seeds)]
        for name, case in HEALTHY_MODELS.items()
    ]
    mistakes = [
        [
            name,
            ", ".join(sorted(case.due)) or "nothing: one run does not show it",
            SEEDS_OF_MODELS,
            sum(bool(case.due) and case.due <= checks(case, seed) for seed in seeds),
        ]
        for name, case in SICK_MODELS.items()
    ]
    return {"healthy": healthy, "sick": sick, "models": models, "mistakes": mistakes}


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
