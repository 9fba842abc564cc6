"""Save a file; the running process runs the new code a few milliseconds later."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.again import on_change
    from hotswap.drop_in import run_with_reloader
    from hotswap.listen import listen
    from hotswap.proxies import live
    from hotswap.reloader import Reloader
    from hotswap.report import Report
    from hotswap.servers import servicer
    from hotswap.session import is_running_from_reloader, reload, undo, watch
    from hotswap.state import after_reload, before_reload, before_restart, keep

__all__ = [
    "Reloader",
    "Report",
    "after_reload",
    "before_reload",
    "before_restart",
    "is_running_from_reloader",
    "keep",
    "listen",
    "live",
    "on_change",
    "reload",
    "run_with_reloader",
    "servicer",
    "undo",
    "watch",
]

_HOMES = {
    "Reloader": "reloader",
    "Report": "report",
    "after_reload": "state",
    "before_reload": "state",
    "before_restart": "state",
    "is_running_from_reloader": "session",
    "keep": "state",
    "listen": "listen",
    "load_ipython_extension": "repl.ipython",
    "live": "proxies",
    "on_change": "again",
    "reload": "session",
    "run_with_reloader": "drop_in",
    "servicer": "servers",
    "undo": "session",
    "unload_ipython_extension": "repl.ipython",
    "watch": "session",
}


def __getattr__(name: str) -> Any:
    """Import a public name at its first use, so that importing hotswap costs nothing."""
    if name == "__version__":
        return importlib.import_module("importlib.metadata").version("hotswap")
    if name not in _HOMES:
        raise AttributeError(f"module 'hotswap' has no attribute {name!r}")
    value = getattr(importlib.import_module(f"hotswap.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
