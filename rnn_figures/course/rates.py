"""How often the verdict was right on layers whose state is known, as a table."""

import importlib.resources
import json

from rnn_figures.arguments import checked
from rnn_figures.figures import Table

RATES = importlib.resources.files("rnn_figures.course").joinpath("rates.json")
"""What `python -m tests.rates` measured, and a slow test measures again."""


@checked
def verdict_rates_table(kind: str) -> Table:
    """Return how often `diagnose` was right, layer by layer, over 20 seeds.

    Args:
        kind: "healthy" for layers that deserve no alarm, each on 10 × 1, 100 × 4 and 160 × 8 steps;
            "sick" for layers broken in one way each, on 160 × 8.

    Returns:
        A row for each kind of layer; right is a run that raised what is due, and nothing else.

    Raises:
        ValueError: `kind` is another word.

    Examples:
        >>> verdict_rates_table("sick").columns
        ('layer', 'runs', 'right', 'alarms due')
    """
    if kind not in ("healthy", "sick"):
        raise ValueError(f"expected 'healthy' or 'sick' as the kind, got {kind!r}")
    rows = [
        (layer, runs, right, due)
        for layer, due, runs, right in json.loads(RATES.read_text("utf-8"))[kind]
    ]
    runs, right = (sum(row[column] for row in rows) for column in (1, 2))
    return Table(
        ("layer", "runs", "right", "alarms due"),
        rows,
        alt=f"{len(rows)} kinds of {kind} layers: {right} of {runs} runs were judged right.",
    )
