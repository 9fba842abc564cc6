"""Decorators of libraries: what they were given may be kept there, or not."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

LIBRARY = """
class Marker:
    __slots__ = ("project",)
    def __init__(self, project): self.project = project
    def __call__(self, f):
        f.mark = self.project
        return f
class Book(Marker):
    __slots__ = ("kept",)
    def __call__(self, f):
        self.kept = f
        return f
mark, book = Marker("x"), Book("y")
kept = []
def keep(f):
    kept.append(f)
    return f
def keep_wrapper(f):
    kept.append(lambda: f())
    return f
class Table(Marker):
    __slots__ = ("__dict__",)
    def __init__(self):
        self.names, self.given, self.seen = [], [], set()
    def name(self, f):
        self.names.append(f.__name__)
        return f
    def give(self, f):
        self.given.append(f)
        return f
    def see(self, f): return f
table = Table()
def wrap(f):
    return lambda: f()
"""


@pytest.fixture
def library(monkeypatch):
    """A module that is not followed."""
    module = ModuleType("foreign_library")
    exec(compile(LIBRARY, "<foreign>", "exec"), vars(module))
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


@pytest.mark.parametrize(
    ("decorator", "outcome"),
    [
        ("mark", "reloaded"),
        ("wrap", "reloaded"),
        ("keep", "restart"),
        ("keep_wrapper", "restart"),
        ("book", "restart"),
        ("table.see", "reloaded"),
        ("table.give", "restart"),
        ("table.name", "restart"),
    ],
)
@pytest.mark.usefixtures("library")
def test_a_decorated_function_that_is_gone(project, decorator, outcome):
    """It may go unless somebody has it still."""
    project.write(
        "m",
        f"from foreign_library import {decorator.partition('.')[0]}\n"
        f"@{decorator}\ndef f(): pass\nX = 1\n",
    )
    project.load("m")
    project.edit("m", f"@{decorator}\ndef f(): pass\n", "")
    assert project.reload().outcome == outcome


@pytest.mark.usefixtures("library")
def test_a_decorator_that_only_marks_marks_again(project):
    """An object of a library that has nothing to keep anything in."""
    project.write("m", "from foreign_library import mark\n@mark\ndef f(x=1): pass\n")
    module = project.load("m")
    project.edit("m", "x=1", "x=2")
    assert project.reload().outcome == "reloaded"
    assert (module.f.mark, module.f.__defaults__) == ("x", (2,))
