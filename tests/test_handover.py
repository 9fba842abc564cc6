"""Who follows whom, and what comes after an end: tables."""

from __future__ import annotations

import pytest

from hotswap import handover
from hotswap.handover import (
    AGAIN,
    LEAVE,
    OVERLAP,
    PAUSE,
    STOP_FIRST,
    WAIT,
    Backoff,
    End,
    Inheritance,
)
from hotswap.listeners import Listener

SHARED, ALONE = Listener("h:1", shareable=True), Listener("h:2", shareable=False)
PATH = Listener("/run/s", shareable=True)


@pytest.mark.parametrize(
    ("listeners", "pauses", "expected"),
    [
        ([SHARED], False, (OVERLAP, "")),
        ([SHARED], True, (OVERLAP, "")),
        ([SHARED, PATH], False, (OVERLAP, "")),
        ([SHARED, ALONE], False, (STOP_FIRST, "h:2 cannot be shared")),
        ([ALONE], True, (PAUSE, "h:2 cannot be shared")),
        ([], False, (STOP_FIRST, "it listens nowhere")),
        ([], True, (PAUSE, "it listens nowhere")),
    ],
)
def test_both_run_for_a_while_where_all_addresses_can_be_shared(listeners, pauses, expected):
    """Else the old process is stopped first: after the imports, if the new one can wait."""
    assert handover.way(listeners, pauses=pauses) == expected


@pytest.mark.parametrize(
    ("servers", "listening", "ready"),
    [
        (2, ["h:1", "h:2"], True),
        (3, ["h:1", "h:2", "h:3"], True),
        (1, ["h:1", "h:2"], False),
        (2, ["h:1"], False),
    ],
)
def test_a_process_is_ready_once_it_serves_all_that_was_served(servers, listening, ready):
    """It may serve more."""
    asked = {"servers": 2, "listening": ["h:1", "h:2"]}
    assert handover.is_ready(Inheritance(asked=asked), listening, servers) is ready


def test_who_follows_nobody_is_told_nothing():
    """Neither of servers nor of sockets."""
    first = Inheritance()
    assert (first.replaces, first.follows, first.servers, first.kept) == (0, False, 0, {})


def end(status=0, **facts):
    one = End()
    vars(one).update(facts, status=status)
    return one


@pytest.mark.parametrize(
    ("ended", "once", "expected"),
    [
        (end(0), False, LEAVE),
        (end(3), False, LEAVE),
        (end(3, drop_in=True), False, AGAIN),
        (end(3, drop_in=True), True, AGAIN),
        (end(0, drop_in=True), False, LEAVE),
        (end(0, drop_in=True, returned=True), False, WAIT),
        (end(0, drop_in=True, returned=True), True, LEAVE),
        (end(1, failed=True), False, WAIT),
        (end(1, failed=True), True, LEAVE),
        (end(-11), False, WAIT),
        (end(-6), False, WAIT),
        (end(-6), True, LEAVE),
        (end(-15), False, LEAVE),
        (end(-9), False, LEAVE),
    ],
)
def test_what_comes_after_an_end(ended, once, expected):
    """A save can mend an error or a crash, and not what was meant as the end."""
    assert handover.after(ended, once=once) == expected


@pytest.mark.parametrize(
    ("ended", "words"),
    [
        (end(2), "ended with status 2"),
        (end(0, returned=True), "returned"),
        (end(-11), "was ended by SIGSEGV"),
        (end(-63), "was ended by signal 63"),
    ],
)
def test_an_end_in_words(ended, words):
    """Signals have names, most of them."""
    assert handover.ending(ended) == words


@pytest.mark.parametrize(
    ("lives", "pauses"),
    [
        ([5, 0, 5, 0, 5, 0, 5, 0], [0, 0, 0, 0, 0, 0, 0, 0]),
        ([0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 2, 4, 8]),
        ([0, 0, 0, 0, 0, 0, 5, 0], [0, 0, 0, 0, 0, 2, 0, 0]),
        ([0] * 10, [0, 0, 0, 0, 0, 2, 4, 8, 10, 10]),
    ],
)
def test_haste_without_end_is_slowed_down(lives, pauses):
    """Five are let pass; one that lives is the end of it."""
    backoff = Backoff()
    assert [backoff.pause(lived) for lived in lives] == pauses
