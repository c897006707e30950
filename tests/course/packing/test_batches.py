import numpy as np
import pytest
import torch
from torch.nn.utils.rnn import pack_sequence, pad_sequence

from rnn_figures.course import batches_plot
from rnn_figures.course.packing import batches
from rnn_figures.proofs import ProofError

LENGTHS = [3, 7, 2, 5, 4, 6]
WAYS = {"given": [[0, 1, 2, 3], [4, 5]], "sorted": [[2, 0, 4], [3, 5, 1]]}


def test_batches_plot_has_a_bar_for_each_sequence_and_its_padding_above_it():
    plot = batches_plot(LENGTHS, WAYS)

    for axes, cut in zip(plot.axes, WAYS.values(), strict=True):
        steps, padding = axes.containers
        assert [bar.get_height() for bar in steps] == [LENGTHS[n] for batch in cut for n in batch]
        tops = [bar.get_y() + bar.get_height() for bar in padding]
        padded = [pad_sequence([torch.zeros(LENGTHS[n]) for n in batch]) for batch in cut]
        assert tops == [len(one) for one in padded for _ in range(one.shape[1])]


def test_batches_plot_leaves_a_gap_between_batches_and_none_inside():
    plot = batches_plot(LENGTHS, WAYS)

    for axes, cut in zip(plot.axes, WAYS.values(), strict=True):
        at = [bar.get_x() for bar in axes.containers[0]]
        inside = [1 + 2 * (n == len(cut[0]) - 1) for n in range(len(LENGTHS) - 1)]
        np.testing.assert_allclose(np.diff(at), inside)


def test_batches_plot_says_what_part_is_padding():
    plot = batches_plot(LENGTHS, WAYS)

    for axes, (name, cut) in zip(plot.axes, WAYS.items(), strict=True):
        chosen = [[torch.zeros(LENGTHS[n]) for n in batch] for batch in cut]
        read = sum(len(pack_sequence(batch, enforce_sorted=False).data) for batch in chosen)
        share = 1 - read / sum(pad_sequence(batch).numel() for batch in chosen)
        assert axes.get_title("left") == f"{name}: {share:.0%} padding"
        assert f"{name}: {share:.0%} padding" in plot.alt


def test_batches_plot_stops_where_bars_are_not_what_torch_pads(monkeypatch):
    bars = batches._bars
    monkeypatch.setattr(
        batches, "_bars", lambda *given: [(*bar[:4], bar[4] + 1) for bar in bars(*given)]
    )

    with pytest.raises(ProofError, match="bars of given"):
        batches_plot(LENGTHS, WAYS)


@pytest.mark.parametrize(
    ("lengths", "ways", "words"),
    [
        ([3, 0], {"one": [[0, 1]]}, "lengths from 1 up, got 3, 0"),
        ([3, 7], {}, "a way to cut batches, got none"),
        ([3, 7], {"one": [[0]]}, "each of 2 sequences in one batch.*one has 1 batches of 1"),
        ([3, 7], {"one": [[0, 1], []]}, "none of them empty"),
        ([3, 7], {"one": [[0, 1], [1]]}, "each of 2 sequences in one batch"),
    ],
)
def test_batches_plot_refuses_what_is_no_way_to_cut_batches(lengths, ways, words):
    with pytest.raises(ValueError, match=words):
        batches_plot(lengths, ways)
