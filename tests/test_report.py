"""explain: one file that needs nothing else, whose numbers are the module's own."""

import base64
import csv
import hashlib
import io
import re
import zlib

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from PIL import Image
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from rnn_figures import TraceMismatchError, diagnose, explain, trace
from rnn_figures.report import explaining
from rnn_figures.report.maps import SHADES, _farthest
from tests.test_models import Counting, Tagger
from tests.whole_models import Model

LSTM = nn.LSTM(5, 3, num_layers=2, bidirectional=True)
X = torch.randn(8, 2, 5, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def report(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("report") / "lstm.html"
    assert explain(LSTM, X, path=path) == path
    return path.read_text("utf-8")


def ids(page: str) -> list[str]:
    return [str(figure["id"]) for figure in BeautifulSoup(page, "html.parser").select("figure")]


def numbers(page: str, figure: str) -> list[dict[str, str]]:
    """Return the rows of the CSV file that a figure offers."""
    link = BeautifulSoup(page, "html.parser").select_one(f'#{figure} a[download$=".csv"]')
    assert link
    text = zlib.decompress(base64.b64decode(str(link["data-packed"]))).decode()
    return list(csv.DictReader(io.StringIO(text)))


def test_report_has_every_part(report):
    places = [f"{layer}-{direction}" for layer in (0, 1) for direction in (0, 1)]
    parts = ["shapes", "unrolled", "rows", "gradients", *(f"gates-{place}" for place in places)]
    parts += ["parameters", *(f"weights-{place}" for place in places)]

    assert ids(report) == [f"call-0-{part}" for part in parts]
    assert "<h1>nn.LSTM(5, 3, num_layers=2, bidirectional=True)</h1>" in report


def test_report_needs_nothing_else(report):
    soup = BeautifulSoup(report, "html.parser")

    addresses = [str(e.get("href") or e.get("src")) for e in soup.select("[href], [src]")]
    assert [a for a in addresses if not a.startswith(("#", "data:"))] == []
    assert soup.select("link, iframe, script[src]") == []
    assert not re.search(r"url\((?!#)|@import|fetch\(|XMLHttpRequest", report)
    found = [str(e["id"]) for e in soup.select("[id]")]
    assert len(found) == len(set(found))


def test_nothing_else_can_get_into_the_report(report):
    soup = BeautifulSoup(report, "html.parser")
    (policy,) = soup.select('meta[http-equiv="Content-Security-Policy"]')
    content = str(policy["content"])

    assert content.startswith("default-src 'none';")
    assert "unsafe" not in content
    assert soup.select("[style], [onclick], [onload]") == []
    for kind in ("style", "script"):
        (element,) = soup.select(f"{kind}:not([type])")
        digest = hashlib.sha256(str(element.string).encode()).digest()
        assert f"{kind}-src 'sha256-{base64.b64encode(digest).decode()}'" in content


def test_numbers_are_those_of_the_run(report):
    reverse = trace(LSTM, X)[1, 1]

    rows = numbers(report, "call-0-gates-1-1")

    assert len(rows) == 8 * 3
    for row in rows:
        place = int(row["step"]), 0, int(row["unit"])
        for letter in "ifgoch":
            assert float(row[letter]) == getattr(reverse, letter)[place].item()


def test_two_reports_are_the_same_bytes(report, tmp_path):
    again = explain(LSTM, X, path=tmp_path / "again.html").read_text("utf-8")

    assert again == report


def test_a_model_is_explained_call_by_call(tmp_path):
    path = explain(Tagger().eval(), torch.randn(7, 9, 5), path=str(tmp_path / "model.html"))

    soup = BeautifulSoup(path.read_text("utf-8"), "html.parser")
    assert [heading.text for heading in soup.select("h2")] == [
        "encoder: nn.LSTM(5, 3, batch_first=True, bidirectional=True)",
        "decoder.rnn: nn.GRU(6, 4), call 1 of 2",
        "decoder.rnn: nn.GRU(6, 4), call 2 of 2",
    ]
    assert [link["href"] for link in soup.select("nav a")] == ["#call-0", "#call-1", "#call-2"]
    assert "did not call submodule 'decoder.spare'" in soup.text


@pytest.mark.parametrize(
    ("module", "given"),
    [
        (nn.RNN(5, 3), (torch.randn(1, 5),)),
        (nn.GRU(5, 3, bias=False), (pack_padded_sequence(torch.randn(4, 2, 5), [4, 2]),)),
        (nn.LSTM(5, 4, proj_size=2).double(), (torch.randn(4, 2, 5).double(),)),
        (nn.GRU(5, 3), (torch.randn(4, 2, 5), torch.randn(1, 2, 3))),
    ],
    ids=["one unbatched step", "packed", "projected", "with a state"],
)
def test_every_form_is_explained(module, given, tmp_path):
    path = explain(module, *given, path=tmp_path / "one.html")

    assert "call-0-gates-0-0" in ids(path.read_text("utf-8"))


@pytest.mark.parametrize("normed", ["weight_norm", "spectral_norm"])
def test_a_parametrized_layer_is_explained(normed, tmp_path):
    lstm = nn.LSTM(5, 3)
    getattr(nn.utils.parametrizations, normed)(lstm, "weight_hh_l0")

    path = explain(lstm.eval(), X, path=tmp_path / "a.html")

    assert "call-0-weights-0-0" in ids(path.read_text("utf-8"))


def test_a_large_run_is_drawn_as_maps_of_all_units(tmp_path):
    gru, x = nn.GRU(4, 128), torch.randn(33, 1, 4)

    page = explain(gru, x, path=tmp_path / "large.html").read_text("utf-8")

    assert "call-0-gradients" in ids(page)
    soup = BeautifulSoup(page, "html.parser")
    assert "all 128 units over 33 steps" in soup.select("#call-0-gates-0-0")[0].text
    z = trace(gru, x)[0, 0].z[:, 0]
    (picture,) = soup.select('img[alt^="update gate z"]')
    png = base64.b64decode(str(picture["src"]).partition(",")[2])
    shades = np.asarray(Image.open(io.BytesIO(png))).astype(float)
    units = z[:, z.mean(0).argsort(descending=True)]
    assert np.abs((shades - SHADES) / SHADES - units.T.numpy()).max() <= 0.5 / SHADES + 1e-6


def test_a_map_keeps_peaks_and_nan():
    values = np.zeros((600, 3))
    values[123, 0], values[400, 1], values[401, 2] = -9.0, np.nan, 5.0

    kept = _farthest(values, 256, 0)

    assert kept.shape == (256, 3)
    assert kept[:, 0].min() == -9.0
    assert np.isnan(kept[:, 1]).sum() == 1
    assert kept[:, 2].max() == 5.0


@pytest.mark.slow
def test_a_report_of_a_large_run_is_small(tmp_path):
    path = explain(nn.LSTM(64, 1024), torch.randn(2000, 1, 64), path=tmp_path / "large.html")

    assert path.stat().st_size < 5e6


def test_a_report_keeps_within_its_size_and_names_what_it_leaves_out(report, tmp_path, monkeypatch):
    most = len(report.encode()) * 3 // 4
    monkeypatch.setattr(explaining, "MOST_BYTES", most)

    page = explain(LSTM, X, path=tmp_path / "small.html").read_text("utf-8")

    assert len(page.encode()) < most
    assert "Not drawn" not in report
    assert "Not drawn, so that the file stays below 5 MB: " in page
    assert set(ids(page)) < set(ids(report))
    assert {"call-0-shapes", "call-0-gradients", "call-0-gates-0-0"} <= set(ids(page))


def test_the_call_of_an_alarm_is_drawn_first(tmp_path):
    def sometimes(m, x):
        for index in range(12):
            m.rnn(x * torch.nan if index == 10 else x)

    model = Model(sometimes, rnn=nn.GRU(5, 3))
    page = explain(model, X, path=tmp_path / "a.html").read_text("utf-8")

    drawn = [name for name in ids(page) if name.endswith("unrolled")]
    assert drawn == [f"call-{index}-unrolled" for index in (*range(7), 10)]


def test_a_layer_of_many_calls_is_drawn_for_the_first(tmp_path, monkeypatch):
    monkeypatch.setattr(explaining, "MOST_CALLS", 3)

    def decoder(m, x):
        for step in x:
            m.rnn(step[None])

    page = explain(
        Model(decoder, rnn=nn.GRU(5, 3)), torch.randn(5, 1, 5), path=tmp_path / "many.html"
    ).read_text("utf-8")

    found = ids(page)
    assert "Drawn are 3 of 5 calls: " in page
    assert [name for name in found if name.endswith("unrolled")] == [
        f"call-{place}-unrolled" for place in range(3)
    ]
    assert [name for name in found if "parameters" in name] == ["call-0-parameters"]


def test_a_folder_and_a_path_in_the_wrong_place_are_told(tmp_path):
    with pytest.raises(IsADirectoryError, match="expected a file to write, got the folder"):
        explain(LSTM, X, path=tmp_path)
    with pytest.raises(TypeError, match=r"got 'a\.html'; write path='a\.html'"):
        explain(LSTM, X, "a.html")  # pyright: ignore[reportArgumentType] # the mistake


def test_a_missing_folder_is_told_before_anything_runs(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"expected a folder to write a\.html to, got"):
        explain(nn.Linear(1, 1), X, path=tmp_path / "none" / "a.html")


def test_a_mismatch_leaves_the_file_that_was_there(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("before", encoding="utf-8")
    lstm = nn.LSTM(5, 3)
    lstm.register_forward_hook(lambda module, args, given: (given[0] + 1, given[1]))

    with pytest.raises(TraceMismatchError):
        explain(lstm, X, path=path)

    assert path.read_text("utf-8") == "before"


def first_screen(page: str) -> str:
    """Return the text of the verdict, which comes before every figure."""
    soup = BeautifulSoup(page, "html.parser")
    (verdict,) = soup.select("#verdict")
    assert not verdict.find_all_previous("figure")
    return verdict.text


def test_the_verdict_comes_first(report):
    verdict = diagnose(LSTM, X)

    assert verdict.headline in first_screen(report)
    assert "fresh layer" in first_screen(report)
    assert "too little to say: 16 of 100 valid steps" in first_screen(report)


@pytest.mark.parametrize("kind", [nn.LSTM, nn.GRU, nn.RNN])
def test_nan_is_explained(kind, tmp_path):
    page = explain(kind(5, 3), X * torch.nan, path=tmp_path / "nan.html").read_text("utf-8")

    assert "The input had it: NaN at step 0, sequence 0, feature 0" in first_screen(page)
    assert {"call-0-gates-0-0", "call-0-unrolled", "call-0-rows"} <= set(ids(page))


@pytest.mark.parametrize("options", [{}, {"bidirectional": True, "num_layers": 2}], ids=str)
def test_nan_in_a_sequence_that_is_not_drawn_is_found(options, tmp_path):
    x = X.clone()
    x[3, 1, 2] = torch.nan

    page = explain(nn.LSTM(5, 3, **options), x, path=tmp_path / "nan.html").read_text("utf-8")

    assert "NaN at step 3, sequence 1, feature 2; 1 of 2 sequences" in first_screen(page)


def test_nan_in_one_weight_is_found(tmp_path):
    gru = nn.GRU(5, 3)
    with torch.no_grad():
        gru.get_parameter("weight_ih_l0")[1, 2] = torch.nan

    page = explain(gru, X, path=tmp_path / "nan.html").read_text("utf-8")

    assert "weight_ih_l0[1, 2] is NaN: reset gate r, unit 1" in first_screen(page)


class Failing(nn.Module):
    """Runs one layer and fails in the next."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = nn.GRU(5, 3), nn.LSTM(4, 3)

    def forward(self, x):
        return self.second(self.first(x)[0])


def test_a_model_that_fails_is_explained_until_then(tmp_path):
    path = tmp_path / "failing.html"

    with pytest.raises(RuntimeError, match="Expected 4, got 3") as caught:
        explain(Failing(), X, path=path)

    page = path.read_text("utf-8")
    text = BeautifulSoup(page, "html.parser").text
    assert "call-0-gates-0-0" in ids(page)
    assert str(caught.value) in text
    assert "submodule 'second' was given input (8, 2, 3) float32" in text


def test_all_is_drawn_from_one_run(tmp_path):
    lstm, runs = nn.LSTM(5, 3), []
    lstm.register_forward_hook(lambda *_: runs.append(1))
    zeros = {name: torch.zeros_like(value) for name, value in lstm.named_parameters()}
    model = nn.ModuleDict({"rnn": lstm})
    model.forward = lambda x: torch.func.functional_call(lstm, zeros, (x,))

    page = explain(model, X, path=tmp_path / "one.html").read_text("utf-8")

    assert runs == [1]
    assert {float(row["f"]) for row in numbers(page, "call-0-gates-0-0")} == {0.5}
    assert {float(row["i"]) for row in numbers(page, "call-0-gates-0-0")} == {0.5}


def test_autocast_within_the_model_is_explained(tmp_path):
    def cast(m, x):
        with torch.autocast("cpu", torch.bfloat16):
            return m.rnn(x)

    model = Model(cast, rnn=nn.LSTM(5, 3))
    page = explain(model, X, path=tmp_path / "cast.html").read_text("utf-8")

    assert {"call-0-gates-0-0", "call-0-gradients"} <= set(ids(page))


def test_a_loop_over_a_cell_is_explained_as_one_run(tmp_path):
    cell = nn.LSTMCell(5, 3)
    model = nn.ModuleDict({"cell": cell})

    def loop(x, *, state=None):
        for step in x:
            state = cell(step, state)
        return state

    model.forward = loop
    zeros = torch.zeros(2, 3), torch.zeros(2, 3)

    page = explain(model, X, state=zeros, path=tmp_path / "loop.html").read_text("utf-8")

    text = BeautifulSoup(page, "html.parser").text
    assert "8 calls of submodule 'cell', one step each, are one run." in text
    assert len(numbers(page, "call-0-gates-0-0")) == 8 * 3


def test_a_list_of_states_and_inference_mode_are_no_matter(tmp_path):
    state = [torch.zeros(1, 2, 3), torch.zeros(1, 2, 3)]

    with torch.inference_mode():
        path = explain(nn.LSTM(5, 3), X + 0, state, path=tmp_path / "a.html")

    assert "call-0-gradients" in ids(path.read_text("utf-8"))


def test_a_refused_layer_is_named_and_the_others_are_explained(tmp_path):
    model = Tagger()
    model.encoder.register_forward_hook(lambda *given: (2 * given[2][0], given[2][1]))

    page = explain(model, torch.randn(7, 9, 5), path=tmp_path / "a.html").read_text("utf-8")

    assert "Not traced: submodule 'encoder'" in BeautifulSoup(page, "html.parser").text
    assert "call-1-gates-0-0" in ids(page)


def test_dropout_between_layers_is_left_out_and_that_is_said(tmp_path):
    model = Tagger(num_layers=2, dropout=0.5).train()

    page = explain(model, torch.randn(7, 9, 5), path=tmp_path / "a.html").read_text("utf-8")

    assert "Dropout between the layers of a module was left out for this run." in page
    assert "call-0-gates-1-0" in ids(page)
    assert model.encoder.dropout == 0.5


def test_a_report_that_was_meant_for_a_path_says_so():
    with pytest.raises(TypeError, match=r"write path='a\.html'"):
        explain(Tagger(), torch.randn(7, 9, 5), "a.html")


def test_the_module_is_as_it_was(tmp_path):
    model = Counting(5, 3)
    state = torch.random.get_rng_state()

    explain(model, X, path=tmp_path / "a.html")

    assert torch.equal(torch.random.get_rng_state(), state)
    assert model.state_dict()["count"].item() == 0
