"""Entries of the cache: whole, their own, or not there."""

import json
import multiprocessing

import pytest

from rnn_figures import cache

KEY = cache.key("a fence")


def only_file(folder):
    return next(path for path in folder.rglob("*") if path.is_file())


def test_read_gives_what_write_stored(tmp_path):
    cache.write(tmp_path, KEY, {"html": "<p>é</p>"})

    assert cache.read(tmp_path, KEY) == {"html": "<p>é</p>"}


def test_read_of_what_was_never_stored_is_none(tmp_path):
    assert cache.read(tmp_path, KEY) is None


@pytest.mark.parametrize("kept", [0, 10, 70, -1])
def test_read_ignores_an_entry_that_is_cut_short(tmp_path, kept):
    cache.write(tmp_path, KEY, {"html": "<p>one</p>"})
    path = only_file(tmp_path)
    path.write_bytes(path.read_bytes()[:kept])

    assert cache.read(tmp_path, KEY) is None


def test_read_ignores_an_entry_with_one_letter_changed(tmp_path):
    cache.write(tmp_path, KEY, {"html": "<p>one</p>"})
    path = only_file(tmp_path)
    path.write_text(path.read_text("utf-8").replace("one", "two"), "utf-8")

    assert cache.read(tmp_path, KEY) is None


def test_read_ignores_bytes_that_are_no_text(tmp_path):
    cache.write(tmp_path, KEY, {"html": "<p>one</p>"})
    only_file(tmp_path).write_bytes(b"\xff\xfe\x00")

    assert cache.read(tmp_path, KEY) is None


def test_read_ignores_another_keys_entry_in_its_place(tmp_path):
    other = cache.key("another fence")
    cache.write(tmp_path, other, {"html": "<p>other</p>"})
    place = tmp_path / KEY[:2] / f"{KEY[2:]}.json"
    place.parent.mkdir(exist_ok=True)
    only_file(tmp_path).rename(place)

    assert cache.read(tmp_path, KEY) is None


def test_write_leaves_no_part_behind(tmp_path):
    cache.write(tmp_path, KEY, {"html": ""})
    cache.write(tmp_path, KEY, {"html": "again"})

    assert [path.suffix for path in tmp_path.rglob("*") if path.is_file()] == [".json"]


def test_key_depends_on_every_part_and_on_the_versions(monkeypatch):
    keys = [cache.key("a", "b"), cache.key("a", "c"), cache.key("ab")]
    monkeypatch.setattr(cache, "versions", lambda: ("torch 0.0",))
    keys.append(cache.key("a", "b"))

    assert len(set(keys)) == 4


def test_versions_name_what_draws_and_what_computes():
    names = {line.split()[0] for line in cache.versions()}

    assert {"python", "torch", "numpy", "graphviz", "graphviz-pure", "matplotlib"} <= names


def store_many(folder, mark):
    for _ in range(200):
        cache.write(folder, KEY, {"html": mark * 5000})


def test_two_builds_at_once_never_show_each_other_half_an_entry(tmp_path):
    writers = [
        multiprocessing.get_context("spawn").Process(target=store_many, args=(tmp_path, mark))
        for mark in "ab"
    ]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen.append(cache.read(tmp_path, KEY))
    for writer in writers:
        writer.join()

    found = {json.dumps(entry) for entry in seen if entry} | {json.dumps(cache.read(tmp_path, KEY))}
    assert found <= {json.dumps({"html": mark * 5000}) for mark in "ab"}
    assert all(writer.exitcode == 0 for writer in writers)
