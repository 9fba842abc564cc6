"""How does a server made by `grpc.server` call a handler?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from hotswap.gate import GATE, STEP
from hotswap.servers import hooks
from hotswap.servers.routing import Style


def follow(module: Any) -> None:
    """Follow the servers of `grpc._server`."""
    hooks.follow(module, "_Server", Style(kind=_kind, face=face))


def _kind(behavior: Any) -> str:
    # One that is given a callback for its responses returns at once, and nothing to iterate.
    return "callback" if getattr(behavior, "experimental_non_blocking", False) else "blocking"


def face(arity: str, kind: str, reference: Any) -> Callable[..., Any]:
    """What the server calls: enters the gate, then calls what the reference holds now."""
    if arity.endswith("_stream") and kind != "callback":
        return _streaming(reference)
    return unary(reference) if arity == "unary_unary" else unary(reference, STEP)


def unary(reference: Any, *patience: float) -> Callable[..., Any]:
    """The call is one piece, from its start to its response."""
    enter, leave = GATE.enter, GATE.leave

    def call(*request: Any) -> Any:
        token = enter(*patience)
        try:
            return reference(*request)
        finally:
            leave(token)

    return call


def _streaming(reference: Any) -> Callable[..., Iterator[Any]]:
    begin = unary(reference, STEP)

    def call(*request: Any) -> Iterator[Any]:
        return steps(begin(*request))

    return call


def steps(responses: Iterator[Any]) -> Iterator[Any]:
    """Each response is a piece of its own: between two the stream is open, and delays no swap."""
    enter, leave = GATE.enter, GATE.leave
    while True:
        token = enter(STEP)
        try:
            response = next(responses)
        except StopIteration:
            return
        finally:
            leave(token)
        yield response
