import re
import tomllib
from pathlib import Path

import pytest
import torch
from torch import nn

import rnn_figures
from rnn_figures import trace, unrolled_diagram
from rnn_figures.palette import COLOURS
from tests.mistakes import records

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_readme_example_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # it writes a file
    code = re.findall(r"```python\n(.*?)```", README, re.S)[0]

    namespace = {}
    exec(code, namespace)

    assert namespace["t"][0, 0].f.shape == (8, 1, 3)
    assert (tmp_path / "lstm.html").is_file()


def test_readme_fence_draws_a_diagram():
    code = re.findall(r"```figure[^\n]*\n(.*?)```", README, re.S)[0]

    namespace = {"nn": nn, "x": torch.zeros(8, 1, 5)} | vars(rnn_figures)
    namespace |= {"trace": trace, "unrolled_diagram": unrolled_diagram}
    *before, last = code.strip().splitlines()
    exec("\n".join(before), namespace)

    assert "c_n[1]" in eval(last, namespace).alt


def test_readme_picture_is_what_the_package_draws(request):
    path = ROOT / "docs/assets/unrolled.svg"
    torch.manual_seed(0)
    lstm = nn.LSTM(5, 3, num_layers=2, bidirectional=True)
    diagram = unrolled_diagram(trace(lstm, torch.zeros(4, 1, 5)))
    diagram.graph_attr["bgcolor"] = COLOURS["paper"]  # a README has no style sheet

    drawn = diagram.to_svg()

    if request.config.getoption("--update-golden"):
        path.write_text(drawn, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == drawn


@pytest.mark.parametrize("target", re.findall(r"^\| `make ([a-z-]+)", README, re.M))
def test_readme_commands_are_in_the_makefile(target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.M)


def test_readme_shows_the_commands_that_make_runs():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    makefile = makefile.replace("$(PAGE)", "docs/anatomy/lstm.md").replace("$(ID)", "lstm-counter")
    plain = README[README.index("### Without make") : README.index("## Licence")]

    runs = r"^\t((?:mkdocs|python|ruff|pyright|rnn-figures)\b.*)$"
    commands = re.findall(runs, makefile, re.M)
    shown = [command for command in commands if "pip install" not in command]
    assert len(shown) >= 10
    assert [command for command in shown if command not in plain] == []


def test_versions_agree():
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    citation = (ROOT / "CITATION.cff").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.M)

    assert versions[0] == rnn_figures.__version__
    assert f"version: {versions[0]}\n" in citation


def test_the_range_of_torch_is_what_is_tested():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

    torch_requirement = next(d for d in project["dependencies"] if d.startswith("torch"))
    workflow = (ROOT / ".github" / "workflows" / "torch.yml").read_text(encoding="utf-8")
    tested, built = re.findall(r'- torch: "(\d+\.\d+)\.\d+"', workflow)
    assert torch_requirement == f"torch>={tested}"
    assert f"needs torch {tested} or newer; the site is built with torch {built} or newer" in README


def test_messages_are_recorded_from_the_oldest_torch_to_this_one_without_a_gap():
    workflow = (ROOT / ".github" / "workflows" / "torch.yml").read_text(encoding="utf-8")
    tested = re.findall(r'- torch: "([\d.]+)"', workflow)

    assert {*tested, records.RELEASE} <= records.recorded().keys()
    minor = sorted(int(release.split(".")[1]) for release in records.recorded())
    assert minor == list(range(minor[0], minor[-1] + 1))  # else "before 2.9" may mean 2.8 or 2.7


@pytest.mark.parametrize(
    "path",
    re.findall(r"`((?:rnn_figures|tests)/[\w/.]+)`", (ROOT / "CONTRIBUTING.md").read_text("utf-8")),
)
def test_contributing_points_at_what_is_there(path):
    assert (ROOT / path).exists()
