"""An object that is made anew must not live on in somebody's hands; its own parts go with it."""

from __future__ import annotations

import gc
from types import FrameType, SimpleNamespace

import pytest

from hotswap import holders

LIBRARY = """
class Part:
    def __init__(self, whole, made):
        vars(self).update(whole=whole, made=made)

class Whole:
    def __init__(self):
        self.parts = {"all": []}
        self.other = Part(self, 0)
        self.held = self.add

    def add(self, function):
        self.parts["all"].append(Part(self, function()))
        return function
"""
MODULE = """
from lib import Whole
X = 1
whole = Whole()
@whole.add
def f(): return X
"""


def loaded(project):
    """A module with an object that is made anew, since another one of its parts has to be."""
    project.write("lib", LIBRARY)
    project.write("m", MODULE)
    module = project.load("m")
    project.edit("m", "X = 1", "X = 2")
    return module


def test_parts_that_know_it(project):
    """They are nobody's: the new one has new ones."""
    module = loaded(project)
    assert project.reload().outcome == "reloaded"
    assert [part.made for part in module.whole.parts["all"]] == [2]
    assert all(part.whole is module.whole for part in module.whole.parts["all"])


def test_what_is_made_anew_together_with_it(project):
    """A holder that nobody has any more."""
    project.write("lib", LIBRARY)
    project.write("m", MODULE + "part = Part(whole, 1)".replace("Part", "type(whole.other)"))
    module = project.load("m")
    project.edit("m", "X = 1", "X = 2")
    assert project.reload().outcome == "reloaded"
    assert module.part.whole is module.whole


@pytest.mark.parametrize(
    "code",
    [
        "part = whole.parts['all'][0]",
        "rows = [{1: whole.other}]",
        "Whole.add.part = whole.other",
        "Whole.part = whole.other",
        "stranger = type('Stranger', (), {})(); vars(stranger)['it'] = whole",
        "part = (lambda part: lambda: part)(whole.other)",
    ],
)
def test_what_holds_it_or_a_part_of_it(project, code):
    """Then a restart is needed, and all is as it was."""
    module = loaded(project)
    whole = module.whole
    exec(code, vars(module))
    report = project.reload()
    assert report.outcome == "restart"
    assert report.reason == "whole has to be made anew, and is in use"
    assert module.whole is whole


def test_a_running_function_that_has_a_part(project):
    """Nothing but its stack holds that."""
    part = loaded(project).whole.parts["all"][0]
    assert "whole has to be made anew, and is in use" in project.reload().reason
    assert part.made == 1


COUNT = """
class Count:
    def __init__(self, function): self.function = function
    def __call__(self): return [self.function()]
@Count
def f(): return 1
"""


@pytest.mark.parametrize(
    ("code", "outcome"),
    [
        ("pass", "reloaded"),
        ("from m import f", "reloaded"),
        ("held = f", "restart"),
        ("held = [{'f': f}]", "restart"),
        ("held = f.__call__", "restart"),
    ],
)
def test_an_object_that_a_decorator_made_of_a_function(project, code, outcome):
    """It cannot become the bare function: who holds it would go on with the decorator."""
    project.write("m", COUNT)
    project.write("user", "from m import f")
    module, user = project.load("m"), project.load("user")
    exec(code, vars(user))
    project.edit("m", "@Count\n", "")
    report = project.reload()
    assert report.outcome == outcome, report
    assert outcome == "reloaded" or report.reason == "f was a Count, and is held as such"
    assert user.f is module.f


def test_a_look_at_who_holds_it_leaves_nothing_behind():
    """A function that has its own frame in a variable would live on, with what it looked at."""

    def waiting():
        one = SimpleNamespace()
        yield one

    generator = waiting()
    gc.collect()
    gc.disable()
    try:
        holders.are_held([next(generator)])
        frames = [one for one in gc.get_objects() if type(one) is FrameType]
        assert not [one.f_code for one in frames if one.f_globals is vars(holders)]
        del frames
    finally:
        gc.enable()
