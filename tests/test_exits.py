"""What a reload has entered that is taken back is not called as the process ends."""

from __future__ import annotations

import pytest

from hotswap import exits
from hotswap.journal import Journal

SOURCE = "import atexit\nX = 1\n@atexit.register\ndef bye(): pass\n"
MORE = "@atexit.register\ndef more(): pass\natexit.register(print, 'x')\natexit.register(bye)\n"


@pytest.fixture(autouse=True)
def _as_before():
    before = Journal()
    exits.keep(before)
    yield
    before.roll_back()


def test_what_was_entered_goes_with_a_reload_that_fails(project):
    """Also if it is the same function once more; the others stay, in their order."""
    project.write("m", SOURCE)
    project.load("m")
    before = exits.registered()
    project.write("m", SOURCE + MORE + "1 / 0\n")
    assert project.reload().outcome == "rejected"
    assert exits.registered() == before


def test_what_was_entered_stays_with_a_reload_that_is_applied(project):
    """As with a fresh start."""
    project.write("m", SOURCE)
    m = project.load("m")
    before = exits.registered()
    project.write("m", SOURCE + MORE)
    assert project.reload().outcome == "reloaded"
    assert exits.registered() == [*before, m.more, print, m.bye]
