"""A module whose file was gone for a while."""

from __future__ import annotations

import pytest

PART = "ROWS = []\ndef f(): return len(ROWS)\nclass C: pass\n"
USE = "try:\n    import part\n    X = part.f()\nexcept ImportError:\n    X = None\n"


@pytest.fixture
def part(project):
    """The module `part` as it is loaded, when its file has been deleted."""
    project.save({"part": PART, "m": USE})
    module = project.load("part", "m")
    project.delete("part")
    assert (project.reload().applied, project.load("m").X) == (True, None)
    return module


def test_its_functions_are_held(project, part):
    """They do what those of the same name do now."""
    held = part.f
    project.write("part", PART.replace("[]", "[1, 2]").replace("return", "return -"))
    assert (project.reload().outcome, project.load("m").X, held()) == ("reloaded", -2, -2)


def test_a_failed_reload_leaves_them(project, part):
    """They do what they did."""
    held = part.f
    project.save({"part": PART.replace("[]", "[1, 2]"), "m": USE + "1 / 0\n"})
    assert (project.reload().outcome, held()) == ("rejected", 0)


def test_its_classes_are_in_use(project, part):
    """Nothing leads from the one to the other."""
    held = part.C()
    project.write("part", PART)
    report = project.reload()
    assert (report.outcome, type(held).__name__ in report.reason) == ("restart", True)
