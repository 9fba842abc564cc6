"""Modules that put something else in their own places."""

from __future__ import annotations

import pytest

LAZY = """
import sys
from types import ModuleType
class Lazy(ModuleType):
    def __getattr__(self, name):
        if name.startswith("found"):
            setattr(self, name, [VERSION])
            return vars(self)[name]
        raise AttributeError(name)
VERSION = {}
old = sys.modules[__name__]
new = sys.modules[__name__] = Lazy(__name__)
new.__dict__.update({{"VERSION": VERSION, "__file__": __file__}})
"""
COPY = """
import sys, types
class Auto(types.ModuleType):
    found = property(lambda self: [self.VERSION])
VERSION = {}
oldmod = sys.modules[__name__]
newmod = Auto(__name__)
newmod.__dict__.update(oldmod.__dict__)
sys.modules[__name__] = newmod
del newmod.newmod, newmod.oldmod, newmod.sys, newmod.types
"""
OBJECT = """
import sys
class Settings:
    def __init__(self): self.VERSION, self.__file__ = VERSION, __file__
VERSION = {}
sys.modules[__name__] = Settings()
"""


@pytest.mark.parametrize("text", [LAZY, COPY])
def test_what_stands_in_its_place_stays_the_same_object(project, text):
    """It has what a fresh start puts into it, also what others had asked it for."""
    project.write("a", text.format(1))
    project.write("b", "import a\nV = a.VERSION\na.found\n")
    module = project.load("b")
    held = module.a
    project.write("a", text.format(2))
    assert project.reload().applied
    assert module.a is held
    assert (held.VERSION, held.found) == (2, [2])
    assert project.picture("b") == project.fresh("b")


def test_a_failure_gives_it_back_what_it_had(project):
    """As everything else."""
    project.write("a", LAZY.format(1))
    project.write("b", "import a\nV = 1 // (2 - a.VERSION)\na.found\n")
    module = project.load("b")
    project.write("a", LAZY.format(2))
    assert project.reload().outcome == "rejected"
    assert (module.a.VERSION, module.a.found) == (1, [1])


@pytest.mark.parametrize(
    ("text", "other"),
    [
        (OBJECT, OBJECT),
        ("VERSION = {}", LAZY),
        (LAZY, LAZY.replace("sys.modules[__name__] = ", "")),
        (
            COPY.replace("{}", "1"),
            COPY.replace("{}", "1").replace("sys.modules[__name__] = n", "n"),
        ),
    ],
)
def test_what_cannot_become_what_stands_there_now(project, text, other):
    """An object of another kind, or one where there was none: a restart."""
    project.write("a", text.format(1))
    project.load("a")
    project.write("a", other.format(2))
    assert project.reload().outcome == "restart"
