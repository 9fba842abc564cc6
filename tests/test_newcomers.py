"""A module that is imported for the first time finds what it asks others for."""

from __future__ import annotations

import pytest

# What it is about → modules as they were, `m` imported first; what is edited or comes.
CASES = {
    "a name that came with the same edit": (
        {"a": "X = 1", "m": "N = 1"},
        {"a": "X = 1\nY = 2", "n": "from a import Y", "m": "from n import Y"},
    ),
    "by another new one": (
        {"a": "X = 1", "m": "N = 1"},
        {"a": "X = 1\nY = 2", "k": "from a import Y", "n": "import k", "m": "import n"},
    ),
    "in a new package": (
        {"a": "X = 1", "m": "N = 1"},
        {
            "a": "X = 2",
            "p/__init__": "from .inner import Y",
            "p/inner": "import a\nY = a.X",
            "m": "from p import Y",
        },
    ),
    "in a package that there is": (
        {"p/__init__": "", "p/a": "X = 1", "m": "import p"},
        {"p/a": "X = 2", "p/n": "from . import a\nY = a.X", "m": "import p.n"},
    ),
    "a value that changed": (
        {"a": "X = 1", "m": "N = 1"},
        {"a": "X = 2", "n": "import a\nY = a.X", "m": "import n"},
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_what_it_asks_for_is_there(project, before, after):
    """Also where the module that has it is edited with it, and would come later."""
    for name, source in before.items():
        project.write(name, source)
    project.load("m", "p.a" if "p/a" in before else "a")
    for name, source in after.items():
        project.write(name, source)
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    names = [name.replace("/", ".").removesuffix(".__init__") for name in {**before, **after}]
    project.load(*names)
    assert project.picture("m", *names) == project.fresh("m", *names)


def test_a_new_module_that_does_not_compile_is_said_to(project):
    """It is read before it is imported, and that is no matter."""
    project.write("a", "X = 1")
    project.write("m", "import a")
    project.load("m")
    project.write("a", "X = 2")
    project.write("n", "import a\nX = (")
    project.write("m", "import a\nimport n")
    report = project.reload()
    assert (report.outcome, type(report.error)) == ("rejected", SyntaxError)
