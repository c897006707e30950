"""How often the verdict was right on layers whose state is known, as a table."""

import importlib.resources
import json

from rnn_figures.arguments import checked
from rnn_figures.figures import Table

RATES = importlib.resources.files("rnn_figures.course").joinpath("rates.json")
"""What `python -m tests.rates` measured, and a slow test measures again."""

COLUMNS = {
    "healthy": ("layer", "alarms due", "healthy layers"),
    "sick": ("layer", "alarms due", "sick layers"),
    "models": ("model", "alarms due", "healthy models"),
    "mistakes": ("mistake", "found as", "mistakes"),
}
"""By kind: the first two columns, and what the rows are."""


@checked
def verdict_rates_table(kind: str) -> Table:
    """Return how often `diagnose` was right, layer by layer or model by model.

    Args:
        kind: "healthy" for layers that deserve no alarm, each on 10 × 1, 100 × 4 and 160 × 8 steps;
            "sick" for layers broken in one way each, on 160 × 8, with 20 seeds both; "models" for
            whole models that deserve no alarm, "mistakes" for models with one mistake each, with
            5 seeds.

    Returns:
        A row for each kind of layer or model. Right is a run that raised what is due, and nothing
        else; of "mistakes", that found what is due, be it an alarm or a note.

    Raises:
        ValueError: `kind` is another word.

    Examples:
        >>> verdict_rates_table("sick").columns
        ('layer', 'alarms due', 'runs', 'right')
    """
    if kind not in COLUMNS:
        kinds = " or ".join(map(repr, COLUMNS))
        raise ValueError(f"expected {kinds} as the kind, got {kind!r}")
    rows = json.loads(RATES.read_text("utf-8"))[kind]
    what, due, words = COLUMNS[kind]
    runs, right = (sum(row[column] for row in rows) for column in (2, 3))
    return Table(
        (what, due, "runs", "right"),
        rows,
        alt=f"{len(rows)} kinds of {words}: {right} of {runs} runs were judged right.",
    )
