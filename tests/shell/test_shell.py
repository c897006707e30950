"""The command line: exit codes, one sentence for a wrong use, no torch before it is needed."""

import csv
import io
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import nn

import rnn_figures
from rnn_figures.__main__ import main

MODEL = """
import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.rnn = nn.LSTM(8, 6, batch_first=True)
        self.head = nn.Linear(6, 4)

    def forward(self, tokens):
        return self.head(self.rnn(self.embed(tokens))[0])


def sick():
    lstm = nn.LSTM(5, 4)
    nn.init.constant_(lstm.bias_ih_l0[4:8].data, -30.0)
    return lstm


def failing():
    raise ValueError("expected\\n\\tanother day")


def ends():
    raise SystemExit(0)


class Ending(nn.LSTM):
    def forward(self, x):
        raise SystemExit(0)


ending = Ending(5, 3)
number = 7
shared = nn.GRU(5, 3)
"""


@pytest.fixture
def shell(tmp_path, monkeypatch):
    """Return a function that runs a command in a folder with a model of the reader's own."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own_model.py").write_text(MODEL, encoding="utf-8")
    monkeypatch.delitem(sys.modules, "own_model", raising=False)
    return lambda *arguments: CliRunner().invoke(main, [str(part) for part in arguments])


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["explain", "--help"]], ids=str)
def test_help_imports_no_torch(arguments):
    code = (
        "import sys; from rnn_figures.__main__ import main\n"
        f"try: main({arguments!r})\n"
        "except SystemExit as end: print(end.code, 'torch' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "0 False"


@pytest.mark.parametrize("name", sorted(main.commands))
def test_help_of_every_command_has_an_example(name, shell):
    done = shell(name, "--help")

    assert done.exit_code == 0
    assert f"\n  rnn-figures {name} " in done.output.partition("Options:")[0]  # a line of its own


def test_shapes_are_those_of_the_table(shell):
    lstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True, proj_size=2)
    table = rnn_figures.shape_table(lstm, torch.zeros(7, 4, 5))
    sizes = ("--num-layers", 2, "--bidirectional", "--proj-size", 2, "--length", 7, "--batch", 4)

    done = shell("shapes", "lstm", 5, 3, *sizes)
    as_csv = shell("shapes", "LSTM", 5, 3, *sizes, "--csv")

    assert (done.exit_code, as_csv.exit_code) == (0, 0)
    assert str(table) in done.output
    assert as_csv.output == table.to_csv()
    assert shell("shapes", "LSTM", 5, 3, *sizes, "--markdown").output.strip() == table.to_markdown()


def test_shapes_follow_the_layout(shell):
    rows = csv.DictReader(io.StringIO(shell("shapes", "GRU", 5, 3, "--batch", 0, "--csv").output))
    first = csv.DictReader(
        io.StringIO(shell("shapes", "GRU", 5, 3, "--batch-first", "--batch", 2, "--csv").output)
    )

    assert next(rows)["shape"] == "(8, 5)"
    assert next(first)["shape"] == "(2, 8, 5)"


@pytest.mark.parametrize("suffix", ["svg", "png", "pdf"])
@pytest.mark.parametrize("figure", ["unrolled", "gates"])
def test_draw_writes_every_form(suffix, figure, shell, tmp_path):
    done = shell("draw", "GRU", 5, 3, "--figure", figure, "-o", tmp_path / f"a.{suffix}")

    assert done.exit_code == 0, done.output
    start = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}[suffix]
    assert (tmp_path / f"a.{suffix}").read_bytes().startswith(start)


@pytest.mark.parametrize("figure", ["cell", "states", "weights", "stack"])
def test_draw_draws_every_figure(figure, shell, tmp_path):
    path = tmp_path / "a.svg"

    done = shell("draw", "LSTM", 5, 3, "--bidirectional", "--figure", figure, "-o", path)

    assert done.exit_code == 0, done.output
    assert "<svg" in path.read_text("utf-8")


def test_draw_gives_the_same_bytes_for_a_seed(shell, tmp_path):
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        shell("draw", "RNN", 5, 3, "--seed", seed, "--figure", "gates", "-o", f"{name}.svg")

    a, b, c = ((tmp_path / f"{name}.svg").read_bytes() for name in "abc")
    assert a == b != c


def test_explain_ends_with_0_where_nothing_is_wrong(shell, tmp_path):
    done = shell("explain", "own_model:Tagger", "--input", "3,40:int64:20", "-o", "a.html")

    assert done.exit_code == 0, done.output
    assert "nothing found" in done.output
    assert "nothing found" in (tmp_path / "a.html").read_text("utf-8")


def test_explain_ends_with_1_where_there_is_an_alarm(shell):
    done = shell("explain", "own_model:sick", "--input", "100,2,5", "--json")

    assert done.exit_code == 1, done.output
    verdict = json.loads(done.stdout)
    found = [one for one in verdict["findings"] if one["severity"] == "alarm"]
    assert {"forget gate", "gate slope"} >= {one["check"] for one in found} != set()
    assert found[0]["gate"] == "f"
    assert found[0]["threshold"] > 0


def test_explain_writes_json_that_has_no_nan(shell, tmp_path):
    torch.save(torch.full((20, 2, 5), torch.nan), tmp_path / "batch.pt")

    done = shell("explain", "own_model:shared", "--input", "batch.pt", "--json")

    assert done.exit_code == 1
    json.loads(done.stdout, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))


def test_explain_loads_a_checkpoint(shell, tmp_path):
    gru = nn.GRU(5, 3)
    with torch.no_grad():
        gru.get_parameter("weight_ih_l0")[1, 2] = torch.nan
    torch.save({"epoch": 3, "state_dict": gru.state_dict()}, tmp_path / "best.pt")

    done = shell("explain", "own_model:shared", "--input", "20,2,5", "--state", "best.pt")

    assert done.exit_code == 1
    assert "weight_ih_l0[1, 2] is NaN" in " ".join(done.output.split())


def test_explain_in_training_mode(shell):
    model = "torch.nn:GRU"  # a class that wants sizes: what it raises is said

    done = shell("explain", model, "--input", "8,1,5", "--train")

    assert done.exit_code == 2
    assert "raised, called with nothing" in done.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["shapes", "LSTM", "0", "3"], "0 is not in the range 1<=x<="),
        (["shapes", "GRU", "5", "3", "--proj-size", "2"], "--proj-size with LSTM only, got GRU"),
        (["shapes", "LSTM", "5", "3", "--proj-size", "3"], "proj_size has to be smaller"),
        (["draw", "LSTM", "5", "3", "-o", "a.gif"], "ending in .svg, .png, .pdf, got 'a.gif'"),
        (["draw", "LSTM", "5", "3", "-o", "no/a.svg"], "got no/a.svg"),
        (["draw", "LSTM", "5", "3", "--reverse", "--figure", "gates", "-o", "a.svg"], "direction"),
        (["explain", "own_model"], "expected package.module:factory, got 'own_model'"),
        (["explain", "no_such:model"], "expected a module to import, got 'no_such'"),
        (["explain", "own_model:none"], "has no attribute 'none'"),
        (["explain", "own_model:number"], "to be a module or a function that returns one"),
        (["explain", "own_model:failing"], "called with nothing: expected another day"),
        (["explain", "own_model:shared", "--input", "8,x"], "expected an input like 8,1,5"),
        (["shapes", "LSTM", "999999999", "999999999"], "expected sizes of up to"),
        (["draw", "LSTM", "5", "3", "-o", "a.svg", "--seed", "9" * 23], "is not in the range"),
        (["explain", "own_model:shared", "--input", "8,1,5:int64:0"], "expected integers below 1"),
        (["explain", "own_model:shared", "--input", "8,1,5:floor"], "expected a dtype of torch"),
        (["explain", "own_model:shared", "--input", "no.pt"], "expected a file of tensors"),
        (["explain", "own_model:shared", "--state", "own_model.py"], "expected a file of tensors"),
        (["explain", "own_model:shared", "--input", "8,1,4"], "the model raised RuntimeError"),
        (["explain", "own_model:Tagger", "--input", "3,40"], "indices, below their number: --i"),
        (["explain", "own_model:shared", "-o", "no/a.html"], "which does not exist"),
        (["explain", "torch.nn:Identity", "--input", "8,1,5"], "expected a model with an nn.LSTM"),
        (["compare", "own_model:shared", "no.pt", "no.pt"], "'no.pt' does not exist"),
        (["shape", "LSTM", "5", "3"], "got 'shape'; did you mean shapes?"),
        (["shapes", "LSTM", "9" * 20, "3"], "is not in the range"),
        (["shapes", "LSTM", "5", "3", "--num-layers", "99999999"], "is not in the range"),
        (["shapes", "LSTM", "5", "3", "--length", "999999999"], "for what every step reads"),
        (["explain", "own_model:ends"], "called with nothing: SystemExit 0"),
        (["explain", "own_model:ending", "--input", "8,1,5"], "ended the program"),
        (["explain", "own_model:shared", "--input", "9" * 20], "expected an input of up to"),
        (["explain", "own_model:shared", "--input", f"2:int64:{'9' * 20}"], "integers below 1 to"),
        (["explain", "own_model:shared", "--state", "keys.pt"], "expected names of weights"),
        (["explain", "own_model:shared", "--state", "whole.pt"], "torch.save(model.state_dict()"),
        (["explain", "own_model:shared", "--input", "words.npy"], "expected a file of numbers"),
        (["diff", ".", "."], "manifest.json"),
        (["export", ""], "expected the name of a folder"),
        (["train", "countin"], "got 'countin'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_one_sentence(arguments, said, shell, tmp_path):
    torch.save({1: torch.ones(2)}, tmp_path / "keys.pt")
    torch.save(nn.GRU(5, 3), tmp_path / "whole.pt")
    np.save(tmp_path / "words.npy", np.array(["a", "b"]))

    done = shell(*arguments)

    assert done.exit_code == 2, done.output
    assert said in " ".join(done.output.split())
    assert isinstance(done.exception, SystemExit)
    assert len(done.stderr.strip().splitlines()[-1]) < 400


def test_an_output_that_is_full_is_one_sentence():
    code = "from rnn_figures.__main__ import main; main(['shapes', 'LSTM', '5', '3'])"

    with open("/dev/full", "w") as full:  # noqa: PTH123 (a device)
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=-1, text=True)

    assert done.returncode == 2
    assert done.stderr.startswith("Error: expected an output that can be written")


def test_compare_says_what_moved(shell, tmp_path):
    for seed in (0, 1):
        torch.manual_seed(seed)
        torch.save(nn.GRU(5, 3).state_dict(), tmp_path / f"{seed}.pt")
    same = shell("compare", "own_model:shared", "0.pt", "0.pt", "--input", "8,1,5")

    done = shell(
        *("compare", "own_model:shared", "0.pt", "1.pt", "--input", "8,1,5", "-o", "moved.html")
    )

    assert same.exit_code == 0
    assert "nothing moved" in same.output
    assert done.exit_code == 1
    assert "1 of 1 moved" in done.output
    assert "1 of 1 moved" in (tmp_path / "moved.html").read_text("utf-8")
    table = shell("compare", "own_model:shared", "0.pt", "1.pt", "--input", "8,1,5", "--csv")
    rows = list(csv.DictReader(io.StringIO(table.stdout)))
    assert [row["quantity"] for row in rows] == ["r", "z", "forgetting time", "n", "h"]
