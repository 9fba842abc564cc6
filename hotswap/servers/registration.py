"""How was a service added to a server, and how is it added again?"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from hotswap.dotted import find

Handlers = Mapping[str, Any]
"""The handlers of a service, by the name of the method."""


class Registration:
    """A service as it was added to a server."""

    def __init__(self, service: str, handlers: Handlers) -> None:
        self.service, self._handlers = service, handlers
        owners = [getattr(behavior(each)[1], "__self__", None) for each in handlers.values()]
        self.servicer = next((owner for owner in owners if owner is not None), None)
        self._adder = _find_adder(service, self.servicer)
        self._was_named = _is_named(type(self.servicer))

    def current(self) -> Handlers:
        """
        The handlers as generated code makes them now; none if it has the service no longer.

        Raises:
            NeedsRestart: What serves is of a class that its module no longer has.
        """
        cls = type(self.servicer)
        if self._was_named and not _is_named(cls):
            from hotswap.effects import NeedsRestart  # noqa: PLC0415 - not while a server starts

            raise NeedsRestart(f"{cls.__qualname__}, which serves {self.service}, is gone")
        if self._adder is None:
            return self._handlers
        module, name = self._adder
        adder = getattr(sys.modules.get(module), name, None)
        if adder is None:
            return {}
        recorder = Recorder()
        adder(self.servicer, recorder)
        return recorder.services.get(self.service, {})


def _is_named(cls: type) -> bool:
    """Whether a class is what its name says."""
    module = sys.modules.get(cls.__module__)
    return module is not None and find(vars(module), cls.__qualname__) is cls


class Recorder:
    """Stands in for a server while generated code adds a service to it."""

    def __init__(self) -> None:
        self.services: dict[str, Handlers] = {}

    def add_generic_rpc_handlers(self, handlers: Iterable[Any]) -> None:
        """Pass over the twins of the registered handlers."""

    def add_registered_method_handlers(self, service: str, handlers: Handlers) -> None:
        """Remember what is added."""
        self.services[service] = handlers


def behavior(handler: Any) -> tuple[str, Any]:
    """A handler's arity, in gRPC's words, and the callable that serves it."""
    sides = (handler.request_streaming, handler.response_streaming)
    arity = "_".join("stream" if streaming else "unary" for streaming in sides)
    return arity, getattr(handler, arity)


def _find_adder(service: str, servicer: Any) -> tuple[str, str] | None:
    """The module and the name of the generated function that adds this service."""
    name = f"add_{service.rpartition('.')[2]}Servicer_to_server"
    # Most servicers derive from a class beside that function; it may be anywhere for the others.
    likely = [sys.modules.get(base.__module__) for base in type(servicer).__mro__]
    for module in [*likely, *list(sys.modules.values())]:
        adder = getattr(module, "__dict__", {}).get(name)
        # Told by the name in its code: one of another package would not know what to do with it.
        if service in getattr(getattr(adder, "__code__", None), "co_consts", ()):
            return adder.__module__, name
    return None
