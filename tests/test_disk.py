"""What do the files say now, beside what runs?"""

from __future__ import annotations

import importlib
import os
import sys

import pytest

from hotswap.disk import Disk
from hotswap.seen import Refused


@pytest.fixture
def disk(project):
    return Disk(project.reloader.tracker, project.reloader.graph)


def seen_by(disk, *paths):
    """The modules that differ."""
    return set(disk.look(frozenset(map(str, paths)) if paths else None).edits)


@pytest.fixture
def three(project):
    """Three modules, loaded."""
    for name in ("a", "b", "c"):
        project.write(name, "X = 1")
    project.load("a", "b", "c")
    return project


def test_nothing_differs_after_the_import(three, disk):
    """There is nothing to do."""
    assert not disk.look(None)


def test_files_that_differ_are_found(three, disk):
    """Whether they are named or not."""
    three.edit("a", "1", "2")
    three.edit("b", "1", "2")
    assert seen_by(disk) == {"a", "b"}
    assert seen_by(disk, three.path("a"), three.path("c")) == {"a"}
    assert disk.look(None).paths == (str(three.path("a")), str(three.path("b")))


def test_a_touched_file_does_not_differ(three, disk):
    """Bytes are compared, not times."""
    os.utime(three.path("a"), (1, 1))
    assert not disk.look(frozenset({str(three.path("a"))}))


@pytest.mark.parametrize("batch", [[], ["elsewhere.py"], ["a.txt"]])
def test_other_files_are_passed_over(three, disk, batch):
    """Also if the batch is of nothing else."""
    three.edit("a", "1", "2")
    assert not disk.look(frozenset(str(three.folder / name) for name in batch))


def test_a_file_may_be_named_through_a_link(three, disk, tmp_path):
    """It is the same file."""
    (tmp_path / "link").symlink_to(three.folder)
    three.edit("a", "1", "2")
    assert seen_by(disk, tmp_path / "link" / "a.py") == {"a"}


def test_a_module_that_is_reached_through_a_link(project, disk, tmp_path):
    """An edit of what the link points to is one of the module."""
    target = tmp_path / "target.py"
    target.write_text("X = 1")
    project.path("linked").symlink_to(target)
    project.load("linked")
    target.write_text("X = 2")
    assert project.reload().outcome == "reloaded"


def test_one_file_may_be_two_modules(project, disk):
    """Each is brought up to date."""
    project.write("pkg/__init__", "")
    project.write("pkg/m", "X = 1")
    project.load("pkg.m")
    sys.path.insert(0, str(project.folder / "pkg"))
    project.load("m")
    sys.path.remove(str(project.folder / "pkg"))
    project.edit("pkg/m", "1", "2")
    assert seen_by(disk) == {"pkg.m", "m"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"X = (", "never closed"),
        (b"X = 1\0", "null bytes"),
        (b"X = '\xff'", "utf-?8"),
        (b"# coding: nonsense\nX = 2", "unknown encoding"),
        (b"return", "outside function"),
        (b"X = " + b"(" * 500 + b")" * 500, "too many nested parentheses|too complex"),
    ],
)
def test_what_does_not_compile_is_refused(three, disk, data, message):
    """Before anything was touched, and with the error of the compiler."""
    three.write("a", data)
    with pytest.raises(Refused, match=message) as caught:
        disk.look(None)
    assert (caught.value.outcome, caught.value.paths) == ("rejected", (str(three.path("a")),))


def test_a_file_that_cannot_be_read_is_refused(three, disk):
    """A folder in its place, say."""
    three.path("a").unlink()
    three.path("a").mkdir()
    with pytest.raises(Refused, match=r"a\.py cannot be read") as caught:
        disk.look(frozenset({str(three.path("a"))}))
    assert caught.value.location == (str(three.path("a")), 1)


def test_what_was_refused_is_looked_at_again_with_every_batch(three, disk):
    """Until it was applied, or is as it was."""
    three.edit("a", "1", "2")
    disk.refused(disk.look(None).paths)
    three.edit("b", "1", "2")
    assert seen_by(disk, three.path("b")) == {"a", "b"}
    three.edit("a", "2", "1")
    assert seen_by(disk, three.path("b")) == {"b"}
    three.edit("a", "1", "3")
    assert seen_by(disk, three.path("b")) == {"b"}


# -- files that are gone --------------------------------------------------------------------------


def test_a_module_whose_file_is_gone_and_that_nobody_imports_is_dropped(three):
    """A fresh start would not have it."""
    three.delete("a")
    assert three.reload().applied
    assert "a" not in sys.modules
    assert "a" not in three.reloader.modules


def test_a_module_whose_file_is_gone_is_missed_by_who_imports_it(project):
    """As a fresh start would miss it."""
    project.write("a", "X = 1")
    project.write("b", "from a import X")
    b = project.load("b")
    project.delete("a")
    report = project.reload()
    assert (report.outcome, report.reason) == (
        "rejected",
        "ModuleNotFoundError: No module named 'a'",
    )
    assert report.location == (str(project.path("b")), 1)
    assert b.X == 1
    assert "a" in sys.modules


def test_who_expects_that_a_module_may_be_missing_goes_on_without(project):
    """The import stands in a `try`."""
    project.write("a", "X = 1")
    project.write("b", "try: from a import X\nexcept ImportError: X = 0")
    b = project.load("b")
    project.delete("a")
    assert project.reload().outcome == "reloaded"
    assert b.X == 0
    project.write("a", "X = 5")
    assert project.reload().outcome == "reloaded"
    assert b.X == 5


def test_a_module_that_moves_with_its_importers(project):
    """A rename is a batch: one file gone, one new, the importer edited."""
    project.write("old", "X = 1\ndef f(): return X")
    project.write("user", "import old\nY = old.X")
    user = project.load("user")
    project.write("new", "X = 2\ndef f(): return X")
    project.delete("old")
    project.write("user", "import new\nY = new.X")
    assert project.reload().outcome == "reloaded"
    assert user.Y == 2
    assert "old" not in sys.modules
    assert project.picture("user", "new") == project.fresh_here("user", "new")


def test_a_module_that_takes_the_place_of_another(three, disk):
    """As many are followed as before, and what is saved of the new ones is an edit all the same."""
    three.edit("b", "1", "2")
    assert seen_by(disk, three.path("b")) == {"b"}
    three.path("a").unlink()
    assert three.reloader.reload([str(three.path("a"))]).modules == ("a",)
    three.write("d", "X = 1")
    three.load("d")
    three.edit("d", "1", "2")
    assert seen_by(disk, three.path("d")) == {"d"}
    importlib.reload(sys.modules["c"])
    three.edit("c", "1", "2")
    assert seen_by(disk, three.path("c")) == {"c"}


@pytest.mark.parametrize("stays", [False, True])
def test_a_module_that_becomes_a_package_needs_a_restart(project, stays):
    """The package hides the module's file, if that is still there."""
    project.write("a", "X = 1")
    project.load("a")
    if not stays:
        project.delete("a")
    project.write("a/__init__", "X = 2")
    report = project.reload()
    assert report.outcome == "restart"
    assert report.reason == "a is a regular package now"


def test_a_file_that_is_gone_for_a_moment_changes_nothing(project):
    """Some editors remove a file and write it anew."""
    project.write("a", "X = []")
    project.write("b", "import a")
    a = project.load("b").a
    kept, text = a.X, project.path("a").read_text()
    project.delete("a")
    assert project.reload().outcome == "rejected"
    project.write("a", text)
    assert project.reload().outcome == "unchanged"
    assert project.load("b").a.X is kept


def test_a_part_of_a_package_that_is_gone_is_no_longer_offered_by_it(project):
    """Who takes all names of the package had it, too."""
    project.write("pkg/__init__", "from pkg import one, two")
    project.write("pkg/one", "")
    project.write("pkg/two", "")
    project.write("m", "from pkg import *")
    project.load("m")
    project.save({"pkg/__init__": "from pkg import two", "pkg/one": None})
    assert project.reload().outcome == "reloaded"
    assert project.picture("m", "pkg", "pkg.two") == project.fresh_here("m", "pkg", "pkg.two")
    assert "one" not in vars(project.load("m"))
