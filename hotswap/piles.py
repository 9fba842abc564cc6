"""What is in queues and arrays? What gets in there once more cannot be told from the rest."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from heapq import heapify
from queue import Empty, Queue, SimpleQueue
from types import CodeType
from typing import Any

from hotswap.values import ARRAYS, is_a, is_pile

_PUTTING = frozenset({"put", "put_nowait"})
_LARGE = 0x10000
"""Bytes; what has more is a buffer."""


@dataclass(frozen=True, eq=False)
class Content:
    """What was in a queue or an array; of a queue of C's only how much."""

    was: Any

    @classmethod
    def of(cls, value: Any) -> Content | None:
        """None: it is neither, or a large buffer."""
        if not is_pile(value) or (is_a(value, ARRAYS) and len(value) > _LARGE):
            return None
        return cls(_content(value))

    def has_grown(self, pile: Any, ran: Iterable[CodeType]) -> bool:
        """Whether there is something else in it by now; other threads go on to use queues."""
        if is_a(pile, ARRAYS):
            return bool(bytes(pile) != self.was)
        if not any(_PUTTING & {*code.co_names} for code in ran):
            return False
        now = _content(pile)
        more = now - self.was if type(now) is int else len(_added(now, self.was))
        return more > 0

    def put_back(self, pile: Any) -> None:
        """Let it have no more than that."""
        if is_a(pile, ARRAYS):
            if bytes(pile) != self.was:
                pile[:] = array(pile.typecode, self.was) if is_a(pile, array) else self.was
        elif is_a(pile, SimpleQueue):
            _take_last(pile, pile.qsize() - self.was)
        elif added := _added(list(_members(pile)), self.was):
            _take_out(pile, added)


def _content(pile: Any) -> Any:
    if is_a(pile, ARRAYS):
        return bytes(pile)
    return pile.qsize() if is_a(pile, SimpleQueue) else list(_members(pile))


def _members(queue: Any) -> Any:
    """What a queue has them in: `asyncio` keeps it for itself."""
    return queue.queue if is_a(queue, Queue) else queue._queue


def _added(now: list[Any], before: list[Any]) -> list[Any]:
    known = set(map(id, before))
    return [one for one in now if id(one) not in known] or now[len(before) :]


def _take_last(queue: SimpleQueue[Any], many: int) -> None:
    rows = []
    with suppress(Empty):
        while many > 0:
            rows.append(queue.get_nowait())
    for one in rows[: max(len(rows) - many, 0)]:
        queue.put(one)


def _take_out(queue: Any, added: list[Any]) -> None:
    """Of what was there somebody may have taken something meanwhile."""
    with queue.mutex if is_a(queue, Queue) else nullcontext():
        members, gone = _members(queue), list(map(id, reversed(added)))
        left: list[Any] = []
        for one in reversed(list(members)):
            if id(one) in gone:
                gone.remove(id(one))
            else:
                left.insert(0, one)
        members.clear()
        members.extend(left)
        if is_a(members, list):
            heapify(members)
        done = "unfinished_tasks" if is_a(queue, Queue) else "_unfinished_tasks"
        setattr(queue, done, getattr(queue, done) - len(added))
