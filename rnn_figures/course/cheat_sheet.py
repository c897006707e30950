"""Every configuration on one sheet: the shapes of all its tensors, from a run of each."""

import torch

from rnn_figures.configurations import class_name, every_configuration
from rnn_figures.figures import Table, Value
from rnn_figures.tables.configurations import configuration_table

COLUMNS = (
    "module",
    "layers",
    "D",
    "output",
    "h_n",
    "c_n",
    "weight_ih_l0",
    "weight_ih_l1",
    "weight_hh",
    "weight_hr",
    "parameters",
    "no biases",
)


def cheat_sheet_table(
    input_size: int = 5, hidden_size: int = 3, proj_size: int = 2, *, L: int = 8, N: int = 1
) -> Table:
    """Run every configuration and list its shapes, a row for all that agree.

    120 modules are run (see every_configuration). Those that differ in bias, in batch_first or
    in nonlinearity alone share a row, after their shapes were found to be the same: bias changes
    no shape but adds the biases' numbers, and batch_first swaps L and N in input and output only.

    Args:
        input_size: H_in.
        hidden_size: H_cell.
        proj_size: H_out of the projected LSTMs.
        L: Steps of the input.
        N: Sequences of the input.

    Returns:
        24 rows, in the order of every_configuration: LSTM, LSTM with projection, GRU, RNN, each
        with 1 to 3 layers and one or two directions. Output is given as (L, N, D·H_out). A shape
        that a module does not have is empty.

    Raises:
        RuntimeError: modules of one row disagree.
        ValueError: torch refuses the sizes.

    Examples:
        >>> cheat_sheet_table().rows[0][:6]
        ('LSTM(5, 3)', 1, 1, (8, 1, 3), (1, 1, 3), (1, 1, 3))
    """
    modules = every_configuration(input_size, hidden_size, proj_size)
    shapes = configuration_table(modules, L=L, N=N)
    groups: dict[tuple[str, int, int], list[tuple[bool, dict[str, Value]]]] = {}
    for module, row in zip(modules, shapes, strict=True):
        sizes = f"{input_size}, {hidden_size}"
        projection = f", proj_size={proj_size}" if module.proj_size else ""
        key = (
            f"{class_name(module)}({sizes}{projection})",
            module.num_layers,
            1 + module.bidirectional,
        )
        if module.batch_first:
            row["output"] = _swapped(row["output"])
        groups.setdefault(key, []).append((module.bias, row))
    order = {"LSTM": 0, "GRU": 2, "RNN": 3}
    keys = sorted(groups, key=lambda key: order[key[0][: key[0].index("(")]] + ("proj" in key[0]))
    return Table(
        COLUMNS,
        [_row(key, groups[key]) for key in keys],
        alt=(
            f"Cheat sheet of {len(modules)} modules in {len(groups)} rows, for H_in = "
            f"{input_size}, H_cell = {hidden_size}, L = {L}, N = {N}: the shapes of output, h_n, "
            "c_n and all weights, and the number of parameters with and without biases."
        ),
        proof=(
            f"{len(modules)} modules run, all those of a row agree, "
            f"torch {torch.__version__.partition('+')[0]}"
        ),
    )


def _swapped(shape: Value) -> Value:
    """Return a batch_first shape (N, L, H) as (L, N, H)."""
    return (shape[1], shape[0], *shape[2:]) if isinstance(shape, tuple) else shape


def _row(
    key: tuple[str, int, int], group: list[tuple[bool, dict[str, Value]]]
) -> tuple[Value, ...]:
    """Return the one row that all modules of a group agree on.

    Raises:
        RuntimeError: they disagree.
    """
    found: list[Value] = [*key]
    for column in COLUMNS[3:10]:
        name = "weight_hh_l0" if column == "weight_hh" else column
        name = "weight_hr_l0" if column == "weight_hr" else name
        found.append(_agreed(key, column, [row[name] for _, row in group]))
    for bias in (True, False):
        numbers = [row["numbers"] for has_bias, row in group if has_bias is bias]
        found.append(_agreed(key, "numbers", numbers))
    return tuple(found)


def _agreed(key: tuple[str, int, int], column: str, values: list[Value]) -> Value:
    """Return the value that all modules of a row have."""
    if len(set(values)) != 1:
        raise RuntimeError(
            f"expected one {column} for all {key[0]} with {key[1]} layers and {key[2]} directions, "
            f"got {', '.join(map(str, dict.fromkeys(values)))}; torch's shapes have changed"
        )
    return values[0]
