import pathlib

import pytest
import torch

from rnn_figures.machine import replace_file
from rnn_figures.training.counting import COUNTING
from rnn_figures.training.stored import write


def cut_off(*others):
    raise OSError(28, "No space left on device")


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a.html"
    path.write_bytes(b"before")

    replace_file(path, b"after")
    assert path.read_bytes() == b"after"
    monkeypatch.setattr(pathlib.Path, "replace", cut_off)
    with pytest.raises(OSError, match="No space"):
        replace_file(path, b"half")
    assert path.read_bytes() == b"after"
    assert [*tmp_path.iterdir()] == [path]


def test_what_is_trained_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    def keep(value):
        tensors = {"weight": torch.full((3,), value)}
        return write(tmp_path, COUNTING, command="train", tensors=tensors, runs=[])

    path = keep(0.0)
    before = path.read_bytes()
    monkeypatch.setattr(pathlib.Path, "replace", cut_off)

    with pytest.raises(OSError, match="No space"):
        keep(1.0)

    assert path.read_bytes() == before
