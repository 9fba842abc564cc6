"""
How do running servers come to call the current handlers?

One file for each kind of server. None of them is imported, nor the server's library, before the
program imports that library itself.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec

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
    """
    A finder that waits for the library to be imported, and is gone then.

    Nothing may be imported while a finder is asked: Python holds its one import lock meanwhile,
    and another thread that imports would wait for it, holding what is waited for here.
    """

    @staticmethod
    def find_spec(name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """As for any finder; it finds nothing but the library, by asking the others."""
        if name != _LIBRARY:
            return None
        behind = sys.meta_path[sys.meta_path.index(_LookedFor) + 1 :]
        found = (each.find_spec(name, path, target) for each in behind)
        spec = next((one for one in found if one is not None), None)
        if spec is not None and spec.loader is not None:
            _register_before(spec.loader)
        return spec


def _register_before(loader: Any) -> None:
    """Have `loader` execute its module once everything is in place."""
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        del loader.exec_module
        with contextlib.suppress(ValueError):
            sys.meta_path.remove(_LookedFor)
        _register()
        execute(module)

    loader.exec_module = exec_module


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
