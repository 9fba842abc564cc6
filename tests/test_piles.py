"""Nobody can tell what is in a queue or an array from what gets in there once more."""

from __future__ import annotations

import pytest

KINDS = {
    "queue": ("from queue import Queue\nPILE = Queue()\n", "PILE.put(f.__name__)"),
    "heap": ("from queue import PriorityQueue\nPILE = PriorityQueue()\n", "PILE.put(f.__name__)"),
    "simple": ("from queue import SimpleQueue\nPILE = SimpleQueue()\n", "PILE.put(f.__name__)"),
    "asyncio": ("import asyncio\nPILE = asyncio.Queue()\n", "PILE.put_nowait(f.__name__)"),
    "array": ("from array import array\nPILE = array('i')\n", "PILE.append(len(f.__name__))"),
    "bytes": ("PILE = bytearray()\n", "PILE.extend(f.__name__.encode())"),
    "within": (
        "from queue import Queue\nclass Pile:\n    queue = Queue()\nPILE = Pile\n",
        "PILE.queue.put(f.__name__)",
    ),
    "in a dict": ("PILES = {'a': bytearray()}\n", "PILES['a'].extend(f.__name__.encode())"),
}
REG = "{}def enter(key):\n    def made(f):\n        {}\n        return f\n    return made\n"
USES = "from reg import enter\n@enter('a')\ndef one(): pass\n@enter('b')\ndef two(): pass\n"
EDITS = {
    "again": ("'a'", "'c'"),
    "not any more": ("@enter('b')\n", ""),
    "gone": ("@enter('a')\ndef one(): pass\n", ""),
    "above": ("def two", "def above(): pass\n@enter('c')\ndef two"),
}


@pytest.fixture
def piled(project):
    """Saves a module whose decorator puts something there, and another one that has it do so."""

    def load(kind):
        project.save({"reg": REG.format(*KINDS[kind]), "m": USES})
        return project.load("m")

    return load


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_is_there_can_be_put_right_by_a_restart_only(project, piled, kind, edit):
    """Be it there twice, for nothing, or elsewhere than in a fresh start."""
    piled(kind)
    project.edit("m", *edit)
    report = project.reload()
    assert (report.outcome, "reg.P" in report.reason) == ("restart", True), report


@pytest.mark.parametrize("kind", KINDS)
def test_who_uses_it_besides_is_not_concerned(project, piled, kind):
    """The program puts something there, and another line is saved."""
    module = piled(kind)
    module.enter("x")(module.one)
    project.write("m", USES + "X = len('x')\n")
    assert project.reload().outcome == "reloaded"


@pytest.mark.parametrize("kind", KINDS)
def test_a_failed_reload_leaves_nothing_there(project, piled, kind):
    """A queue does not count it among its tasks, either."""
    piled(kind)
    before = content_of(project.load("reg"))
    project.write("m", USES + "@enter('c')\ndef three(): pass\n1 / 0\n")
    assert project.reload().outcome == "rejected"
    assert content_of(project.load("reg")) == before


def content_of(module):
    """What is in the pile of a module, and what that has counted."""
    pile = module.PILE if hasattr(module, "PILE") else module.PILES["a"]
    pile = pile.queue if isinstance(pile, type) else pile
    if not hasattr(pile, "qsize"):
        return bytes(pile)
    inside = getattr(pile, "queue", getattr(pile, "_queue", ()))
    tasks = getattr(pile, "unfinished_tasks", getattr(pile, "_unfinished_tasks", 0))
    return [*inside], pile.qsize(), tasks
