"""Which functions ran on behalf of which line, and how that follows an edit."""

from __future__ import annotations

from types import ModuleType

import pytest

from hotswap.calls import Calls
from hotswap.journal import Journal
from hotswap.lineage import Lineage
from hotswap.running import Running
from hotswap.source import Unit


def executing(module="m"):
    """A module that executes, of three lines, and the offset of each line's first instruction."""
    lines = compile("a = 1\nb = 2\n\n\nc = 5", "m.py", "exec")
    unit = Unit(module, "m.py", ModuleType(module), None, b"", lines)
    at = {line: start for start, _, line in reversed(list(lines.co_lines()))}
    return Running(unit, lines, ()), at


def code(source="def f(): pass", path="a.py"):
    """The code of the one function in a source."""
    module = compile(source, path, "exec")
    return next(one for one in module.co_consts if hasattr(one, "co_code"))


@pytest.fixture
def calls():
    return Calls()


def shown(sites):
    return sorted((site.module, site.line) for site in sites)


def test_there_is_one_site_for_a_line(calls):
    """However often it is asked for."""
    assert calls.site("m", 3) is calls.site("m", 3)
    assert calls.site("m", 3) is not calls.site("m", 4)
    assert calls.site("m", 3) is not calls.site("n", 3)


def test_who_ran_a_function(calls):
    """Every line on whose behalf it did."""
    f, g = code(), code("def g(): pass")
    for function, module, line in [(f, "m", 1), (f, "n", 2), (f, "m", 1), (g, "m", 5)]:
        calls.add(function, calls.site(module, line))
    assert shown(calls.of(f)) == [("m", 1), ("n", 2)]
    assert shown(calls.of(code("def h(): pass"))) == []
    assert {call.code for call in calls.in_file("a.py")} == {f, g}
    assert set(calls.site("m", 1).files) == {"a.py"}


def test_what_is_seen_counts_at_once(calls):
    """Though it is entered only when somebody asks."""
    function, (running, at) = code(), executing()
    calls.saw(function, running, at[1])
    assert calls.version == 1
    calls.saw(function, running, at[2])
    assert shown(calls.of(function)) == [("m", 1), ("m", 2)]
    assert calls.version == 1


def test_a_loop_at_import_does_not_fill_the_memory(calls):
    """However often a function runs, it is remembered once."""
    function, (running, at) = code(), executing()
    for _ in range(100_000):
        calls.saw(function, running, at[1])
    assert len(calls._log) < 100_000
    assert shown(calls.of(function)) == [("m", 1)]


def test_rolling_back_takes_what_was_seen_since_along(calls):
    """As if it had been entered when it was seen."""
    function, journal, (running, at) = code(), Journal(), executing()
    calls.saw(function, running, at[5])
    calls.forget("m", 5, 5, journal)
    calls.saw(function, running, at[5])
    anew = list(calls.sites_of("m"))
    calls.saw(function, running, at[5])
    journal.roll_back()
    assert shown(calls.of(function)) == [("m", 5)]
    assert set(calls.of(function)) == {*anew} == {*calls.sites_of("m")}


def test_equal_functions_are_told_apart(calls):
    """Two definitions of the same text in one file are two."""
    one, other = code(), code()
    calls.add(one, calls.site("m", 1))
    assert shown(calls.of(other)) == []


@pytest.mark.parametrize(
    ("source", "importing", "took_codes"),
    [
        ("def f(): pass", 0, False),
        ("def f(): import a", 1, False),
        ("def f():\n  from a import b", 1, False),
        ("def f(g): return g.__code__", 0, True),
    ],
)
def test_what_else_is_noted_of_a_function_that_ran(calls, source, importing, took_codes):
    """Whether it imports, and whether it looks at code objects."""
    calls.add(code(source), calls.site("m", 1))
    assert len(calls.importing_in("a.py")) == importing
    assert calls.took_codes is took_codes


def test_sites_move_with_their_lines(calls):
    """A line that is gone wakes nobody; rolling back revives it."""
    function, journal = code(), Journal()
    for line in (1, 5, 9):
        calls.add(function, calls.site("m", line))
    calls.move("m", {1: 1, 5: 7}, journal)
    assert shown(calls.of(function)) == [("m", 1), ("m", 7)]
    assert shown(calls.sites_of("m")) == [("m", 1), ("m", 7)]
    journal.roll_back()
    assert shown(calls.of(function)) == [("m", 1), ("m", 5), ("m", 9)]


def test_sites_that_change_places(calls):
    """Each stays itself."""
    one, other = calls.site("m", 1), calls.site("m", 2)
    calls.move("m", {1: 2, 2: 1}, Journal())
    assert (calls.site("m", 2), calls.site("m", 1)) == (one, other)


def test_lines_about_to_execute_are_forgotten(calls):
    """What they run will be seen anew; rolling back remembers."""
    function, journal = code(), Journal()
    for line in (1, 5, 6, 9):
        calls.add(function, calls.site("m", line))
    calls.forget("m", 5, 8, journal)
    assert shown(calls.of(function)) == [("m", 1), ("m", 9)]
    calls.add(function, calls.site("m", 6))
    assert shown(calls.of(function)) == [("m", 1), ("m", 6), ("m", 9)]
    journal.roll_back()
    assert {("m", 1), ("m", 5), ("m", 6), ("m", 9)} == set(shown(calls.of(function)))


def test_calls_follow_the_generations_of_code(calls):
    """Who ran the old code is who is asked about the new one."""
    old, new, journal, lineage = code(), code("def f(): return 2"), Journal(), Lineage()
    calls.add(old, calls.site("m", 1))
    calls.add(new, calls.site("m", 2))
    lineage.add(old, new, journal)
    calls.renew(lineage, "a.py", journal)
    assert shown(calls.of(new)) == [("m", 1), ("m", 2)]
    journal.roll_back()
    assert shown(calls.of(old)) == [("m", 1)]
