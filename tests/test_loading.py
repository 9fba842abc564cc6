"""Code comes from the cache where Python would take it from there; its source may be read later."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import os
import py_compile

import pytest

from hotswap import source
from hotswap.loading import cached_code
from hotswap.source import read


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "m.py"
    path.write_text("X = 1\n")
    return str(path)


def loaded(path):
    """The code of a module as it is imported."""
    spec = importlib.util.spec_from_file_location("m", path)
    return cached_code(spec.loader, spec, read(path)[1]) or spec.loader.get_code("m")


def value(code):
    exec(code, namespace := {})
    return namespace["X"]


def cached(path, text, of=None):
    """Let the cache hold the code of another text, as if it were of the file."""
    file = importlib.util.cache_from_source(path)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    status = os.stat(path)
    code = importlib._bootstrap_external._code_to_timestamp_pyc(
        compile(text, of or path, "exec"), int(status.st_mtime), status.st_size
    )
    with open(file, "wb") as stream:
        stream.write(code)


def test_code_comes_from_the_cache(path, monkeypatch):
    """Without the loader, which would look at the source once more."""
    cached(path, "X = 5")
    monkeypatch.setattr(importlib.machinery.SourceFileLoader, "path_stats", None)
    assert value(loaded(path)) == 5


@pytest.mark.parametrize("text", ["X = 1000", "X = 2\n"])
def test_code_of_another_source_does_not(path, text):
    """By its size or its time."""
    cached(path, "X = 5")
    with open(path, "w") as file:
        file.write(text)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    assert value(loaded(path)) == int(text[4:])


def test_a_cache_that_was_moved_shows_the_files_name(path):
    """As Python does, for tracebacks."""
    cached(path, "X = 5", of="elsewhere.py")
    assert loaded(path).co_filename == path


@pytest.mark.parametrize("method", ["get_code", "get_data"])
def test_who_changes_the_standard_loader_is_asked(path, monkeypatch, method):
    """Some tools put their own method there."""
    cached(path, "X = 5")
    mine = {"get_code": lambda self, name: compile("X = 7", path, "exec")}
    mine["get_data"] = lambda self, path: b"X = 7"
    monkeypatch.setattr(importlib.machinery.SourceFileLoader, method, mine[method])
    assert value(loaded(path)) == 7


def test_a_broken_cache_is_no_trouble(path):
    """The source is compiled."""
    cached(path, "X = 5")
    with open(importlib.util.cache_from_source(path), "wb") as file:
        file.write(b"x")
    assert value(loaded(path)) == 1


# -- sources that are read later ------------------------------------------------------------------


@pytest.fixture
def starting(project, monkeypatch):
    """A project whose program starts: all its files were left alone for a while."""
    monkeypatch.setattr(source, "_settled", lambda *_: True)
    project.reloader.tracker.sources.later = True
    return project


def imported(project, text="X = 1\n", name="m"):
    """A module that is imported from the cache, as the reloader knows it."""
    py_compile.compile(str(project.write(name, text)))
    project.load(name)
    return project.reloader.tracker.units[name]


def is_read(unit):
    return "data" in vars(unit)


def test_a_source_is_not_read_on_the_way_of_an_import(starting):
    """It is as soon as somebody looks at the files."""
    unit = imported(starting)
    assert not is_read(unit)
    assert starting.reload().outcome == "unchanged"
    assert is_read(unit)
    starting.edit("m", "1", "2")
    assert starting.reload().outcome == "reloaded"
    assert unit.module.X == 2


def test_a_source_is_read_where_it_may_change_unseen(starting, monkeypatch):
    """A young file has a stamp that proves nothing."""
    monkeypatch.undo()
    assert is_read(imported(starting))


def test_a_source_is_read_that_is_compiled(starting):
    """Nothing is gained by doing it later."""
    starting.write("m", "X = 12")
    starting.load("m")
    assert is_read(starting.reloader.tracker.units["m"])


def test_what_was_saved_before_its_source_was_read_needs_a_restart(starting):
    """What it was before cannot be known; so it stays, until a fresh process."""
    unit = imported(starting)
    starting.edit("m", "1", "2")
    for _ in range(2):
        report = starting.reload()
        assert (report.outcome, report.reason) == (
            "restart",
            "m was saved while the program started",
        )
    assert unit.module.X == 1


def test_a_source_that_is_gone_before_it_was_read_needs_a_restart(starting):
    """The same."""
    imported(starting)
    starting.delete("m")
    assert starting.reload().outcome == "restart"


@pytest.mark.parametrize("text", ["X = 1\n", "X = 1  # one\n"])
def test_what_was_saved_and_does_the_same_is_taken_for_what_it_was(starting, text):
    """A program may write a module each time it starts."""
    unit = imported(starting)
    starting.write("m", text)
    assert starting.reload().outcome == "unchanged"
    assert unit.data == text.encode()


def test_a_source_that_is_broken_by_now_needs_a_restart(starting):
    """It is not what was imported."""
    imported(starting)
    starting.edit("m", "1", "(")
    assert starting.reload().outcome == "restart"


def test_a_source_that_must_not_be_read_is_not_followed(starting, monkeypatch):
    """As one that is not the project's own."""
    unit = imported(starting)
    other = imported(starting, name="other")

    def refuse(path):
        if path == unit.path:
            raise PermissionError
        return read(path)

    monkeypatch.setattr(source, "read", refuse)
    assert starting.reload().outcome == "unchanged"
    assert starting.reloader.tracker.units == {"other": other}


def test_an_import_that_failed_is_tried_again_once_its_source_is_another(starting):
    """Whether that was read or not."""
    py_compile.compile(str(starting.write("m", "1 / 0")))
    starting.write("user", "try:\n    from m import X\nexcept ZeroDivisionError:\n    X = 0")
    user = starting.load("user")
    starting.write("m", "X = 12")
    assert starting.reload().outcome == "reloaded"
    assert user.X == 12
