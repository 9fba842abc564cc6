"""
How do running servers come to call the current handlers?

One file for each kind of server. None of them is imported, nor the server's library, before the
program imports that library itself.
"""

from __future__ import annotations

import importlib
import sys
from types import ModuleType
from typing import Any, TypeVar

Servicer = TypeVar("Servicer", bound=type)

_LIBRARY = "grpc"
_FOLLOWED = {
    "grpc._server": "hotswap.servers.grpc:follow",
    "grpc.aio._server": "hotswap.servers.grpc_aio:follow",
}

_METADATA = "importlib.metadata"

_installed: set[str] = set()


def install() -> None:
    """Follow every server made, and every handler added, from now on. May be repeated."""
    if _LIBRARY in sys.modules:
        _register()
    elif _LookedFor not in sys.meta_path:
        sys.meta_path.insert(0, _LookedFor)


class _LookedFor:
    """A finder that finds nothing: it waits for the library to be imported, and is gone then."""

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> None:  # noqa: ARG004
        """As for any finder."""
        if name == _LIBRARY:
            sys.meta_path.remove(_LookedFor)
            _register()


def _register() -> None:
    _import_wrapt()
    import wrapt  # noqa: PLC0415 - nothing is imported before something is followed

    for library, hook in _FOLLOWED.items():
        if library not in _installed:
            _installed.add(library)
            wrapt.register_post_import_hook(hook, library)


def _import_wrapt() -> None:
    """
    Import wrapt without `importlib.metadata`, which takes more time than all of wrapt.

    It is there for a search that nobody asks for here. Who asks for it all the same, gets it:
    from the stand-in as long as that is in its place, and afterwards from the package.
    """
    if _METADATA in sys.modules or hasattr(importlib, "__getattr__"):
        return
    stand_in = ModuleType(_METADATA)
    vars(stand_in)["__getattr__"] = _of_metadata
    sys.modules[_METADATA] = stand_in
    try:
        importlib.import_module("wrapt")
    finally:
        if sys.modules.get(_METADATA) is stand_in:
            del sys.modules[_METADATA]
    vars(importlib)["__getattr__"] = _of_importlib


def _of_metadata(name: str) -> Any:
    if vars(sys.modules.get(_METADATA, importlib)).get("__getattr__") is _of_metadata:
        del sys.modules[_METADATA]
    return getattr(importlib.import_module(_METADATA), name)


def _of_importlib(name: str) -> Any:
    if name != "metadata":
        raise AttributeError(f"module 'importlib' has no attribute {name!r}")
    return importlib.import_module(_METADATA)


def servicer(cls: Servicer) -> Servicer:
    """
    Say of a class that its handlers follow the code. Returns the class as it is.

    With an active reloader the servers that its instances are added to are followed, also where
    nobody has called `install`; without one this does nothing.
    """
    return cls
