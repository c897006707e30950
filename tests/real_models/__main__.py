"""The table of real models: `python -m tests.real_models`, with the extra `real` installed."""

import itertools
import pathlib
import tempfile
import time
import warnings

import click
import torch

from rnn_figures import Table, explain, trace_all
from tests.real_models.zoo import built


@click.command()
def main() -> None:
    """Trace and explain each model once, and say what that took."""
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    columns = ["model", "layers", "calls", "checked", "forward s", "trace s", "report s", "MB"]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "report.html")
        for name, real in built():
            seconds = [time.perf_counter()]
            with torch.no_grad():
                real.model(*real.args, **real.kwargs)
            seconds.append(time.perf_counter())
            traces = trace_all(real.model, *real.args, **real.kwargs)
            seconds.append(time.perf_counter())
            explain(real.model, *real.args, path=path, **real.kwargs)
            seconds.append(time.perf_counter())
            found = [each for calls in traces.values() for each in calls]
            took = [later - earlier for earlier, later in itertools.pairwise(seconds)]
            checked = sum(each.proof.values for each in found)
            size = path.stat().st_size / 1e6
            rows.append((name, len(traces), len(found), checked, *took, size))
    click.echo(Table(columns, rows).to_markdown())


if __name__ == "__main__":
    main()
