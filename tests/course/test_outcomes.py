import warnings

import pytest
import torch
from torch import nn

from rnn_figures.course.outcomes import outcome_table
from rnn_figures.proofs import Proof

N = 4


def refused(model, inputs):
    raise NotImplementedError("no such route")


@pytest.mark.parametrize(
    ("route", "outcome"),
    [
        (lambda model, inputs: model(*inputs), "equal"),
        (lambda model, inputs: model(*inputs) + 3e-8, "to 3e-08"),
        (lambda model, inputs: model(*inputs) + 0.25, "off by 0.25"),
        (lambda model, inputs: model(*inputs)[:1], "another shape"),
        (lambda model, inputs: (model(*inputs),), "another shape"),
        (refused, "NotImplementedError"),
    ],
)
def test_outcome_table_tells_what_came_out(route, outcome):
    model = nn.Linear(3, 8).double()

    table = outcome_table({"route": route}, {"linear": (model, (torch.zeros(N, 3).double(),))})

    assert table.rows == (("route", outcome),)


def test_outcome_table_has_a_row_for_each_route_and_a_column_for_each_model():
    models = {
        "one": (nn.Linear(3, 8), (torch.zeros(N, 3),)),
        "two": (nn.Bilinear(3, 5, 8), (torch.zeros(N, 3), torch.zeros(N, 5))),
    }

    table = outcome_table({"as it is": lambda m, given: m(*given), "refused": refused}, models)

    assert table.columns == ("route", "one", "two")
    assert [row[0] for row in table.rows] == ["as it is", "refused"]
    assert "refused: one NotImplementedError, two NotImplementedError." in table.alt


def test_outcome_table_keeps_a_route_s_warnings_to_itself():
    def warns(model, inputs):
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        return model(*inputs)

    table = outcome_table({"old": warns}, {"linear": (nn.Linear(3, 8), (torch.zeros(N, 3),))})

    assert table.rows == (("old", "equal"),)


def test_outcome_table_shows_no_tick_where_nothing_came_out_equal():
    table = outcome_table({"no": refused}, {"linear": (nn.Linear(3, 8), (torch.zeros(N, 3),))})

    assert table.checked == ""


def test_outcome_table_counts_only_what_it_compared():
    routes = {"as it is": lambda m, given: m(*given), "off": lambda m, given: m(*given) + 1}

    proof = outcome_table(routes, {"linear": (nn.Linear(3, 8), (torch.zeros(N, 3),))}).proof

    assert isinstance(proof, Proof)
    assert (proof.values, proof.max_difference) == (N * 8, 0.0)


@pytest.mark.parametrize(
    ("routes", "models"),
    [({}, {"linear": (nn.Linear(3, 8), (torch.zeros(N, 3),))}), ({"route": refused}, {})],
)
def test_outcome_table_refuses_no_route_and_no_model(routes, models):
    with pytest.raises(ValueError, match=f"or more, got {len(routes)} and {len(models)}"):
        outcome_table(routes, models)


def test_outcome_table_refuses_a_model_that_gives_a_pair():
    models = {"gru": (nn.GRU(3, 8), (torch.zeros(N, 3),))}

    with pytest.raises(TypeError, match=r"expected models that give one tensor, got a tuple"):
        outcome_table({"route": refused}, models)
