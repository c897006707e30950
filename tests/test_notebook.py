"""What a drawing gives a notebook: HTML in the colours of its theme, SVG, its words as text."""

import re

import pytest
import torch
from torch import nn

from rnn_figures import gate_plot, trace, trace_all, unrolled_diagram
from rnn_figures.html.svg import clean, least_width
from rnn_figures.notebook import DARK_THEMES, drawings
from rnn_figures.palette import DARK, LIGHT

RUN = trace(nn.LSTM(5, 3), torch.randn(6, 1, 5, generator=torch.Generator().manual_seed(0)))
FIGURES = [unrolled_diagram(RUN), gate_plot(RUN)]


@pytest.mark.parametrize("figure", FIGURES, ids=["diagram", "plot"])
def test_a_drawing_gives_html_svg_and_its_words(figure):
    given = figure._repr_mimebundle_()

    assert list(given) == ["text/html", "image/svg+xml", "text/plain"]
    assert given["text/plain"] == repr(figure) == figure.alt
    assert given["image/svg+xml"] == figure.to_svg()


@pytest.mark.parametrize("figure", FIGURES, ids=["diagram", "plot"])
def test_every_colour_of_the_palette_follows_the_theme(figure):
    page = figure._repr_mimebundle_()["text/html"]
    style, _, rest = page.partition("</style>")
    drawing, _, _ = rest.partition("<img")  # an image knows no theme and has a ground of its own

    fixed = re.sub(r"var\(--rnn-\w+, #\w{6}\)", "", drawing)
    assert re.findall("|".join(LIGHT.values()), fixed) == []
    assert all(f"{theme} .rnn-shown" in style for theme in DARK_THEMES)
    for colours in (LIGHT, DARK):
        assert all(f": {colour}; " in style for name, colour in colours.items() if name != "paper")
    # the ground is the notebook's own
    assert style.count("--rnn-paper: var(--jp-layout-color0, ") == 2


@pytest.mark.parametrize("figure", FIGURES, ids=["diagram", "plot"])
def test_a_page_finds_the_drawing_again(figure):
    page = figure._repr_mimebundle_()["text/html"]

    ((whole, svg),) = drawings(f"<p>before</p>{page}<p>after</p>")

    assert whole == page
    body = figure.to_svg()
    assert re.findall(r'd="[^"]*"', svg) == re.findall(r'd="[^"]*"', body)
    assert set(re.findall(r"#\w{6}\b", svg)) >= set(re.findall(r"#\w{6}\b", body))
    assert "var(" not in svg


@pytest.mark.parametrize("figure", FIGURES, ids=["diagram", "plot"])
def test_a_drawing_keeps_its_units_though_attributes_are_written_in_small_letters(figure):
    page = figure._repr_mimebundle_()["text/html"]

    ((_, svg),) = drawings(page.replace("viewBox", "viewbox"))  # as nbconvert does

    given = figure.to_svg()
    assert least_width(clean(svg, pixels=1.5), 9.0) == least_width(clean(given, pixels=1.5), 9.0)


def test_traces_show_what_was_traced():
    model = nn.ModuleDict({"rnn": nn.GRU(5, 3), "spare": nn.LSTM(5, 3)})
    model.forward = lambda x: model["rnn"](x)[1]

    traces = trace_all(model, torch.zeros(6, 2, 5))

    assert repr(traces).splitlines() == [
        "submodule 'rnn': nn.GRU(5, 3) on 2 × 6 steps",
        "submodule 'spare': not called",
    ]
    assert "| submodule 'rnn' | nn.GRU(5, 3) on 2 × 6 steps |" in traces._repr_markdown_()


def test_a_layer_trace_shows_its_shapes():
    assert repr(RUN[0, 0]).splitlines()[:2] == ["LayerTrace, forward:", "  x: (6, 1, 5)"]
    assert "| `f` | (6, 1, 3) |" in RUN[0, 0]._repr_markdown_()
