"""Edits that look like what they are not: as undoing an effect, or as failing."""

from __future__ import annotations

import textwrap

import pytest

EDITS = {
    "a call of one of Python's classes that is gone": (
        "X = 1\ntry:\n    zip(strict=True)\nexcept TypeError:\n    X = 2\n",
        "X = 1\n",
    ),
    "an attribute of a function that is gone, too": (
        "if True:\n    def pairs(): pass\n    pairs.__doc__ = 'x'\n",
        "from itertools import pairwise as pairs\n",
    ),
    "a dispatching function that is none any more": (
        """
        import functools
        @functools.singledispatch
        def shown(value): return "one"
        @shown.register
        def _(value: str): return "text"
        """,
        """
        import functools
        def shown(value): return "two"
        """,
    ),
    "a list of what a decorator made, which lines below fill": (
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.params = f, ["name"]
        @command
        def run(): return 1
        run.params.insert(0, "debug")
        """,
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.params = f, ["name"]
        @command
        def run(count=1): return count
        run.params.insert(0, "debug")
        """,
    ),
    "what another object enters as it is made": (
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call = f
        class Group:
            def __init__(self):
                self.commands = {}
                self.commands["run"] = run
                self.commands["show"] = show
        @command
        def show(): return 1
        @command
        def run(): return 1
        group = Group()
        """,
        """
        def command(f): return Command(f)
        class Command:
            def __init__(self, f): self.call, self.count = f, 1
        class Group:
            def __init__(self):
                self.commands = {}
                self.commands["run"] = run
                self.commands["show"] = show
        @command
        def show(): return 1
        @command
        def run(): return 1
        group = Group()
        """,
    ),
    "a part of what a decorator made": (
        """
        from functools import partial
        @partial
        def run(): pass
        OPTION = 1
        run.keywords.update(option=OPTION)
        """,
        """
        from functools import partial
        @partial
        def run(): pass
        OPTION = 2
        run.keywords.update(option=OPTION)
        """,
    ),
}


@pytest.mark.parametrize(("old", "new"), EDITS.values(), ids=EDITS)
def test_what_leaves_nothing_behind(project, old, new):
    """A fresh start has nothing else."""
    project.write("m", textwrap.dedent(old))
    module = project.load("m")
    project.write("m", textwrap.dedent(new))
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh_here("m"), vars(module)


def test_who_holds_a_function_that_gains_another_decorator_calls_what_that_made(project):
    """Even if the decorators that it had before gave back what they got."""
    source = (
        "def same(f): return f\ndef other(f): return lambda: ('other', f())\n{}def f(): return 1\n"
    )
    project.write("m", source.format("@same\n"))
    held = project.load("m").f
    project.write("m", source.format("@other\n@same\n"))
    assert project.reload().outcome == "reloaded"
    assert held() == project.load("m").f() == ("other", 1)


def test_what_each_run_makes_anew_is_not_entered_twice(project):
    """Classes that a function makes are no definitions of the module."""
    project.write(
        "m",
        "N = 1\nTABLE = []\ndef fill(n):\n    class One: size = n\n    TABLE.append(One)\nfill(N)\n",
    )
    module = project.load("m")
    project.edit("m", "N = 1", "N = 2")
    report = project.reload()
    sizes = [one.size for one in module.TABLE]
    assert sizes == ([2] if report.outcome == "reloaded" else [1])


def test_a_metaclass_that_is_sealed_below_needs_a_restart(project):
    """A fresh start would not fail: it is not refused as one that would."""
    project.write(
        "m",
        "class Meta(type):\n"
        "    def __new__(mcs, *args): return type.__new__(mcs, *args)\n"
        "class C(metaclass=Meta):\n    size = 1\n"
        "def refuse(*args): raise TypeError('no more of them')\n"
        "Meta.__new__ = staticmethod(refuse)\n",
    )
    module = project.load("m")
    project.edit("m", "size = 1", "size = 2")
    assert project.reload().outcome == "restart"
    assert module.C.size == 1
