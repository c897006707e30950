import itertools

import pytest
import torch
from torch import nn

from rnn_figures.training import EXPERIMENTS, Network, brackets, counting, recall, trained


def test_counting_batches_ask_for_the_next_symbol_of_every_string():
    symbols, targets = next(counting.batches(0))

    for column, n in enumerate(range(1, 11)):
        text = "".join(counting.SYMBOLS[k] for k in symbols[: 2 * n + 1, column])
        due = "".join(counting.SYMBOLS[k] for k in targets[: 2 * n + 1, column])
        assert text == "$" + "a" * n + "b" * n
        assert due == text[1:] + "$"
        assert (targets[2 * n + 1 :, column] == -100).all()


@pytest.mark.parametrize("text", ["((()))()", "(()(()"])
def test_bracket_depths_and_due_agree(text):
    symbols = torch.tensor([[brackets.SYMBOLS.index(bracket)] for bracket in text])

    depth = brackets.depths(symbols)[:, 0].tolist()

    assert depth == [text[: k + 1].count("(") - text[: k + 1].count(")") for k in range(len(text))]
    assert brackets.due(text) == [("closed",) if d == 0 else ("open",) for d in depth]


def test_bracket_strings_never_close_what_is_not_open():
    symbols = brackets.strings(50, 100, torch.Generator().manual_seed(1))

    depth = brackets.depths(symbols)
    assert int(depth.min()) == 0
    opened = symbols[1:][depth[:-1] > 0] == 0
    assert 0.45 < opened.double().mean() < 0.55


def test_the_counter_set_by_hand_is_exact():
    found = brackets.measure(brackets.by_hand())

    assert found == {
        "right up to depth": 60,
        **{f"right at length {length}": 1.0 for length in brackets.LENGTHS},
    }


def test_nests_are_judged_as_one_by_one():
    network = trained("brackets", "GRU", 0)

    found = brackets.nests(network, 20)

    each = [brackets.right(network, network.read(brackets.nest(d)))[0] for d in range(1, 21)]
    assert found == each


class _Ruled(Network):
    """A network that answers by a rule: from which symbols say that all is closed."""

    def __init__(self, closed):
        super().__init__(nn.LSTM(2, 1), symbols=brackets.SYMBOLS, answers=brackets.ANSWERS)
        self.closed = closed

    def forward(self, symbols):
        return nn.functional.one_hot(self.closed(brackets.depths(symbols)).long(), 2).double()


def test_nests_are_judged_to_their_last_bracket():
    never = _Ruled(lambda depths: depths < 0)

    assert not any(brackets.nests(never, 5))  # right everywhere but at the last bracket


def test_nests_are_judged_no_further_than_their_last_bracket():
    for_good = _Ruled(lambda depths: (depths == 0).cummax(dim=0).values)

    assert all(brackets.nests(for_good, 5))  # wrong only in what fills up the shorter columns


def test_recall_asks_for_the_first_letter_at_the_end_alone():
    for symbols, targets in itertools.islice(recall.RECALL.batches(3), 2):
        assert symbols.shape == (20, 32)
        assert (targets[:-1] == -100).all()
        assert torch.equal(targets[-1], symbols[0])
        between = {recall.SYMBOLS[k] for k in symbols[1:-1].flatten().tolist()}
        assert between == set("wxyz")
        assert {recall.SYMBOLS[k] for k in symbols[-1].tolist()} == {"?"}
    (symbols, _) = next(recall.RECALL_CONSTANT.batches(3))
    assert {recall.SYMBOLS[k] for k in symbols[1:-1].flatten().tolist()} == {"-"}


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("counting", ["$" + "a" * n + "b" * n for n in range(1, 31)]),
        ("brackets", ["(" * d + ")" * d for d in range(1, 31)]),
    ],
)
def test_what_is_due_and_what_is_measured_agree(name, texts):
    experiment = EXPERIMENTS[name]
    first = {"counting": "right up to n", "brackets": "right up to depth"}[name]
    network = trained(name, "GRU", 1)

    # after an a nothing is asked of a count, and after its last symbol the end
    def whole(text):
        asked = zip(text, experiment.due(text), network.best(text), strict=True)
        return all(said in due for symbol, due, said in asked if symbol != "a" and symbol != "$")

    reached = [whole(text) for text in texts]
    assert (*reached, False).index(False) == min(experiment.measure(network)[first], 30)
