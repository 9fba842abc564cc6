"""What a statement did before a line below it failed."""

from __future__ import annotations

import pytest

KIT = """
from collections import deque
from functools import lru_cache
class A:
    def set(self, value): self.value = value
    @classmethod
    def set_all(cls, value): cls.value = value
class B(A): pass
class Whole:
    def __init__(self): self.part = A()
def f(): pass
def mark(thing): thing.marked = True
def counts():
    number = 0
    def count():
        nonlocal number
        number += 1
    return count
def remembers():
    known = {}
    def get(key): known[key] = len(known)
    return get
a, whole, count, get = A(), Whole(), counts(), remembers()
nested, table, queue = [[1], [2]], {"a": {"b": [1]}}, deque([1])
"""
DID = [
    "setattr(A, 'value', 1)",
    "A.set_all(1)",
    "B.set_all(1)",
    "a.set(1)",
    "setattr(a, 'value', 1)",
    "a.__dict__['value'] = 1",
    "vars(a).update(value=1)",
    "whole.part.set(1)",
    "mark(f)",
    "mark(A)",
    "for one in (f, A, a): one.marked = 1",
    "count()",
    "get('a')",
    "nested[0].append(2)",
    "table['a']['b'].append(2)",
    "queue.append(2)",
]


@pytest.mark.parametrize("line", DID)
def test_it_is_taken_back(project, line):
    """Whatever it was done to."""
    project.save({"kit": KIT, "m": "from kit import *\n"})
    project.load("m")
    before = project.picture("kit", "m")
    project.save({"m": f"from kit import *\n{line}\n1 / 0\n"})
    assert project.reload().outcome == "rejected"
    assert project.picture("kit", "m") == before


def test_a_cache_does_not_answer_as_code_that_failed(project):
    """It is asked while that executes."""
    text = "from functools import cache\nN = 1\n@cache\ndef f(): return N\nX = f()\n"
    project.save({"m": text})
    module = project.load("m")
    project.save({"m": text.replace("N = 1", "N = 2") + "1 / 0\n"})
    assert project.reload().outcome == "rejected"
    assert module.f() == 1


@pytest.mark.parametrize("base", ["Base", "Sequence"])
def test_what_was_registered_with_an_abstract_class(project, base):
    """Of the project, or of Python."""
    kit = "from abc import ABC\nfrom collections.abc import Sequence\nclass Base(ABC): pass\n"
    project.save({"kit": kit, "m": "from kit import *\nclass A: pass\nclass B: pass\n"})
    module = project.load("m")
    abstract = getattr(module, base)
    abstract.register(module.A)
    project.edit("m", "class B: pass\n", f"class B: pass\n{base}.register(B)\n1 / 0\n")
    assert project.reload().outcome == "rejected"
    assert (issubclass(module.A, abstract), issubclass(module.B, abstract)) == (True, False)


@pytest.mark.parametrize("fails", ["m", "new"])
def test_classes_of_modules_whose_import_is_taken_back(project, fails):
    """Nobody finds them by their base, though the error may hold them."""
    kit = "class Base: pass\n"
    project.save({"kit": kit, "m": "import kit\nX = 1\n"})
    base = project.load("kit", "m") and project.load("kit").Base
    project.write("new", "import kit\nclass New(kit.Base): pass\n" + "1 / 0\n" * (fails == "new"))
    project.write("m", "import kit\nimport new\n1 / 0\n")
    report = project.reload()
    assert (report.outcome, base.__subclasses__()) == ("rejected", [])
