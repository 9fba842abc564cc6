"""What does a program do about its state when its code changes? Said in the program itself."""

from __future__ import annotations

import contextlib
import sys
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    Hook = TypeVar("Hook", bound=Callable[[], Any])  # at runtime, it would take a compiler
    Kept = TypeVar("Kept")
    _Hooks = dict[tuple[str, str], Callable[[], Any]]

_ASYNCHRONOUS = 0x20 | 0x80 | 0x200
"""Flags of code that runs only once somebody awaits it, or goes through it."""

LONGEST = 5.0
"""Seconds that the hooks before a restart may take together."""

_kept: dict[tuple[str, str], Any] = {}
_before_reload: _Hooks = {}
_after_reload: _Hooks = {}
_before_restart: _Hooks = {}


class _Repeated(dict[object, Any]):
    """Of a class of its own, it is not taken for one of the program's that holds its functions."""


repeated = _Repeated()
"""What `hotswap.on_change` was given, each under what tells it from others."""


def keep(name: str, factory: Callable[[], Kept]) -> Kept:
    """
    Return what `factory` made when the calling module first asked for `name`.

    So it stays, whatever of the module executes again: `CACHE = hotswap.keep("cache", dict)`.
    A restart makes it anew. Without a reloader, this is a call of `factory`.

    Args:
        name: Tells it from what else the module keeps.
        factory: Called without arguments, once. What it raises goes through.
    """
    key = (sys._getframe(1).f_globals.get("__name__", ""), name)
    if key not in _kept:
        _kept[key] = factory()
    value: Kept = _kept[key]
    return value


def is_kept(value: object) -> bool:
    """Whether a module keeps this object: what was done to it is meant to stay."""
    return any(kept is value for kept in _kept.values())


def before_reload(hook: Hook) -> Hook:
    """
    Have a function of a module called before statements of that module execute again.

    It may close what they will open. A new body of the function itself is not waited for: the old
    one is called. If it raises, the edit is rejected.
    """
    return _enter(_before_reload, hook)


def after_reload(hook: Hook) -> Hook:
    """
    Have a function of a module called after statements of that module have executed again.

    Everything is up to date by then, and no call has begun. If it raises, the edit is rejected and
    all is as before. It is also called, as it was before, when an edit is taken back after the
    module's `before_reload` was called.
    """
    return _enter(_after_reload, hook)


def before_restart(hook: Hook) -> Hook:
    """
    Have a function called before another process is started in place of this one.

    The new process may read what it saves. It may be called several times: the new process need
    not come up. Without a supervisor it is never called.
    """
    return _enter(_before_restart, hook)


def _enter(hooks: _Hooks, hook: Hook) -> Hook:
    if getattr(getattr(hook, "__code__", None), "co_flags", 0) & _ASYNCHRONOUS:
        raise TypeError(f"{hook.__qualname__} is asynchronous: a hook is called, and not awaited")
    hooks[hook.__module__, hook.__qualname__] = hook
    return hook


def _current(hooks: _Hooks, module: str | None = None) -> list[Callable[[], Any]]:
    """The hooks, of one module or of all, that are still what their name means."""
    found = []
    for (home, name), hook in list(hooks.items()):
        space = vars(sys.modules[home]) if home in sys.modules else {}
        if module in {None, home} and ("." in name or space.get(name) is hook):
            found.append(hook)
    return found


def run_before_reload(module: str) -> bool:
    """Call the hooks of a module; False if it has none."""
    hooks = _current(_before_reload, module)
    for hook in hooks:
        hook()
    return bool(hooks)


def run_after_reload(module: str) -> None:
    """Call the hooks of a module."""
    for hook in _current(_after_reload, module):
        hook()


def run_before_restart(limit: float = LONGEST) -> bool:
    """Call the hooks; False if they were not done in time. What they raise is shown."""
    if not _before_restart:
        return True
    thread = threading.Thread(target=_run_shown, name="hotswap-before-restart", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        text = f"hotswap: the hooks before the restart took over {limit:g} s: not waited for"
        with contextlib.suppress(OSError):  # nobody reads it any more
            print(text, file=sys.stderr)  # noqa: T201
    return not thread.is_alive()


def _run_shown() -> None:
    for hook in _current(_before_restart):
        try:
            hook()
        except Exception:  # noqa: BLE001 - the restart does not depend on it
            sys.excepthook(*sys.exc_info())


def books() -> Callable[[], None]:
    """Returns what makes all that is remembered here what it is now."""
    books: tuple[dict[Any, Any], ...]
    books = (_kept, _before_reload, _after_reload, _before_restart, repeated)
    now: list[tuple[dict[Any, Any], dict[Any, Any]]] = [(each, dict(each)) for each in books]

    def undo() -> None:
        for each, before in now:
            each.clear()
            each.update(before)

    return undo
