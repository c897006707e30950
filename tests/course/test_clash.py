import re

import pytest
import torch
from torch import nn

from rnn_figures.course import clash_diagram

AXES = ("D·num_layers", "N", "H_out")


def ringed(diagram) -> list[str]:
    """Names of the boxes drawn with the heavy line."""
    lines = [line for line in diagram.body if "penwidth=2.4" in line]
    return [re.findall(r"clash-\d-\d", line)[0] for line in lines]


def test_clash_diagram_rings_the_axis_that_torch_refuses():
    gru = nn.GRU(5, 3, num_layers=2)
    x = torch.zeros(8, 4, 5)
    expected, given = gru(x)[1].shape, torch.zeros(2, 6, 3).shape

    diagram = clash_diagram(expected, given, axes=AXES)

    with pytest.raises(RuntimeError, match=re.escape("(2, 4, 3), got [2, 6, 3]")):
        gru(x, torch.zeros(given))
    assert ringed(diagram) == ["clash-0-1", "clash-1-1"]
    assert diagram.alt == "Expected (2, 4, 3), given (2, 6, 3): N is 6 where 4 is needed."
    assert diagram.data.rows[1] == ("N", 4, 6, False)


def test_clash_diagram_aligns_the_last_axis_and_says_what_is_missing():
    diagram = clash_diagram((8, 1, 5), (5,), axes=("L", "N", "H_in"))

    assert diagram.data.rows == (("L", 8, None, False), ("N", 1, None, False), ("H_in", 5, 5, True))
    assert "L is missing where 8 is needed" in diagram.alt
    assert ringed(diagram) == ["clash-0-0", "clash-0-1"]


def test_clash_diagram_says_which_axis_is_one_too_many():
    diagram = clash_diagram((1, 5), (8, 1, 5), axes=("N", "H_in"))

    assert "an axis is 8, one axis too many" in diagram.alt


def test_clash_diagram_refuses_equal_shapes():
    with pytest.raises(ValueError, match="two shapes that differ"):
        clash_diagram((1, 1, 3), (1, 1, 3), axes=AXES)


def test_clash_diagram_refuses_axes_without_names():
    with pytest.raises(ValueError, match="a name for each of 3 axes"):
        clash_diagram((1, 1, 3), (1, 2, 3), axes=("N",))


def test_clash_diagram_shows_no_tick_since_it_compares_nothing_with_a_module():
    assert clash_diagram((8, 1, 5), (5,), axes=("L", "N", "H_in")).checked == ""
