"""A module that fails where its importer catches that: a fresh start comes up."""

from __future__ import annotations

import pytest

WAYS = {
    "import": "try:\n    import m\n    V = m.X\nexcept Exception:\n    V = 0",
    "from": "try:\n    from m import X\nexcept (KeyError, Exception):\n    X = 0",
    "any error": "try:\n    from m import X\nexcept:\n    X = 0",
    "an error of somebody's": "from k import Wrong\ntry: import m\nexcept Wrong: m = None",
    "suppressed": "import contextlib\nV = 0\nwith contextlib.suppress(Exception):\n    import m",
    "by a string": (
        "import importlib\nGOOD = []\nfor name in ['m']:\n"
        "    try: GOOD.append(importlib.import_module(name).X)\n    except Exception: pass"
    ),
    "by a function": (
        "def load():\n    try:\n        import m\n        return m.X\n"
        "    except Exception: return 0\nV = load()"
    ),
    "by way of another": "try:\n    import n\n    V = n.X\nexcept Exception:\n    V = 0",
}
NOT = {
    "another error": "try:\n    from m import X\nexcept ImportError:\n    X = 0",
    "raised again": "try:\n    from m import X\nexcept Exception:\n    raise",
    "in the end": "try:\n    from m import X\nfinally:\n    Y = 0",
    "not at all": "from m import X",
    "later": "def f():\n    try:\n        from m import X\n    except Exception: return 0",
    "by one of two": "import n\ntry: import m\nexcept Exception: m = None",
}
BROKEN = {"does not compile": "X = = 1", "raises": "X = 1 / 0"}


def outcome(project, source, broken):
    """What a reload comes to when `m` breaks, that of `u` aside; and where."""
    project.write("m", "X = 1")
    project.write("n", "from m import X")
    project.write("k", "class Wrong(Exception): pass")
    project.write("u", source)
    project.load("u", "m")
    project.write("m", broken)
    return project.reload()


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("source", WAYS.values(), ids=WAYS)
def test_a_fresh_start_has_the_fallback(project, source, broken):
    """It is told who catches what, and where that is."""
    report = outcome(project, source, broken)
    assert report.outcome == "restart"
    assert "Error: " in report.reason
    assert "catches that, so a fresh start goes on" in report.reason
    assert "u.py:" in report.reason
    assert report.location == (str(project.path("m")), 1)


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("source", NOT.values(), ids=NOT)
def test_a_fresh_start_fails_as_well(project, source, broken):
    """The good code goes on."""
    assert outcome(project, source, broken).outcome == "rejected"


def test_it_is_mended(project):
    """Then it is as if nothing had been."""
    report = outcome(project, WAYS["import"], BROKEN["raises"])
    assert report.outcome == "restart"
    project.write("m", "X = 2")
    assert project.reload().outcome == "reloaded"
    assert project.picture("u", "m") == project.fresh("u", "m")
