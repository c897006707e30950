import dataclasses
import json
from typing import Any

import pytest
import torch
from click.testing import CliRunner
from torch import nn

from rnn_figures.__main__ import main
from rnn_figures.training.counting import COUNTING
from rnn_figures.training.running import train_all

FEW: dict[str, Any] = {"seeds": 2, "steps": 2}


def files(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_train_all_gives_the_same_bytes_each_time(tmp_path):
    for folder in (tmp_path / "one", tmp_path / "two"):
        train_all(COUNTING, folder, **FEW)

    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_train_all_goes_on_where_it_was_cut_off(tmp_path):
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    train_all(COUNTING, whole, **FEW)
    done = []

    def stop_after_five(steps):
        done.append(steps)
        if sum(done) > 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train_all(COUNTING, cut, **FEW, stepped=stop_after_five)
    (kept,) = cut.iterdir()
    finished = len(list(kept.glob("*.json")))
    measured = []
    watched = dataclasses.replace(
        COUNTING,
        measure=lambda network: measured.append(type(network.layer)) or COUNTING.measure(network),
    )
    train_all(watched, cut, **FEW)

    assert finished == 2  # both of the first kind, which are not trained again
    assert measured == [nn.GRU, nn.GRU, nn.LSTM, nn.LSTM]
    assert files(cut) == files(whole)
    assert not [path for path in cut.iterdir() if path.is_dir()]


def test_train_all_tells_every_step(tmp_path):
    easy, told = dataclasses.replace(COUNTING, enough=1e9), []

    train_all(easy, tmp_path, seeds=1, steps=12, stepped=told.append)

    assert sum(told) == 3 * 12
    runs = json.loads((tmp_path / "counting.json").read_text())["runs"]
    assert [(run["steps"], run["settled"]) for run in runs] == [(10, True)] * 3


def test_train_all_measures_weights_as_they_are_kept(tmp_path):
    seen = []
    short = dataclasses.replace(
        COUNTING,
        stored=torch.float16,
        measure=lambda network: seen.append(network.readout.weight.detach()) or {},
    )

    train_all(short, tmp_path, seeds=1, steps=1)

    assert [torch.equal(weight, weight.half().float()) for weight in seen] == [True] * 3


def test_command_trains_what_it_names(tmp_path):
    folder = str(tmp_path)

    told = CliRunner().invoke(
        main, ["train", "counting", "--seeds", "1", "--steps", "2", "--output", folder]
    )

    assert told.exit_code == 0, told.output
    assert told.output.endswith(f"networks: 3, in {tmp_path / 'counting.safetensors'}\n")
    known = json.loads((tmp_path / "counting.json").read_text())
    assert known["command"] == "rnn-figures train counting --seeds 1 --steps 2"


def test_command_names_the_experiments_when_it_is_given_none_of_them():
    told = CliRunner().invoke(main, ["train", "juggling"])

    assert told.exit_code == 2
    assert told.output.startswith("Error: expected one of counting, brackets, recall")
    assert told.output.endswith("got 'juggling'\n")


def test_command_says_in_a_sentence_why_it_cannot_write(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("")

    told = CliRunner().invoke(
        main, ["train", "counting", "--seeds", "1", "--steps", "1", "--output", str(blocked / "in")]
    )

    assert told.exit_code == 2
    assert told.output.splitlines()[-1].startswith("Error: ")
    assert "Traceback" not in told.output
