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


def test_a_file_keeps_its_permissions_and_a_new_one_has_the_usual_ones(tmp_path):
    kept, new, usual = (tmp_path / name for name in ("kept", "new", "usual"))
    kept.write_bytes(b"before")
    kept.chmod(0o640)
    usual.touch()

    for path in (kept, new):
        replace_file(path, b"after")

    assert kept.stat().st_mode & 0o777 == 0o640
    assert new.stat().st_mode == usual.stat().st_mode


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
