"""What `hotswap.on_change` was given runs again after each edit that is applied."""

import functools
import queue
import sys
import threading

import pytest

import hotswap
from hotswap import state
from hotswap.again import Again, Expression
from hotswap.gate import GATE

LIMIT = 30


@pytest.fixture(autouse=True)
def nothing_is_left():
    yield
    state.repeated.clear()


@pytest.fixture
def results(monkeypatch):
    """What is shown: title, result, error; waited for."""
    shown = queue.SimpleQueue()
    monkeypatch.setattr(
        "hotswap.again._show", lambda title, result, error, _: shown.put((title, result, error))
    )
    return lambda: shown.get(timeout=LIMIT)


def test_it_runs_the_new_code_of_what_it_uses(project, results):
    """After a swap, after a reload, and after one was taken back."""
    project.write("m", "from n import N\ndef f(): return N\n")
    project.write("n", "N = 1\n")
    m = project.load("m")
    hotswap.on_change(m.f)
    project.write("m", "from n import N\ndef f(): return -N\n")
    assert project.reload().outcome == "swapped"
    assert results() == ("f", -1, None)
    project.write("n", "N = 2\n")
    project.reload()
    assert results() == ("f", -2, None)
    project.reloader.undo()
    assert results() == ("f", -1, None)


def test_it_does_not_run_for_what_was_not_applied(project, results):
    """Nor for what changes nothing."""
    project.write("m", "X = 1\n")
    m = project.load("m")
    hotswap.on_change(lambda: m.X)
    for text in ("X = (\n", "X = 1 / 0\n", "# only a comment\nX = 1\n", "X = 2\n"):
        project.write("m", text)
        project.reload()
    assert results() == ("test_it_does_not_run_for_what_was_not_applied.<locals>.<lambda>", 2, None)


@pytest.mark.parametrize("error", [ValueError("no"), SystemExit(1), KeyboardInterrupt()], ids=repr)
def test_what_it_raises_is_shown(project, results, error):
    """And ends nothing: after the next edit it runs again."""
    project.write("m", "X = 1\n")
    m = project.load("m")

    def check():
        if m.X == 2:
            raise error
        return m.X

    hotswap.on_change(check)
    seen = []
    for number in (2, 3):
        project.write("m", f"X = {number}\n")
        assert project.reload().outcome == "reloaded"
        seen.append(results()[1:])
    assert seen == [(None, error), (3, None)]


def test_a_slow_one_never_runs_twice_at_a_time(project, results):
    """Of the edits that come meanwhile, only the last one has it run again."""
    project.write("m", "X = 0\n")
    m = project.load("m")
    began, go = queue.SimpleQueue(), threading.Event()

    def slow():
        began.put(m.X)
        go.wait(LIMIT)
        return m.X

    hotswap.on_change(slow)
    project.reloader._rounds._drain = 0.0
    project.write("m", "X = 1\n")
    project.reload()
    assert began.get(timeout=LIMIT) == 1
    for number in (2, 3, 4):
        project.write("m", f"X = {number}\n")
        project.reload()
    assert began.empty()
    go.set()
    results()
    assert (began.get(timeout=LIMIT), results()[1]) == (4, 4)
    assert began.empty()


def test_it_does_not_run_while_code_changes(results):
    """The gate holds it back as any call."""
    again = hotswap.on_change(lambda: GATE.is_closed)
    with GATE.closed(0.0):
        again.trigger(wait=False)
    assert results()[1:] == (False, None)


def test_a_coroutine_runs_to_its_end(project, results):
    """In an event loop of its own, also where one runs already."""
    project.write("m", "import asyncio\nasync def f():\n    await asyncio.sleep(0)\n    return 1\n")
    m = project.load("m")
    hotswap.on_change(m.f)
    project.edit("m", "return 1", "return 2")
    project.reload()
    assert results() == ("f", 2, None)


class TestInAModule:
    """Said by a decorator."""

    HEAD = "import hotswap\n@hotswap.on_change\n"

    def test_the_function_is_followed(self, project, results):
        """Its body, its defaults, what it reads; and it can be called as before."""
        project.write("m", f"{self.HEAD}def f(): return 1\n")
        m = project.load("m")
        for body, result in (
            ("(): return 2", 2),
            ("(a=3): return a", 3),
            ("(): return -X\nX = 4", -4),
        ):
            project.write("m", f"{self.HEAD}def f{body}\n")
            assert project.reload().applied
            assert results() == ("f", result, None)
            assert m.f() == result
        assert len(state.repeated) == 1

    def test_without_the_decorator_it_ends(self, project, results):
        """And with it, it begins anew."""
        project.write("m", f"X = 1\n{self.HEAD}def f(): return X\n")
        m = project.load("m")
        other = hotswap.on_change(functools.partial(getattr, m, "X"))
        project.write("m", "import hotswap\nX = 2\ndef f(): return X\n")
        assert project.reload().applied
        assert results()[1] == 2
        project.write("m", f"X = 3\n{self.HEAD}def f(): return X\n")
        assert project.reload().applied
        assert sorted((results()[1], results()[1])) == [3, 3]
        other.stop()
        assert [again.key for again in state.repeated.values()] == [("m", "f")]

    def test_an_edit_that_is_refused_has_entered_nothing(self, project):
        """It is rolled back with the rest."""
        project.write("m", "X = 1\n")
        project.load("m")
        project.write("m", f"{self.HEAD}def f(): return 1\nX = 1 / 0\n")
        assert project.reload().outcome == "rejected"
        assert not state.repeated


def test_a_name_that_means_something_else_by_now(project, results):
    """It is what the name means that is called; nothing, while there is no such name."""
    project.write("m", "def f(): return 1\n")
    m = project.load("m")
    hotswap.on_change(m.f)
    project.write("m", "class f:\n    def __new__(cls): return 'class'\n")
    project.reload()
    assert results() == ("f", "class", None)
    project.write("m", "X = 1\n")
    project.reload()
    project.write("m", "def f(): return 'back'\n")
    project.reload()
    assert results() == ("f", "back", None)


def test_a_function_of_a_class(project, results):
    """It has a name, too."""
    project.write("m", "class A:\n    @staticmethod\n    def f(): return 1\n")
    m = project.load("m")
    hotswap.on_change(m.A.f)
    project.edit("m", "return 1", "return 2")
    project.reload()
    assert results() == ("A.f", 2, None)


def test_stop(project, results):
    """It is not called any more; others are."""
    project.write("m", "X = 1\n")
    m = project.load("m")
    first = hotswap.on_change(lambda: "first")
    hotswap.on_change(lambda: m.X)
    first.stop()
    project.write("m", "X = 2\n")
    project.reload()
    assert results()[1] == 2
    first.stop()


def test_the_same_function_twice_is_one(project):
    """So is what a handle was made of."""
    project.write("m", "def f(): return 1\n")
    m = project.load("m")
    handle = hotswap.on_change(m.f)
    assert hotswap.on_change(m.f) is hotswap.on_change(handle) is handle
    assert repr(handle) == "<hotswap.on_change of f>"


class Unshown:
    def __repr__(self):
        raise ValueError("no picture")


@pytest.mark.parametrize(
    ("result", "error", "shown"),
    [
        (None, None, "ran       <check>  "),
        ([1, 2], None, "[1, 2]"),
        (Unshown(), None, "<Unshown whose repr raised ValueError: no picture>"),
        (None, ValueError("no\nsecond line"), "raised    <check>                ValueError: no  "),
    ],
)
def test_what_is_shown(capsys, result, error, shown):
    """One line; the traceback of an error beneath it, without frames of hotswap's."""

    def check():
        if error is not None:
            raise error
        return result

    Again(check, "<check>").trigger(wait=True)
    text = capsys.readouterr().err
    assert shown in text
    assert ("Traceback" in text, "hotswap/again.py" in text) == (error is not None, False)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("1 + 1", 2),
        ("[X for _ in range(2)]", ["x", "x"]),
        ("json.dumps([X])", '["x"]'),
        ("(lambda: textwrap.dedent(' a'))()", "a"),
        ("import json; Y = json", None),
    ],
)
def test_expressions(monkeypatch, text, result):
    """They see `__main__`, and any module; what they bind is their own."""
    monkeypatch.setattr(sys.modules["__main__"], "X", "x", raising=False)
    assert Expression(text)() == result
    assert not hasattr(sys.modules["__main__"], "Y")


class TestExec:
    """`hotswap run --exec`."""

    def test_it_runs_again_after_each_edit(self, start, tmp_path):
        """Also when the program itself has ended; an error is shown and goes."""
        (tmp_path / "helper.py").write_text("K = 3\n")
        (tmp_path / "calc.py").write_text("import helper\ndef f(): return helper.K + 1\n")
        program = start(tmp_path, "-m", "hotswap", "run", "--exec", "f(), 'answer'", "calc.py")
        program.wait_for("(4, 'answer')")
        (tmp_path / "helper.py").write_text("K = 10\n")
        program.wait_for("(11, 'answer')")
        (tmp_path / "calc.py").write_text("import helper\ndef f(): return helper.K // 0\n")
        program.wait_for("raised")
        assert "def f(): return helper.K // 0" in program.wait_for("def f()")
        (tmp_path / "calc.py").write_text("import helper\ndef f(): return helper.K - 1\n")
        program.wait_for("(9, 'answer')")

    def test_it_runs_again_after_a_restart(self, start, tmp_path):
        """In the process that takes over."""
        (tmp_path / "calc.py").write_text("X = 1\nif __name__ == '__main__':\n    X = 2\n")
        program = start(tmp_path, "-m", "hotswap", "run", "--exec", "X, 'answer'", "calc.py")
        program.wait_for("(2, 'answer')")
        (tmp_path / "calc.py").write_text("X = 1\nif __name__ == '__main__':\n    X = 3\n")
        program.wait_for("restart")
        program.wait_for("(3, 'answer')")

    def test_what_is_no_python_is_refused_at_once(self, start, tmp_path):
        """Before the program starts."""
        program = start(tmp_path, "-m", "hotswap", "run", "--exec", "f(", "calc.py")
        assert program.ended() == 2
        assert "'f(' is no Python" in program.lines[-1]


def test_what_cannot_be_called():
    """Is told at once."""
    with pytest.raises(TypeError, match="wants a function, not 3"):
        hotswap.on_change(3)
    assert not state.repeated
