"""What a line has done to an object that its names no longer lead to."""

from __future__ import annotations

import pytest

KIT = """
class A: pass
class B(A):
    @classmethod
    def set(cls, value): cls.value = value
a, b = A(), B()
def f(): pass
def g(): pass
def make(*values):
    def inner(): return values
    return inner
"""
ELSEWHERE = {
    "a class by another name": ("X = A\nX.n = 1\n", ("X = A", "X = B")),
    "an object that is imported": ("from kit import a as x\nx.n = 1\n", ("import a", "import b")),
    "a function": ("from kit import f as x\nx.n = 1\n", ("import f", "import g")),
    "one name less in a loop": ("for x in (f, g): x.n = 1\n", ("f, g", "f,")),
    "an import in a block": ("if 1:\n    from kit import f as x\n    x.n = 1\n", ("f as", "g as")),
}


@pytest.mark.parametrize(("text", "edit"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_was_done_to_something_else_stays_done(project, text, edit):
    """That goes on living in its module."""
    project.write("kit", KIT)
    project.write("m", f"from kit import *\n{text}")
    project.load("m")
    project.edit("m", *edit)
    report = project.reload()
    assert (report.outcome, report.reason.rpartition(" did ")[2]) == ("restart", "stays done")


MADE_ANEW = {
    "what a factory gives": ("X = make()\nX.n = 1\nX.m = 2\n", ("make()", "make(1)")),
    "and in other ways": (
        "X = make()\nsetattr(X, 'n', 1)\nX.__dict__.update(m=2)\n",
        ("()", "(1)"),
    ),
    "in a block": ("if 1: X = make()\nX.n = 1\n", ("make()", "make(1)")),
    "by a loop": ("X = make()\nfor one in 'nm': setattr(X, one, 1)\n", ("make()", "make(1)")),
    "a dict that is another one": ("X = {}\nX['n'] = 1\nY = X\n", ("{}", "{'m': 2}")),
    "an object": ("X = A()\nX.n = 1\n", ("A()", "B()")),
    "a loop in another order": ("for X in (f, g): X.n = 1\n", ("f, g", "g, f")),
}


@pytest.mark.parametrize(("text", "edit"), MADE_ANEW.values(), ids=MADE_ANEW)
def test_what_is_made_anew_is_given_all_it_had(project, text, edit):
    """By the lines below, whichever name the former object had."""
    project.write("kit", KIT)
    project.write("m", f"from kit import *\n{text}")
    project.write("use", "from m import X\n")
    project.load("use")
    project.edit("m", *edit)
    assert project.reload().applied
    names = ["kit", "m", "use"]
    assert project.picture(*names) == project.fresh_here(*names)
