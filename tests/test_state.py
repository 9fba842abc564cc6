"""State that a program keeps, and the hooks that it has called when its code changes."""

from __future__ import annotations

import pytest

from hotswap import state


def test_what_is_kept_survives_its_module(project):
    """Whatever executes again, and though the factory is another one by then."""
    project.write(
        "m",
        """
        import hotswap
        SIZE = 1
        CACHE = hotswap.keep("cache", dict)
        CACHE[SIZE] = SIZE
        """,
    )
    module = project.load("m")
    module.CACHE["more"] = True
    kept = module.CACHE
    project.edit("m", "SIZE = 1", "SIZE = 2")
    project.edit("m", '"cache", dict', '"cache", lambda: {"new": True}')
    report = project.reload()
    assert report.outcome == "reloaded", report
    assert module.CACHE is kept == {1: 1, 2: 2, "more": True}


def test_modules_keep_apart_what_has_the_same_name(project):
    """A name is one of the module that asks."""
    for name in ("a", "b"):
        project.write(name, "import hotswap\nX = hotswap.keep('x', list)")
    assert project.load("a").X is not project.load("b").X


def test_what_an_edit_kept_is_forgotten_with_the_edit(project):
    """The next one makes it anew."""
    project.write("m", "import hotswap\n")
    module = project.load("m")
    project.write("m", "import hotswap\nX = hotswap.keep('x', list)\nX.append(1)\n1 / 0\n")
    assert project.reload().outcome == "rejected"
    project.write("m", "import hotswap\nX = hotswap.keep('x', list)\nX.append(1)\n")
    assert project.reload().outcome == "reloaded"
    assert module.X == [1]


HOOKED = """
    import hotswap, log
    from other import DEPTH

    PORT = 1

    @hotswap.before_reload
    def close():
        log.LINES.append(f"close {PORT}")

    @hotswap.after_reload
    def reopen():
        log.LINES.append(f"open {PORT}")

    def body():
        return 1
"""


@pytest.fixture
def lines(project):
    """What the hooks of a module `m` have written."""
    project.write("log", "LINES = []")
    project.write("other", "DEPTH = 1\nWIDTH = 1")
    project.write("m", HOOKED)
    return project.load("log", "m").LINES


def test_hooks_stand_around_what_executes_again(project, lines):
    """The one before sees the module as it was, the one after as it is."""
    project.edit("m", "PORT = 1", "PORT = 2")
    assert project.reload().outcome == "reloaded"
    assert lines == ["close 1", "open 2"]


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        pytest.param("m", "return 1", "return 2", id="a body"),
        pytest.param("m", "\n\n\n", "\n", id="formatting"),
        pytest.param("other", "WIDTH = 1", "WIDTH = 2", id="what it does not use"),
    ],
)
def test_hooks_are_not_called_where_nothing_executes(project, lines, name, old, new):
    """A swap needs none."""
    text = project.path(name).read_text()
    project.path(name).write_text(text.replace(old, new))
    project.reload()
    assert lines == []


def test_a_new_body_of_a_hook_is_called_from_the_next_edit_on(project, lines):
    """What is to be closed was opened by the old code."""
    project.edit("m", 'f"close {PORT}"', 'f"shut {PORT}"')
    project.edit("m", "PORT = 1", "PORT = 2")
    project.reload()
    project.edit("m", "PORT = 2", "PORT = 3")
    project.reload()
    assert lines == ["close 1", "open 2", "shut 2", "open 3"]


def test_a_hook_that_is_deleted_is_called_no_more(project, lines):
    """But for the edit that deletes it."""
    project.edit(
        "m", '@hotswap.after_reload\ndef reopen():\n    log.LINES.append(f"open {PORT}")', ""
    )
    assert project.reload().outcome == "reloaded"
    project.edit("m", "PORT = 1", "PORT = 2")
    assert project.reload().outcome == "reloaded"
    assert lines == ["close 1", "close 1"]


@pytest.mark.parametrize("hook", ["close", "reopen"])
def test_a_hook_that_raises_takes_the_edit_back(project, lines, hook):
    """It is part of the transaction; what was closed is opened again."""
    project.edit("m", f"def {hook}():", f"def {hook}():\n    if PORT > 1: raise OSError('busy')\n")
    project.reload()
    lines.clear()
    project.edit("m", "PORT = 1", "PORT = 2")
    report = project.reload()
    module = project.load("m")
    if hook == "close":  # it still was 1 then
        assert (report.outcome, module.PORT, lines) == ("reloaded", 2, ["close 1", "open 2"])
    else:
        assert (report.outcome, module.PORT, lines) == ("rejected", 1, ["close 1", "open 1"])
        assert report.reason == "OSError: busy"


def test_an_edit_that_is_taken_back_opens_again_what_it_closed(project, lines):
    """A statement below had raised."""
    project.edit("m", "PORT = 1", "PORT = 2\n1 / 0")
    assert project.reload().outcome == "rejected"
    assert lines == ["close 1", "open 1"]


@pytest.mark.parametrize("kind", ["async def hook(): ...", "def hook(): yield"])
@pytest.mark.parametrize("when", ["before_reload", "after_reload", "before_restart"])
def test_a_hook_that_nobody_would_run_is_refused_where_it_is_made(project, kind, when):
    """And an edit that makes one is rejected."""
    project.write("m", "import hotswap\n")
    project.load("m")
    project.write("m", f"import hotswap\n@hotswap.{when}\n{kind}\n")
    report = project.reload()
    assert (report.outcome, type(report.error)) == ("rejected", TypeError)


MIGRATED = """
    class Account:
        VERSION = 1

        def __init__(self):
            self.pence = 250

    class Savings(Account):
        pass

    ACCOUNTS = [Account(), Savings()]
"""
MIGRATION = """
    def __hotswap_migrate__(self, previous):
        if previous["VERSION"] < 2:
            self.pounds = vars(self).pop("pence") / 100
"""


def migrate(project, more=""):
    """Load the class, and let its next version bring the instances along."""
    project.write("m", MIGRATED)
    module = project.load("m")
    accounts = list(module.ACCOUNTS)
    project.edit("m", "VERSION = 1\n", "VERSION = 2\n" + MIGRATION + more)
    return module, accounts, project.reload()


def test_instances_are_brought_to_the_new_shape(project):
    """Those of heirs too; the method is told what the class was before."""
    _, accounts, report = migrate(project)
    assert report.outcome == "reloaded"
    assert [vars(one) for one in accounts] == [{"pounds": 2.5}] * 2


def test_a_class_that_does_not_change_migrates_nobody(project):
    """Once is enough."""
    _, accounts, _ = migrate(project)
    project.edit("m", "class Savings(Account):\n    pass", "class Savings(Account):\n    RATE = 1")
    project.reload()
    assert [vars(one) for one in accounts] == [{"pounds": 2.5}] * 2


def test_a_migration_that_raises_takes_the_edit_back(project):
    """Whatever instances it had changed before."""
    module, accounts, report = migrate(project, "        1 / (type(self) is Account)\n")
    assert report.outcome == "rejected"
    assert module.Account.VERSION == 1
    assert [vars(one) for one in accounts] == [{"pence": 250}] * 2


def test_hooks_before_a_restart_have_a_time_limit(project, capsys):
    """A program that hangs there is not waited for."""
    project.write(
        "m",
        """
        import threading, hotswap
        OVER = threading.Event()
        DONE = []

        @hotswap.before_restart
        def hang():
            OVER.wait(60)
            DONE.append(True)
        """,
    )
    module = project.load("m")
    assert not state.run_before_restart(0.01)
    assert "not waited for" in capsys.readouterr().err
    module.OVER.set()
    assert state.run_before_restart(60)
    assert module.DONE
