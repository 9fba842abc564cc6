"""What a statement sets on objects of other modules is seen by what executes after it alone."""

from __future__ import annotations

import pytest

LIB = "LIMIT = 1\nTWICE = LIMIT * 2\nclass C: x = 1\nT = {'x': 1}\ndef get(): return LIMIT\n"
ASKS = "import lib\nfrom lib import LIMIT\nSEEN = lib.LIMIT, lib.get(), lib.C.x, lib.T['x']\n"
EDITS = {
    "a name": ["lib.LIMIT = 5", "lib.LIMIT = 6", "lib.LIMIT = 7"],
    "one that is new": ["", "lib.LIMIT = 6", "lib.LIMIT = 6\nlib.MORE = 1"],
    "in a block": ["if lib:\n    lib.LIMIT = 5", "if lib:\n    lib.LIMIT = 6"],
    "what a name holds": ["X = 5\nlib.LIMIT = X", "X = 6\nlib.LIMIT = X"],
    "and reads it": ["lib.LIMIT = 5\nX = lib.LIMIT", "lib.LIMIT = 6\nX = lib.LIMIT"],
    "a function": ["lib.get = lambda: 5", "lib.get = lambda: 6"],
    "another function": ["def f(): return 5\nlib.get = f", "def g(): return 6\nlib.get = g"],
    "an attribute of a class": ["lib.C.x = 5", "lib.C.x = 6"],
    "an item": ["lib.T['x'] = 5", "lib.T['x'] = 6"],
    "under another name": ["from lib import C\nC.x = 5", "from lib import C\nC.x = 6"],
}


@pytest.mark.parametrize("case", EDITS)
def test_who_read_before_has_what_was_there(project, case):
    first, *rest = (f"import lib\n{text}\n" for text in EDITS[case])
    for name, text in {"lib": LIB, "a": ASKS, "b": first, "c": ASKS}.items():
        project.write(name, text)
    project.write("all", "import a, b, c, lib")
    project.load("all")
    for text in rest:
        project.write("b", text)
        assert project.reload().outcome == "reloaded"
        modules = "all", "a", "b", "c", "lib"
        assert project.picture(*modules) == project.fresh(*modules)


def test_who_is_edited_with_it_reads_before(project):
    """Though nobody imports the other, and what both read has changed, too."""
    for name, text in {"lib": LIB, "a": ASKS, "b": "import lib\nlib.LIMIT = 5\n"}.items():
        project.write(name, text)
    project.write("all", "import a, b, lib")
    project.load("all")
    project.save({"lib": ("LIMIT = 1", "LIMIT = 2"), "b": ("= 5", "= 6")})
    assert project.reload().outcome == "reloaded"
    assert project.picture("all", "a", "b", "lib") == project.fresh("all", "a", "b", "lib")
