import re

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence

from rnn_figures import atlas
from rnn_figures.configurations import describe, every_configuration
from rnn_figures.options import FORMS

ENTRIES = atlas.entries()


def run(entry: atlas.Entry) -> dict:
    """Run the first fence of an entry's page."""
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


def test_index_page_links_every_page():
    index = atlas.index_page()

    assert all(f"({entry.slug}.md)" in index for entry in ENTRIES)
