"""What runs again after each edit that is applied, and how are its result and its errors shown?"""

from __future__ import annotations

import ast
import asyncio
import builtins
import contextlib
import functools
import importlib
import inspect
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from types import CodeType, ModuleType
from typing import Any

from hotswap import state
from hotswap.gate import GATE
from hotswap.repl import above
from hotswap.values import is_a

Show = Callable[[str, Any, "BaseException | None", float], None]
"""Is told of a run: what ran, what it gave, or what it raised, and the seconds that it took."""


def on_change(call: Callable[[], Any]) -> Again:
    """
    Have a function called again after each edit that is applied, and its result shown on stderr.

    It is called without arguments, in a thread of its own, or between commands at a prompt; never
    while code changes, and never twice at a time: of the edits that come while it runs, only the
    last one has it run again. What it raises is shown, and ends nothing. A coroutine is run to its
    end. The function itself is followed as any other: the call is one of what its name means now.

    Without a reloader it is never called. May be used as a decorator; what is returned can be
    called as the function can, and has `stop()`.

    Raises:
        TypeError: That cannot be called.
    """
    if not callable(call):
        raise TypeError(f"on_change() wants a function, not {call!r}")
    function = call._call if isinstance(call, Again) else call
    return _entered(Again(function, getattr(function, "__qualname__", repr(function))))


class Again:
    """A function that is called again after each edit, until `stop`."""

    def __init__(self, call: Callable[[], Any], title: str, show: Show | None = None) -> None:
        functools.update_wrapper(self, call, updated=())
        self._call, self._title, self._show = call, title, show or _show
        self._home = getattr(call, "__module__", None) or ""
        self._held_by_name = False
        self._due = False
        self._busy = threading.Lock()

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """As the function itself."""
        return self._call(*args, **kwargs)

    def __repr__(self) -> str:
        return f"<hotswap.on_change of {self._title}>"

    @property
    def key(self) -> object:
        """Equal for what is the same function, made again."""
        return (self._home, self._title) if self._is_named else id(self._call)

    @property
    def _is_named(self) -> bool:
        return "<" not in self._title and inspect.isfunction(self._call)

    def stop(self) -> None:
        """Do not call it again; if it runs, it ends by itself."""
        self._due = False
        if state.repeated.get(self.key) is self:
            del state.repeated[self.key]

    def trigger(self, *, wait: bool) -> None:
        """Code has changed: run, in this thread or in one of its own."""
        self._due = True
        if wait:
            self._run_while_due()
        elif not self._busy.locked():
            threading.Thread(
                target=self._run_while_due, name=f"hotswap: {self._title}", daemon=True
            ).start()

    def _run_while_due(self) -> None:
        # Whoever holds the lock looks again after giving it back: nothing that is due is lost.
        while self._due and self._busy.acquire(blocking=False):
            try:
                while self._due:
                    self._due = False
                    self._run()
            finally:
                self._busy.release()

    def _run(self) -> None:
        call, token = self._current(), GATE.enter()
        started = time.perf_counter()
        result, error = None, None
        try:
            if call is not None:
                result = _awaited(call())
        except BaseException as raised:  # noqa: BLE001 - whatever it is, it must not end more than this
            error = raised
        finally:
            GATE.leave(token)
        if call is not None:
            self._show(self._title, result, error, time.perf_counter() - started)

    def _current(self) -> Callable[[], Any] | None:
        """What the name of the function means now; None: nothing, or it is not to run again."""
        if not self._is_named or self.look():
            return self._call
        if self._held_by_name:  # it was decorated, and is no longer
            self.stop()
            return None
        found = self._found()
        return found if callable(found) else None

    def look(self) -> bool:
        """Whether this is what the name of the function means, as after a decorator."""
        is_held = self._is_named and self._found() is self
        self._held_by_name = self._held_by_name or is_held
        return is_held

    def _found(self) -> Any:
        found: Any = sys.modules.get(self._home)
        for name in self._title.split("."):
            space = vars(found) if is_a(found, (ModuleType, type)) else {}
            found = space.get(name)
        return found


class Expression:
    """
    Python text, evaluated in a copy of `__main__`; modules that it names need no import there.

    Raises:
        SyntaxError: It is no Python.
    """

    def __init__(self, text: str) -> None:
        self._code = _compiled(text)

    def __call__(self) -> Any:
        """Evaluate it; gives the coroutine if there is something to await in it."""
        space = dict(vars(sys.modules["__main__"]))
        space.update(_modules(name for name in _names(self._code) if name not in space))
        return eval(self._code, space)  # noqa: S307 - what the user asked for


def repeat(text: str) -> None:
    """Evaluate a text now and after each edit that is applied."""
    _entered(Again(Expression(text), text)).trigger(wait=False)


def _compiled(text: str) -> CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    try:
        code: CodeType = compile(text, "<--exec>", "eval", flags, dont_inherit=True)
    except SyntaxError:
        code = compile(text, "<--exec>", "exec", flags, dont_inherit=True)
    return code


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)


def _modules(names: Iterable[str]) -> dict[str, Any]:
    found = {}
    for name in names:
        if not hasattr(builtins, name):
            with contextlib.suppress(ModuleNotFoundError):
                found[name] = importlib.import_module(name)
    return found


def _entered(again: Again) -> Again:
    entered: Again = state.repeated.setdefault(again.key, again)
    entered._call = again._call  # it may have been made again
    return entered


def look() -> None:
    """An edit may be about to take a decorator away: note where there are any."""
    for again in list(state.repeated.values()):
        again.look()


def run_all(*, wait: bool) -> None:
    """An edit was applied: run what is to run again; with `wait`, in this thread."""
    for again in list(state.repeated.values()):
        again.trigger(wait=wait)


def _awaited(result: Any) -> Any:
    """What a coroutine gives, in an event loop of its own."""
    if not inspect.iscoroutine(result):
        return result
    results: list[Any] = []
    thread = threading.Thread(target=lambda: results.append(_outcome(result)), daemon=True)
    thread.start()
    thread.join()
    ((value, error),) = results
    if error is not None:
        raise error
    return value


def _outcome(coroutine: Any) -> tuple[Any, BaseException | None]:
    try:
        return asyncio.run(coroutine), None
    except BaseException as error:  # noqa: BLE001 - it is raised where the result is wanted
        return None, error


def _show(title: str, result: Any, error: BaseException | None, seconds: float) -> None:
    from hotswap.console import Console  # noqa: PLC0415 - not before something is shown

    above.tell(lambda: Console(dict).ran(title, result, error, seconds))
