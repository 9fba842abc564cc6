"""A statement that asks for the names of its module finds those that a fresh start has there."""

from __future__ import annotations

import pytest

ASKING = {
    "unless it is there": ("if 'E' not in globals(): E = 1\nF = E", "E = 1", "E = 2"),
    "a class unless it is there": ("if 'C' not in globals():\n    class C: x = 1", "= 1", "= 2"),
    "by default": ("E = globals().get('E', 1)\nF = E", "1)", "2)"),
    "in vars()": ("if 'E' not in vars():\n    E = 1\nF = E", "E = 1", "E = 2"),
    "in locals()": ("if 'E' not in locals(): E = 1", "= 1", "= 2"),
    "in dir()": ("if 'E' not in dir():\n    E = 1\nF = E", "E = 1", "E = 2"),
    "of the module": (
        "import sys\nme = sys.modules[__name__]\nif not hasattr(me, 'E'):\n    E = 1\nF = E",
        "E = 1",
        "E = 2",
    ),
    "by another name": ("g = globals()\nif 'E' not in g: E = 1\ndel g", "E = 1", "E = 2"),
    "in an expression": ("E = E if 'E' in globals() else 1", "else 1", "else 2"),
    "of what changed": ("X = 1\nif 'E' not in globals(): E = X", "X = 1", "X = 2"),
    "otherwise": ("if 'E' in globals(): E = 0\nelse: E = 1", "1", "2"),
    "names so far": (
        "A = 1\nN = [n for n in list(globals()) if n.isupper()]\nB = 1",
        "1\nN",
        "1\nC = 3\nN",
    ),
    "names so far, fewer": (
        "A = 1\nC = 2\nN = [n for n in dir() if n.isupper()]\nB = 1",
        "A = 1\n",
        "",
    ),
}


@pytest.mark.parametrize(("source", "old", "new"), ASKING.values(), ids=ASKING)
def test_it_finds_what_stands_above_it(project, source, old, new):
    """Not what it bound itself when it ran before, nor what stands below it."""
    project.write("m", source)
    project.load("m")
    project.edit("m", old, new)
    report = project.reload()
    assert report.applied, report.reason
    assert project.picture("m") == project.fresh("m")


def test_what_stands_below_comes_back(project):
    """With the state that it has by now."""
    project.write("m", "N = sorted(n for n in globals() if n.isupper())\nSTATE = []")
    module = project.load("m")
    module.STATE.append("running")
    project.edit("m", "if n.isupper()", "if n.isupper() and n")
    assert project.reload().outcome == "reloaded"
    assert (module.N, module.STATE) == ([], ["running"])


def test_what_it_bound_comes_back_if_it_fails(project):
    """As all does."""
    project.write("m", "if 'E' not in globals(): E = 1\nF = 2")
    module = project.load("m")
    project.edit("m", "E = 1", "E = 1 / 0")
    assert project.reload().outcome == "rejected"
    assert (module.E, module.F) == (1, 2)


def test_all_that_a_star_import_offers_is_told_anew(project):
    """A module that lists its names itself, and one that lists what it got."""
    project.write("a", "A = 1\n__all__ = [n for n in list(globals()) if n.isupper()]")
    project.write("m", "from a import *\nV = sorted(n for n in globals() if n.isupper())")
    project.load("m")
    project.edit("a", "A = 1", "A = 1\nB = 2")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m", "a") == project.fresh("m", "a")


def test_names_come_in_the_order_of_a_fresh_start(project):
    """Those that are there first, and of each line the submodule before what is taken from it."""
    project.write("p.__init__", '"""One."""\nA = 1\nfrom .s import c, b\nN = [*locals()]\n')
    project.write("p.s", "b = c = 1")
    module = project.load("p")
    project.write("p.__init__", '"""Two."""\nA = 1\nE = 2\nfrom .s import c, b\nN = [*locals()]\n')
    assert project.reload().outcome == "reloaded"
    names = [name for name in module.N if name[0] != "_" or name == "__doc__"]
    assert names == ["__doc__", "A", "E", "s", "c", "b"]
