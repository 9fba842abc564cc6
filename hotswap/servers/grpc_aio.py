"""
How does a server made by `grpc.aio.server` call a handler?

It looks at each handler before each call: coroutine functions and asynchronous generator functions
run on the event loop, all others in threads. Faces are therefore real functions of the kind of
their target: to ask a proxy, which has to ask its target, takes the server three times as long.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import CoroutineType
from typing import Any

from hotswap.gate import CALL, GATE, STEP
from hotswap.servers import grpc, hooks
from hotswap.servers.routing import Style


def follow(module: Any) -> None:
    """Follow the servers of `grpc.aio._server`."""
    hooks.follow(module, "Server", Style(kind=_kind, face=face))


def _kind(behavior: Any) -> str:
    if inspect.iscoroutinefunction(behavior):
        return "coroutine"
    return "generator" if inspect.isasyncgenfunction(behavior) else "thread"


def face(arity: str, kind: str, reference: Any) -> Callable[..., Any]:
    """What the server calls: enters the gate, then calls what the reference holds now."""
    patience = CALL if arity == "unary_unary" else STEP
    if kind == "coroutine":
        return _coroutine(reference, patience)
    if kind == "generator":
        return _generator(reference)
    return (
        _thread_steps(reference) if arity.endswith("_stream") else grpc.unary(reference, patience)
    )


def _coroutine(reference: Any, patience: float) -> Callable[..., Awaitable[Any]]:
    arrive, depart = GATE.arrive, GATE.depart

    async def call(request: Any, context: Any) -> Any:
        while (token := arrive(patience)) is None:
            await GATE.opened()
        try:
            response = reference(request, context)
            if isinstance(response, CoroutineType) or inspect.isawaitable(response):
                return await response
            return response  # a swap has made it a plain function after the server looked at it
        finally:
            if depart(token):
                await GATE.opened()

    return call


def _generator(reference: Any) -> Callable[..., AsyncIterator[Any]]:
    arrive, depart = GATE.arrive, GATE.depart

    async def call(request: Any, context: Any) -> AsyncIterator[Any]:
        responses = None
        try:
            while True:
                while (token := arrive(STEP)) is None:
                    await GATE.opened()
                try:
                    if responses is None:
                        responses = reference(request, context)
                    response = await responses.__anext__()
                except StopAsyncIteration:
                    return
                finally:
                    if depart(token):
                        await GATE.opened()
                yield response
        finally:
            if responses is not None:
                await responses.aclose()

    return call


def _thread_steps(reference: Any) -> Callable[..., Iterator[Any]]:
    begin = grpc.unary(reference, STEP)

    # A generator, so that nothing happens where the server calls it: on the event loop.
    def call(request: Any, context: Any) -> Iterator[Any]:
        yield from grpc.steps(iter(begin(request, context)))

    return call
