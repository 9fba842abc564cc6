"""What a statement does to objects that are not its own, and whether that can be repeated."""

from __future__ import annotations

import logging
import warnings
from types import ModuleType

import pytest

from hotswap.effects import judge
from hotswap.outlines import outline
from hotswap.source import Unit

SOURCE = b"""\
import atexit, functools, logging, warnings
import foreign
from foreign import thing, registry
made = foreign.make()
rows = []
log = logging.getLogger("x")
def f(): pass
def dispatch(): pass
class C: pass
"""


def nothing():
    """Stands for a function."""


class Thing:
    """Stands for an object."""


def unit() -> Unit:
    """A module of which nothing but its names is looked at."""
    module = ModuleType("m")
    foreign = ModuleType("foreign")
    foreign.call = nothing
    names = {"foreign": foreign, "thing": Thing(), "registry": [], "made": Thing(), "rows": []}
    libraries = {
        one.__name__: one for one in (__import__("atexit"), __import__("functools"), logging)
    }
    module.__dict__.update(names, **libraries, warnings=__import__("warnings"))
    module.__dict__.update(log=logging.getLogger("x"), f=nothing, C=Thing, print=print)
    return Unit("m", "m.py", module, None, SOURCE, None)


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        # the statement                  repeated, changed, removed
        ("print('x')", "free free free"),
        ("warnings.warn('x')", "free free free"),
        ("log.setLevel(1)", "free free free"),
        ("logging.info('x')", "free free free"),
        ("'x'.join(y)", "free free free"),
        ("made.add(1)", "made made made"),
        ("made.x = 1", "free free made"),
        ("made[0] = 1", "free free made"),
        ("rows.append(1)", "rows rows rows"),
        ("made.a.b.c()", "made made made"),
        ("registry.append(1)", "free free no"),
        ("thing.add(1)", "no no no"),
        ("thing.x = 1", "free free no"),
        ("foreign.x = 1", "free free no"),
        ("foreign.call()", "no no no"),
        ("atexit.register(f)", "no no no"),
        ("f()", "no no no"),
        ("C.x = 1", "free free no"),
        ("@functools.cache\ndef g(): pass", "free free free"),
        ("@functools.wraps(f)\ndef g(): pass", "free free free"),
        ("@foreign.call\ndef g(): pass", "free free free"),
        ("@atexit.register\ndef g(): pass", "no no no"),
        ("@made.register\ndef g(): pass", "made made made"),
        ("@f\ndef g(): pass", "free free free"),
        (
            "class D:\n  @property\n  def p(self): pass\n  @p.setter\n  def p(self, v): pass",
            "free free free",
        ),
    ],
)
def test_what_it_takes_to_have_an_effect_again(text, verdicts):
    """Nothing, its root made anew, or a restart; `own` says that nothing here is the project's."""
    last = outline(SOURCE + text.encode(), "m.py", is_main=False)
    found = []
    for status in ("repeated", "changed", "removed"):
        given = [
            judge(one, unit(), last, lambda _: False, status) for one in last.statements[-1].effects
        ]
        refused = any(verdict.refuse for verdict in given)
        found.append(
            "no" if refused else next((one.rebuild for one in given if one.rebuild), "free")
        )
    assert " ".join(found) == verdicts


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("f()", "free free no"),
        ("thing.add(1)", "free free no"),
        ("@f\ndef g(): pass", "free free free"),
        ("@foreign.call\ndef g(): pass", "free free free"),
    ],
)
def test_the_projects_own_functions_are_watched_instead(text, verdicts):
    """What they do to containers is seen; only what a removed call did is not."""
    last = outline(SOURCE + text.encode(), "m.py", is_main=False)
    effects = last.statements[-1].effects
    refused = [
        any(judge(one, unit(), last, lambda _: True, status).refuse for one in effects)
        for status in ("repeated", "changed", "removed")
    ]
    assert ["no" if one else "free" for one in refused] == verdicts.split()


def test_a_refusal_says_what_and_why():
    """In the words of the source."""
    last = outline(SOURCE + b"atexit.register(f)", "m.py", is_main=False)
    (effect,) = last.statements[-1].effects
    verdict = judge(effect, unit(), last, lambda _: False, "removed")
    assert verdict.refuse == "what atexit.register did cannot be undone in process"


# -- as a user sees it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "edit", "outcome"),
    [
        ("X = 1\nprint(X)", ("X = 1", "X = 2"), "reloaded"),
        ("import sys\nX = 1\nsys.hotswap_test = X", ("X = 1", "X = 2"), "reloaded"),
        ("import atexit\nX = 1\natexit.unregister(X)", ("X = 1", "X = 2"), "restart"),
        ("X = 1\nrows = []\nrows.append(X)", ("X = 1", "X = 2"), "reloaded"),
        ("X = 1\nrows = []\nrows.append(X)", ("rows.append(X)", ""), "reloaded"),
        ("X = 1\nrows = [1]\nrows[0] = X", ("rows[0] = X", ""), "reloaded"),
        ("import logging\nl = logging.getLogger('x')\nl.setLevel(10)", ("10", "20"), "reloaded"),
        ("class C: pass\nC.x = 1", ("C.x = 1", "C.x = 2"), "reloaded"),
        ("n = X = 1\ndef up():\n  global n\n  n += X\nup()", ("X = 1", "X = 2"), "reloaded"),
    ],
)
def test_outcomes(project, source, edit, outcome, capsys):
    """Whichever it is, the process is as one that starts now, or as it was."""
    project.write("a", source)
    project.load("a")
    before = project.picture("a")
    project.edit("a", *edit)
    assert project.reload().outcome == outcome
    assert project.picture("a") == (before if outcome == "restart" else project.fresh_here("a"))


@pytest.mark.parametrize("imported", [False, True])
def test_a_context_variable_is_as_it_was_once_nobody_sets_it(project, imported):
    """To set it again is free."""
    made = "from contextvars import ContextVar\nV = ContextVar('V', default=0)\n"
    project.write("a", made)
    project.write("m", ("from a import V\n" if imported else made) + "TOKEN = V.set(1)\n")
    module = project.load("m")
    project.edit("m", "set(1)", "set(2)")
    assert project.reload().outcome == "reloaded"
    assert module.V.get() == 2
    project.edit("m", "TOKEN = V.set(2)\n", "")
    report = project.reload()
    assert module.V.get() == (2 if report.outcome == "restart" else 0)


LEAVING = {
    "a decorator of a library's object": "@t.ROUTER.route\ndef f(): pass",
    "a dispatcher": "@t.f.register\ndef _(value: int): pass",
    "a function of a library": "import warnings\nwarnings.simplefilter('ignore')",
    "another function": "t.f = None",
    "a metaclass": "class C(metaclass=t.Meta): pass",
}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("import a\n", ""),
        ("importlib.import_module('a')", ""),
        ("NAMES = ['a']\nfor name in NAMES: importlib.import_module(name)", "NAMES = []"),
        (
            "NAMES = ['a']\nfor name in NAMES: importlib.import_module(name)",
            "NAMES = []\nfor name in NAMES: importlib.import_module(name)",
        ),
    ],
)
@pytest.mark.parametrize("source", LEAVING.values(), ids=LEAVING)
def test_what_a_module_leaves_that_nobody_imports_any_more(project, source, old, new):
    """A fresh start does not have it."""
    project.write(
        "t",
        """
        import functools, types
        ROUTER = types.SimpleNamespace(routes=[])
        ROUTER.route = lambda f: ROUTER.routes.append(f.__name__)
        @functools.singledispatch
        def f(value): pass
        NAMES = []
        class Meta(type):
            def __init__(cls, *args): NAMES.append(cls.__name__)
        """,
    )
    project.write("a", "import t\n" + source)
    project.write("m", "import importlib, t\n" + old)
    with warnings.catch_warnings():
        project.load("m")
        project.edit("m", old, new)
        report = project.reload()
    assert report.outcome == "restart"
    assert "nobody imports a any more" in report.reason


def test_a_module_that_leaves_nothing_behind(project):
    """What it made itself is gone with it."""
    project.write(
        "a",
        """
        import dataclasses, functools, logging, re
        LOG, WORD, TABLE = logging.getLogger(__name__), re.compile("a"), {}
        TABLE["a"] = 1
        def fill(): TABLE["b"] = 2
        @dataclasses.dataclass
        class C: x: int = 1
        @functools.cache
        def f(): pass
        LOG.debug("done")
        """,
    )
    project.write("m", "import a\nX = 1\n")
    project.load("m")
    project.edit("m", "import a\n", "")
    report = project.reload()
    assert report.outcome == "reloaded", report.reason


FILLED = {
    "a dict that is updated below": "D = {}\nD['x'] = 1\nD.update(y=D['x'])\n",
    "a list of an object that is added to below": (
        "class App:\n    def __init__(self): self.config, self.rules = {}, []\n"
        "app = App()\napp.config['x'] = 1\napp.rules.append(2)\n"
    ),
    "what a block sets": "D = {}\nif D == {}:\n    D['x'] = 1\nD.setdefault('y', 2)\n",
    "what is set twice": "D = {}\nD['x'] = 1\nD['y'] = 2\nD.update(z=3)\n",
}


@pytest.mark.parametrize("source", FILLED.values(), ids=FILLED)
def test_what_sets_something_executes_on_what_is_made_anew(project, source):
    """If lines below need that: not on what they are no longer about to see."""
    project.write("m", source)
    project.load("m")
    project.edit("m", "'x'] = 1", "'x'] = 5")
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh_here("m")


def test_what_sets_something_leaves_the_object_where_nothing_else_is_done_to_it(project):
    """And with it what the program has put there."""
    project.write("m", "D = {}\nD['x'] = 1\nE = D\n")
    held = project.load("m").D
    held["running"] = True
    project.edit("m", "'x'] = 1", "'x'] = 5")
    assert project.reload().outcome == "reloaded"
    assert project.load("m").E is held
    assert held == {"x": 5, "running": True}


CLASS = """
class Thing:
    def __init__(self): self.rows = []
    def add(self, row): self.rows.append(row)
SHARED = Thing()
def shared(): return SHARED
class C:
    part = {}
    part.add(1)
    {}
    size = 1
"""


@pytest.mark.parametrize(
    ("made", "edit", "outcome"),
    [
        ("Thing()", ("size = 1", "size = 2"), "reloaded"),
        ("Thing()", ("part.add(1)", "part.add(2)"), "reloaded"),
        ("Thing()", ("part.add(1)", ""), "reloaded"),
        ("shared()", ("size = 1", "size = 2"), "restart"),
        ("shared()", ("part.add(1)", ""), "restart"),
    ],
)
def test_what_a_class_body_does_to_what_it_makes(project, made, edit, outcome):
    """It makes it anew each time: if it does."""
    project.write("m", CLASS.format(made, "part.add(lambda: 1)"))
    project.load("m")
    before = project.picture("m")
    project.edit("m", *edit)
    assert project.reload().outcome == outcome
    assert project.picture("m") == (before if outcome == "restart" else project.fresh_here("m"))
