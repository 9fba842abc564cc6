"""A method that is bound in another way: whoever took it as it was before, and its users."""

from __future__ import annotations

import pytest

WAYS = {
    "static": ("@staticmethod\n    def f(x=1): return x", "static"),
    "class": ("@classmethod\n    def f(cls, x=1): return cls.__name__, x", "class"),
    "plain": ("def f(self=None, x=1): return 'plain', x", "plain"),
    "property": ("@property\n    def f(self): return 'property'", "property"),
    "cached": ("@cached_property\n    def f(self): return 'cached'", "cached"),
}
PAIRS = [(one, other) for one in WAYS for other in WAYS if one != other]


def source(way):
    return f"from functools import cached_property\nclass C:\n    {WAYS[way][0]}\n"


def picture(project):
    return project.picture("a", "m")


@pytest.mark.parametrize("taken", ["a.C.f", "vars(a.C)['f']", "[a.C.f]", "a.C().f"])
@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_nobody_is_left_with_it_as_it_was_bound(project, old, new, taken):
    """It is taken anew, or a restart says that it cannot be."""
    project.write("a", source(old))
    project.write("m", f"import a\nHELD = {taken}\n")
    project.load("m")
    before = picture(project)
    project.write("a", source(new))
    report = project.reload()
    if report.outcome == "restart":
        assert picture(project) == before
        assert "is held as such" in report.reason
    else:
        assert picture(project) == project.fresh_here("a", "m")


@pytest.mark.parametrize(("old", "new"), PAIRS)
def test_who_does_not_hold_it_needs_no_restart(project, old, new):
    """The class and its instances stay; what read it while it was imported reads it again."""
    project.write("a", source(old))
    project.write("m", "import a\nONE = a.C()\n")
    one = project.load("m").ONE
    one.state = "running"
    project.write("a", source(new))
    assert project.reload().outcome == "reloaded"
    assert project.load("m").ONE is one
    assert one.state == "running"


@pytest.mark.parametrize("new", ["plain", "property", "static"])
def test_instances_do_not_remember_for_what_is_no_cached_property(project, new):
    """What they remembered would hide a method."""
    project.write("a", source("cached") + "ONE = C()\nVALUE = ONE.f\n")
    module = project.load("a")
    project.write("a", source(new) + "ONE = C()\nVALUE = ONE.f\n")
    assert project.reload().outcome == "reloaded"
    assert vars(module.ONE) == {}
    assert project.picture("a") == project.fresh_here("a")


def test_instances_do_not_remember_for_what_is_gone(project):
    """A fresh start raises."""
    project.write("a", source("cached") + "    g = 1\nONE = C()\nONE.f\n")
    module = project.load("a")
    project.write("a", "class C:\n    g = 1\nONE = C()\n")
    assert project.reload().outcome == "reloaded"
    assert not hasattr(module.ONE, "f")
