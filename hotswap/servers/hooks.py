"""How do handlers that a program adds to a gRPC server come to stand in its router?"""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import Awaitable, Callable
from typing import Any

import wrapt

from hotswap import proxies
from hotswap.servers.addresses import ADDRESSES
from hotswap.servers.lifecycle import LIFECYCLE, may_age
from hotswap.servers.routing import ROUTERS, Router, Style, refresh


def follow(module: Any, server: str, style: Style) -> None:
    """
    Have the servers of a class serve through routers, and those refreshed after each swap.

    The methods of the class are wrapped rather than the servers: whichever way one was made, it is
    followed, and stays of the type and identity that others know.
    """
    hooks = _Hooks(style, getattr(module, server))
    for method, hook in {
        "__init__": hooks.make,
        "add_generic_rpc_handlers": hooks.add_generic,
        "add_registered_method_handlers": hooks.add_registered,
        "add_insecure_port": hooks.add_port,
        "add_secure_port": hooks.add_port,
        "start": hooks.start,
    }.items():
        if hasattr(getattr(module, server), method):
            wrapt.wrap_function_wrapper(module, f"{server}.{method}", hook)
    proxies.on_refresh(refresh)


class _Hooks:
    """What stands around the methods of a server, with the arguments that wrapt gives it."""

    def __init__(self, style: Style, server: type[Any]) -> None:
        self._style = style
        self._init: Callable[..., None] = server.__init__
        self._add_generic: Callable[..., None] = server.add_generic_rpc_handlers
        self._aged: weakref.WeakKeyDictionary[Any, inspect.BoundArguments]
        self._aged = weakref.WeakKeyDictionary()

    def make(self, wrapped: Any, server: Any, args: Any, kwargs: Any) -> None:
        LIFECYCLE.make(server)
        given = inspect.signature(wrapped).bind(*args, **kwargs)
        options, handlers = map(given.arguments.get, ("options", "generic_handlers"))
        given.arguments["options"] = LIFECYCLE.options(options)
        if not _are_handlers(handlers or ()):
            wrapped(*given.args, **given.kwargs)
            return
        router = Router(self._style, handlers or ())
        given.arguments["generic_handlers"] = (router,)
        wrapped(*given.args, **given.kwargs)
        ROUTERS[server] = router
        if LIFECYCLE.connection_age is not None:
            given.arguments["options"] = options
            self._aged[server] = given

    def add_generic(self, wrapped: Any, server: Any, args: Any, kwargs: Any) -> None:
        handlers = _arguments(wrapped, args, kwargs)[0]
        if _are_handlers(handlers):
            self._router(server).add_foreign(handlers)
        else:
            wrapped(handlers)

    def add_registered(self, wrapped: Any, server: Any, args: Any, kwargs: Any) -> None:
        service, handlers = _arguments(wrapped, args, kwargs)
        self._router(server).add_service(service, handlers)

    def add_port(self, wrapped: Any, server: Any, args: Any, kwargs: Any) -> int:
        address, *others = _arguments(wrapped, args, kwargs)
        given = self._aged.pop(server, None)
        if given is not None and not may_age(address):  # which is known at its first port only
            self._init(server, *given.args, **given.kwargs)
        return ADDRESSES.bind(lambda at: wrapped(at, *others), address)

    def start(self, wrapped: Any, server: Any, args: Any, kwargs: Any) -> Any:
        self._router(server).started = True
        begun = wrapped(*args, **kwargs)
        if inspect.isawaitable(begun):
            return _started_in_loop(server, begun)
        LIFECYCLE.start(server)
        return begun

    def _router(self, server: Any) -> Router:
        if server not in ROUTERS:
            router = Router(self._style)
            # One that was made before it could be followed: from here on.
            self._add_generic(server, (router,))
            ROUTERS[server] = router
        return ROUTERS[server]


async def _started_in_loop(server: Any, begun: Awaitable[Any]) -> Any:
    result = await begun
    LIFECYCLE.start(server, asyncio.get_running_loop())
    return result


def _arguments(function: Any, args: Any, kwargs: Any) -> tuple[Any, ...]:
    return inspect.signature(function).bind(*args, **kwargs).args


def _are_handlers(handlers: Any) -> bool:
    """Whether gRPC will accept them; if not, it is for gRPC to complain."""
    return all(hasattr(handler, "service") for handler in handlers)
