"""Functions that a decorator enters in containers of all kinds, and in what holds such."""

from __future__ import annotations

import pytest

KIT = """
import collections, functools, heapq
class Rows:
    def __init__(self): self.rows = []
def called(table): return [(key, f()) for key, f in table.items()]
def chained(link): return [link.f(), *chained(link.rest)] if link else []
{made}
def enter(number):
    def enter(f):
        {entered}
        return f
    return enter
def shown(): return {shown}
"""
USE = """
from kit import enter
L = 1
@enter(L)
def one(): return 1
@enter(3)
def two(): return 2
"""
MORE = "from kit import enter\n@enter(4)\ndef three(): return 3\n"
KINDS = {
    "a queue": ("C = collections.deque()", "C.append(f)", "[f() for f in C]"),
    "names, the last first": ("C = collections.deque()", "C.appendleft(f.__name__)", "list(C)"),
    "a counter": ("C = collections.Counter()", "C[f.__name__] += 1", "dict(C)"),
    "a dict of its own": ("class D(dict): pass\nC = D()", "C[f.__name__] = f", "called(C)"),
    "a list of its own": ("class L(list): pass\nC = L()", "C.append(f)", "[f() for f in C]"),
    "a set of its own": ("class S(set): pass\nC = S()", "C.add(f)", "sorted(f() for f in C)"),
    "a dict in an object": ("C = collections.UserDict()", "C[f.__name__] = f", "called(C)"),
    "a list in an object": ("C = collections.UserList()", "C.append(f)", "[f() for f in C]"),
    "several dicts": ("C = collections.ChainMap()", "C[f.__name__] = f", "called(C)"),
    "a list in a list": ("C = [[], []]", "C[0].append(f)", "[f() for f in C[0]]"),
    "a list in a tuple": ("C = [], []", "C[0].append(f)", "[f() for f in C[0]]"),
    "dicts in dicts": (
        "C = {'a': {'b': {}}}",
        "C['a']['b'][f.__name__] = f",
        "called(C['a']['b'])",
    ),
    "dicts in dicts, made": (
        "C = {}",
        "C.setdefault('a', {}).setdefault('b', []).append(f)",
        "[f() for f in C['a']['b']]",
    ),
    "an object in a dict": (
        "C = {'a': Rows()}",
        "C['a'].rows.append(f)",
        "[f() for f in C['a'].rows]",
    ),
    "an object in a list": ("C = [Rows()]", "C[0].rows.append(f)", "[f() for f in C[0].rows]"),
    "an object made there": (
        "C = {}",
        "C.setdefault('a', Rows()).rows.append(f)",
        "[f() for f in C['a'].rows]",
    ),
    "objects in objects": (
        "class A: a = Rows()\nclass B:\n    def __init__(self): self.a = A(); self.a.b = Rows()\nC = B()",
        "C.a.b.rows.append(f)",
        "[f() for f in C.a.b.rows]",
    ),
    "slots": (
        "class A:\n    __slots__ = ('rows',)\nC = A()\nC.rows = []",
        "C.rows.append(f)",
        "[f() for f in C.rows]",
    ),
    "a tuple that grows": ("C = Rows()\nC.all = ()", "C.all += (f,)", "[f() for f in C.all]"),
    "a text that grows": ("C = Rows()\nC.text = ''", "C.text += f.__name__", "C.text"),
    "a chain": (
        "class Link:\n    def __init__(self, f, rest): self.f = f; self.rest = rest\nC = Rows()\nC.head = None",
        "C.head = Link(f, C.head)",
        "chained(C.head)",
    ),
    "a heap": (
        "C = []",
        "heapq.heappush(C, (len(f.__name__), f.__name__, f))",
        "[f() for *_, f in C]",
    ),
    "numbers": ("C = {}", "C[len(C)] = f", "called(C)"),
    "partial functions": ("C = []", "C.append(functools.partial(f))", "[f() for f in C]"),
}
EDITS = {
    "a value": ("L = 1", "L = 2"),
    "its arguments": ("def two(): return 2", "def two(x=5): return x"),
    "its decorator": ("@enter(L)\n", ""),
    "a new one above": ("@enter(L)\n", "@enter(0)\ndef zero(): return 0\n@enter(L)\n"),
    "it is gone": ("@enter(3)\ndef two(): return 2\n", ""),
}


@pytest.mark.parametrize(("made", "entered", "shown"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_a_fresh_start_has_the_same_there(project, made, entered, shown, edit):
    """Or another process is asked for."""
    kit = KIT.format(made=made, entered=entered, shown=shown)
    project.save({"kit": kit, "use": USE, "more": MORE, "main": "import use, more, kit\n"})
    main = project.load("main")
    project.save({"use": edit})
    report = project.reload()
    if not report.applied:
        assert report.outcome == "restart", report
        return
    with project.anew():
        started = project.load("main").kit.shown()
    assert main.kit.shown() == started


LIVE = [
    one for one in KINDS if one.startswith(("a queue", "a dict", "a list of", "an object in a d"))
]


@pytest.mark.parametrize(("made", "entered", "shown"), [KINDS[one] for one in LIVE], ids=LIVE)
def test_no_other_process_is_needed(project, made, entered, shown):
    """Where it can be seen what was entered, and where."""
    kit = KIT.format(made=made, entered=entered, shown=shown)
    project.save({"kit": kit, "use": USE, "more": MORE, "main": "import use, more, kit\n"})
    main = project.load("main")
    for old, new in EDITS.values():
        project.save({"use": USE.replace(old, new)})
        assert project.reload().applied, (old, new)
        with project.anew():
            started = project.load("main").kit.shown()
        assert main.kit.shown() == started, (old, new)
        project.save({"use": USE})
        assert project.reload().applied, (old, new)


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        ("def one", "def zero(): pass\n@keep\ndef one", "reloaded"),
        ("def two()", "def two(x=1)", "reloaded"),
        ("@keep\ndef one(): return 'one'\n", "", "reloaded"),
    ],
)
def test_a_default_that_has_what_is_entered(project, old, new, outcome):
    """`def keep(f, rows=[])`: it is there for each call."""
    kit = "def into(f, rows=[]):\n    rows.append(f)\ndef keep(f):\n    into(f)\n    return f\n"
    uses = "@keep\ndef one(): return 'one'\n@keep\ndef two(): return 'two'\n"
    project.save({"kit": kit, "m": f"from kit import keep\n{uses}"})
    project.load("m")
    project.edit("m", old, new)
    assert project.reload().outcome == outcome
    assert project.picture("m", "kit") == project.fresh_here("m", "kit")
