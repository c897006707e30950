"""What a model answers letter by letter: every point is drawn, and the last is the model's own."""

import numpy as np
import pytest
import torch

from rnn_figures.course import letters_read_plot
from rnn_figures.proofs import ProofError

CHANCES = {"the": torch.tensor([0.5, 0.3, 0.1]), "eh": torch.tensor([0.6, 0.9])}
WHOLE = {"the": 0.1, "eh": 0.9}


def test_every_letter_has_its_point_and_its_row():
    plot = letters_read_plot(CHANCES, "backwards", whole=WHOLE)

    drawn = [np.asarray(strip.lines[1].get_ydata()).tolist() for strip in plot.axes]
    assert drawn == [pytest.approx([0.5, 0.3, 0.1]), pytest.approx([0.6, 0.9])]
    under = [[label.get_text() for label in strip.get_xticklabels()] for strip in plot.axes]
    assert under == [list("the"), list("eh")]
    assert [row[:3] for row in plot.data.rows] == [
        ("the", 0, "'t'"),
        ("the", 1, "'h'"),
        ("the", 2, "'e'"),
        ("eh", 0, "'e'"),
        ("eh", 1, "'h'"),
    ]
    assert "'the': 0.5 after the first letter, 0.1 after the last." in plot.alt
    assert plot.proof is not None


def test_a_last_point_that_the_model_did_not_say_is_refused():
    with pytest.raises(ProofError):
        letters_read_plot(CHANCES, "backwards", whole=WHOLE | {"eh": 0.8})


@pytest.mark.parametrize("bad", [torch.tensor([0.5]), torch.tensor([0.5, 1.2])])
def test_what_is_no_chance_for_each_letter_is_refused(bad):
    with pytest.raises(ValueError, match="expected 2 chances for 'eh'"):
        letters_read_plot({"eh": bad}, "backwards", whole=WHOLE)
