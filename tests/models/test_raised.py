"""What is added to an error of torch's: the value that it is about, and what to do."""

import functools
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_figures import diagnose, trace, trace_all
from rnn_figures.models import raised


class Tagger(nn.Module):
    """Reads words, and packs them where lengths come with them."""

    def __init__(self, *, unpacks: bool = True, **packs: bool) -> None:
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.rnn = nn.GRU(4, 3, batch_first=True)
        self.head = nn.Linear(3, 2)
        self.unpacks = unpacks
        self.packs: dict[str, bool] = {"batch_first": True, "enforce_sorted": False} | packs

    def forward(self, words: Any, lengths: Any = None) -> Tensor:
        x: Any = self.embed(words)
        if lengths is not None:
            x = pack_padded_sequence(x, lengths, **self.packs)
        output = self.rnn(x)[0]
        if lengths is not None and self.unpacks:
            output, _ = pad_packed_sequence(output, batch_first=True)
        return self.head(output)


class Of(nn.Module):
    """Takes words alone, or one dict that has them."""

    def __init__(self, take: Callable[..., Any]) -> None:
        super().__init__()
        self.inner = Tagger()
        self.forward = functools.partial(take, self.inner)


def of_a_dict(inner: Tagger, batch: dict[str, Tensor]) -> Tensor:
    return inner(batch["words"])


def of_words(inner: Tagger, words: Any) -> Tensor:
    return inner(words)


class Stepper(nn.Module):
    """Takes one step of a cell."""

    def __init__(self) -> None:
        super().__init__()
        self.cell = nn.LSTMCell(4, 3)

    def forward(self, x: Tensor, h: Tensor, c: Tensor) -> Tensor:
        return self.cell(x, (h, c))[0]


class Moving(nn.Module):
    """Makes numbers of its own where its input is on another device."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 3)

    def forward(self, x: Tensor) -> Tensor:
        return self.rnn(torch.zeros(x.shape))[0]


class Scored(nn.Module):
    """Scores 5 classes at each of 7 steps, and gives them to a loss."""

    def __init__(self, loss: Callable[[Tensor, Tensor], Tensor]) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 5, batch_first=True)
        self.loss = loss

    def forward(self, x: Tensor, target: Tensor) -> Tensor:
        return self.loss(self.rnn(x)[0], target)


class Normed(nn.Module):
    """Scales each unit over the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn, self.norm = nn.GRU(4, 5), nn.BatchNorm1d(5)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.rnn(x)[1][0])


class Misspelled(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.GRU(4, 3)

    def foward(self, x: Tensor) -> Tensor:
        return self.rnn(x)[0]


def at_the_end(loss: Callable[..., Tensor], **options: int) -> Scored:
    return Scored(lambda scores, target: loss(scores[:, -1], target, **options))


def of_one_class(loss: Callable[..., Tensor]) -> Scored:
    return Scored(lambda scores, target: loss(scores[:, -1, 0], target))


WORDS = torch.arange(21).view(3, 7) % 10

X = torch.zeros(7, 2, 4)

COURSES = torch.zeros(3, 7, 4)

HALVES = torch.tensor([0.5, 0.5, 0.5])

CROSS, YES = functional.cross_entropy, functional.binary_cross_entropy

SORTED = Tagger(enforce_sorted=True)

FLAT = Tagger(batch_first=False, enforce_sorted=True)

FORGOTTEN = Tagger(unpacks=False)

NOTES = {
    "words as floats": (Tagger(), (WORDS.float(),), "got float32 of shape (3, 7): ids.long() are."),
    "words as a list": (Tagger(), (WORDS.tolist(),), "takes a tensor of whole numbers, got a list"),
    "a word too many": (Tagger(), (WORDS + 1,), "are 1 to 10, and the embedding has 10 vectors"),
    "a word below 0": (Tagger(), (WORDS - 100,), "tells a loss what to leave out"),
    "too few lengths": (SORTED, (WORDS, [7, 4]), "3 sequences, and there are 2 lengths."),
    "another layout": (FLAT, (WORDS, [7, 4, 2]), "batch_first=True takes the other axis"),
    "a length of 0": (Tagger(), (WORDS, [7, 0, 2]), "A length is 0: leave out a sequence"),
    "a length too long": (Tagger(), (WORDS, [9, 4, 2]), "A length that is more than the steps"),
    "lengths with an axis more": (
        Tagger(),
        (WORDS, torch.tensor([[7], [4], [2]])),
        "got int64 of shape (3, 1). lengths.flatten() has the shape (3,).",
    ),
    "words for lengths": (
        Tagger(),
        (torch.tensor([7, 4, 2]), WORDS),
        "got int64 of shape (3, 7). The input is (3, 4): they may have changed places.",
    ),
    "one length": (Tagger(), (WORDS, 7), "each sequence, got int64 of shape ()."),
    "no such class": (
        at_the_end(CROSS, ignore_index=-1),
        (COURSES, torch.tensor([-1, 2, 5])),
        "The scores (3, 5) are read as (N, classes): the classes are 0 to 4, and the targets 2 to",
    ),
    "a class below 0": (
        at_the_end(functional.nll_loss),
        (COURSES, torch.tensor([-1, 2, 4])),
        "What is no class, such as padding, is left out by ignore_index=.",
    ),
    "classes as floats": (at_the_end(CROSS), (COURSES, HALVES), "target.long() are."),
    "classes with an axis more": (
        at_the_end(CROSS),
        (COURSES, torch.ones(3, 1).long()),
        "and the targets are (3, 1), due (3,). target.reshape(3) has that shape.",
    ),
    "classes last": (
        Scored(CROSS),
        (COURSES, WORDS % 5),
        "are read as (N, classes, ...), and the targets are (3, 7), due (3, 5). With the classes",
    ),
    "another shape of yes and no": (
        Scored(lambda scores, target: YES(scores[:, -1, :1], target)),
        (COURSES, HALVES),
        "are (3, 1) and the targets (3,): prediction.squeeze(-1), or target.unsqueeze(-1)",
    ),
    "yes and no in whole numbers": (
        of_one_class(functional.binary_cross_entropy_with_logits),
        (COURSES, torch.tensor([1, 0, 1])),
        "got int64 of shape (3,): target.float() are.",
    ),
    "scores for probabilities": (
        Scored(lambda scores, target: YES(scores[:, -1, 0] - 1, target)),
        (COURSES, HALVES),
        "scores of a Linear go into binary_cross_entropy_with_logits.",
    ),
    "targets beyond yes": (
        Scored(lambda scores, target: YES(scores[:, -1, 0].sigmoid(), target)),
        (COURSES, 4 * HALVES),
        "The targets are 2 to 2.",
    ),
    "a batch norm of one": (Normed(), (X[:, :1],), "Give it several sequences, or call model"),
    "complex numbers": (nn.GRU(4, 3), (X * 1j,), "The input is complex64: input.abs() is the"),
    "no unpacking": (FORGOTTEN, (WORDS, [7, 4, 2]), "It was given a PackedSequence"),
    "a layer in Sequential": (
        nn.Sequential(nn.GRU(4, 3), nn.Linear(3, 2)),
        (torch.zeros(7, 2, 4),),
        "A recurrent layer returns a tuple, output and state",
    ),
    "a whole batch": (
        Of(of_words),
        ([WORDS, WORDS],),
        "takes words alone, and was given a list of 2",
    ),
    "a list of arguments": (Tagger(), ([WORDS, [7, 4, 2]],), "(model, *it) gives its parts"),
    "an argument too many": (
        Tagger(),
        (WORDS, None, None),
        "words, lengths, and was given 3",
    ),
    "a model without numbers": (nn.GRU(4, 3).to("meta"), (X,), "Weights on meta have no numbers"),
    "an input without numbers": (nn.GRU(4, 3), (X.to("meta"),), "A tensor on meta has a shape"),
    "words for vectors": (
        nn.GRU(4, 3),
        (X.long(),),
        "The input is int64: token ids become vectors",
    ),
    "another h": (
        Stepper(),
        (X[0], X[0, :, :2], X[0, :, :3]),
        "h of LSTMCell(4, 3) is (N, H) = (",
    ),
    "another c": (Stepper(), (X[0], X[0, :, :3], X[0]), "(2, 3), and it was given (2, 4)."),
    "another x": (Stepper(), (X[0, :, :3],) * 3, "H_in = 4, and was given float32 of shape (2, 3)"),
    "a course": (Stepper(), (X, X[0, :, :3], X[0, :, :3]), "shape (7, 2, 4): call it in a loop."),
}
"""By what is wrong: a model, what it is given, and what is said of it."""


@pytest.mark.parametrize("name", NOTES)
@pytest.mark.parametrize("run", [diagnose, trace_all])
def test_an_error_says_what_the_value_was_and_what_to_do(name, run):
    model, given, note = NOTES[name]

    with pytest.raises((IndexError, RuntimeError, TypeError, ValueError)) as caught:
        run(model, *given)

    assert note in " ".join(caught.value.__notes__)


def test_the_parts_of_a_dict_for_the_dict_are_told():
    with pytest.raises(TypeError) as caught:
        diagnose(Of(of_a_dict), words=WORDS)

    assert caught.value.__notes__ == [
        "Its forward takes batch alone: if that is one dict, (model, dict) gives it."
    ]
    assert diagnose(Of(of_a_dict), {"words": WORDS}).alarms == ()


def test_a_name_that_a_forward_does_not_take_is_told():
    with pytest.raises(TypeError) as caught:
        diagnose(Tagger(), WORDS, path="report.html")

    assert caught.value.__notes__ == [
        "Its forward takes words, lengths, and was given path= as well."
    ]


@pytest.mark.parametrize(
    ("model", "note"),
    [
        (Misspelled(), "It has foward: torch calls forward."),
        (nn.ModuleList([nn.GRU(4, 3)]), "A ModuleList keeps modules and calls none: call them in"),
    ],
)
def test_a_model_without_a_forward_is_told_what_it_has(model, note):
    with pytest.raises(NotImplementedError) as caught:
        diagnose(model, X)

    assert caught.value.__notes__[0].startswith(note)


def test_an_error_that_says_all_has_no_note():
    with pytest.raises(RuntimeError, match="sorted in decreasing order") as caught:
        diagnose(SORTED, WORDS, torch.tensor([2, 4, 7]))

    assert not hasattr(caught.value, "__notes__")


@pytest.mark.parametrize(
    ("given", "note"),
    [
        ((torch.zeros(30),), "is a course of one number each: input[:, None] is (30, 1)"),
        ((torch.zeros(4),), "is one step of 4 features: input[None] is (1, 4)"),
        ((torch.zeros(5, 3, 4), torch.zeros(1, 3, 8).half()), "h_0 is float16, and the input"),
        ((PackedSequence(torch.zeros(10, 4), torch.tensor([2, 3, 4])),), "are [2, 3, 4]: they may"),
        ((PackedSequence(torch.zeros(8, 4), torch.tensor([4, 3, 2])),), "and sum to 8, the rows"),
    ],
)
def test_a_layer_says_how_it_reads_what_it_cannot_take(given, note):
    with pytest.raises((RuntimeError, ValueError)) as caught:
        trace(nn.GRU(4, 8), *given)

    assert note in " ".join(caught.value.__notes__)


def test_a_list_of_layers_is_no_model():
    with pytest.raises(TypeError, match="or each by itself"):
        diagnose([nn.GRU(4, 3), nn.GRU(3, 3)], X)  # pyright: ignore[reportArgumentType] (refused)
    with pytest.raises(TypeError, match="the module comes first"):
        diagnose([], X)  # pyright: ignore[reportArgumentType] (refused)


def test_a_model_whose_error_is_none_of_devices_is_told_of_none():
    with pytest.raises(RuntimeError) as caught:
        diagnose(Moving(), torch.zeros(7, 2, 5, device="meta"))

    assert "device" not in " ".join(caught.value.__notes__)


def test_what_has_the_weights_of_a_model_is_no_model():
    model = Tagger()

    with pytest.raises(TypeError, match="an optimizer has the weights alone"):
        diagnose(torch.optim.SGD(model.parameters()), WORDS)  # pyright: ignore[reportArgumentType] (refused)
    with pytest.raises(TypeError, match="load_state_dict"):
        diagnose(model.state_dict(), WORDS)  # pyright: ignore[reportArgumentType] (refused)


def embedding(x: Tensor) -> Tensor:
    """A function of this file, by the name of one of torch's."""
    raise LookupError(f"no vectors for {tuple(x.shape)}")


class OfItsOwn(Tagger):
    """Calls that function."""

    def forward(self, words: Any, lengths: Any = None) -> Tensor:
        return self.rnn(embedding(words))[0]


def test_a_function_by_the_name_of_torchs_is_not_taken_for_it():
    with pytest.raises(LookupError, match="no vectors") as caught:
        diagnose(OfItsOwn(), WORDS)

    assert not hasattr(caught.value, "__notes__")


def test_to_explain_an_error_takes_not_its_place(monkeypatch):
    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(raised._LOOKS, "embedding", fail)

    with pytest.raises(IndexError) as caught:
        diagnose(Tagger(), WORDS + 1)

    assert caught.value.__notes__ == ["No more can be said of it here: ZeroDivisionError()."]
