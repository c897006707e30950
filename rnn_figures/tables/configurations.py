"""The cheat sheet: what goes in and what comes out of many modules, a row for each."""

from collections.abc import Iterator, Sequence

import torch
from torch import nn

from rnn_figures.arguments import at_least, checked
from rnn_figures.configurations import describe
from rnn_figures.figures import Table, Value
from rnn_figures.proofs import Comparison, compare
from rnn_figures.tables.parameters import parameter_table
from rnn_figures.tables.shapes import shape_table

TENSORS = ("input", "output", "h_n", "c_n")
WEIGHTS = ("weight_ih_l0", "weight_hh_l0", "weight_hr_l0", "weight_ih_l1")


@checked
def configuration_table(modules: Sequence[nn.RNNBase], *, L: int = 8, N: int = 1) -> Table:
    """Run each module once and list the shapes of its input, its outputs and its weights.

    Args:
        modules: Such as every_configuration(5, 3, proj_size=2); each reads zeros of the shape
            that its batch_first asks for.
        L: Steps of the input.
        N: Sequences of the input.

    Returns:
        A row per module: its constructor call, the shapes, how many numbers its parameters hold.
        What a module does not have is empty.

    Raises:
        ValueError: there is no module, no step or no sequence.
        ProofError: a shape is not what torch's rule gives.

    Examples:
        >>> configuration_table([nn.GRU(5, 3)]).rows
        (('nn.GRU(5, 3)', (8, 1, 5), (8, 1, 3), (1, 1, 3), None, (9, 5), (9, 3), None, None, 90),)
    """
    at_least(1, L=L, N=N)
    if not modules:
        raise ValueError("expected modules to list, got none")
    rows, proofs = [], []
    for module in modules:
        axes = (N, L) if module.batch_first else (L, N)
        weight = next(iter(module.parameters()))
        table = shape_table(module, torch.zeros(*axes, module.input_size).to(weight))
        shapes = {row[0]: row[1] for row in table.rows}
        parameters = parameter_table(module)
        proofs += [table.proof, parameters.proof]
        found = (shapes.get(name) for name in (*TENSORS, *WEIGHTS))
        rows.append((describe(module), *found, parameters.rows[-1][2]))
    table = Table(
        ("module", *TENSORS, *WEIGHTS, "numbers"),
        rows,
        alt=(
            f"Shapes of {len(rows)} recurrent modules for L = {L} steps and N = {N} "
            f"{'sequence' if N == 1 else 'sequences'}: a row for each module with the shapes of "
            "input, output, h_n, c_n and weights, and how many numbers its parameters hold."
        ),
    )
    compared = (one for pair in zip(table, modules, strict=True) for one in _compare_row(*pair))
    words = f"shapes by torch's rule equal to those of {len(rows)} runs"
    return table.proved(words, *proofs, *compared)


def _compare_row(row: dict[str, Value], module: nn.RNNBase) -> Iterator[Comparison]:
    """Compare a finished row with a run of its own, of the input that it names."""
    yield compare("the module", row["module"], describe(module))
    weight = next(iter(module.parameters()))
    read = row["input"]
    assert isinstance(read, tuple)  # a shape
    with torch.no_grad():
        output, states = module(torch.zeros(read).to(weight))
    h_n, c_n = states if isinstance(states, tuple) else (states, None)
    parameters = dict(module.named_parameters())
    live = {"output": output, "h_n": h_n, "c_n": c_n} | {w: parameters.get(w) for w in WEIGHTS}
    for name, tensor in live.items():
        yield compare(name, row[name], None if tensor is None else tuple(tensor.shape))
    yield compare("numbers", row["numbers"], sum(one.numel() for one in parameters.values()))
