"""Whom a changed name concerns: whoever came to it while it was imported, by whatever way."""

from __future__ import annotations

import pytest

from hotswap.index import Entry, Index
from hotswap.lookups import Key

LIBRARY = {
    "low": "X = 1",
    "pkg/__init__": "from . import _impl as alias",
    "pkg/_impl": "X = 1",
    "giver": "import low\ndef give(): return low\ndef look(module): return module.X",
}


@pytest.mark.parametrize(
    "source",
    [
        "from low import X\nY = X",
        "from low import X as other\nY = other",
        "from low import *\nY = X",
        "import low\nY = low.X",
        "import low as m\nY = m.X\ndel m",
        "import low\nY = low.X\nlow = None",
        "from low import X\nY = X\ndel X",
        "import pkg\nY = pkg.alias.X",
        "import pkg\nY = pkg._impl.X",
        "from pkg import alias\nY = alias.X",
        "from pkg import alias as m\nY = m.X\ndel m",
        "from giver import low as m\nY = m.X",
        "from giver import give\nY = give().X",
        "from giver import give\nm = give()\nY = m.X",
        "from giver import look\nimport low\nY = look(low)",
        "from giver import look\nimport pkg\nY = look(pkg.alias)",
        "from giver import look, give\nY = look(give())",
        "import low\nY = getattr(low, 'X')",
        "import low\nY = vars(low)['X']",
        "import low, sys\nY = sys.modules['low'].X",
        "import low\nfor m in (low,): Y = m.X",
        "import low\nY = [m.X for m in (low,)][0]",
        "class C:\n    import low\n    Y = low.X\nY = C.Y",
        "class C:\n    import low as m\n    Y = m.X\nY = C.Y",
        "import low\nclass C: m = low\nY = C.m.X",
    ],
)
def test_a_name_is_read_while_a_module_is_imported(project, source):
    """By its name, through a module that has it, by a module that is given away."""
    check(project, source)


@pytest.mark.parametrize(
    "source",
    [
        "from low import X\ndef f(): return X\nY = f()",
        "from low import X as other\ndef f(): return other\nY = f()",
        "def f():\n    from low import X\n    return X\nY = f()",
        "def f():\n    from low import *\n    return X\nY = f()".replace("*", "X as Z\n    X = Z"),
        "def f():\n    import low\n    return low.X\nY = f()",
        "def f():\n    import low as m\n    return m.X\nY = f()",
        "def f():\n    from pkg import alias\n    return alias.X\nY = f()",
        "from giver import look\ndef f():\n    import low as m\n    return look(m)\nY = f()",
        "import pkg\ndef f(): return pkg.alias.X\nY = f()",
        "import pkg\ndef f(): return pkg._impl.X\nY = f()",
        "import low\nf = lambda: low\nY = f().X",
        "X = 0\ndef f(name): return globals()[name]\nfrom low import X\nY = f('X')",
        "import low\nclass C: m = low\ndef f(): return C.m.X\nY = f()",
        "from low import X\ndef f(y=X): return y\nY = f()",
    ],
)
def test_a_name_is_read_by_a_function_that_runs_while_a_module_is_imported(project, source):
    """The line that called it executes again."""
    check(project, source)


def check(project, source):
    for name, text in LIBRARY.items():
        project.write(name, text)
    project.write("user", source)
    user = project.load("user")
    project.edit("low", "1", "2")
    project.edit("pkg/_impl", "1", "2")
    assert (project.reload().outcome, user.Y) == ("reloaded", 2)


@pytest.fixture
def graph(project):
    project.write("low", "X = Z = 1")
    project.write("taker", "from low import X as Y\nfrom elsewhere import *")
    project.write("elsewhere", "import low as m\nY = m.Z")
    project.write("above", "import elsewhere\nW = elsewhere.m.Z\ndef f(): return low")
    project.write("apart", "import json\nX = Z = json")
    project.load("taker", "above", "apart")
    project.reloader.graph.renew()
    return project.reloader.graph


@pytest.mark.parametrize(
    ("key", "readers", "suspects"),
    [
        ("low.X", "taker", "elsewhere above taker"),
        ("low.Z", "", "elsewhere above taker"),
        ("elsewhere.Y", "taker", "above"),
        ("taker.Y", "", ""),
        ("apart.X", "", ""),
    ],
)
def test_who_imports_a_name_and_who_may_come_to_it(graph, key, readers, suspects):
    """Nobody else is looked at, however large the program is."""
    key = Key(*key.split("."))
    assert {unit.name for unit in graph.readers(key)} == set(readers.split())
    assert {unit.name for unit in graph.suspects(key)} == set(suspects.split())


def test_what_is_entered_anew_is_found_by_nothing_else(graph):
    """The answers are those of the code that runs."""
    index, unit = Index(), graph.units["low"]
    index.enter(unit, Entry(("a",), (("a", "X"),), (("a", "m"),), ("m",), ("X",)))
    index.enter(unit, Entry(("b",), (("b", "X"),), (("b", "m"),), ("n",), ("Y",)))
    assert (list(index.importers("a")), index.readers("a", "X"), index.suspects("a", "X")) == (
        [],
        {},
        {},
    )
    assert list(index.importers("b")) == list(index.suspects("b", "X")) == [unit]
