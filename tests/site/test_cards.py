"""Every message of an ordinary mistake has its card, and so has every mistake that says nothing."""

import functools
import re
import warnings
from pathlib import Path

import pytest
import torch

from rnn_figures.site.markdown import releases
from rnn_figures.site.markdown.page_build import PageBuild
from rnn_figures.site.running.executing import Chain, execute
from tests import mistakes
from tests.mistakes import records
from tests.page import DOCS

ERRORS = DOCS / "answers" / "error-messages.md"
MUSEUM = DOCS / "answers" / "silent-mistakes.md"

SILENT = {
    "hidden[-1][-1]": "hidden-minus-one",
    "h, c = result": "unpacking",
    "nn.LSTM(5, 3)(x, hidden[::-1])": "exchanged-pair",
    "hidden * 0": "empty-state",
    "torch.cat(result)": "cat-result",
    "h, c = nn.GRUCell(5, 3)(x[0, :2])": "cell-pair",
    "nn.NLLLoss()(output[0], torch.zeros(4).long())": "nll-scores",
    "nn.CrossEntropyLoss()(output[0].softmax(-1), torch.zeros(4).long())": "double-softmax",
    "m = nn.LSTM(5, 3); m.weight_ih_l0 = nn.Parameter(zero(9, 4)); m(x)": "weight-shape",
    **{f"nn.{cell}(5, 3, 2)": "cell-third" for cell in mistakes.CELLS},
    **{f"nn.{cell}(5, 3, 'relu')": "cell-third" for cell in mistakes.CELLS},
    **{f"nn.{cell}(5, 0)": "cell-zero" for cell in mistakes.CELLS},
    "pack_padded_sequence(x, [7, 5], enforce_sorted=False)": "fewer-lengths",
    "pack_padded_sequence(torch.randn(3, 6, 5), [2, 3, 1], enforce_sorted=False)": "fewer-lengths",
    "pack_padded_sequence(x, np.array([7.9, 5.2, 2.0, 1.0]))": "float-lengths",
    "pack_padded_sequence(x, [8, 5, 2, 1])": "length-too-long",
    "pack_sequence(x)": "pack-tensor",
    "pad_sequence([torch.tensor([1, 2]), torch.tensor([0.5])])": "pad-type",
    "unpad_sequence(torch.randn(4, 7, 5), torch.tensor([4, 4, 2, 1, 1, 1, 1]))": "unpad-in-place",
    "len(packed)": "packed-tuple",
    "packed * 2": "packed-tuple",
    "packed + packed": "packed-tuple",
    "nn.LSTM(5, 3)(packed.data)": "packed-data",
    "nn.LSTM(5, 3)(pack_padded_sequence(x[..., :4], [7, 7, 7, 7]))": "packed-input-size",
}
"""Mistakes that say nothing, by their last line, and their cards."""


MESSAGES = 3
"""How many messages a card shows at most before its first sentence."""


@pytest.fixture(scope="module", autouse=True)
def every_warning():
    """Have torch give again what it gives once in a process."""
    before = torch.is_warn_always_enabled()
    torch.set_warn_always(True)
    yield
    torch.set_warn_always(before)


@functools.cache
def messages_of(page: Path) -> set[str]:
    """Run a page's `raises` fences and return what they say, without what differs."""
    build = PageBuild(page=page.name)
    build.parsed(page.read_text(encoding="utf-8").split("\n"))
    said = set()
    for fence in build.fences:
        if fence.kind == "raises":
            torch.manual_seed(0)
            outcome = execute(fence, Chain(), page.name)
            found = outcome.error or next(w for w in outcome.warned if isinstance(w, Warning))
            said.add(mistakes.stable(f"{type(found).__name__}: {found}"))
    return said


def test_every_message_of_a_mistake_has_a_card():
    raised = messages_of(ERRORS)

    without = {
        said: made for said, made in mistakes.mistakes_by_message().items() if said not in raised
    }

    assert without == {}


def test_every_mistake_that_says_nothing_has_a_card():
    cards = set(re.findall(r"^### .*{ #([\w-]+) }$", MUSEUM.read_text("utf-8"), re.M))
    cards |= set(re.findall(r"^### .*{ #([\w-]+) }$", ERRORS.read_text("utf-8"), re.M))

    silent = {code.splitlines()[-1] for code, said in mistakes.messages().items() if not said}

    assert silent == SILENT.keys()
    assert set(SILENT.values()) <= cards


def test_cards_say_what_to_write_before_they_show_much():
    fences = {
        page.name: {
            card.partition(" }\n")[0].rpartition("#")[2]: before_first_sentence(card)
            for card in re.split(r"^### ", page.read_text(encoding="utf-8"), flags=re.M)[1:]
        }
        for page in (ERRORS, MUSEUM)
    }

    assert {card for card, before in fences[MUSEUM.name].items() if before} == set()
    assert {card for card, before in fences[ERRORS.name].items() if before > MESSAGES} == set()


def test_mistakes_are_many_and_leave_the_process_as_it_was():
    before = torch.random.get_rng_state(), list(warnings.filters)

    for code in mistakes.mistakes()[-40:]:
        mistakes.message(code)

    assert len(mistakes.mistakes()) > 1000
    assert torch.equal(before[0], torch.random.get_rng_state())
    assert before[1] == list(warnings.filters)
    assert not torch.is_anomaly_enabled()


def test_stable_keeps_what_is_said_and_drops_what_is_the_readers_own():
    stable = mistakes.stable

    assert stable("E: Expected hidden[0] size (1, 2, 3), got [4, 5, 6]") == stable(
        "E: Expected hidden[0] size (1, 64, 128), got [1, 32, 128]"
    )
    assert stable("E: 'tuple' object has no attribute 'dim'") == stable(
        "E: 'tuple' object has no attribute 'shape'"
    )
    assert stable("E: 'tuple' object has no attribute 'dim'") != stable(
        "E: 'LSTM' object has no attribute 'dim'"
    )
    assert stable("E: For batched 3-D input") != stable("E: For unbatched 2-D input")


def test_record_of_this_release_is_what_mistakes_say_now():
    said = records.recorded()[records.RELEASE]

    now = {code: records.first_line(mistakes.message(code)) for code in said}

    assert now == said


def test_cards_tell_how_a_message_read_in_each_recorded_release():
    text = "\n".join(page.read_text("utf-8") for page in (ERRORS, MUSEUM))
    told = {beginning(said) for said in releases.other_words(text) if said}
    told |= {said.partition(": ")[2][:45] for said in messages_of(ERRORS)}

    untold = {
        (release, said)
        for release, by_code in records.recorded().items()
        for said in filter(None, by_code.values())
        if beginning(said) not in told
    }

    assert untold == set()


def test_older_words_stand_on_no_page_but_as_the_records_have_them():
    typed = (
        r"(?i)\b(?:in|before|since|until|up to) (?:torch|version) 2\.\d"
        r"|\btorch 2\.\d+ (?:and|or) (?:older|before)"
    )

    for page in (ERRORS, MUSEUM):
        assert re.findall(typed, page.read_text(encoding="utf-8")) == []


def before_first_sentence(card: str) -> int:
    """Return how many pieces of code a card shows before it says anything."""
    said = re.split(r"^```\w.*?^```$", card.partition("\n")[2], flags=re.M | re.S)
    return next(place for place, text in enumerate(said) if text.strip())


def beginning(said: str) -> str:
    """Return what a message begins with, behind its type: enough of it to tell it from others."""
    return mistakes.stable(said).partition(": ")[2][:45]
