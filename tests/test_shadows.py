"""A new file that hides a module which is loaded: a fresh start would load the file."""

from __future__ import annotations

import sys

import pytest

HIDDEN = {
    "one's own": ("config", "lib/config"),
    "one's own, by a package": ("config/__init__", "lib/config"),
    "the standard library's": ("colorsys", None),
    "somebody else's": ("iniconfig", None),
    "a module in a package of two folders": ("ns/sub", "lib/ns/sub"),
}


@pytest.mark.parametrize("by_name", [True, False], ids=["told", "looked for"])
@pytest.mark.parametrize(("new", "old"), HIDDEN.values(), ids=HIDDEN)
def test_it_is_hidden(project, monkeypatch, new, old, by_name):
    """It takes a new process, and is over when the file is gone."""
    monkeypatch.setattr(sys, "path", [*sys.path[:1], str(project.folder / "lib"), *sys.path[1:]])
    name = new.removesuffix("/__init__").replace("/", ".")
    if old:
        project.write(old, "X = 1")
    (project.folder / "ns").mkdir()
    project.write("m", f"import {name}")
    project.load("m")
    path = project.write(new, "X = 2")
    report = project.reloader.reload([str(path)] if by_name else None)
    assert (report.outcome, report.location) == ("restart", (str(path), 1))
    assert report.reason == f"{name} would be loaded from here, and is another one"
    project.delete(new)
    assert project.reload().outcome == "unchanged"


@pytest.mark.parametrize("name", ["sys", "new", "lib/sub/config", "late/config"])
def test_nothing_is_hidden(project, monkeypatch, name):
    """What is built in, not loaded, in no path, or further down."""
    folders = [str(project.folder / name) for name in ("lib", "late")]
    monkeypatch.setattr(sys, "path", [*sys.path[:1], *folders, *sys.path[1:]])
    project.write("lib/config", "X = 1")
    project.write("m", "import config")
    project.load("m")
    project.write(name, "X = 2")
    assert project.reload().outcome == "unchanged"
