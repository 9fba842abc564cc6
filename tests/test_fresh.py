"""Edits of imports: whatever executes, now or later, does so in the order of a fresh start."""

from __future__ import annotations

import random
import sys

import pytest

REGISTRY = """
ITEMS, ROWS = {}, []
def enter(function):
    ITEMS[function.__name__] = function
    ROWS.append(function)
    return function
"""
APP = "import reg\nimport a\nimport b\n"
BARE = "import reg\n"


def entering(name):
    """A module that enters one function."""
    return f"from reg import enter\n@enter\ndef {name}(): pass\n"


EDITS = {
    "imports change places, and then both enter something": (
        {"reg": REGISTRY, "a": BARE, "b": BARE, "app": APP},
        [{"app": "import reg\nimport b\nimport a\n"}, {"a": entering("f"), "b": entering("g")}],
    ),
    "all of that at once": (
        {"reg": REGISTRY, "a": BARE, "b": BARE, "app": APP},
        [{"app": "import reg\nimport b\nimport a\n", "a": entering("f"), "b": entering("g")}],
    ),
    "a new module comes between, and enters something later": (
        {"reg": REGISTRY, "a": entering("f"), "b": entering("g"), "app": APP},
        [
            {"app": "import reg\nimport a\nimport n\nimport b\n", "n": BARE},
            {"n": entering("h")},
            {"b": entering("g") + "@enter\ndef i(): pass\n"},
        ],
    ),
    "a new module is imported by one, and then the next enters something": (
        {"reg": REGISTRY, "a": BARE, "b": BARE, "app": APP},
        [{"a": "import n\n", "n": BARE}, {"b": entering("g")}, {"n": entering("h")}],
    ),
    "a module is imported by an earlier one": (
        {"reg": REGISTRY, "a": BARE, "b": BARE, "c": BARE, "app": f"{APP}import c\n"},
        [
            {"a": "import reg\nimport c\n"},
            {"c": entering("h")},
            {"b": entering("g")},
            {"a": "import c\n" + entering("f")},
        ],
    ),
    "a module is no longer imported by an earlier one": (
        {"reg": REGISTRY, "a": "import c", "b": BARE, "c": BARE, "app": f"{APP}import c\n"},
        [{"a": BARE}, {"c": entering("h")}, {"b": entering("g")}, {"a": entering("f")}],
    ),
    "what rests on the same by a longer way waits for the shorter one": (
        {
            "low": "X = 1",
            "mid": "from low import X\nY = X",
            "side": "from mid import Y\nZ = Y",
            "high": "from low import X\nfrom side import Z\nW = X + Z\ndef f(a=1): pass",
            "other": "from low import X\nV = 1",
            "last": "from high import W\nU = W",
            "app": "import low\nimport mid\nimport side\nimport high\nimport other\nimport last",
        },
        [
            {
                "low": "X = 2",
                "high": ("a=1", "a=2"),
                "other": "V = 2",
                "last": ("U = W", "U = W + 1"),
                "app": ("import low\n", "import low\nN = low.X\n"),
            }
        ],
    ),
    "a value comes by another way, and changes meanwhile": (
        {
            "a": "X = 1",
            "b": "import a\nY = a.X + 1",
            "c": "import b\nX = 1\nZ = X + b.Y",
            "d": "from c import Z\nW = Z",
            "app": "import a, b, c, d",
        },
        [
            {
                "a": "from v import V\nX = V",
                "v": "V = 5",
                "c": "from d import W\nfrom b import Y\nX = W\nZ = X + Y",
                "d": "from a import X\nW = X",
            },
            {"v": "V = 6", "a": "from v import V\nX = V + 1", "b": "from a import X\nY = X + 1"},
            {"a": "X = 3", "v": "from c import Z\nV = Z", "app": "import a, b, c, d, v"},
            {"a": "X = 4", "c": "from b import Y\nfrom d import W\nX = W\nZ = X + Y"},
        ],
    ),
}


@pytest.mark.parametrize("row", EDITS.values(), ids=EDITS)
def test_what_executes_does_so_in_the_order_of_a_fresh_start(project, row):
    """After each edit in turn."""
    modules, steps = row
    project.save(modules)
    project.load("app")
    for step in steps:
        project.save(step)
        report = project.reload()
        assert report.applied, report.reason
        names = [name for name in ("app", *modules, "n", "v") if name in sys.modules]
        assert project.picture(*names) == project.fresh_here(*names)


def test_where_modules_stand_is_as_before_if_the_edit_is_taken_back(project):
    """An edit that raised has moved nothing."""
    project.save({"reg": REGISTRY, "a": BARE, "b": BARE, "app": APP})
    project.load("app")
    project.write("app", "import reg\nimport b\nimport a\n1 / 0")
    assert project.reload().outcome == "rejected"
    project.write("app", APP)
    project.save({"a": entering("f"), "b": entering("g")})
    assert project.reload().applied
    assert list(project.load("reg").ITEMS) == ["f", "g"]


def commits(seed, count):
    """Versions of a project in which each module may import any above it; all change at once."""
    chance, known = random.Random(seed), {}

    def draw(*key, among):
        if key not in known or chance.random() < 0.3:
            known[key] = chance.choice(among)
        return known[key]

    for _ in range(count):
        version = {"app": "".join(f"import m{at}\n" for at in range(SIZE))}
        for at in range(SIZE):
            above = range(at) or [None]
            given = {draw(at, way, among=above) for way in range(2)} - {None}
            terms = "".join(f" + C{one}" for one in sorted(given))
            version[f"m{at}"] = (
                "".join(f"from m{one} import C{one}\n" for one in sorted(given))
                + f"C{at} = {draw(at, 'value', among=range(3))}{terms}\n"
                + f"class K{at}:\n    a = C{at} + {draw(at, 'a', among=range(3))}\n"
                + f"    def f(self, x={draw(at, 'x', among=range(3))}):\n        return self.a\n"
                + f"ONE = K{at}().f()\n"
            )
        yield version


SIZE = 10


@pytest.mark.parametrize("seed", range(4))
def test_all_modules_at_once(project, seed):
    """As `git checkout` of another branch."""
    first, *rest = commits(seed, 4)
    project.save(first)
    project.load("app")
    names = [f"m{at}" for at in range(SIZE)]
    for version in [*rest, first]:
        project.save(version)
        report = project.reload()
        assert report.applied, report.reason
        space = {name: sys.modules[name] for name in names}
        shown = {name: (one.ONE, vars(one)[f"C{name[1:]}"]) for name, one in space.items()}
        with project.anew():
            project.load("app")
            started = {name: sys.modules[name] for name in names}
            assert shown == {
                name: (one.ONE, vars(one)[f"C{name[1:]}"]) for name, one in started.items()
            }


REACHED = {
    "by its package": "import pkg.store\ndef enter(f):\n    pkg.store.ITEMS.append(f)\n",
    "by an import in a function": (
        "def enter(f):\n    import pkg.store\n    pkg.store.ITEMS.append(f)\n"
    ),
    "by a name for it": "from pkg import store\ndef enter(f):\n    store.ITEMS.append(f)\n",
    "by a text": (
        "import sys, pkg.store\ndef enter(f):\n    sys.modules['pkg.store'].ITEMS.append(f)\n"
    ),
    "by a part of its package": (
        "import pkg\nimport pkg.store\ndef enter(f):\n    getattr(pkg, 'store').ITEMS.append(f)\n"
    ),
}


@pytest.mark.parametrize("way", REACHED.values(), ids=REACHED)
def test_a_registry_is_reached_in_any_way_by_the_function_that_fills_it(project, way):
    """What is entered again takes the place of what was."""
    project.save(
        {
            "pkg/__init__": "",
            "pkg/store": "ITEMS = []",
            "reg": f"{way}    return f",
            "use": "from reg import enter\n@enter\ndef f(a=1): pass\n@enter\ndef g(): pass",
        }
    )
    project.load("use")
    for edit in (("a=1", "a=2"), ("def g(): pass", "def g(): pass\n@enter\ndef h(): pass")):
        project.save({"use": edit})
        assert project.reload().outcome == "reloaded"
        names = ["pkg.store", "use"]
        assert project.picture(*names) == project.fresh_here(*names)
    project.save({"use": ("@enter\ndef f(a=2): pass\n", "")})
    assert project.reload().applied
    assert [one.__name__ for one in sys.modules["pkg.store"].ITEMS] == ["g", "h"]
