"""Remembered results are not answers of code that changed."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from hotswap import grounds
from hotswap.caches import News
from hotswap.lookups import Key

KIT = """
    LIMIT = 1
    OTHER = 1
    def helper(): return LIMIT
    class Base:
        size = 1
        def method(self): return LIMIT
"""
USES = {
    "a name": "from kit import LIMIT\n@cache\ndef f(): return LIMIT",
    "an attribute of a module": "import kit\n@cache\ndef f(): return kit.LIMIT",
    "a function": "from kit import helper\n@cache\ndef f(): return helper()",
    "a function of a function": (
        "import kit\ndef g(): return kit.helper()\n@cache\ndef f(): return g()"
    ),
    "a method": "from kit import Base\n@cache\ndef f(): return Base().method()",
    "a derived value": "from kit import LIMIT\nMINE = LIMIT\n@cache\ndef f(): return MINE",
    "a cached function": (
        "from kit import helper\n@cache\ndef g(): return helper()\n@cache\ndef f(): return g()"
    ),
    "a cached method": "import kit\nclass C:\n  @cache\n  def m(self): return kit.LIMIT\nf = C().m",
    "a static method": (
        "import kit\nclass C:\n  @staticmethod\n  @cache\n  def m(): return kit.LIMIT\nf = C.m"
    ),
}


@pytest.fixture
def uses(project):
    """A module whose cached `f` has been called, by what it reaches the kit."""

    def load(source):
        project.write("kit", KIT)
        project.write("m", f"from functools import cache, cached_property\n{source}")
        module = project.load("m")
        assert module.f() == 1
        return module

    return load


@pytest.mark.parametrize("source", USES.values(), ids=USES)
@pytest.mark.parametrize(
    "edits",
    [[("LIMIT = 1", "LIMIT = 2")], [("def helper(): return LIMIT", "def helper(): return 2"),
     ("LIMIT = 1", "LIMIT = 2")]],
    ids=["value", "value and body"],
)  # fmt: skip
def test_what_read_something_that_changed_answers_anew(project, uses, source, edits):
    """Itself, or through functions, methods and modules."""
    module = uses(source)
    for edit in edits:
        project.edit("kit", *edit)
    project.reload()
    assert module.f() == 2


def test_bodies_that_only_are_swapped_count_too(project, uses):
    """No statement executes, and the answer is another."""
    module = uses(USES["a function of a function"])
    project.edit("kit", "def helper(): return LIMIT", "def helper(): return 2")
    assert project.reload().outcome == "swapped"
    assert module.f() == 2


def test_what_read_something_else_is_remembered(project, uses):
    """An unrelated edit costs no cache."""
    module = uses(USES["a function"])
    project.edit("kit", "OTHER = 1", "OTHER = 2")
    project.reload()
    assert module.f.cache_info().currsize == 1


@pytest.mark.parametrize(
    "edit",
    [
        ("m", "return helper() * K", "return 2"),
        ("m", "K = 1", "K = 2"),
        ("kit", "LIMIT = 1", "LIMIT = 2"),
        ("kit", "def helper(): return LIMIT", "def helper(): return 2"),
    ],
)
@pytest.mark.parametrize("cls", ["C", "D"])
def test_cached_properties_are_computed_anew(project, uses, cls, edit):
    """For instances that live, of heirs, too."""
    body = "class C:\n  @cached_property\n  def p(self): return helper() * K\nclass D(C): pass"
    living = f"K = 1\none = {cls}()\ndef f(): return one.p"
    m = uses(f"from kit import helper\n{body}\n{living}")
    one = m.one
    project.edit(*edit)
    report = project.reload()
    assert (m.one is one, m.f()) == (True, 2)
    assert "the cache of C.p was cleared" in report.notes


@pytest.mark.parametrize(
    ("old", "new"),
    [("size = 1", "size = 2"), ("class C(Base)", "Base.size = 2\nclass C(Base)"),
     ("size = 1", "size = 2; other = 1")],
)  # fmt: skip
@pytest.mark.parametrize("path", ["self.size", "self.part.size"])
def test_an_attribute_of_a_class_is_asked_for_by_an_object(project, uses, old, new, path):
    """By one that is held, of its class, or of that of something that it has."""
    base = "class Base:\n  size = 1\n"
    body = f"class C(Base):\n  part = Base()\n  @cached_property\n  def p(self): return {path}\n"
    text = base + body.replace("part = Base()", "def __init__(self): self.part = Base()")
    project.write("m", f"from functools import cached_property\n{text}")
    held = project.load("m").C()
    assert held.p == 1
    project.edit("m", old, new)
    assert (project.reload().outcome, held.p) == ("reloaded", 2)


LOOKS = {
    "an item": ("CONF = {}\nCONF['a'] = 1\n", "CONF['a']", "= 1", "= 2"),
    "an attribute": ("class K: pass\nk = K()\nk.a = 1\n", "k.a", "= 1", "= 2"),
    "a registry": (
        "REG = []\ndef enter(f): REG.append(f)\n@enter\ndef f(): pass\n",
        "len(REG)", "@enter", "@enter\ndef g(): pass\n@enter",
    ),
    "of what is given": ("class K:\n  a = 1\n", "(lambda k: k.a)(K())", "a = 1", "a = 2"),
}  # fmt: skip


@pytest.mark.parametrize(("above", "asks", "old", "new"), LOOKS.values(), ids=LOOKS)
def test_what_has_something_else_in_it(project, above, asks, old, new):
    """It is the same object, and was asked for what it has."""
    project.write("m", f"from functools import cache\n{above}@cache\ndef look(): return {asks}\n")
    module = project.load("m")
    assert module.look() == 1
    project.edit("m", old, new)
    assert (project.reload().outcome, module.look()) == ("reloaded", 2)


def test_an_attribute_of_that_name_of_another_class(project):
    """What has been computed goes on being remembered."""
    text = "class A:\n  size = 1\n  @cached_property\n  def p(self): return self.size\n"
    project.write("m", f"from functools import cached_property\n{text}class B:\n  size = 3\n")
    held = project.load("m").A()
    held.__dict__["p"] = "computed"
    project.edit("m", "size = 3", "size = 4")
    assert (project.reload().outcome, held.p) == ("reloaded", "computed")


def test_a_cleared_cache_is_named(project, uses):
    """For those who wonder why a call was slow."""
    uses(USES["a name"])
    project.edit("kit", "LIMIT = 1", "LIMIT = 2")
    assert [note for note in project.reload().notes if "cache of f was cleared" in note]


def test_a_cache_that_answered_another_function_is_still_what_a_line_rests_on(project):
    """It was not seen to run as that was called again."""
    text = (
        "from functools import cache\n@cache\ndef words(): return ['a']\n"
        "@cache\ndef index(): return list(enumerate(words()))\nX = index()\n"
    )
    project.write("m", text)
    module = project.load("m")
    for old, new in (("(words())", "(words(), 1)"), ("['a']", "['b']"), ("['b']", "['c']")):
        project.edit("m", old, new)
        assert project.reload().applied
        assert module.X == module.index() == [(1, new[2] if "[" in new else "a")]


LEADING = """
def first(): return second()
def second(): return A
def third(): return B
def other(): return third()
"""


def test_each_function_is_looked_into_once(monkeypatch):
    """And once more after what it reads has changed: by then it may lead elsewhere."""
    looked, look = [], grounds._ground
    monkeypatch.setattr(grounds, "_ground", lambda *given: looked.append(given[1]) or look(*given))
    space = {"__name__": "m"}
    exec(LEADING, space)
    first, second, third, other = map(space.get, ("first", "second", "third", "other"))
    known = grounds.Grounds(SimpleNamespace(units={}))

    def stale(*keys, codes=()):
        news = News({Key("m", name) for name in keys}, set(map(id, codes)))
        found = known.stale([first, other], news)
        known.look_again(news)
        return [one for one in (first, second, third, other) if id(one) in found]

    assert stale("C") == []
    assert stale("A") == [first, second]
    assert stale(codes=[third.__code__]) == [third, other]
    space["second"] = third
    assert stale("second") == [first]
    assert stale("B") == [first, third, other]
    assert stale("A") == [second]
    assert Counter(looked) == {first: 2, second: 2, other: 1, third: 3}
