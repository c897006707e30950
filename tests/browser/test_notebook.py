"""Figures in a notebook that nbconvert made, in both of JupyterLab's themes and in VS Code's."""

import nbformat
import pytest
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page

CELLS = (
    """
import torch
from torch import nn
from rnn_figures import *
t = trace(nn.LSTM(5, 3), torch.randn(6, 1, 5))
t""",
    "unrolled_diagram(t)",
    "gate_plot(t)",
    "shape_table(nn.GRU(5, 3), torch.randn(6, 1, 5))",
    "diagnose(nn.GRU(5, 3), torch.randn(120, 1, 5))",
    "compare(nn.GRU(5, 3), nn.GRU(5, 3), torch.randn(6, 1, 5))",
)

LUMINANCE = """() => {
  const level = (text) => {
    const parts = text.match(/[\\d.]+/g).slice(0, 3).map((part) => part / 255);
    const [r, g, b] = parts.map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = level(getComputedStyle(document.body).backgroundColor);
  const contrast = (text) => {
    const ink = level(getComputedStyle(text).fill);
    return (Math.max(ink, ground) + 0.05) / (Math.min(ink, ground) + 0.05);
  };
  // what is in the very colour of the ground stands in a filled box
  const texts = [...document.querySelectorAll(".rnn-shown svg text")];
  return texts.map(contrast).filter((ratio) => ratio > 1.001);
}"""


@pytest.fixture(scope="module")
def notebook() -> nbformat.NotebookNode:
    made = new_notebook(cells=[new_code_cell(source) for source in CELLS])
    ExecutePreprocessor(timeout=300, kernel_name="python3").preprocess(made, {})
    return made


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_figures_are_read_in_both_themes_of_jupyterlab(theme, notebook, page: Page):
    exported, _ = HTMLExporter(theme=theme).from_notebook_node(notebook)
    page.route("http*://**", lambda route: route.abort())  # MathJax, RequireJS

    page.set_content(exported, wait_until="domcontentloaded")

    assert page.locator(".rnn-shown svg").count() == 2
    contrasts = page.evaluate(LUMINANCE)
    assert len(contrasts) > 40
    assert min(contrasts) >= 4.5


@pytest.mark.parametrize(("kind", "ground"), [("light", "#ffffff"), ("dark", "#1f1f1f")])
def test_figures_are_read_in_vs_code(kind, ground, notebook, page: Page):
    given = [cell.outputs[0].data for cell in notebook.cells]
    shown = "".join(data["text/html"] for data in given if "text/html" in data)
    own = f"--vscode-editor-background: {ground}; background: {ground}"

    page.set_content(f'<body data-vscode-theme-kind="vscode-{kind}" style="{own}">{shown}</body>')

    assert min(page.evaluate(LUMINANCE)) >= 4.5
    fills = page.locator(".rnn-shown svg *").evaluate_all(
        "all => all.map((one) => getComputedStyle(one).fill)"
    )
    assert ("rgb(255, 255, 255)" in fills) == (kind == "light")  # no white box in the dark


def test_a_notebook_that_is_not_trusted_shows_each_drawing_as_an_image(notebook, page: Page):
    """As JupyterLab cleans: no style sheets, no empty attributes, of SVG nothing but its texts."""
    given = [cell.outputs[0].data for cell in notebook.cells]
    shown = "".join(data["text/html"] for data in given if "rnn-shown" in data.get("text/html", ""))
    page.set_content(shown)
    images = page.locator(".rnn-shown > img")
    assert images.evaluate_all("all => all.map((one) => one.offsetWidth)") == [0, 0]

    page.evaluate("""() => {
      for (const style of document.querySelectorAll("style")) style.remove();
      for (const svg of document.querySelectorAll("svg")) svg.replaceWith(svg.textContent);
      for (const hidden of document.querySelectorAll('[hidden=""]')) hidden.hidden = false;
    }""")

    page.wait_for_function("[...document.images].every((one) => one.naturalWidth > 300)")
    assert page.locator("body").inner_text().strip() == ""
    assert min(images.evaluate_all("all => all.map((one) => one.offsetWidth)")) > 300


def test_every_object_shows_itself(notebook):
    data = [cell.outputs[0].data for cell in notebook.cells]

    assert all("text/markdown" in one or "text/html" in one for one in data)
    assert all("object at 0x" not in one["text/plain"] for one in data)
    assert data[2]["text/plain"].startswith("Input gate i")
