"""What becomes of models on the way through a tool: the same numbers, others, or an error."""

import warnings
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from rnn_figures.arguments import came, checked
from rnn_figures.figures import Table
from rnn_figures.proofs import Comparison, Proof, ProofError, compare

ROUNDING = 1e-5
"""Below this a difference is rounding: kernels add in another order."""

Route = Callable[[torch.nn.Module, tuple], object]
"""Takes a model and its inputs, converts the model, and returns what it gives on them."""


@checked
def outcome_table(
    routes: Mapping[str, Route], models: Mapping[str, tuple[torch.nn.Module, tuple]]
) -> Table:
    """Send each model along each route and compare what comes out with the model itself.

    Args:
        routes: By name, functions from (model, inputs) to the converted model's result.
        models: By name, each model with its inputs; its result must be one tensor.

    Returns:
        A row for each route, a column for each model: "equal" bit by bit, "to 6e-08" for rounding,
        "off by 0.01" for other numbers, or the name of the error that was raised.

    Raises:
        ValueError: there is no route, or no model.
        TypeError: a model gives something else than one tensor.

    Examples:
        >>> doubled = torch.nn.Linear(2, 1)
        >>> outcome_table(
        ...     {"as it is": lambda model, given: model(*given)},
        ...     {"linear": (doubled, (torch.ones(1, 2),))},
        ... ).rows
        (('as it is', 'equal'),)
    """
    if not routes or not models:
        raise ValueError(
            f"expected a route and a model, or more, got {len(routes)} and {len(models)}"
        )
    equal: list[Comparison] = []
    rows = [
        (name, *(_outcome(route, model, inputs, equal) for model, inputs in models.values()))
        for name, route in routes.items()
    ]
    told = [
        f"{name}: "
        + ", ".join(f"{model} {cell}" for model, cell in zip(models, cells, strict=True))
        for name, *cells in rows
    ]
    return Table(
        ("route", *models),
        rows,
        alt=f"Results of {len(models)} models on {len(routes)} routes. {'; '.join(told)}.",
        proof=Proof("what is called equal compared with the model itself", *equal)
        if equal
        else None,
    )


def _outcome(
    route: Route, model: torch.nn.Module, inputs: Sequence, equal: list[Comparison]
) -> str:
    """Run one model along one route and return in a word what came out.

    What is equal, or equal up to rounding, is added to `equal`.
    """
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations; the page tells them
        expected = model(*inputs)
        if not isinstance(expected, Tensor):
            raise TypeError(
                f"expected models that give one tensor, got {came(expected)}; "
                "wrap the model in one that returns the tensor that is to be compared"
            )
        try:
            result = route(model, tuple(inputs))
        except Exception as error:
            return type(error).__name__
    if not isinstance(result, Tensor) or result.shape != expected.shape:
        return "another shape"
    try:
        equal.append(compare("result", result, expected, within=ROUNDING))
    except ProofError:
        return f"off by {float((result.double() - expected.double()).abs().max()):.2g}"
    difference = equal[-1].max_difference
    return f"to {difference:.0e}" if difference else "equal"
