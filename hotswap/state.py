"""What does a program do with its state when its code changes?"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import Any, TypeVar

Hook = TypeVar("Hook", bound=Callable[[], Any])

LONGEST = 5.0
"""Seconds that the hooks before a restart may take together."""

_before_restart: dict[tuple[str, str], Callable[[], Any]] = {}


def before_restart(hook: Hook) -> Hook:
    """
    Have a function called before another process is started in place of this one.

    The new process may read what it saves. It may be called several times: the new process need
    not come up. Without a supervisor it is never called.
    """
    _before_restart[hook.__module__, hook.__qualname__] = hook
    return hook


def run_before_restart(limit: float = LONGEST) -> bool:
    """Call the hooks; False if they were not done in time. What they raise is shown."""
    if not _before_restart:
        return True
    thread = threading.Thread(target=_run_hooks, name="hotswap-before-restart", daemon=True)
    thread.start()
    thread.join(limit)
    if thread.is_alive():
        print(  # noqa: T201
            f"hotswap: the hooks before the restart took over {limit:g} s: not waited for",
            file=sys.stderr,
        )
    return not thread.is_alive()


def _run_hooks() -> None:
    for hook in list(_before_restart.values()):
        try:
            hook()
        except Exception:  # noqa: BLE001 - the restart does not depend on it
            sys.excepthook(*sys.exc_info())
