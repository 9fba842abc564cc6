"""What the compiler writes into a class, its line among that, is copied by who wraps it (3.13)."""

from __future__ import annotations

import sys

import pytest

pytestmark = pytest.mark.skipif(sys.version_info < (3, 13), reason="a class does not know its line")

WRAPS = """
import functools
def wrap(thing):
    @functools.wraps(thing)
    def wrapper(*args): return thing(*args)
    return wrapper
"""
CLASS = """
class C:
    def method(self): self.one = 1
"""
EDITS = {
    "it moves": lambda text: text.replace("class C", "# above\n\nclass C"),
    "a body changes": lambda text: text.replace("self.one", "self.other"),
    "it executes": lambda text: text.replace("    def m", "    more = 2\n    def m"),
}
WAYS = {
    "a call": (CLASS + "W = wrap(C)", lambda m: m.C),
    "decorated": (CLASS.replace("class", "@wrap\nclass") + "W = C", lambda m: m.C.__wrapped__),
    "twice": (CLASS + "W = wrap(wrap(C))", lambda m: m.C),
    "cached": (CLASS + "W = functools.cache(C)", lambda m: m.C),
    "partial": (
        CLASS + "W = functools.partial(C)\nfunctools.update_wrapper(W, C)",
        lambda m: m.C,
    ),
}


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("way", WAYS)
def test_what_is_copied_is_what_the_file_says(project, way, edit):
    """Whoever looks at the wrapper finds the line of the class, and what its methods assign."""
    text, find = WAYS[way]
    project.write("m", WRAPS + text)
    module = project.load("m")
    project.write("m", EDITS[edit](WRAPS + text))
    report = project.reload()
    if (way, edit) == ("partial", "it executes"):
        assert report.outcome == "restart"  # a call as a statement cannot be repeated
        return
    assert report.applied
    with project.anew():
        fresh = project.load("m")
        wanted = [vars(fresh.W)[name] for name in ("__firstlineno__", "__static_attributes__")]
    for holder in (module.W, find(module)):
        assert [
            vars(holder)[name] for name in ("__firstlineno__", "__static_attributes__")
        ] == wanted


def test_of_another_module(project):
    """Where the class is edited, and the wrapper is not."""
    project.write("m", CLASS)
    project.write("n", f"{WRAPS}import m\nW = wrap(m.C)")
    wrapper = project.load("n").W
    before = wrapper.__firstlineno__
    project.write("m", "# above" + CLASS)
    assert project.reload().applied
    assert wrapper.__firstlineno__ == before + 1


def test_taken_back(project):
    """With the rest, if something raises."""
    project.write("m", WRAPS + CLASS + "W = wrap(C)")
    module = project.load("m")
    before = dict(vars(module.W))
    project.write("m", WRAPS + "\n" + CLASS + "W = wrap(C)\n1 / 0")
    assert project.reload().outcome == "rejected"
    assert vars(module.W) == before == {**vars(module.W), "__wrapped__": module.C}
