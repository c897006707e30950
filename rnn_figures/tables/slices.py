"""Which rows of each parameter belong to which gate, as code to copy."""

from collections.abc import Iterator

from torch import nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.figures import Table
from rnn_figures.gate_rows import prove_rows
from rnn_figures.palette import NAMES
from rnn_figures.proofs import Comparison, compare
from rnn_figures.weights import STACKED, parameter_slices


@checked
def slice_table(module: nn.RNNBase) -> Table:
    """List every block of every parameter: its symbol in the equations, and the code that reads it.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass.

    Returns:
        A row for each parameter and quantity, in torch's order: the quantity's letter and name,
        the symbol of torch's equations, the slice, its shape. Each slice was changed in a copy of
        the module, and only its own quantity moved.

    Raises:
        ProofError: this torch stacks the gates in another order.

    Source:
        Symbols W_ii, W_hf, b_ig, ... of the torch.nn.LSTM, GRU and RNN documentation.

    Examples:
        >>> slice_table(nn.LSTM(5, 3)).rows[1]
        ('weight_ih_l0', 'f', 'forget gate', 'W_if', 'lstm.weight_ih_l0[3:6]', (3, 5))
    """
    code = class_name(module).lower()
    rows = [
        (
            name,
            letter,
            NAMES[letter],
            symbol(name, letter),
            f"{code}.{name}[{block.start}:{block.stop}]",
            tuple(module.get_parameter(name)[block].shape),
        )
        for name, slices in parameter_slices(module).items()
        for letter, block in slices.items()
    ]
    order = ", ".join(STACKED[class_name(module)])
    table = Table(
        ("parameter", "letter", "quantity", "symbol", "slice", "shape"),
        rows,
        alt=(
            f"Table of the {len(rows)} blocks of {describe(module)}. Along the first axis of every "
            f"weight and bias torch stacks {order}, {module.hidden_size} rows each."
        ),
    )
    proof = prove_rows(module)
    return table.proved(proof.words, proof, *_compare_rows(table, module))


def _compare_rows(table: Table, module: nn.RNNBase) -> Iterator[Comparison]:
    """Run the code of each finished row, and compare it with its letter's block in torch."""
    order, size = STACKED[class_name(module)], module.hidden_size
    for row in table:
        name, letter = str(row["parameter"]), str(row["letter"])
        block = eval(str(row["slice"]), {class_name(module).lower(): module})
        whole = module.get_parameter(name)
        start = 0 if name.startswith("weight_hr") else order.index(letter) * size
        yield compare(str(row["slice"]), block, whole[start : start + len(block)])
        yield compare(f"the shape of {row['slice']}", row["shape"], tuple(block.shape))
        yield compare("the quantity", row["quantity"], NAMES[letter])
        yield compare("the symbol", row["symbol"], symbol(name, letter))


def symbol(name: str, letter: str) -> str:
    """Return what torch's equations call a block of a parameter.

    Examples:
        >>> symbol("bias_hh_l1_reverse", "g"), symbol("weight_hr_l0", "h")
        ('b_hg', 'W_hr')
    """
    if name.startswith("weight_hr"):
        return "W_hr"
    kind, source = name.split("_")[:2]
    return f"{'W' if kind == 'weight' else 'b'}_{source[0]}{letter}"
