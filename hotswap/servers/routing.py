"""
Which handler serves an RPC now?

One router stands in a server for all handlers added to it, since a server neither replaces nor
forgets one. After a swap the generated code that added them runs again, against a recorder: RPCs
come, go and change between unary and streaming as they would in a fresh process.
"""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable, Iterable
from typing import Any

import grpc
import wrapt

from hotswap import proxies
from hotswap.servers.registration import Handlers, Registration, behavior

REFLECTION = "grpc.reflection.v1alpha.ServerReflection"

SETTINGS = ("experimental_non_blocking", "experimental_thread_pool")
"""What a server reads off a behavior before it calls it."""


class Style:
    """What differs between the kinds of server."""

    def __init__(self, kind: Callable[[Any], Any], face: Callable[[str, Any, Any], Any]) -> None:
        self.kind = kind
        """How the server calls this behavior: the same face serves behaviors of one kind only."""
        self.face = face
        """Makes what the server calls, from an arity, a kind and a reference to a behavior: it
        passes the gate and then calls what the reference holds."""


class Route:
    """One RPC: the handler that the server is given, its face, and the reference behind that."""

    def __init__(self, handler: Any, face: Any, reference: Any, kind: tuple[Any, ...]) -> None:
        self.handler, self.face, self.reference, self.kind = handler, face, reference, kind


Plan = dict[str, tuple[Route, Any]]
"""By RPC, its route and the behavior that the reference is to hold."""


class Router(grpc.GenericRpcHandler):  # type: ignore[misc]
    """The one handler of a server: a table of the RPCs, exchanged as a whole."""

    def __init__(self, style: Style, foreign: Iterable[Any] = ()) -> None:
        self.started = False
        self._style = style
        self._lock = threading.RLock()
        self._registrations: dict[str, Registration] = {}
        self._foreign = list(foreign)
        self._foreign_routes: dict[str, tuple[Any, Route]] = {}
        self._routes: dict[str, Route] = {}
        self._table: dict[str, Any] = {}

    def service(self, details: Any) -> Any:
        """The handler of one RPC, or None. Called by the server, once for each RPC."""
        handler = self._table.get(details.method)
        return handler if handler is not None else self._foreign_handler(details)

    def add_foreign(self, handlers: Iterable[Any]) -> None:
        """Ask these handlers of the user's own making for what the table does not have."""
        with self._lock:
            self._foreign = [*self._foreign, *handlers]

    def add_service(self, service: str, handlers: Handlers) -> None:
        """Serve a service from now on, in place of one of the same name."""
        with self._lock:
            # Generated code adds each service twice; the twin cannot be made anew after a swap.
            self._foreign = [each for each in self._foreign if _service_name(each) != service]
            self._registrations[service] = made = Registration(service, handlers)
            if service == REFLECTION:
                from hotswap.schemas import tell_latest  # noqa: PLC0415 - few servers have it

                tell_latest(made.servicer)
            others = self._as_it_is()
            for rpc in [each for each in others if each.startswith(f"/{service}/")]:
                del others[rpc]
            self._publish({**others, **self._plan(service, handlers)})
            if self.started:
                self._make_known(service)

    def plan(self) -> Plan:
        """What the table should hold, as the generated code makes it now."""
        plan: Plan = {}
        for service, registration in self._registrations.items():
            plan.update(self._plan(service, registration.current()))
        return plan

    def publish(self, plan: Plan) -> proxies.Undo:
        """Serve what was planned; returns what takes that back."""
        with self._lock:
            before = self._as_it_is()
            self._publish(plan)
        return lambda: self._publish(before)

    def _as_it_is(self) -> Plan:
        return {rpc: (each, each.reference.__wrapped__) for rpc, each in self._routes.items()}

    def _publish(self, plan: Plan) -> None:
        for route, target in plan.values():
            route.reference.__wrapped__ = target
        self._routes = {rpc: route for rpc, (route, _) in plan.items()}
        self._table = {rpc: route.handler for rpc, route in self._routes.items()}

    def _plan(self, service: str, handlers: Handlers) -> Plan:
        return {
            f"/{service}/{method}": self._route(f"/{service}/{method}", handler)
            for method, handler in handlers.items()
        }

    def _route(self, rpc: str, handler: Any) -> tuple[Route, Any]:
        arity, target = behavior(handler)
        settings = {name: getattr(target, name) for name in SETTINGS if hasattr(target, name)}
        kind = (arity, self._style.kind(target), settings)
        old = self._routes.get(rpc)
        if old is not None and old.kind == kind:
            # The server may hold the face of an RPC that waits for a thread: it follows too.
            face, reference = old.face, old.reference
        else:
            reference = wrapt.CallableObjectProxy(target)
            face = self._style.face(arity, kind[1], reference)
            face.__dict__.update(settings)
        make = getattr(grpc, f"{arity}_rpc_method_handler")
        fresh = make(face, handler.request_deserializer, handler.response_serializer)
        return Route(fresh, face, reference, kind), target

    def _foreign_handler(self, details: Any) -> Any:
        for other in self._foreign:
            handler = other.service(details)
            if handler is not None:
                break
        else:
            return None
        known, route = self._foreign_routes.get(details.method, (None, None))
        if route is None or known is not handler:
            route, _ = self._route(details.method, handler)
            self._foreign_routes[details.method] = handler, route
        return route.handler

    def _make_known(self, service: str) -> None:
        """Reflection lists only the services that it was told of when the server was made."""
        reflection = self._registrations.get(REFLECTION)
        servicer: Any = None if reflection is None else reflection.servicer
        if hasattr(servicer, "_service_names"):
            servicer._service_names = tuple(sorted({*servicer._service_names, service}))


ROUTERS: weakref.WeakKeyDictionary[Any, Router] = weakref.WeakKeyDictionary()


def refresh() -> proxies.Undo:
    """Have every server serve what generated code makes now; all of them, or none."""
    plans = [(router, router.plan()) for router in list(ROUTERS.values())]
    undos = [router.publish(plan) for router, plan in plans]

    def undo() -> None:
        for take_back in undos:
            take_back()

    return undo


def _service_name(handler: Any) -> str | None:
    name = getattr(handler, "service_name", None)
    return name() if callable(name) else None
