"""A whole layer in the reader's hands: the unrolled diagram, and what its page's script asks for.

A page holds one configuration, and works without scripts. With them its reader chooses others: the
script fetches their drawings, which `site/lattice.py` has made at build, and writes the numbers of
`cells.mjs` into them.
"""

import copy
import json

from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.course.cell_player import step_with_sums, weight_lists
from rnn_figures.course.seeds import from_seed_0, site_input
from rnn_figures.diagrams.cell.diagram import cell_diagram
from rnn_figures.diagrams.unrolled.diagram import unrolled_diagram
from rnn_figures.figures import Diagram, Live
from rnn_figures.options import BIDIRECTIONAL, KINDS, NUM_LAYERS, class_of
from rnn_figures.traces.tracing import trace

SIZES = (5, 3)
"""input_size and hidden_size of every layer that can be chosen."""

MOST_STEPS = 5
"""Steps that can be chosen at most."""

NARROW_STEPS = 3
"""Steps that a phone shows first."""


@checked
def lattice_player(module: nn.RNNBase, input: Tensor, *, steps: int = 4) -> Diagram:
    """Draw a layer over its steps with the numbers of every state, for readers to play with.

    Without scripts it shows this module. With them, `<rnn-lattice>` computes it cell by cell, opens
    cells, lights the path to a row of h_n, and changes kind, layers, directions and steps.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN of the sizes in SIZES, at most 3 layers, no projection.
        input: (L, 1, 5), of at least MOST_STEPS steps.
        steps: How many of them are drawn first.

    Returns:
        The Diagram, computed in float64.

    Raises:
        ValueError: the module is of another size or layout, or the input is too short.
        ProofError: a tag is not the state that it stands at.
    """
    _refuse_unlike(module, input)
    exact = copy.deepcopy(module).double()
    given = input[:MOST_STEPS].double()
    drawn = unrolled_diagram(trace(exact, given[:steps]), values=True)
    narrow = unrolled_diagram(trace(exact, given[:NARROW_STEPS]), values=True, narrow=True)
    settings = {
        "configuration": {
            "mode": module.mode,
            "input_size": module.input_size,
            "hidden_size": module.hidden_size,
            "num_layers": module.num_layers,
            "bidirectional": module.bidirectional,
        },
        "steps": steps,
        "narrow_steps": NARROW_STEPS,
        "weights": weight_lists(exact),
        "input": given.tolist(),
    }
    drawn.live, drawn.narrow = Live("rnn-lattice", settings), narrow
    return drawn


@checked
def lattice_drawing(
    kind: str, num_layers: int, bidirectional: bool, steps: int, *, narrow: bool = False
) -> Diagram:
    """Draw one configuration, for a script to write its numbers into.

    Args:
        kind: Of KINDS; GRU and RNN hand on the same states, and so are drawn alike.
        num_layers: Layers.
        bidirectional: Whether there are two directions.
        steps: Columns, at most MOST_STEPS.
        narrow: True for the variant that fits on a phone.
    """
    return unrolled_diagram(
        trace(_module(kind, num_layers, bidirectional), site_input().double()[:steps]),
        values=True,
        narrow=narrow,
    )


@checked
def lattice_cell(kind: str, *, narrow: bool = False) -> Diagram:
    """Draw the inside of one cell of 3 units, for a script to write its numbers into.

    Args:
        kind: Of KINDS.
        narrow: True for the variant that fits on a phone.
    """
    module = _module(kind, 1, False)
    step = step_with_sums(module, trace(module, site_input().double())[0, 0], 1)
    return cell_diagram(kind, step, narrow=narrow)


@checked
def lattice_weights() -> str:
    """Return the weights of every configuration that can be chosen, as JSON.

    By kind and directions, the state_dict of three layers: torch draws a layer's weights after
    those of the layers below, so that fewer layers have the first of them.

    Examples:
        >>> list(json.loads(lattice_weights()))[:2]
        ['LSTM-1', 'LSTM-2']
    """
    weights = {
        f"{kind}-{2 if bidirectional else 1}": weight_lists(
            _module(kind, max(NUM_LAYERS), bidirectional)
        )
        for kind in KINDS
        for bidirectional in BIDIRECTIONAL
    }
    return json.dumps(weights, separators=(",", ":"))


def _refuse_unlike(module: nn.RNNBase, input: Tensor) -> None:
    """Raise ValueError if the drawings that can be chosen are not of this module's kind."""
    sizes = (module.input_size, module.hidden_size)
    if sizes != SIZES or module.proj_size or module.batch_first or not module.bias:
        raise ValueError(
            f"expected a layer of sizes {SIZES} with biases, without proj_size or batch_first, "
            f"got {module}"
        )
    if module.num_layers > max(NUM_LAYERS):
        raise ValueError(f"expected at most {max(NUM_LAYERS)} layers, got {module.num_layers}")
    if input.dim() != 3 or len(input) < MOST_STEPS or input.shape[1] != 1:
        raise ValueError(
            f"expected an input of at least {MOST_STEPS} steps of one sequence, (L, 1, 5), got "
            f"{tuple(input.shape)}"
        )


def _module(kind: str, num_layers: int, bidirectional: bool) -> nn.RNNBase:
    """Return a layer as a page makes it with seed 0, in float64."""
    if kind not in KINDS:
        raise ValueError(f"expected a kind among {', '.join(KINDS)}, got {kind!r}")
    name, own = class_of(kind)
    own |= {"num_layers": num_layers, "bidirectional": bidirectional}
    with from_seed_0():
        return getattr(nn, name)(*SIZES, **own).double()
