"""The part of a report in which its reader chooses what to see: call, layer, quantity, unit."""

import html
import json
from collections.abc import Sequence

from rnn_figures.models import Call
from rnn_figures.report.numbers import kept_numbers

CHOICES = (
    ("call", "Call"),
    ("part", "Layer"),
    ("sequence", "Sequence"),
    ("letter", "Quantity"),
    ("order", "Order of units"),
)
"""What is chosen from a list, in its order."""

KEYS = "With keys: ↑ and ↓ for the unit, ← and → for the step, Home and End for the first and last."


def chooser_html(calls: Sequence[Call], titles: Sequence[str], symbols: Sequence[str]) -> str:
    """Return the part of a report in which its reader chooses; without scripts it says so."""
    lists = "".join(
        f'<label>{words}<select data-choice="{name}"></select></label>' for name, words in CHOICES
    )
    numbers = kept_numbers(calls, titles)
    data = json.dumps(numbers | {"symbols": list(symbols)}, ensure_ascii=False)
    return (
        '<details class="chooser" id="choose" open><summary>Look closer</summary>'
        "<noscript><p>Choosing needs scripts; everything else on this page does not.</p></noscript>"
        f'<div class="chooser__live" hidden><div class="chooser__choices">{lists}'
        '<label>Unit<input type="number" min="0" step="1" value="0" data-choice="unit"></label>'
        "</div>"
        f'<p class="chooser__plan">{html.escape(numbers["plan"])}</p>'
        '<div class="chooser__chart"><b aria-hidden="true">unit</b>'
        '<div class="chooser__units" aria-hidden="true"></div>'
        '<div class="chooser__map"><canvas tabindex="0" role="img"></canvas>'
        '<span class="chooser__row"></span><span class="chooser__column"></span></div>'
        '<b aria-hidden="true">step</b><div class="chooser__steps" aria-hidden="true"></div></div>'
        '<p class="chooser__keys">A row is a unit, a column is a step. '
        f'<span class="chooser__scale"></span> {KEYS}</p>'
        '<output class="chooser__told" aria-live="polite"></output>'
        '<div class="chooser__strips"></div></div>'
        f'<script type="application/json">{data.replace("<", chr(92) + "u003c")}</script>'
        "</details>"
    )
