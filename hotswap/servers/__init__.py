"""
How do running servers come to call the current handlers?

One file for each kind of server. None of them is imported, nor the server's library, before the
program imports that library itself.
"""

from __future__ import annotations

from typing import TypeVar

Servicer = TypeVar("Servicer", bound=type)

_FOLLOWED = {
    "grpc._server": "hotswap.servers.grpc:follow",
    "grpc.aio._server": "hotswap.servers.grpc_aio:follow",
}

_installed: set[str] = set()


def install() -> None:
    """Follow every server made, and every handler added, from now on. May be repeated."""
    import wrapt  # noqa: PLC0415 - nothing is imported before something is followed

    for library, hook in _FOLLOWED.items():
        if library not in _installed:
            _installed.add(library)
            wrapt.register_post_import_hook(hook, library)


def servicer(cls: Servicer) -> Servicer:
    """
    Say of a class that its handlers follow the code. Returns the class as it is.

    With an active reloader the servers that its instances are added to are followed, also where
    nobody has called `install`; without one this does nothing.
    """
    return cls
