"""The form of shapes: its rules held to live modules, and its use."""

import random
from collections.abc import Iterator

import pytest
import torch
from playwright.sync_api import expect
from torch import nn

from rnn_figures.configurations import describe
from tests.browser.test_pages import VIEWS, turn, violations

RULES = """async settings => {
  const { problem, shapes } = await import("/assets/js/shapes.mjs");
  return settings.map(setting => problem(setting) || shapes(setting));
}"""

SETTING = {
    "layer": "LSTM",
    "input_size": 5,
    "hidden_size": 3,
    "num_layers": 1,
    "bias": True,
    "batch_first": False,
    "bidirectional": False,
    "proj_size": 0,
    "L": 8,
    "N": 1,
}


@pytest.fixture
def form(page, forms_url):
    page.goto(forms_url)
    return page


@pytest.fixture(scope="module")
def opened(browser, forms_url):
    """A page for tests that ask the rules and leave the form alone."""
    page = browser.new_page()
    page.goto(forms_url)
    yield page
    page.close()


def settings() -> Iterator[dict]:
    """Walk settings of every kind, sizes drawn by chance, the same in each run."""
    chance = random.Random(0)
    for layer in ("LSTM", "GRU", "RNN"):
        for _ in range(150):
            hidden = chance.randint(2, 9)
            yield {
                "layer": layer,
                "input_size": chance.randint(1, 9),
                "hidden_size": hidden,
                "num_layers": chance.randint(1, 4),
                "bias": chance.random() < 0.7,
                "batch_first": chance.random() < 0.5,
                "bidirectional": chance.random() < 0.5,
                "proj_size": chance.randrange(hidden) if layer == "LSTM" else 0,
                "L": chance.randint(1, 9),
                "N": chance.randint(0, 5),
            }


def build(setting: dict) -> nn.RNNBase:
    options = ("num_layers", "bias", "batch_first", "bidirectional", "proj_size")
    return getattr(nn, setting["layer"])(
        setting["input_size"],
        setting["hidden_size"],
        **{name: setting[name] for name in options if name != "proj_size" or setting[name]},
    )


def live(setting: dict) -> dict:
    """Return what a module gives, in the form of the rules."""
    module = build(setting)
    steps, sequences = setting["L"], setting["N"]
    batched = (sequences, steps) if setting["batch_first"] else (steps, sequences)
    x = torch.zeros(*(batched if sequences else (steps,)), setting["input_size"])
    output, states = module(x)
    ends = states if isinstance(states, tuple) else (states,)
    module(x, states)  # which takes an h_0 and a c_0 of these shapes, and no others
    found = {"input": x, "output": output}
    found |= {f"{letter}_0": end for letter, end in zip("hc", ends, strict=False)}
    found |= {f"{letter}_n": end for letter, end in zip("hc", ends, strict=False)}
    parameters = dict(module.named_parameters())
    returned = "(h_n, c_n)" if setting["layer"] == "LSTM" else "h_n"
    size = str(tuple(x.shape))
    return {
        "constructor": describe(module),
        "call": f"output, {returned} = {setting['layer'].lower()}(torch.zeros{size})",
        "tensors": [[name, list(tensor.shape)] for name, tensor in found.items()],
        "parameters": [[name, list(tensor.shape)] for name, tensor in parameters.items()],
        "total": sum(tensor.numel() for tensor in parameters.values()),
    }


@pytest.mark.filterwarnings("ignore:LSTM with projections")
def test_rules_give_what_live_modules_give(opened):
    chosen = list(settings())

    told = opened.evaluate(RULES, chosen)

    wrong = [
        (setting, rule) for setting, rule in zip(chosen, told, strict=True) if rule != live(setting)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"hidden_size": 0}, "hidden_size must be a whole number from 1 to 1000000."),
        ({"num_layers": 0}, "num_layers must be a whole number from 1 to 1000."),
        ({"L": 0}, "L must be a whole number from 1 to 1000000."),
        ({"proj_size": 3}, "proj_size must be smaller than hidden_size, which is 3."),
        ({"proj_size": 4}, "proj_size must be smaller than hidden_size, which is 3."),
        (
            {"layer": "GRU", "proj_size": 2},
            "Only an LSTM takes proj_size: choose an LSTM, or 0.",
        ),
    ],
)
def test_rules_refuse_what_torch_refuses(opened, changed, said):
    setting = SETTING | changed

    assert opened.evaluate(RULES, [setting]) == [said]
    with pytest.raises((ValueError, TypeError, RuntimeError)):
        live(setting)


def test_form_starts_with_the_layer_of_the_site(form):
    expect(form.locator("rnn-shapes output")).to_have_text(
        "output (8, 1, 3), h_n (1, 1, 3), c_n (1, 1, 3); 120 parameters"
    )
    expect(form.locator("rnn-shapes pre")).to_have_text(
        "lstm = nn.LSTM(5, 3)\noutput, (h_n, c_n) = lstm(torch.zeros(8, 1, 5))"
    )


def test_form_shows_every_tensor_of_what_is_chosen(form):
    form.locator("rnn-shapes").get_by_label("layer", exact=True).select_option("GRU")
    form.locator("rnn-shapes").get_by_label("num_layers").fill("2")
    form.locator("rnn-shapes").get_by_label("bidirectional").select_option("True")
    form.locator("rnn-shapes").get_by_label("N, 0: no batch").fill("4")

    setting = SETTING | {"layer": "GRU", "num_layers": 2, "bidirectional": True, "N": 4}
    expected = live(setting)
    rows = form.locator("rnn-shapes tbody tr").all_inner_texts()
    assert [row.split("\t")[:2] for row in rows] == [
        [name, str(tuple(shape))] for name, shape in expected["tensors"] + expected["parameters"]
    ]
    assert (
        form.locator("rnn-shapes output").inner_text().endswith(f"; {expected['total']} parameters")
    )


def test_form_counts_the_parameters_that_it_does_not_list(form):
    form.locator("rnn-shapes").get_by_label("num_layers").fill("40")

    expect(form.locator("rnn-shapes tbody tr")).to_have_count(6 + 64 + 1)
    expect(form.locator("rnn-shapes tbody tr").last).to_have_text("and 96 more parameters")
    total = sum(tensor.numel() for tensor in build(SETTING | {"num_layers": 40}).parameters())
    expect(form.locator("rnn-shapes output")).to_contain_text(f"; {total} parameters")


def test_copied_code_runs_and_gives_the_shapes(form):
    form.locator("rnn-shapes").get_by_label("proj_size").fill("2")
    form.locator("rnn-shapes").get_by_label("batch_first").select_option("True")
    form.locator("rnn-shapes").get_by_label("N, 0: no batch").fill("0")
    names: dict = {"torch": torch, "nn": nn}

    exec(form.locator("rnn-shapes pre").inner_text(), names)

    told = form.locator("rnn-shapes output").inner_text()
    shapes = [f"{name} {tuple(names[name].shape)}" for name in ("output", "h_n", "c_n")]
    assert told.startswith(", ".join(shapes))


@pytest.mark.parametrize("typed", ["", "-1", "2.5", "9999999"])
def test_form_says_what_is_wrong_and_shows_no_shape_then(form, typed):
    form.locator("rnn-shapes").get_by_label("hidden_size").fill(typed)

    output = form.locator("rnn-shapes output")
    expect(output).to_have_text("hidden_size must be a whole number from 1 to 1000000.")
    expect(form.locator("rnn-shapes table")).to_be_hidden()
    expect(form.locator("rnn-shapes pre")).to_be_hidden()

    form.locator("rnn-shapes").get_by_label("hidden_size").fill("4")

    expect(form.locator("rnn-shapes table")).to_be_visible()


def test_form_keeps_and_shows_what_was_typed_after_the_way_back(form, forms_url):
    form.locator("rnn-shapes").get_by_label("hidden_size").fill("7")
    form.goto(f"{forms_url}404.html")
    form.go_back()

    size = form.locator("rnn-shapes").get_by_label("hidden_size").input_value()
    expect(form.locator("rnn-shapes output")).to_contain_text(f"(8, 1, {size})")


def test_form_is_accessible_and_fits(form):
    form.locator("rnn-shapes").get_by_label("num_layers").fill("9")

    for scheme, width in VIEWS:
        assert turn(form, scheme, width) == width
        assert violations(form, "rnn-shapes") == [], (scheme, width)
