"""Save a file; the running process runs the new code a few milliseconds later."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hotswap.proxies import live
    from hotswap.reloader import Reloader
    from hotswap.report import Report
    from hotswap.servers import servicer
    from hotswap.session import is_running_from_reloader, reload, watch

__all__ = [
    "Reloader",
    "Report",
    "is_running_from_reloader",
    "live",
    "reload",
    "servicer",
    "watch",
]

_HOMES = {
    "Reloader": "reloader",
    "Report": "report",
    "is_running_from_reloader": "session",
    "live": "proxies",
    "reload": "session",
    "servicer": "servers",
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
