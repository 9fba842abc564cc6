"""A class that stays the same may be another thing for those who look at it, wherever it is."""

from __future__ import annotations

import pytest

HOLDERS = {
    "a class": ("class Q:\n    kind = P\n", "Q.kind.x"),
    "a class, by an object": ("class Q:\n    kind = P\n", "Q().kind().x"),
    "a tuple": ("KINDS = (P, 1)\n", "KINDS[0].x"),
    "a tuple in one": ("KINDS = ((P, 1), 2)\n", "KINDS[0][0].x"),
    "a tuple of a class": ("class Q:\n    kinds = (P, 1)\n", "Q.kinds[0].x"),
    "another name": ("Q = P\n", "Q.x"),
    "a name that a function binds": ("Q = None\ndef q():\n    global Q\n    Q = P\nq()\n", "Q.x"),
    "a default": ("def q(kind=P): return kind.x\n", "q()"),
    "a default by keyword": ("def q(*, kind=P): return kind.x\n", "q()"),
    "a default of a method": ("class Q:\n    def q(self, kind=P): return kind.x\n", "Q().q()"),
    "a default of a static one": (
        "class Q:\n    @staticmethod\n    def q(kind=P): return kind.x\n",
        "Q.q()",
    ),
    "a field": (
        "@dataclass\nclass Q:\n    kind: P = field(default_factory=P)\n",
        "Q().kind.x",
    ),
    "a field that is one": ("@dataclass\nclass Q:\n    kind: type = P\n", "Q().kind.x"),
}


@pytest.mark.parametrize(("above", "look"), HOLDERS.values(), ids=HOLDERS)
@pytest.mark.parametrize("edit", [("x = 1", "x = 2"), ("x = 1", "x = 1; x = 2")])
def test_who_looks_at_a_class_by_what_holds_it(project, above, look, edit):
    """It is the same class, and so is what holds it; not so what is found there."""
    top = "from dataclasses import dataclass, field\nclass P:\n    x = 1\n"
    project.save({"m": f"{top}{above}V = {look}\n", "n": "from m import *\nW = " + look})
    n = project.load("n")
    assert n.W == 1
    project.edit("m", *edit)
    assert (project.reload().outcome, n.V, n.W) == ("reloaded", 2, 2)


@pytest.mark.parametrize("method", ["def x(self): pass", "x = property(lambda self: 2)"])
def test_what_was_a_value_is_a_method(project, method):
    """And the other way round."""
    project.write("m", "class P:\n    x = 1\nV = P.x\nTABLE = [V]\n")
    module = project.load("m")
    for edit in (("x = 1", method), (method, "x = 1")):
        project.edit("m", *edit)
        assert project.reload().applied
        assert module.P.x is module.V or module.P.x == module.V
        assert project.picture("m") == project.fresh_here("m")


def test_a_metaclass_that_has_changed(project):
    """Who asks its classes is answered by it."""
    project.write("m", "class M(type):\n    x = 1\nclass C(metaclass=M): pass\nV = C.x\n")
    module = project.load("m")
    project.edit("m", "x = 1", "x = 2")
    assert (project.reload().outcome, module.V) == ("reloaded", 2)
