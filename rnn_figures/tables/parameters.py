"""Every parameter of a module: shape in letters and numbers, what is stacked in it, its count."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from torch import Tensor, nn

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, describe
from rnn_figures.figures import Table, Value
from rnn_figures.proofs import Comparison, compare, compare_column
from rnn_figures.tables.letters import (
    Letters,
    compare_shape,
    letter_sizes,
    parameter_letters,
    read,
    write,
)
from rnn_figures.weights import DIRECTIONS, STACKED, layers_and_directions, suffix, weights

USES = {
    "weight_ih": "times what the layer reads",
    "weight_hh": "times the h before the step",
    "bias_ih": "added to the first product",
    "bias_hh": "added to the second product",
    "weight_hr": "projects h to H_out numbers",
}
"""What each parameter does in a step."""


class Parameter(NamedTuple):
    """One parameter of one layer in one direction.

    Attributes:
        name: As in the state dict: "weight_ih_l0_reverse".
        layer: From 0.
        direction: 0 forward, 1 reverse.
        blocks: What torch stacks along its first axis: "i|f|g|o"; empty for weight_hr.
        letters: Its axes.
        tensor: The module's own tensor.
        use: What it does in a step.
    """

    name: str
    layer: int
    direction: int
    blocks: str
    letters: Letters
    tensor: Tensor
    use: str


def parameters(module: nn.RNNBase) -> list[Parameter]:
    """List a module's parameters in torch's order."""
    blocks = "|".join(STACKED[class_name(module)])
    return [
        Parameter(
            kind + suffix(layer, direction),
            layer,
            direction,
            "" if kind == "weight_hr" else blocks,
            parameter_letters(module, kind, layer),
            tensor,
            USES[kind],
        )
        for layer, direction in layers_and_directions(module)
        for kind, tensor in weights(module, layer, direction).items()
    ]


@checked
def parameter_table(module: nn.RNNBase) -> Table:
    """List every parameter: where it belongs, its shape in letters and numbers, its count.

    Args:
        module: An nn.LSTM, nn.GRU or nn.RNN, or of a subclass, on any device.

    Returns:
        A row per parameter in the order of the state dict, and a total. The alt has the formula
        of the total, compared with the live count.

    Raises:
        ProofError: a shape or the total is not what torch's rule gives.

    Source:
        torch.nn.LSTM documentation, "Variables": blocks are stacked i, f, g, o; for GRU r, z, n.

    Examples:
        >>> parameter_table(nn.LSTM(5, 3)).rows[-1]
        ('total', None, 120, '', '', None, '')
    """
    found = parameters(module)
    total = sum(parameter.tensor.numel() for parameter in found)
    formula, count = _count_formula(module)
    rows: list[tuple[Value, ...]] = [
        (
            parameter.name,
            tuple(parameter.tensor.shape),
            parameter.tensor.numel(),
            parameter.blocks,
            write(parameter.letters),
            parameter.layer,
            DIRECTIONS[parameter.direction],
        )
        for parameter in found
    ]
    rows.append(("total", None, total, "", "", None, ""))
    table = Table(
        ("parameter", "shape", "numbers", "blocks", "letters", "layer", "direction"),
        rows,
        alt=(
            f"Table of the {len(found)} parameters of {describe(module)}, {total} numbers in all: "
            f"{formula}."
        ),
    )
    return table.proved(
        f"shapes and count by torch's rule equal to those of {describe(module)}",
        *_compare_rows(table, module),
        compare("the numbers of all parameters", count, total),
    )


def _compare_rows(table: Table, module: nn.RNNBase) -> Iterator[Comparison]:
    """Compare the finished rows with the module's own parameters, by their names."""
    live = dict(module.named_parameters())
    layers = [re.search(r"_l(\d+)(_reverse)?$", name) for name in live]
    yield compare_column(table, "parameter", [*live, "total"])
    yield compare_column(table, "shape", [*(tuple(one.shape) for one in live.values()), None])
    numbers = [one.numel() for one in live.values()]
    yield compare_column(table, "numbers", [*numbers, sum(numbers)])
    yield compare_column(table, "layer", [*(int(at[1]) for at in layers if at), None])
    directions = [DIRECTIONS[bool(at[2])] for at in layers if at]
    yield compare_column(table, "direction", [*directions, ""])
    sizes = letter_sizes(module)
    for row in list(table)[:-1]:
        name = str(row["parameter"])
        yield compare_shape(name, read(str(row["letters"])), tuple(live[name].shape), sizes)
        blocks = "" if name.startswith("weight_hr") else "|".join(STACKED[class_name(module)])
        yield compare(f"the blocks of {name}", row["blocks"], blocks)


def _count_formula(module: nn.RNNBase) -> tuple[str, int]:
    """Write the count by torch's rule as a sum over the layers, in letters and in numbers.

    D · Σ over layers of [G·H_cell·(read + H_out) + 2·G·H_cell with biases + H_out·H_cell with a
    projection], where G blocks are stacked, and a layer reads H_in or, above the first, D·H_out.
    """
    sizes = letter_sizes(module)
    directions, h_cell, h_out = sizes["D"], sizes["H_cell"], sizes["H_out"]
    blocks = len(STACKED[class_name(module)])
    stacked = f"{blocks}·" if blocks > 1 else ""
    symbols = f"{stacked}H_cell·(read + H_out)"
    symbols += f" + 2·{stacked}H_cell" if module.bias else ""
    symbols += " + H_out·H_cell" if module.proj_size else ""
    terms, count = [], 0
    for layer in range(module.num_layers):
        read = sizes["H_in"] if layer == 0 else directions * h_out
        terms.append(
            symbols.replace("read", str(read))
            .replace("H_cell", str(h_cell))
            .replace("H_out", str(h_out))
        )
        of_biases = 2 * blocks * h_cell if module.bias else 0
        of_projection = h_out * h_cell if module.proj_size else 0
        count += directions * (blocks * h_cell * (read + h_out) + of_biases + of_projection)
    written = f"D·Σ[{symbols}] over the layers = {directions}·([{'] + ['.join(terms)}]) = {count}"
    return written, count
