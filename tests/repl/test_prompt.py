"""At a prompt, in a real terminal: what was imported and typed there is current after an edit."""

import pytest

CASES = {
    "a class keeps its instances": (
        {"shapes": "class A:\n    def f(self): return 1\n"},
        ["import shapes", "from shapes import A", "a = A()"],
        {"shapes": "class A:\n    def f(self): return 2\n"},
        "(isinstance(a, A), type(a) is shapes.A is A, a.f(), A().f())",
        "(True, True, 2, 2)",
    ),
    "super with and without arguments": (
        {"family": "class A:\n    def __init__(self): self.x = 1\nclass B(A):\n"
         "    def __init__(self): super(B, self).__init__()\nclass C(A):\n"
         "    def __init__(self): super().__init__()\n"},
        ["from family import B, C", "b, c = B(), C()"],
        {"family": "class A:\n    def __init__(self): self.x = 2\nclass B(A):\n"
         "    def __init__(self): super(B, self).__init__()\nclass C(A):\n"
         "    def __init__(self): super().__init__()\n"},
        "(B().x, C().x, b.__init__(), c.__init__(), b.x, c.x)",
        "(2, 2, None, None, 2, 2)",
    ),
    "members of an enumeration": (
        {"colours": "import enum\nclass Colour(enum.Enum):\n    RED = 1\n    BLUE = 2\n"},
        ["from colours import Colour", "red = Colour.RED", "named = {Colour.RED: 'r'}"],
        {"colours": "import enum\nclass Colour(enum.Enum):\n    RED = 1\n    BLUE = 2\n    GREEN = 3\n"},
        "(red is Colour.RED, named[Colour.RED], Colour(1) is red, len(Colour), isinstance(red, Colour))",
        "(True, 'r', True, 3, True)",
    ),
    "singledispatch on a class": (
        {"kinds": "class K:\n    n = 1\n",
         "shown": "import functools, kinds\n@functools.singledispatch\ndef show(x): return 'any'\n"
         "@show.register\ndef _(x: kinds.K): return f'K{x.n}'\n"},
        ["import kinds", "from shown import show", "k = kinds.K()"],
        {"kinds": "class K:\n    n = 2\n"},
        "(show(k), show(kinds.K()), show(1))",
        "('K2', 'K2', 'any')",
    ),
    "pickles": (
        {"stored": "class P:\n    def f(self): return 1\n"},
        ["import pickle", "from stored import P", "p = P()"],
        {"stored": "class P:\n    def f(self): return 2\n"},
        "pickle.loads(pickle.dumps(p)).f()",
        "2",
    ),
    "names from an import": (
        {"numbers_": "N = 1\nM = (1,)\ndef f(): return N\n"},
        ["from numbers_ import N, f, M as many", "import numbers_ as n", "mine = N"],
        {"numbers_": "N = 20\nM = (1, 2)\ndef f(): return -N\n"},
        "(N, f(), many, n.N, mine)",
        "(20, -20, (1, 2), 20, 1)",
    ),
    "names of the user's own": (
        {"words": "W = 1\nV = 1\n"},
        ["from words import W, V", "W = 1", "import words", "only = 'mine'"],
        {"words": "W = 5\nV = 6\nonly = 'theirs'\n"},
        "(W, V, words.W, only)",
        "(1, 6, 5, 'mine')",
    ),
    "names from a star": (
        {"sky": "S = 1\n"},
        ["from sky import *", "T = 'mine'"],
        {"sky": "S = 2\nT = 'theirs'\n"},
        "(S, T)",
        "(2, 'mine')",
    ),
    "names from a star, in place of the user's own": (
        {"night": "S = 1\n"},
        ["S = 5", "from night import *"],
        {"night": "S = 2\n"},
        "S",
        "2",
    ),
    "a module that others import": (
        {"low": "L = 1\n", "high": "from low import L\nH = L * 10\n"},
        ["from high import H"],
        {"low": "L = 2\n"},
        "H",
        "20",
    ),
    "two files at once": (
        {"below": "def f(): return 1\n", "above": "import below\nx = below.f()\n"},
        ["import above"],
        {"below": "def g(): return 2\n", "above": "import below\nx = below.g()\n"},
        "above.x",
        "2",
    ),
    "a decorator and its function": (
        {"deco": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return ('old', f())\n"
         "    return w\n@d\ndef f(): return 1\n"},
        ["from deco import f", "held = f"],
        {"deco": "import functools\ndef d(f):\n    @functools.wraps(f)\n    def w(): return ('new', f())\n"
         "    return w\n@d\ndef f(): return 2\n"},
        "(f(), held())",
        "(('new', 2), ('new', 2))",
    ),
    "slots, a named tuple, a frozen dataclass beside it": (
        {"fixed": "import dataclasses, typing\nclass S:\n    __slots__ = ('x',)\n"
         "class T(typing.NamedTuple):\n    x: int\n"
         "@dataclasses.dataclass(frozen=True)\nclass D:\n    x: int\nZ = 1\n"},
        ["from fixed import S, T, D, Z", "s, t, d = S(), T(1), D(1)"],
        {"fixed": "import dataclasses, typing\nclass S:\n    __slots__ = ('x',)\n"
         "class T(typing.NamedTuple):\n    x: int\n"
         "@dataclasses.dataclass(frozen=True)\nclass D:\n    x: int\nZ = 2\n"},
        "(Z, isinstance(s, S), isinstance(t, T), isinstance(d, D), d == D(1))",
        "(2, True, True, True, True)",
    ),
    "a metaclass, keyword defaults and annotations": (
        {"meta": "class M(type):\n    def f(cls): return 1\nclass C(metaclass=M): pass\n"
         "def k(*, a: int = 1): return a\n"},
        ["from meta import C, k"],
        {"meta": "class M(type):\n    def f(cls): return 2\nclass C(metaclass=M): pass\n"
         "def k(*, a: str = 2): return a\n"},
        "(C.f(), k(), k.__annotations__)",
        "(2, 2, {'a': <class 'str'>})",
    ),
    "lines of a traceback": (
        {"fails": "def f():\n    1 / 0\n"},
        ["import traceback", "from fails import f",
         "where = lambda: [(e.lineno, e.line) for e in traceback.extract_tb(caught().__traceback__)][-1]",
         "caught = lambda: __import__('concurrent.futures').futures.ThreadPoolExecutor().submit(f).exception()"],
        {"fails": "# one\n# two\n\ndef f():\n    1 / 0\n"},
        "where()",
        "(5, '1 / 0')",
    ),
    "the same size in the same second": (
        {"quick": "Q = 1\n"},
        ["import quick"],
        {"quick": "Q = 2\n"},
        "quick.Q",
        "2",
    ),
    "what was added": (
        {"grows": "class G: pass\n"},
        ["import grows", "g = grows.G()"],
        {"grows": "class G:\n    def f(self): return h()\ndef h(): return 'h'\n"},
        "(g.f(), grows.h())",
        "('h', 'h')",
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=["plain", "ipython"])
def prompt(request, terminals):
    """A prompt that follows what is imported."""
    terminal = terminals(request.param)
    if request.param == "plain":
        terminal.do("import hotswap", "reloader = hotswap.watch()")
    else:
        terminal.type("%load_ext hotswap")
    return terminal


@pytest.mark.parametrize("case", CASES)
def test_what_a_prompt_holds_is_current(prompt, case):
    """Before the next command runs."""
    *told, answer = CASES[case]
    assert prompt.after(*told) == answer


def test_a_broken_file_leaves_the_prompt(prompt):
    """The report is above the answer, which the old code gives."""
    prompt.save("broken.py", "def f(): return 1\n")
    prompt.do("from broken import f")
    prompt.save("broken.py", "def f(: return 2\n")
    assert prompt.ask("f()") == "1"
    assert "rejected  broken.py:1" in prompt.screen
    prompt.save("broken.py", "def f(): return 3\n")
    assert prompt.ask("f()") == "3"
    assert "broken.py" in prompt.screen


def test_a_file_that_is_gone(prompt):
    """Is told, and what was imported from it stays; others follow, and it too once it is back."""
    prompt.save("leaves.py", "X = 1\n")
    prompt.save("beside.py", "Y = 1\n")
    prompt.do("import leaves, beside", "from leaves import X as mine")
    (prompt.folder / "leaves.py").rename(prompt.folder / "left.py")
    assert prompt.ask("(leaves.X, mine)") == "(1, 1)"
    assert "rejected  leaves.py" in prompt.screen
    assert "leaves has no file any more, and stays as it was imported here" in prompt.screen
    prompt.do("from left import X as new")
    prompt.save("left.py", "X = 2\n")
    prompt.save("beside.py", "Y = 2\n")
    assert prompt.ask("(mine, new, beside.Y)") == "(1, 2, 2)"
    assert "(behind) " in prompt.screen
    prompt.save("leaves.py", "X = 3\n")
    assert prompt.ask("(leaves.X, mine)") == "(3, 3)"
    (prompt.folder / "leaves.py").unlink()
    prompt.do("del leaves, mine")
    prompt.save("beside.py", "Y = 3\n")
    prompt.ask("beside.Y")
    prompt.ask("1")
    assert "(behind)" not in prompt.screen.rpartition("\n")[2]


def test_undo(prompt):
    """What ran before runs again, and the prompt is marked, until the next save."""
    prompt.save("back.py", "N = 1\ndef f(): return N\n")
    prompt.do("import back, hotswap", "from back import f, N")
    prompt.save("back.py", "N = 2\ndef f(): return -N\ndef g(): return 3\n")
    assert prompt.ask("(f(), N, back.g())") == "(-2, 2, 3)"
    prompt.do("report = hotswap.undo()")
    assert "undone    back.py" in prompt.screen
    assert prompt.ask("(f(), N, hasattr(back, 'g'))") == "(1, 1, False)"
    assert prompt.ask("report.generation == hotswap.watch().generation") == "True"
    assert "(behind) " in prompt.screen
    prompt.save("back.py", "N = 4\ndef f(): return N\n")
    assert prompt.ask("(f(), N)") == "(4, 4)"
    prompt.ask("1")
    assert "(behind)" not in prompt.screen.rpartition("\n")[2]


def test_on_change(prompt):
    """It runs with the edit, before the command does, and what it gives stands above."""
    prompt.save("loop.py", "def f(): return 'first'\n")
    prompt.do("import hotswap, loop", "handle = hotswap.on_change(loop.f)")
    for text, shown in (
        ("def f(): return 'second'\n", "ran       f                      'second'"),
        ("def f(): return 1 // 0\n", "raised    f                      ZeroDivisionError"),
        ("def f(): return loop\n", "raised    f                      NameError: name 'loop' is not defined"),
        ("def f(): return 'last'\n", "ran       f                      'last'"),
    ):  # fmt: skip
        prompt.save("loop.py", text)
        assert prompt.ask("'typed'") == "'typed'"
        assert shown in prompt.screen.partition("\u00ab'typed'")[0]
    prompt.do("handle.stop()")


def test_no_edit_is_applied_in_the_middle_of_a_command(prompt):
    """However long it takes, and though the edit was noticed."""
    prompt.save("slow.py", "def f(): return 1\n")
    prompt.do("import pathlib, slow, sys, hotswap")
    save = "pathlib.Path('slow.py').write_text('def f(): return 2\\n')"
    assert prompt.ask(f"(slow.f(), {save}, hotswap.watch().settle(9), slow.f())[::3]") == "(1, 1)"
    assert prompt.ask("slow.f()") == "2"


def test_watching_again_gives_what_runs(prompt):
    """There is one reloader in a process."""
    prompt.do("import hotswap")
    assert prompt.ask("hotswap.watch() is hotswap.watch()") == "True"


def test_nothing_is_what_it_costs_if_nothing_changed(prompt):
    """However many modules there are: no file is looked at."""
    prompt.do("import hotswap, time", "from hotswap.repl.pending import Pending")
    prompt.do("reloader = hotswap.watch()", "take = reloader._take")
    prompt.do("apply = take.__self__.apply", "clock = time.process_time")
    assert (
        prompt.ask("min(-(clock() - (apply(), clock())[1]) for _ in range(50)) < 0.001") == "True"
    )


@pytest.mark.parametrize("basic", ["", "1"])
def test_the_prompt_is_marked_while_an_edit_is_refused(terminals, tmp_path, basic):
    """Under the old prompt and the new one of Python 3.13, until it is mended."""
    terminal = terminals("plain", folder=tmp_path, PYTHON_BASIC_REPL=basic)
    terminal.save("m.py", "X = 1\n")
    terminal.do("import hotswap; hotswap.watch()", "import m")
    terminal.save("m.py", "X = (\n")
    terminal.ask("m.X")
    terminal.ask("m.X")
    assert "(behind) >>> " in terminal.screen
    terminal.save("m.py", "X = 2\n")
    assert terminal.ask("m.X") == "2"
    terminal.ask("m.X")
    assert "(behind)" not in terminal.screen.rpartition("\n")[2]


def test_live_applies_at_once(terminals, tmp_path):
    """In the middle of a command, too."""
    terminal = terminals("plain", folder=tmp_path)
    terminal.save("m.py", "X = 1\n")
    terminal.do("import hotswap, pathlib, m", "r = hotswap.watch(live=True)")
    save = "pathlib.Path('m.py').write_text('X = 2\\n')"
    assert terminal.ask(f"(m.X, {save}, r.settle(9), m.X)[::3]") == "(1, 2)"


def _live(terminals, folder, kind):
    """A prompt at which edits of a module are applied at once."""
    basic = {"PYTHON_BASIC_REPL": "1"} if kind == "basic" else {}
    terminal = terminals("plain" if kind == "basic" else kind, folder=folder, **basic)
    terminal.save("m.py", "X = 1\n")
    terminal.do("import hotswap, m", "r = hotswap.watch(live=True)")
    return terminal


@pytest.mark.parametrize("kind", ["plain", "basic", "ipython"])
def test_a_line_that_is_being_typed_is_not_broken(terminals, tmp_path, kind):
    """What was applied stands above it, and the mark before it, if there is to be one."""
    terminal = _live(terminals, tmp_path, kind)
    for text, told in (
        ("X = 2\n", "reloaded  m.py"),
        ("X = (\n", "rejected  m.py"),
        ("X = 3\n", "reloaded  m.py"),
    ):
        terminal.half("print('\\u00ab%d\\u00bb' % m.")
        terminal.save("m.py", text)
        mark = r"\(behind\) " if told.startswith("rejected") and kind != "ipython" else ""
        terminal.wait_for(f"{told}.*?{mark}(In \\[\\d+\\]: |>>> )print")
        assert terminal.rest("X)") in {"2", "3"}


@pytest.mark.parametrize("kind", ["plain", "basic", "ipython"])
def test_the_cursor_stays_where_it_was(terminals, tmp_path, kind):
    """In the middle of a line, and in the second line of a command."""
    terminal = _live(terminals, tmp_path, kind)
    cases = ((2, "", r"(>>>|In \[\d+\]:) ", ""), (3, "(\r", r" *\.\.\.:? +", ")"))
    for number, before, shown, after in cases:
        terminal.press(f"{before}12345")
        terminal.wait_for_row(f"{shown}12345 *")
        terminal.press("\x02\x02")
        terminal.save("m.py", f"X = {number}\n")
        terminal.wait_for(f"reloaded  m.py.*?{shown}12345")
        terminal.press("+")
        terminal.wait_for_row(rf"{shown}123\+45 *")
        terminal.press(f"\x05{after}\r")
        terminal.shows(r"168\D.*?(>>>|In )")


def test_a_program_is_not_at_a_prompt(start, tmp_path):
    """There, edits are applied at once."""
    (tmp_path / "m.py").write_text("X = 1\n")
    (tmp_path / "program.py").write_text(
        "import pathlib, hotswap, m\nr = hotswap.watch()\n"
        "pathlib.Path('m.py').write_text('X = 2\\n')\nr.settle(9)\nprint('X', m.X)\n"
    )
    assert start(tmp_path, "program.py").wait_for("X ") == "X 2"


def test_a_script_before_the_prompt(terminals, tmp_path):
    """`python -i`: at once until there is a prompt, then between its commands."""
    (tmp_path / "m.py").write_text("X = 1\n")
    (tmp_path / "program.py").write_text(
        "import pathlib, hotswap, m\nr = hotswap.watch()\n"
        "pathlib.Path('m.py').write_text('X = 2\\n')\nr.settle(9)\nearly = m.X\n"
    )
    terminal = terminals("plain", "-i", "program.py", folder=tmp_path)
    save = "pathlib.Path('m.py').write_text('X = 3\\n')"
    assert terminal.ask(f"(early, {save}, r.settle(9), m.X)[::3]") == "(2, 2)"
    assert terminal.ask("m.X") == "3"


@pytest.mark.parametrize("kind", ["plain", "basic", "ipython"])
def test_what_was_typed_before(terminals, tmp_path, kind):
    """The command itself that has modules followed; and those before it, where they are kept."""
    basic = {"PYTHON_BASIC_REPL": "1"} if kind == "basic" else {}
    terminal = terminals("plain" if kind == "basic" else kind, folder=tmp_path, **basic)
    terminal.save("m.py", "X = 1\nY = 1\n")
    terminal.do("from m import X as early", "Y = 1")
    terminal.do("import hotswap, linecache", "r = hotswap.watch()", "from m import X as now")
    terminal.save("m.py", "X = 2\nY = 2\n")
    kept = kind == "ipython" or terminal.ask("len(linecache.getlines('<python-input-0>'))") != "0"
    assert terminal.ask("now") == "2"
    assert not kept or terminal.ask("(early, Y)") == "(2, 1)"


def test_the_prompt_of_asyncio(terminals, tmp_path):
    """Edits are applied at once there, and what was imported at it is current, too."""
    terminal = terminals("plain", "-m", "asyncio", folder=tmp_path)
    terminal.save("m.py", "X = 1\n")
    terminal.do("import hotswap", "r = hotswap.watch()", "from m import X")
    terminal.save("m.py", "X = 2\n")
    assert terminal.ask("(r.settle(9), X)[1]") == "2"


def test_a_startup_file(terminals, tmp_path):
    """What watches in it watches at the prompt."""
    (tmp_path / "startup.py").write_text("import hotswap\nhotswap.watch()\n")
    (tmp_path / "m.py").write_text("X = 1\n")
    terminal = terminals("plain", folder=tmp_path, PYTHONSTARTUP=str(tmp_path / "startup.py"))
    terminal.do("from m import X", "import hotswap, pathlib")
    save = "pathlib.Path('m.py').write_text('X = 2\\n')"
    assert terminal.ask(f"({save}, hotswap.watch().settle(9), X)[2]") == "1"
    assert terminal.ask("X") == "2"


@pytest.mark.parametrize("without", [[], ["IPython"]])
def test_the_repl_has_the_modules(terminals, tmp_path, without):
    """Imported, followed, and one that cannot be imported told in a line."""
    (tmp_path / "pack").mkdir()
    (tmp_path / "pack/part.py").write_text("X = 1\n")
    (tmp_path / "wrong.py").write_text("import os\n1 / 0\n")
    hidden = "".join(f"sys.modules[{name!r}] = None; " for name in without)
    code = f"import sys; {hidden}from hotswap.cli import main; main(sys.argv[1:])"
    terminal = terminals(
        "plain", "-c", code, "repl", "pack.part", "nowhere", "wrong", folder=tmp_path
    )
    before = terminal.before
    assert "cannot import nowhere: ModuleNotFoundError: No module named 'nowhere'" in before
    assert "wrong.py:2: ZeroDivisionError: division by zero" in before
    assert terminal.ask("pack.part.X") == "1"
    terminal.save("pack/part.py", "X = 2\n")
    assert terminal.ask("pack.part.X") == "2"
    assert terminal.ask("(hotswap.undo().generation, pack.part.X)") == "(0, 1)"
