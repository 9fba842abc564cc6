"""
Which functions ran for a module in threads that it has started, or a pool, and waited for?

What such a thread does is the module's own work once that has waited for it, by `join()` or for
a result; a thread that goes on by itself is not.
"""

from __future__ import annotations

import threading
from threading import get_ident
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import CodeType, FrameType

    from hotswap.running import Running

WAITS = frozenset({"start", "join", "submit", "result"})
"""Functions that have to be heard, by their names in these modules."""
MODULES = frozenset({"threading", "concurrent"})
_ACTIVE: dict[int | None, threading.Thread] = vars(threading)["_active"]


class _Ran:
    """What one thread did."""

    __slots__ = ("awaited", "codes", "given", "pooled")

    def __init__(self, *, pooled: bool) -> None:
        self.pooled = pooled
        self.codes: dict[int, CodeType] = {}
        """Nobody has waited for it so far."""
        self.given: dict[tuple[Running, int], None] = {}
        """The modules that have given it something to do, and at which instruction."""
        self.awaited: Running | None = None
        """Who waits, or did."""

    def instructions(self) -> Iterable[tuple[Running, int]]:
        """On whose behalf it runs."""
        yield from self.given
        if self.awaited is not None and self.awaited.frame is not None:
            yield self.awaited, self.awaited.frame.f_lasti


class Threads:
    """
    The threads that modules have started.

    Args:
        saw: Is told that a function ran, on behalf of which module and which of its instructions.
    """

    def __init__(self, saw: Callable[[CodeType, Running, int], None]) -> None:
        self._saw = saw
        self._known: WeakKeyDictionary[threading.Thread, _Ran] = WeakKeyDictionary()

    def heard(self, running: Running, frame: FrameType) -> None:
        """A module's thread starts another one, gives it something to do, or waits."""
        name, it = frame.f_code.co_name, frame.f_locals["self"]
        if name == "start":
            caller = frame.f_back
            if caller is not None and caller.f_code.co_name == name:  # it stands in for this one
                caller = caller.f_back
            pooled = caller is not None and caller.f_code.co_name == "_adjust_thread_count"
            if isinstance(it, threading.Thread):
                self._known[it] = _Ran(pooled=pooled)
                self._give([it], running)
        elif name == "submit":
            self._give(list(getattr(it, "_threads", ())), running)
        elif name == "join":
            self._wait([ran for thread, ran in list(self._known.items()) if thread is it], running)
        else:
            self._wait([one for one in list(self._known.values()) if one.pooled], running)

    def saw(self, code: CodeType) -> None:
        """A function has started in a thread that executes no module."""
        thread = _ACTIVE.get(get_ident())
        ran = self._known.get(thread) if thread is not None else None
        if ran is None:
            return
        if ran.awaited is None or ran.awaited.frame is None:
            ran.codes[id(code)] = code
        else:
            self._tell(ran, [code])

    def rest(self) -> None:
        """No module executes any more: what threads do from now on is not for one."""
        for ran in list(self._known.values()):
            ran.codes, ran.given, ran.awaited = {}, {}, None

    def _give(self, threads: Iterable[threading.Thread], running: Running) -> None:
        for ran in [self._known[one] for one in threads if one in self._known]:
            if running.frame is not None:
                ran.given[running, running.frame.f_lasti] = None

    def _wait(self, threads: Iterable[_Ran], running: Running) -> None:
        for ran in threads:
            ran.awaited = running
            codes, ran.codes = ran.codes, {}
            self._tell(ran, codes.values())

    def _tell(self, ran: _Ran, codes: Iterable[CodeType]) -> None:
        for running, instruction in list(ran.instructions()):
            for code in codes:
                self._saw(code, running, instruction)
