"""The layers that this site's scripts compute, held to torch in every configuration."""

import json
import math

import pytest
import torch
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnn_figures.configurations import every_configuration
from rnn_figures.numbers import number
from rnn_figures.traces.tracing import trace

FORWARD = """async cases => {
  const { forward } = await import("/assets/js/cells.mjs");
  const text = JSON.stringify(
    cases.map(([configuration, weights, input, state, lengths]) =>
      forward(configuration, weights, input, state, lengths ?? undefined)),
    (_, value) => (Number.isNaN(value) ? "nan" : value),
  );
  return text;
}"""

NUMBER = """async values => {
  const { number } = await import("/assets/js/numbers.mjs");
  return values.map(value => number(Number(value)));
}"""

OPTIONS = ("mode", "input_size", "hidden_size", "num_layers", "bias", "bidirectional", "proj_size")

L, N = 5, 3


def every_case():
    """Return every layout-free configuration in float64, with and without states and lengths."""
    torch.manual_seed(0)
    modules = [m.double() for m in every_configuration(2, 4, 3) if not m.batch_first]
    return [
        (module, given, lengths)
        for module in modules
        for given in (False, True)
        for lengths in (None, [3, 5, 2])
    ]


def states(module):
    """Return random initial states, as the module takes them."""
    rows = module.num_layers * (2 if module.bidirectional else 1)
    h_0 = torch.randn(rows, N, module.proj_size or module.hidden_size, dtype=torch.float64)
    c_0 = torch.randn(rows, N, module.hidden_size, dtype=torch.float64)
    return (h_0, c_0) if module.mode == "LSTM" else h_0


def plain(value):
    """Return tensors as nested lists; None stays None."""
    if isinstance(value, tuple):
        return [part.tolist() for part in value]
    return None if value is None else value.tolist()


def tensor(nested):
    """Return nested lists as a tensor, "nan" as NaN."""
    flat = [[[float(value) for value in row] for row in rows] for rows in nested]
    return torch.tensor(flat, dtype=torch.float64)


def assert_same(shown, given, what):
    torch.testing.assert_close(
        tensor(shown), given, atol=1e-12, rtol=0, equal_nan=True, msg=lambda text: f"{what}: {text}"
    )


def test_the_scripts_layers_are_torchs(page, forms_url):
    page.goto(forms_url)
    cases, expected = [], []
    for module, given, lengths in every_case():
        x = torch.randn(L, N, module.input_size, dtype=torch.float64)
        state = states(module) if given else None
        packed = lengths and pack_padded_sequence(x, torch.tensor(lengths), enforce_sorted=False)
        configuration = {option: getattr(module, option) for option in OPTIONS}
        weights = {name: weight.tolist() for name, weight in module.state_dict().items()}
        cases.append([configuration, weights, x.tolist(), plain(state), lengths])
        expected.append((module, x if packed is None else packed, state))

    results = json.loads(page.evaluate(FORWARD, cases))

    assert len(results) > 150
    for result, (module, read, state) in zip(results, expected, strict=True):
        with torch.no_grad():
            output, final = module(read, state)
        if not isinstance(output, torch.Tensor):
            output = pad_packed_sequence(output)[0]
        h_n, c_n = final if isinstance(final, tuple) else (final, None)
        assert_same(result["output"], output, module)
        assert_same(result["h_n"], h_n, module)
        assert ("c_n" in result) == (c_n is not None)
        if c_n is not None:
            assert_same(result["c_n"], c_n, module)
        run = trace(module, read, state)
        for layer, directions in enumerate(result["layers"]):
            for direction, letters in enumerate(directions):
                assert list(letters) == list(run[layer, direction].quantities)
                for letter, values in letters.items():
                    assert_same(values, run[layer, direction][letter], (module, letter))


LSTM = {"mode": "LSTM", "input_size": 2, "hidden_size": 3}
GIVEN = [[[0.0, 0.0]], [[0.0, 0.0]]]


def weights_of(module):
    return {name: weight.tolist() for name, weight in module.state_dict().items()}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            {"configuration": LSTM | {"mode": "QRNN"}},
            "expected LSTM, GRU, RNN_TANH or RNN_RELU, got QRNN",
        ),
        ({"configuration": None}, "expected LSTM, GRU, RNN_TANH or RNN_RELU, got undefined"),
        (
            {"configuration": LSTM | {"num_layers": 0}},
            "num_layers to be a whole number of at least 1, got 0",
        ),
        (
            {"configuration": LSTM | {"hidden_size": 2.5}},
            "hidden_size to be a whole number of at least 1, got 2.5",
        ),
        (
            {"configuration": LSTM | {"proj_size": 3}},
            "expected proj_size below hidden_size 3, got 3",
        ),
        ({"configuration": LSTM | {"mode": "GRU", "proj_size": 1}}, "only an LSTM has one, got 1"),
        ({"configuration": LSTM | {"num_layers": 2}}, "expected weights with weight_ih_l1"),
        (
            {"configuration": LSTM | {"bidirectional": True}},
            "expected weights with weight_ih_l0_reverse",
        ),
        (
            {"configuration": LSTM | {"bias": False}},
            "expected weights without bias_ih_l0: .* no bias",
        ),
        (
            {"configuration": LSTM | {"proj_size": 1}},
            r"weight_hh_l0 of shape \(12, 1\), got \(12, 3\)",
        ),
        ({"weights": {}}, "expected weights with weight_ih_l0"),
        ({"input": []}, "expected an input of at least one step, got none"),
        ({"input": 1.0}, r"expected input of shape \(L, N, 2\), got a number"),
        ({"input": [[0.0, 0.0]]}, r"expected input of shape \(L, N, 2\), got \(1, 2\)"),
        ({"input": [[[0.0]]]}, r"expected input of shape \(L, N, 2\), got \(1, 1, 1\)"),
        (
            {"input": [[[0.0, 0.0]], []]},
            r"input of shape \(2, 1, 2\), got \(2, 1, 2\), with rows of unlike",
        ),
        ({"input": [[[0.0, None]]]}, "something that is no number"),
        (
            {"state": [[[0.0] * 3]]},
            r"state of an LSTM to be \[h_0, c_0\], got an array of shape \(1, 1, 3\)",
        ),
        (
            {"state": [[[[0.0] * 3]], [[[0.0] * 2]]]},
            r"expected c_0 of shape \(1, 1, 3\), got \(1, 1, 2\)",
        ),
        ({"lengths": [3]}, "expected lengths from 1 to 2, got 3"),
        ({"lengths": [2, 1]}, r"expected lengths of shape \(1,\), got \(2,\)"),
    ],
)
def test_forward_says_in_one_sentence_what_it_cannot_run(page, forms_url, changed, said):
    page.goto(forms_url)
    given = {
        "configuration": LSTM,
        "weights": weights_of(torch.nn.LSTM(2, 3)),
        "input": GIVEN,
        "state": None,
        "lengths": None,
    }

    assert page.evaluate(FORWARD, [list(given.values())])
    with pytest.raises(Exception, match=said):
        page.evaluate(FORWARD, [list((given | changed).values())])


def test_numbers_are_written_as_python_writes_them(page, forms_url):
    torch.manual_seed(0)
    random = (torch.randn(400, dtype=torch.float64) * 10 ** torch.randint(-4, 6, (400,))).tolist()
    ties = [whole + part / 8 for whole in (0, 1, 9, 12, 99, 100, 101) for part in range(8)]
    edges = [0.0, -0.0, 9.995, 9.9951, 99.95, 0.995, 9999.5, 12345.0, 1e20, -0.004, 5e-324]
    values = [*random, *ties, *(-tie for tie in ties), *edges, *(-edge for edge in edges)]

    page.goto(forms_url)
    written = page.evaluate(NUMBER, [repr(value) for value in values])

    assert written == [number(value) for value in values]
    odd = page.evaluate(NUMBER, ["NaN", "Infinity", "-Infinity"])
    assert odd == [number(value) for value in (math.nan, math.inf, -math.inf)]
