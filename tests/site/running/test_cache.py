"""Entries of the cache: whole, their own, or not there."""

import contextlib
import json
import multiprocessing
import sqlite3

import pytest

from rnn_figures.site.running import cache

KEY = cache.key("a fence")


def file_of(folder):
    return folder / cache.NAME


def alter(folder, statement):
    """Change what is in the file, as no build does."""
    with contextlib.closing(sqlite3.connect(file_of(folder))) as connection, connection:
        connection.execute(statement)


def test_read_gives_what_write_stored(tmp_path):
    other = cache.key("another fence")
    cache.write(tmp_path, {KEY: {"html": "<p>é</p>"}, other: {"html": ""}})

    assert cache.read(tmp_path, [KEY]) == {KEY: {"html": "<p>é</p>"}}
    assert cache.read(tmp_path, [KEY, other]).keys() == {KEY, other}


def test_read_of_what_was_never_stored_is_empty(tmp_path):
    assert cache.read(tmp_path, [KEY]) == {}


def test_write_replaces_an_entry(tmp_path):
    cache.write(tmp_path, {KEY: {"html": "old"}})
    cache.write(tmp_path, {KEY: {"html": "new"}})

    assert cache.read(tmp_path, [KEY]) == {KEY: {"html": "new"}}


@pytest.mark.parametrize("kept", [0, 10, 70, 5000, -1])
def test_a_file_that_is_cut_short_is_no_cache_and_is_made_anew(tmp_path, kept):
    cache.write(tmp_path, {KEY: {"html": "<p>one</p>" * 1000}})
    file_of(tmp_path).write_bytes(file_of(tmp_path).read_bytes()[:kept])

    assert cache.read(tmp_path, [KEY]) == {}

    cache.write(tmp_path, {KEY: {"html": "<p>two</p>"}})

    assert cache.read(tmp_path, [KEY]) == {KEY: {"html": "<p>two</p>"}}


def test_a_file_of_other_bytes_is_no_cache_and_is_made_anew(tmp_path):
    file_of(tmp_path).write_bytes(b"\xff\xfe\x00" * 1000)

    assert cache.read(tmp_path, [KEY]) == {}

    cache.write(tmp_path, {KEY: {"html": ""}})

    assert cache.read(tmp_path, [KEY]) == {KEY: {"html": ""}}


def test_read_ignores_an_entry_with_one_letter_changed(tmp_path):
    cache.write(tmp_path, {KEY: {"html": "<p>one</p>"}})
    alter(tmp_path, "UPDATE entries SET value = replace(value, 'one', 'two')")

    assert cache.read(tmp_path, [KEY]) == {}


def test_read_ignores_another_keys_entry_in_its_place(tmp_path):
    cache.write(tmp_path, {cache.key("another fence"): {"html": "<p>other</p>"}})
    alter(tmp_path, f"UPDATE entries SET key = '{KEY}'")

    assert cache.read(tmp_path, [KEY]) == {}


def test_a_build_waits_for_another_one_and_says_so_when_it_has_waited_enough(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "PATIENCE", 0.01)
    cache.write(tmp_path, {KEY: {"html": "old"}})
    with contextlib.closing(sqlite3.connect(file_of(tmp_path))) as other:
        other.execute("BEGIN EXCLUSIVE")

        with pytest.raises(sqlite3.OperationalError, match="locked") as caught:
            cache.write(tmp_path, {KEY: {"html": "new"}})

    assert f"{file_of(tmp_path)}: end other builds" in caught.value.__notes__[0]

    assert cache.read(tmp_path, [KEY]) == {KEY: {"html": "old"}}


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
        cache.write(folder, {KEY: {"html": mark * 5000}})


def test_two_builds_at_once_never_show_each_other_half_an_entry(tmp_path):
    writers = [
        multiprocessing.get_context("spawn").Process(target=store_many, args=(tmp_path, mark))
        for mark in "ab"
    ]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen += cache.read(tmp_path, [KEY]).values()
    for writer in writers:
        writer.join()
    seen += cache.read(tmp_path, [KEY]).values()

    assert {json.dumps(entry) for entry in seen} <= {
        json.dumps({"html": mark * 5000}) for mark in "ab"
    }
    assert seen
    assert all(writer.exitcode == 0 for writer in writers)
