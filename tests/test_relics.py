"""Texts and numbers that functions entered for a line which does not have them enter that now."""

from __future__ import annotations

import sys

import pytest

REG = """
from bisect import insort
REG, ORDER, NAMES, TAGS, CONF, BY = {}, [], set(), [], {}, {}
def plugin(name, number=0):
    def enter(thing):
        REG[name] = thing
        insort(ORDER, (number, name))
        return thing
    return enter
def named(name):
    def enter(thing):
        NAMES.add(name)
        return thing
    return enter
def option(name, default):
    def enter(thing):
        CONF[name] = default
        return thing
    return enter
class Base:
    tag = None
    def __init_subclass__(cls, key=None, **options):
        if key: BY.setdefault(key[0], []).append(key)
        tags = TAGS
        if cls.tag: tags.append(cls.tag)
class Handle:
    def __init__(self, name):
        self.names = [name]
        TAGS.append("h:" + name)
def make(name):
    NAMES.add(name)
    return object()
class Field:
    def __set_name__(self, owner, name):
        BY.setdefault(owner.__name__, []).append(name)
"""
GONE = {
    "a class": "@plugin('alpha', 5)\nclass X: pass\n",
    "a function": "@named('alpha')\ndef x(): pass\n",
    "by key": "@option('alpha', 1)\ndef x(): pass\n",
    "a keyword of a class": "class X(Base, key='alpha'): pass\n",
    "an attribute of a class": "class X(Base):\n    tag = 'alpha'\n",
    "an object": "X = Handle('alpha')\n",
    "what a call gives": "X = make('alpha')\n",
    "by a constant": "ALPHA = 'alpha'\n@named(ALPHA)\ndef x(): pass\n",
    "a text that is made": "@named(f'al{1}')\ndef x(): pass\n",
    "a method": "class X:\n    @named('alpha')\n    def x(self): pass\n",
}
OTHERS = "@plugin('beta', 1)\nclass Beta(Base, key='beta'): tag = 'beta'\nBETA = make('beta')\n"


@pytest.mark.parametrize("text", GONE.values(), ids=GONE)
@pytest.mark.parametrize("edit", ["line", "file"])
def test_what_a_line_that_is_gone_had_entered(project, text, edit):
    """Nothing says whose it was."""
    files = {"reg": REG, "one": f"from reg import *\n{text}", "two": f"from reg import *\n{OTHERS}"}
    project.save({**files, "use": "import two, one\n"})
    project.load("use")
    project.save({"one": (text, "")} if edit == "line" else {"one": None, "use": "import two\n"})
    report = project.reload()
    assert (report.outcome, "may have what is not" in report.reason) == ("restart", True), report


FEWER = {
    "a decorator": ("@plugin('alpha')\ndef x(): pass\n", "def x(): pass\n"),
    "one of two": ("@named('alpha')\n@named('b')\ndef x(): pass\n", "@named('b')\ndef x(): pass\n"),
    "a base": ("class X(Base, key='alpha'): pass\n", "class X: pass\n"),
    "a keyword": ("class X(Base, key='alpha'): pass\n", "class X(Base): pass\n"),
    "an attribute": ("class X(Base):\n    tag = 'alpha'\n", "class X(Base): pass\n"),
    "a field": ("class X:\n    a = Field(); b = Field()\n", "class X:\n    b = Field()\n"),
    "a method": (
        "class X:\n    @named('alpha')\n    def x(self): pass\n    def y(self): pass\n",
        "class X:\n    def y(self): pass\n",
    ),
    "a call": ("X = make('alpha')\n", "X = None\n"),
    "a call, a function is there": ("X = make('alpha')\n", "def X(): pass\n"),
    "a call in a block": ("if 1:\n    X = make('alpha')\n", "if 0:\n    X = make('alpha')\n"),
    "a text in a function": (
        "def x():\n    make('b')\n    return make('a')\nX = x()\n",
        "def x():\n    return make('a')\nX = x()\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), FEWER.values(), ids=FEWER)
def test_what_a_line_does_not_enter_any_more(project, before, after):
    """It is there, since it was entered before."""
    project.save({"reg": REG, "one": f"from reg import *\n{before}"})
    project.load("one")
    project.save({"one": f"from reg import *\n{after}"})
    report = project.reload()
    known = ("may have what is not entered", "is no longer asked for")
    assert report.outcome == "restart"
    assert any(one in report.reason for one in known), report.reason


def test_the_order_of_fields(project):
    """They are there, and not entered again."""
    project.save({"reg": REG, "one": "from reg import *\nclass X:\n    a = Field(); b = Field()\n"})
    project.load("one")
    project.save({"one": ("a = Field(); b = Field()", "b = Field(); a = Field()")})
    report = project.reload()
    assert (report.outcome, "the order of what is in" in report.reason) == ("restart", True), report


META = """
class Meta(type):
    def __new__(meta, name, bases, space):
        cls = super().__new__(meta, name, bases, space)
        cls.fields, cls.books = [], {}
        for key, value in space.items():
            if type(value) is int and key[0] != "_":
                cls.fields.append(key)
                cls.books[key] = value
        return cls
class Root(metaclass=Meta): pass
"""
STAYS = {
    "nothing but itself": (
        "@plugin('beta')\nclass Beta(Base): pass\n",
        "class X(Base): pass\n",
        "",
    ),
    "what others enter": (OTHERS, "class X(Base):\n    other = 1\n", ""),
    "what belongs to it": ("class Y(Root): a = 1\n", "class X(Root):\n    a = 1; b = 2\n", ""),
    "its own": ("", "class X(Root):\n    a = 1; b = 2\n", "class X(Root):\n    b = 2\n"),
    "its own, in order": ("", "class X(Root): a = 1; b = 2\n", "class X(Root): b = 2; a = 1\n"),
    "an object's": ("Y = Handle('beta')\n", "def x(): return Handle\n", ""),
}


@pytest.mark.parametrize(("above", "before", "after"), STAYS.values(), ids=STAYS)
def test_what_others_have_entered_is_none_of_it(project, above, before, after):
    """So there is nothing that stays behind."""
    project.save({"reg": REG + META, "one": f"from reg import *\n{above}{before}"})
    project.load("one")
    project.save({"one": f"from reg import *\n{above}{after}"})
    report = project.reload()
    assert report.applied, report.reason
    assert project.picture("reg", "one") == project.fresh_here("reg", "one")


API = """
import types
space = types.SimpleNamespace()
class Api: pass
api = Api()
def expose(f):
    setattr({}, "do_" + f.__name__, f)
    return f
"""


@pytest.mark.parametrize("holder", ["space", "Api", "api"])
@pytest.mark.parametrize("edit", [("@expose\n", ""), ("@expose\ndef f(): pass\n", "")])
def test_what_was_set_by_a_name_that_is_made_up(project, holder, edit):
    """It is there as before."""
    project.save({"k": API.format(holder), "m": "from k import expose\n@expose\ndef f(): pass\n"})
    project.load("m")
    project.save({"m": edit})
    report = project.reload()
    assert (report.outcome, "would keep what was set" in report.reason) == ("restart", True), report


LIBRARIES = {
    "a key": ("os.environ['HOTSWAP_X'] = '1'", ("SWAP_X", "SWAP_Y"), "did cannot be undone"),
    "an entry": ("sys.path.append('/x')", ("'/x'", "'/y'"), "did cannot be undone"),
    "by a constant": ("X = '/x'\nsys.path.append(X)", ("= '/x'", "= '/y'"), "sys.path would keep"),
}


@pytest.mark.parametrize(("line", "edit", "reason"), LIBRARIES.values(), ids=LIBRARIES)
def test_what_libraries_were_given_stays_there(project, monkeypatch, line, edit, reason):
    """Under the former name, or as the former value."""
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setenv("HOTSWAP_X", "")
    project.save({"m": f"import os, sys\n{line}\n"})
    project.load("m")
    project.save({"m": edit})
    report = project.reload()
    assert (report.outcome, reason in report.reason) == ("restart", True), report


@pytest.mark.parametrize(
    ("gone", "outcome"), [("B = Made(2)\n", "restart"), ("N = 1\n", "reloaded")]
)
def test_numbers_that_nobody_gives_any_more(project, gone, outcome):
    """The text beside them is the same for each."""
    made = "LOG = []\nclass Made:\n    def __init__(self, n): LOG.append(('made', n))\n"
    project.write("m", f"{made}A = Made(1)\nB = Made(2)\nN = 1\n")
    project.load("m")
    project.edit("m", gone, "")
    assert project.reload().outcome == outcome
