"""The files that `<rnn-lattice>` fetches: which there are, and the code that makes each.

Imports no torch: a worker runs the code, and the cache keeps what it gave.
"""

import itertools

from rnn_figures.options import BIDIRECTIONAL, KINDS, NUM_LAYERS
from rnn_figures.site.running.records import Fence

FOLDER = "assets/lattice"
"""Where they are in the site."""

USES = "lattice_player"
"""The name in a page's code that makes the page need them."""

STEPS = (2, 3, 4, 5)


def files() -> dict[str, Fence]:
    """Return what makes each file, by its name.

    Examples:
        >>> files()["lstm-2-1-4.svg"].code
        "lattice_drawing('LSTM', 2, False, 4)"
    """
    code = {"weights.json": "lattice_weights()"}
    for kind in KINDS:
        code[f"cell-{kind.lower().replace('_', '-')}.svg"] = f"lattice_cell({kind!r})"
    for kind in ("LSTM", "GRU"):  # an RNN's is narrow in any case
        code[f"cell-{kind.lower()}-narrow.svg"] = f"lattice_cell({kind!r}, narrow=True)"
    shapes = itertools.product(("LSTM", "GRU"), NUM_LAYERS, BIDIRECTIONAL, STEPS)
    for kind, layers, bidirectional, steps in shapes:
        name = f"{kind.lower()}-{layers}-{2 if bidirectional else 1}-{steps}"
        call = f"lattice_drawing({kind!r}, {layers}, {bidirectional}, {steps}"
        code[f"{name}.svg"] = f"{call})"
        code[f"{name}-narrow.svg"] = f"{call}, narrow=True)"
    return {name: Fence(kind="file", code=text, line=1) for name, text in code.items()}
