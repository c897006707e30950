"""The three sequences that a reader packs."""

import itertools

import pytest
import torch
from playwright.sync_api import expect
from torch.nn.utils.rnn import pack_padded_sequence

from tests.browser.test_pages import VIEWS, turn, violations

PACK = """async cases => {
  const { pack } = await import("/assets/js/rnn-packing.mjs");
  return cases.map(pack);
}"""


@pytest.fixture
def packing(page, forms_url):
    page.goto(forms_url)
    return page


def live(lengths) -> dict:
    """Return what torch packs, each row of data as its sequence and its step."""
    steps = max(lengths)
    places = [[[n, t] for n in range(len(lengths))] for t in range(steps)]  # (L, N, 2)
    packed = pack_padded_sequence(torch.tensor(places), torch.tensor(lengths), enforce_sorted=False)
    return {name: getattr(packed, name).tolist() for name in packed._fields}


def move(page, lengths) -> None:
    for n, length in enumerate(lengths):
        page.locator(f"#rnn-packing-{n}").fill(str(length))


def test_every_field_is_torchs_for_all_lengths(packing):
    cases = list(itertools.product(range(1, 6), repeat=3))

    found = packing.evaluate(PACK, cases)

    assert found == [live(lengths) for lengths in cases]


@pytest.mark.parametrize("lengths", [(3, 1, 2), (4, 2, 2), (1, 5, 5), (1, 1, 1)])
def test_the_reader_sees_every_field(packing, lengths):
    move(packing, lengths)

    fields = live(lengths)
    told = ", ".join(
        f"{name} {fields[name]}" for name in ("batch_sizes", "sorted_indices", "unsorted_indices")
    )
    expect(packing.locator("rnn-packing output")).to_have_text(
        f"{told}; data has {sum(lengths)} rows, the padded batch {3 * max(lengths)} places"
    )
    rows = packing.locator("rnn-packing ol > li").all_inner_texts()
    assert rows == [f"{'pqr'[n]}{t}" for n, t in fields["data"]]


def test_the_tables_have_a_cell_for_each_step_that_exists(packing):
    move(packing, (2, 4, 1))

    tables = packing.locator("rnn-packing table").evaluate_all(
        "all => all.map(one => [...one.rows].map(row => [...row.cells].map(cell => "
        "cell.textContent)))"
    )

    head = ["sequence", "step 0", "step 1", "step 2", "step 3"]
    one = ["0: p", "p0", "p1", "·", "·"]
    two = ["1: q", "q0", "q1", "q2", "q3"]
    three = ["2: r", "r0", "·", "·", "·"]
    sizes = ["batch_sizes", "3", "2", "1", "1"]
    assert tables == [[head, one, two, three], [head, two, one, three, sizes]]


def test_a_slider_moves_by_keyboard_and_shows_its_length(packing):
    slider = packing.get_by_label("sequence 1, q")
    slider.focus()
    packing.keyboard.press("End")

    expect(packing.locator("label[for=rnn-packing-1] span")).to_have_text("5")
    expect(packing.locator("rnn-packing output")).to_contain_text("batch_sizes [3, 2, 1, 1, 1]")


def test_packing_is_accessible_and_fits(page, packing):
    move(page, (5, 5, 5))

    for scheme, width in VIEWS:
        assert turn(page, scheme, width) == width
        assert violations(page, "rnn-packing") == [], (scheme, width)
