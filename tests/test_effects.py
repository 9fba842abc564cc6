"""What a statement does to objects that are not its own, and whether that can be repeated."""

from __future__ import annotations

import logging
from types import FunctionType, ModuleType

import pytest

from hotswap.effects import NeedsRestart, Watch, judge
from hotswap.journal import Journal
from hotswap.source import Unit
from hotswap.statements import outline

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
        ("@foreign.call\ndef g(): pass", "free free no"),
        ("@atexit.register\ndef g(): pass", "no no no"),
        ("@made.register\ndef g(): pass", "made made made"),
        ("@f\ndef g(): pass", "free free no"),
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


# -- containers -----------------------------------------------------------------------------------


def old():
    pass


def new():
    pass


def watched(container):
    """A watch over a module with this container, and its journal."""
    module, journal = ModuleType("m"), Journal()
    module.rows = container
    one = Unit("m", "m.py", module, None, b"", None)
    return Watch.over([one], lambda _: False, journal), journal


@pytest.mark.parametrize(
    ("before", "after", "settled"),
    [
        ([old], [old], [old]),
        ([old], [old, old], [old]),
        ([1, old], [1, old, 1], [1, old]),
        ([old], [new], [old]),
        ({"a": old}, {"a": new}, {"a": old}),
        ({"a": old}, {"b": old}, {"b": old}),
        ({"a": old}, {"a": old, "b": old}, {"b": old}),
        ({old}, {old}, {old}),
    ],
)
def test_what_is_there_twice_goes(before, after, settled):
    """A repeated statement that enters something again leaves one of it."""
    container = before.copy()
    watch, _ = watched(container)
    container.clear()
    container.extend(after) if isinstance(container, list) else container.update(after)
    watch.settle({id(new): old}, new=False)
    assert container == settled


@pytest.mark.parametrize(
    ("before", "after"), [([old], [old, new]), ({"a": old}, {"b": new}), ({old}, {old, new})]
)
def test_what_a_fresh_start_would_not_have_needs_a_restart(before, after):
    """Something was entered again under another name, or is another object each time."""
    container = before.copy()
    watch, _ = watched(container)
    container.extend(after[1:]) if isinstance(container, list) else container.update(after)
    with pytest.raises(NeedsRestart, match=r"^m\.rows would "):
        watch.settle({}, new=False)


@pytest.mark.parametrize("after", [[old, new], [old, old]])
def test_what_a_new_statement_enters_is_right(after):
    """It ran for the first time."""
    container = [old]
    watch, _ = watched(container)
    container[:] = after
    watch.settle({}, new=True)
    assert container == after


@pytest.mark.parametrize("container", [[old, new], {"a": old, "b": new}, {old, new}])
def test_what_a_removed_statement_entered_is_taken_out(container):
    """And comes back if the transaction fails."""
    before = container.copy()
    watch, journal = watched(container)
    assert watch.drop(old)
    assert len(container) == 1
    assert not watch.drop(old)
    journal.roll_back()
    assert container == before


def test_a_counter_would_count_again():
    """A plain value of a module that a repeated statement changes is a side effect."""
    module = ModuleType("m")
    module.count = 1
    one = Unit("m", "m.py", module, None, b"", None)
    watch = Watch.over([one], lambda _: False, Journal())
    module.count = 2
    with pytest.raises(NeedsRestart, match=r"m\.count would be changed once more"):
        watch.settle({}, new=False)


def test_what_a_statement_binds_is_its_own():
    """It may change what it binds, and what that holds."""
    module = ModuleType("m")
    module.count, module.rows = 1, []
    one = Unit("m", "m.py", module, None, b"", None)
    watch = Watch.over([one], lambda _: False, Journal())
    watch.ignore(one, {"count"})
    module.count = 2
    watch.settle({}, new=False)
    assert isinstance(old, FunctionType)


# -- as a user sees it ----------------------------------------------------------------------------

REGISTRY = """
    rows, by_name = [], {}
    def add(f):
        rows.append(f)
        by_name[f.__name__] = f
        return f
    class Plugins:
        seen = []
        def __init_subclass__(cls, **kwargs):
            Plugins.seen.append(cls)
"""
USES = """
    import registry
    LIMIT = 1
    @registry.add
    def one(x=LIMIT): return 1
    @registry.add
    def two(): return 1
    class Plugin(registry.Plugins):
        limit = LIMIT
"""


@pytest.mark.parametrize(
    "edit",
    [
        ("LIMIT = 1", "LIMIT = 2"),
        ("def two(): return 1", "def two(): return 2"),
        ("def two(): return 1", "def two(x=3): return 2"),
        ("def two(): return 1", "def two(): return 1\n@registry.add\ndef three(): pass"),
        ("@registry.add\ndef two(): return 1\n", ""),
        ("    limit = LIMIT", "    limit = 3"),
        ("    limit = LIMIT", "    limit = LIMIT\n    def more(self): pass"),
        ("@registry.add\ndef two", "def two"),
    ],
)
def test_registries_are_as_after_a_fresh_start(project, edit):
    """Entered once, by the function that is there now; what is gone is taken out."""
    project.write("registry", REGISTRY)
    project.write("uses", USES)
    project.load("uses")
    project.edit("uses", *edit)
    if project.reload().applied:
        assert project.picture("uses", "registry") == project.fresh("uses", "registry")


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
        ("n = X = 1\ndef up():\n  global n\n  n += X\nup()", ("X = 1", "X = 2"), "restart"),
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
