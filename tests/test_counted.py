"""What is counted while modules are imported is not counted twice: it is made anew, or refused."""

from __future__ import annotations

import pytest

from hotswap.fills import counted_by

ASKED = "\n{0}A = [USE, {1}]\nB = {1}\n"
# What counts → the definitions, and the expression whose value is another one each time.
COUNTS = {
    "a class attribute": ("class C:\n    n = 0\n    def __init__(self): C.n += 1\n", "C() and C.n"),
    "one of a class within": (
        "class O:\n  class C:\n    n = 0\n    def __init__(self): O.C.n += 1\n",
        "O.C() and O.C.n",
    ),
    "a function's attribute": ("def f():\n    f.n += 1\n    return f.n\nf.n = 0\n", "f()"),
    "an attribute that is asked for": (
        (
            "class K:\n    _i = 0\n    @property\n    def i(self):\n        self._i += 1\n"
            "        return self._i\nk = K()\n"
        ),
        "k.i",
    ),
    "a slot": (
        (
            "class K:\n    __slots__ = ('n',)\n    def __init__(self): self.n = 0\nk = K()\n"
            "def f():\n    k.n += 1\n    return k.n\n"
        ),
        "f()",
    ),
    "an object in an object": (
        (
            "class K:\n    n = 0\n    def up(self):\n        self.n += 1\n        return self.n\n"
            "class O:\n    def __init__(self): self.k = K()\no = O()\n"
        ),
        "o.k.up()",
    ),
    "an object in a dict": (
        (
            "class K:\n    n = 0\n    def up(self):\n        self.n += 1\n        return self.n\n"
            "ks = {'a': K()}\n"
        ),
        "ks['a'].up()",
    ),
    "a bare object": (
        "import types\nn = types.SimpleNamespace(i=0)\ndef f():\n    n.i += 1\n    return n.i\n",
        "f()",
    ),
    "a key": ("n = {'a': 0}\ndef f():\n    n['a'] += 1\n    return n['a']\n", "f()"),
    "a length": ("n = []\ndef f(x):\n    n.append(x)\n    return len(n)\n", "f(1)"),
    "numbers by length": ("n = {}\ndef f(x):\n    n[x] = len(n)\n    return n[x]\n", "f(str(USE))"),
    "what is taken out": ("n = [1, 2, 3, 4, 5, 6]\n", "n.pop()"),
    "what is turned around": (
        (
            "import collections\nn = collections.deque([1, 2, 3])\n"
            "def f():\n    n.rotate()\n    return n[0]\n"
        ),
        "f()",
    ),
    "a buffer": ("n = bytearray()\ndef f():\n    n.append(65)\n    return bytes(n)\n", "f()"),
}


@pytest.mark.parametrize("case", COUNTS)
@pytest.mark.parametrize("edit", ["USE = 2\n", "USE = 1\nMORE = 2\n"])
def test_what_would_be_counted_twice_is_refused(project, case, edit):
    """Unless no line that counts executes again: then all is as it was."""
    made, asked = COUNTS[case]
    project.write("m", made + ASKED.format("USE = 1\n", asked))
    project.load("m")
    before = project.picture("m")
    project.write("m", made + ASKED.format(edit, asked))
    report = project.reload()
    if "USE = 1" in edit:
        assert report.outcome == "reloaded"
        assert project.picture("m") == project.fresh("m")
    else:
        assert report.outcome == "restart"
        assert "m." in report.reason
        assert project.picture("m") == before


ANEW = {
    "in a default": "import itertools\ndef f(n=itertools.count()): return next(n)\n",
    "closed over": "import itertools\ndef make():\n    n = itertools.count()\n"
    "    def f(): return next(n)\n    return f\nf = make()\n",
    "by a partial": "import itertools, functools\nf = functools.partial(next, itertools.count())\n",
    "by its own method": "import itertools\nf = itertools.count().__next__\n",
}


@pytest.mark.parametrize("case", ANEW)
def test_an_iterator_that_no_name_leads_to_is_made_anew(project, case):
    project.write("m", ANEW[case] + ASKED.format("USE = 1\n", "f()"))
    project.load("m")
    for use in ("USE = 2\n", "USE = 3\n"):
        project.write("m", ANEW[case] + ASKED.format(use, "f()"))
        assert project.reload().outcome == "reloaded"
        assert project.picture("m") == project.fresh("m")


CLASS = "class C:\n    n = 0\n    def __init__(self): C.n += 1\n"
# How a class that counts executes again → the whole module before and after.
AGAIN = {
    "and what it counts does, too": (
        f"def deco(c): c.x = 1; return c\n@deco\n{CLASS}A = C()\nB = C()\n",
        f"def deco(c): c.x = 2; return c\n@deco\n{CLASS}A = C()\nB = C()\n",
    ),
    "with those derived from it": (
        "class C:\n    n = 0\n    def __init_subclass__(cls): C.n += 1\nclass D(C): pass\n",
        "class C:\n    n = 0\n    def __init_subclass__(cls): C.n += 1\n    x = 1\nclass D(C): pass\n",
    ),
    "and is counted in by its decorator": (
        f"def deco(c): c.n += 1; return c\n@deco\n{CLASS}",
        f"def deco(c): c.n += 1; return c\n@deco\n{CLASS}    x = 1\n",
    ),
}


@pytest.mark.parametrize("case", AGAIN)
def test_a_class_that_executes_again_goes_on_from_what_it_has_counted(project, case):
    """Which is its state; whoever counts in it executes again, and cannot be told to count anew."""
    first, second = AGAIN[case]
    project.write("m", first)
    project.load("m")
    project.write("m", second)
    report = project.reload()
    assert report.outcome == "restart"
    assert "n would be changed once more" in report.reason


def check_fresh(project, before, after):
    """It is applied, and all is as in a fresh start."""
    project.write("m", before)
    project.load("m")
    project.write("m", after)
    assert project.reload().outcome == "reloaded"
    assert project.picture("m") == project.fresh("m")


def test_a_class_that_executes_again_keeps_its_count_if_nobody_counts(project):
    used = "A = C()\nB = C()\n"
    check_fresh(project, CLASS + used, f"{CLASS}    x = 1\n{used}")


def test_a_class_may_have_two_names(project):
    """And be made by a function, which then has run for it."""
    made = "class M(type):\n    def __new__(m, *args): return super().__new__(m, *args)\n"
    text = made + "class C(metaclass=M):\n    T = {int: 1, str: 2}\nD = C\n"
    check_fresh(project, text, text.replace("str: 2", "str: 2, bytes: 2"))


def test_a_decorator_may_set_what_it_set_before(project):
    """It does not depend on what was there."""
    text = "def deco(c): c.n = 5; return c\n@deco\nclass C:\n    n = 0\n"
    check_fresh(project, text, text.replace("c.n = 5", "c.n = 6"))


def test_what_was_made_anew_may_be_counted_in(project):
    """Also if somebody else holds it."""
    text = (
        "class K:\n    n = 0\n    def up(self): self.n += 1\n"
        "STEP = 1\nk = K()\nk.n = STEP\nALL = {}\nALL['k'] = k\nk.up()\n"
    )
    check_fresh(project, text, text.replace("STEP = 1", "STEP = 2"))


OBJECT = "class K:\n    n = 0\n    def put(self, x): self.n = x\nk = K()\n"
LOOSE = "class K:\n    n = 0\ndef put(x): K.n = x\n"
KEYED = "n = {}\ndef put(x): n['k'] = x\n"
LISTED = "class K:\n    n = {}\n    def put(self, x): self.n[x] = x\nk = K()\n"
# What functions set → definitions, two lines that have it set, and whether it can be made anew.
SET = {
    "of an object": (OBJECT, "k.put(1)", "k.put(2)", True),
    "of a class": (LOOSE, "put(1)", "put(2)", False),
    "by a name that is given": (
        LOOSE.replace("K.n = x", "setattr(K, 'n', x)"),
        "put(1)",
        "put(2)",
        False,
    ),
    "of a function": ("def put(x): put.n = x\nput.n = 0\n", "put(1)", "put(2)", False),
    "by a property": (
        (
            "class K:\n    n = 0\n    @property\n    def up(self):\n        K.n += 1\n"
            "        return K.n\nk = K()\n"
        ),
        "A = k.up",
        "B = k.up",
        False,
    ),
    "under a key": (KEYED, "put(1)", "put(2)", True),
    "by two functions": (LOOSE + "def set(x): K.n = -x\n", "put(1)", "set(2)", False),
    "what the other looks at": (LOOSE + "def get(): return K.n\n", "put(1)", "X = get()", False),
    "in a list of the class": (LISTED, "k.put(1)", "k.put(2)", False),
}


@pytest.mark.parametrize("case", SET)
def test_who_sets_last_is_the_last_in_a_fresh_start(project, case):
    made, first, second, anew = SET[case]
    project.write("m", f"{made}{first}\n{second}\n")
    project.load("m")
    before = project.picture("m")
    project.write("m", f"{made}{second}\n{first}\n")
    report = project.reload()
    assert report.outcome == ("reloaded" if anew else "restart")
    assert project.picture("m") == (project.fresh("m") if anew else before)


def test_what_each_line_makes_for_itself_may_stand_in_any_order(project):
    """Though methods of it count in it."""
    made = (
        "class P:\n    def __init__(self, s): self.s, self.at = s, 0\n"
        "    def next(self):\n        self.at += 1\n        return self.s[self.at - 1]\n"
        "def parse(s):\n    p = P(s)\n    return [p.next() for _ in s]\n"
    )
    project.write("m", f"{made}A = parse('ab')\nB = parse('cd')\n")
    project.load("m")
    for lines in ("B = parse('cd')\nA = parse('ab')\n", "B = 1\nC = parse('x')\nA = parse('ab')\n"):
        project.write("m", made + lines)
        report = project.reload()
        assert report.outcome in ("reloaded", "unchanged"), report
        assert project.picture("m") == project.fresh("m")


GONE = {
    "a slot": "class K:\n    __slots__ = ('n',)\nk = K()\nk.n = 0\ndef f():\n    k.n += 1\n    return k.n\n",
    "a key": "n = {'a': 0}\ndef f():\n    n['a'] += 1\n    return n['a']\n",
    "a function's attribute": "def f():\n    f.n += 1\n    return f.n\nf.n = 0\n",
    "numbers": "n = {}\ndef f():\n    if 'x' not in n: n['x'] = len(n)\n    return n['x']\n",
}


@pytest.mark.parametrize("case", GONE)
@pytest.mark.parametrize("left", ["A = f()\n", "B = f()\n", "A = 0\nB = f()\n"])
def test_what_was_counted_for_a_line_that_is_gone_is_refused(project, case, left):
    project.write("m", f"{GONE[case]}A = f()\nB = f()\n")
    project.load("m")
    before = project.picture("m")
    project.write("m", GONE[case] + left)
    assert project.reload().outcome == "restart"
    assert project.picture("m") == before


def test_what_an_object_had_put_in_its_class_stays_there(project):
    """Though the object itself is made anew."""
    project.write("m", f"{LISTED}k.put(1)\nk.put(2)\n")
    project.load("m")
    project.write("m", f"{LISTED}k.put(2)\n")
    report = project.reload()
    assert (report.outcome, report.reason) == ("restart", "m.K.n has what is gone")


@pytest.mark.parametrize(
    ("body", "counted"),
    [
        ("n['a'] += 1", {"n"}),
        ("n[x] = len(n)", {"n"}),
        ("n.append(x); return len(n)", {"n"}),
        ("n[x] = n.get(x, 0) + 1", {"n"}),
        ("i = len(n); n[x] = i", {"n"}),
        ("return n.setdefault(x, len(n))", {"n"}),
        ("x.rows.append((len(x.rows), x))", {"rows"}),
        ("n[x][x] += 1", {"n"}),
        ("n[x] = n[f] = x", set()),
        ("n[x] = n[f] = len(n)", {"n"}),
        ("n[x] = x", set()),
        ("n[x] = x; return n[x]", set()),
        ("n[x] = max(x, m[x])", set()),
        ("if x in n: raise ValueError\n    n[x] = x", set()),
        ("if len(x) > 1: raise ValueError\n    n.append(x)", set()),
    ],
)
def test_a_function_counts_in_what_it_fills_by_what_is_there(body, counted):
    space = {}
    exec(f"def f(x):\n    {body}", space)
    assert counted_by(space["f"].__code__) == counted
