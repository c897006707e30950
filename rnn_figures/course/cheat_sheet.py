"""Every configuration on one sheet: the shapes of all its tensors, from a run of each."""

from collections.abc import Sequence

from rnn_figures.arguments import checked
from rnn_figures.configurations import class_name, every_configuration
from rnn_figures.figures import Table, Value
from rnn_figures.proofs import Comparison, compare
from rnn_figures.tables.configurations import configuration_table
from rnn_figures.weights import STACKED

SHAPES = (
    "output",
    "h_n",
    "c_n",
    "weight_ih_l0",
    "weight_ih_l1",
    "weight_hh_l0",
    "weight_hr_l0",
)
"""What a row says of its modules, besides how many numbers they hold."""

COLUMNS = (
    *("module", "layers", "D"),
    *(name.replace("hh_l0", "hh").replace("hr_l0", "hr") for name in SHAPES),
    *("parameters", "no biases"),
)

Key = tuple[str, int, int]
"""Of the modules that share a row: kind and sizes, layers, directions."""

Group = list[tuple[bool, dict[str, Value]]]
"""The modules that share a row: has biases, row of configuration_table."""


@checked
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
        ProofError: modules of one row disagree.
        ValueError: torch refuses the sizes.

    Examples:
        >>> cheat_sheet_table().rows[0][:6]
        ('LSTM(5, 3)', 1, 1, (8, 1, 3), (1, 1, 3), (1, 1, 3))
    """
    kinds = list(STACKED)
    modules = sorted(
        every_configuration(input_size, hidden_size, proj_size),
        key=lambda module: (kinds.index(class_name(module)), module.proj_size),
    )
    shapes = configuration_table(modules, L=L, N=N)
    groups: dict[Key, Group] = {}
    for module, row in zip(modules, shapes, strict=True):
        projection = f", proj_size={proj_size}" if module.proj_size else ""
        name = f"{class_name(module)}({input_size}, {hidden_size}{projection})"
        key = (name, module.num_layers, 1 + module.bidirectional)
        if module.batch_first:
            row["output"] = _swapped(row["output"])
        groups.setdefault(key, []).append((module.bias, row))
    rows = [_row(key, group) for key, group in groups.items()]
    table = Table(
        COLUMNS,
        rows,
        alt=(
            f"Cheat sheet of {len(modules)} modules in {len(groups)} rows, for H_in = "
            f"{input_size}, H_cell = {hidden_size}, L = {L}, N = {N}: the shapes of output, h_n, "
            "c_n and all weights, and the number of parameters with and without biases."
        ),
    )
    return table.proved(
        f"{len(modules)} modules run, all those of a row agree",
        *(_compare_group(*pair) for pair in zip(table.rows, groups.values(), strict=True)),
        compare("the modules", [row[:3] for row in table.rows], list(groups)),
    )


def _swapped(shape: Value) -> Value:
    """Return a batch_first shape (N, L, H) as (L, N, H)."""
    return (shape[1], shape[0], *shape[2:]) if isinstance(shape, tuple) else shape


def _row(key: Key, group: Group) -> tuple[Value, ...]:
    """Return the row of a group: the shapes of its first module, the numbers of two."""
    numbers = {has_bias: row["numbers"] for has_bias, row in group}
    return (*key, *(group[0][1][name] for name in SHAPES), numbers[True], numbers[False])


def _compare_group(row: Sequence[Value], group: Group) -> Comparison:
    """Compare what a row says with every module of its group."""
    *shapes, with_biases, without = row[3:]
    names = (*SHAPES, "numbers")
    shown = [
        dict(zip(names, (*shapes, with_biases if has_bias else without), strict=True))
        for has_bias, _ in group
    ]
    given = [{name: module[name] for name in names} for _, module in group]
    return compare(f"{row[0]} with {row[1]} layers and {row[2]} directions", shown, given)
