"""The pages of the atlas, held to the package: each configuration, its code, its address."""

import pathlib
import re

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from rnn_figures import trace
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.options import FORMS
from rnn_figures.site import atlas
from rnn_figures.site.plugin import ATLAS_LINK

ADDRESSES = (
    pathlib.Path(__file__).parent.parent.joinpath("atlas-addresses.txt").read_text("utf-8").split()
)
"""Every address that the atlas ever had. Lines are added, never taken away."""

ENTRIES = atlas.entries()


def run(entry: atlas.Entry) -> dict:
    """Run the first fence of an entry's page, as the page does."""
    torch.manual_seed(0)
    namespace = {"torch": torch, "nn": nn, "pack_padded_sequence": pack_padded_sequence}
    exec(atlas.call(entry), namespace)
    return namespace


def test_entries_are_every_configuration_in_every_form():
    built = {
        (describe(eval(entry.constructor)), form)  # bias changes no page
        for entry in ENTRIES
        for form in (entry.form,)
    }
    expected = {
        (describe(module), form)
        for module in every_configuration(5, 3, 2)
        if module.bias
        for form in FORMS
    }

    assert built == expected
    assert len(ENTRIES) == len(expected) == 180


def test_addresses_are_readable_and_different():
    slugs = [entry.slug for entry in ENTRIES]

    assert len(set(slugs)) == len(slugs)
    assert "lstm-2-layers-bidirectional-batch-first-packed" in slugs
    assert all(re.fullmatch(r"[a-z0-9-]+", slug) for slug in slugs)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.slug)
def test_first_fence_runs_the_module_of_the_entry(entry):
    names = run(entry)

    module, given = names[entry.layer], names[entry.input]
    assert module.mode == entry.kind
    assert (module.num_layers, module.bidirectional) == (entry.num_layers, entry.bidirectional)
    assert (module.batch_first, module.proj_size > 0) == (entry.batch_first, entry.projected)
    forms = {"packed": PackedSequence, "batched": torch.Tensor, "unbatched": torch.Tensor}
    assert isinstance(given, forms[entry.form])
    if entry.form == "packed":
        assert given.batch_sizes.tolist() == [2, 2, 1, 1]
    else:
        assert given.dim() == (3 if entry.form == "batched" else 2)
        assert given.shape[-1] == 5


def test_neighbours_differ_in_one_option():
    for entry in ENTRIES:
        for _, other in atlas.neighbours(entry):
            assert other in ENTRIES
            assert sum(a != b for a, b in zip(entry, other, strict=True)) == 1


def test_neighbours_go_both_ways():
    for entry in ENTRIES:
        for _, other in atlas.neighbours(entry):
            back = [again for _, again in atlas.neighbours(other)]
            assert entry in back


def test_page_links_each_neighbour_and_has_every_figure():
    entry = next(e for e in ENTRIES if e.slug == "lstm-2-layers-bidirectional-batch-first-packed")

    page = atlas.page(entry)

    for _, other in atlas.neighbours(entry):
        assert f"]({other.slug}.md)" in page
    ids = re.findall(r'id="([\w-]+)"', page)
    assert set(ids) == {
        "unrolled",
        "final-states",
        "shapes",
        "gates-forward",
        "gates-reverse",
        "parameters",
    }
    assert "bidirectional-last" in page
    assert "padded-last" in page


@pytest.mark.parametrize("entry", [e for e in ENTRIES if e.bidirectional], ids=lambda e: e.slug)
def test_the_last_step_that_a_page_warns_of_is_one(entry):
    names = run(entry)
    output = names["output"]
    padded = None
    if isinstance(output, PackedSequence):
        padded, _ = pad_packed_sequence(output, batch_first=entry.batch_first)
    (code,) = re.findall(r"`([^`]+)` for the whole sequence", atlas.page(entry))

    last = eval(code, {"output": output, "padded": padded})

    width = 2 * names["h_n"].shape[-1]
    assert last.shape == ((width,) if entry.form == "unbatched" else (2, width))


@pytest.mark.parametrize(
    "entry", [e for e in ENTRIES if e.batch_first and e.form == "batched"], ids=lambda e: e.slug
)
def test_a_state_with_n_first_does_what_its_card_says(entry):
    names = run(entry)
    states = [names["h_n"], names["c_n"]] if entry.kind == "LSTM" else [names["h_n"]]
    turned = [state.transpose(0, 1).contiguous() for state in states]
    (card,) = re.findall(r"\[A state with N first]\([^#]+#([\w-]+)\)", atlas.page(entry))

    try:
        names[entry.layer](names["batch"], tuple(turned) if entry.kind == "LSTM" else turned[0])
        told = False
    except RuntimeError:
        told = True

    assert card == ("hidden-size" if told else "state-square")


def test_index_page_links_every_page():
    index = atlas.index_page()

    assert all(f"({entry.slug}.md)" in index for entry in ENTRIES)


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.slug)
def test_gates_are_those_of_the_plain_batch(entry):
    plain = run(entry._replace(batch_first=False, form="batched"))
    own = run(entry)

    for direction in range(2 if entry.bidirectional else 1):
        expected = trace(plain[entry.layer], plain["batch"])[-1, direction]
        found = trace(own[entry.layer], own[entry.input])[-1, direction]
        for letter in expected.quantities:
            a, b = getattr(found, letter)[:, 0], getattr(expected, letter)[:, 0]
            torch.testing.assert_close(a, b, rtol=0, atol=1e-6)


def test_no_address_is_ever_lost():
    there = {entry.slug for entry in ENTRIES}

    lost = [address for address in ADDRESSES if address not in there | atlas.REDIRECTS.keys()]
    assert lost == [], "add to REDIRECTS in atlas.py where each of these leads now"
    assert set(atlas.REDIRECTS.values()) <= there
    assert not atlas.REDIRECTS.keys() & there


def test_new_addresses_are_on_the_list():
    new = [entry.slug for entry in ENTRIES if entry.slug not in ADDRESSES]

    assert new == [], "add these lines to tests/atlas-addresses.txt"


def test_redirects_lead_to_the_new_address(monkeypatch):
    monkeypatch.setattr(atlas, "REDIRECTS", {"lstm-old": "lstm-1-layer"})

    ((path, page),) = atlas.redirects().items()

    assert path == "atlas/lstm-old/index.html"
    assert 'content="0; url=../lstm-1-layer/"' in page
    assert '<a href="../lstm-1-layer/">' in page


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("In the atlas: [one](../atlas/lstm-1-layer.md).", "In the atlas: one."),
        ("[one](atlas/rnn-tanh-1-layer.md#gates), [two](b.md)", "one, [two](b.md)"),
        ("| [batched](gru-1-layer.md) |", "| batched |"),
        ("[the atlas](../atlas/index.md)", "[the atlas](../atlas/index.md)"),
        ("[LSTM](../anatomy/lstm.md)", "[LSTM](../anatomy/lstm.md)"),
    ],
)
def test_links_to_the_atlas_become_text_where_it_is_left_out(text, expected):
    assert ATLAS_LINK.sub(r"\g<text>", text) == expected
