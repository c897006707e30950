"""Every term of a layer's equations, its rows on the weight sheet, and the slice that reads it."""

import itertools
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np
from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.diagrams import weight_sheet_diagram
from rnn_figures.diagrams.cell.numbers import FUNCTIONS
from rnn_figures.figures import Diagram, Live, Piece
from rnn_figures.palette import NAMES
from rnn_figures.proofs import Comparison, Proof, compare
from rnn_figures.tables.slices import symbol
from rnn_figures.weights import (
    STACKED_BY_KERAS,
    STACKED_BY_ONNX,
    gate_slices,
    suffix,
    to_keras,
    to_onnx,
    weights,
)

LAYOUTS = ("PyTorch", "ONNX", "Keras")

READ = {"weight_ih": "x[t]", "weight_hh": "h[t−1]", "bias_ih": "", "bias_hh": ""}
"""What each parameter is multiplied with; "" for a bias, which is added."""

ADDS = {
    "weight_ih": "what x[t] adds to the {name}",
    "weight_hh": "what h[t−1] adds to the {name}",
    "bias_ih": "a bias of the {name}",
    "bias_hh": "the other bias of the {name}",
}


class _Term(NamedTuple):
    """A block of weights of layer 0.

    Attributes:
        symbol: As torch's documentation writes it.
        letter: Of its quantity.
        kind: Its parameter, without the suffix.
        rows: Of the parameter.
        slices: Code that reads it, by layout.
    """

    symbol: str
    letter: str
    kind: str
    rows: slice
    slices: dict[str, str]

    @property
    def parameter(self) -> str:
        """The parameter's name."""
        return self.kind + suffix(0, 0)


@checked
def weight_picker(module: nn.RNNBase) -> Diagram:
    """Draw the weight sheet of a layer below its equations: each term can be picked.

    Without scripts it is the sheet and the equations. With them, `<rnn-picker>` lights the rows of
    the term that is picked, and shows the slice that reads it in PyTorch, ONNX or Keras.

    Args:
        module: One layer, one direction, with biases, without a projection.

    Returns:
        The Diagram; its table has every number.

    Raises:
        ValueError: the module has more layers or directions, a projection, or no biases.
        ProofError: a slice of another layout is not the block that torch has.
    """
    if module.num_layers > 1 or module.bidirectional or module.proj_size or not module.bias:
        raise ValueError(
            f"expected one layer, one direction, biases and no projection, got {describe(module)}"
        )
    terms = list(_terms(module))
    drawn = weight_sheet_diagram(module)
    drawn.proof = Proof(
        "every slice, in all three layouts, equal to the block of the module",
        *filter(None, [drawn.proof]),
        *_compare_slices(module, terms),
    )
    letter = [*gate_slices(module)][:2][-1]  # f, z, or the RNN's only one
    first = next(term for term in terms if term.letter == letter)
    settings = {
        "layouts": LAYOUTS,
        "start": first.symbol,
        "terms": [_settings(module, term) for term in terms],
    }
    drawn.live = Live("rnn-picker", settings, (), _lines(module, terms, first))
    return drawn


def _terms(module: nn.RNNBase) -> Iterator[_Term]:
    """Yield every block of every parameter, in the order of the equations."""
    name, units, blocks = class_name(module), module.hidden_size, gate_slices(module)
    for letter, rows in blocks.items():
        for kind in READ:
            onnx, keras = (
                order[name].index(letter) * units for order in (STACKED_BY_ONNX, STACKED_BY_KERAS)
            )
            slices = {
                "PyTorch": f"{name.lower()}.{kind}_l0[{rows.start}:{rows.stop}]",
                "ONNX": _onnx(kind, onnx, units, len(blocks)),
                "Keras": _keras(name, kind, keras, units),
            }
            yield _Term(symbol(f"{kind}_l0", letter), letter, kind, rows, slices)


def _onnx(kind: str, start: int, units: int, blocks: int) -> str:
    """Return the code that reads a block in ONNX's W, R and B."""
    tensor = {"weight_ih": "W", "weight_hh": "R"}.get(kind, "B")
    start += blocks * units * (kind == "bias_hh")  # after the input's bias
    return f"{tensor}[0, {start}:{start + units}]"


def _keras(name: str, kind: str, start: int, units: int) -> str:
    """Return the code that reads a block in what Keras' `get_weights` gives."""
    rows = f"{start}:{start + units}"
    if kind in ("weight_ih", "weight_hh"):
        tensor = "kernel" if kind == "weight_ih" else "recurrent_kernel"
        return f"{tensor}[:, {rows}].T"
    if name == "GRU":
        return f"bias[{int(kind == 'bias_hh')}, {rows}]"
    return f"bias[{rows}]"


def _compare_slices(module: nn.RNNBase, terms: list[_Term]) -> Iterator[Comparison]:
    """Run each slice on what the converters give, and hold it to the module's own block."""
    (onnx,), (keras,) = to_onnx(module), to_keras(module)
    places = {
        class_name(module).lower(): module,
        **onnx,
        **dict(zip(("kernel", "recurrent_kernel", "bias"), keras, strict=True)),
    }
    blocks = weights(module, 0, 0)
    for term in terms:
        own = blocks[term.kind][term.rows].detach()
        for layout, code in term.slices.items():
            summed = layout == "Keras" and _is_summed(module, term)
            biases = (blocks[kind][term.rows].detach() for kind in ("bias_ih", "bias_hh"))
            expected = sum(biases) if summed else own
            found = eval(code, {}, places)  # the very code that a reader copies
            shown = found.detach() if isinstance(found, Tensor) else np.asarray(found)
            yield compare(f"{code} of {layout}", shown, expected)


def _is_summed(module: nn.RNNBase, term: _Term) -> bool:
    """Return whether Keras has the sum of both biases in this one's place."""
    return term.kind.startswith("bias") and class_name(module) != "GRU"


def _said(module: nn.RNNBase, term: _Term) -> str:
    """Return what a term is, in a sentence without its end."""
    shape = tuple(module.get_parameter(term.parameter)[term.rows].shape)
    first, last = term.rows.start, term.rows.stop - 1
    adds = ADDS[term.kind].format(name=NAMES[term.letter])
    return f"{term.symbol}: rows {first} to {last} of {term.parameter}, {shape}, {adds}"


def _settings(module: nn.RNNBase, term: _Term) -> dict[str, object]:
    """Return what a script needs to show a term."""
    said = _said(module, term)
    keras = said + "; Keras keeps one bias, the sum of both" * _is_summed(module, term)
    return {
        "symbol": term.symbol,
        "part": f"{term.letter}-{term.parameter}-",
        "slices": term.slices,
        "said": {"PyTorch": said, "ONNX": said, "Keras": keras},
    }


def _lines(module: nn.RNNBase, terms: list[_Term], first: _Term) -> list[list[Piece]]:
    """Return the equations, each term by its symbol; then the slice."""
    lines = [
        list(_equation(module.mode, letter, {term.kind: term for term in own}))
        for letter, own in itertools.groupby(terms, lambda term: term.letter)
    ]
    return [
        *lines,
        [(_said(module, first), "", "said"), (".", "", "")],
        [("Slice: ", "", ""), (first.slices["PyTorch"], "", "slice")],
    ]


def _equation(mode: str, letter: str, own: Mapping[str, _Term]) -> Iterator[Piece]:
    """Yield the pieces of one equation: the quantity, then its four terms."""
    yield letter, letter, ""
    yield f" = {FUNCTIONS[mode][letter][0]}(", "", ""
    reset = mode == "GRU" and letter == "n"
    order = ("weight_ih", "bias_ih", "weight_hh", "bias_hh")
    for index, kind in enumerate(order):
        yield ("" if index == 0 else " + r ⊙ (" if reset and index == 2 else " + "), "", ""
        yield own[kind].symbol, letter, own[kind].symbol
        if READ[kind]:
            yield " ", "", ""
            yield READ[kind], READ[kind][0], ""
    yield "))" if reset else ")", "", ""
