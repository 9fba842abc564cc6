"""A running grpc.aio.server serves the handlers as they are now."""

# ruff: noqa: N802 - RPCs have capital letters
from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from types import SimpleNamespace

import grpc
import pytest
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from hotswap import proxies
from hotswap.gate import GATE

LIMIT = 20.0
SAY = "rpc Say(Text) returns (Text);"


@contextlib.asynccontextmanager
async def serving(add, **options):
    """Serve what a function adds to a server; gives a channel to it."""
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)], **options)
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{port}") as channel:
        yield channel
    await server.stop(None)


@pytest.fixture
def echo(protos):
    """A servicer that answers in all four arities."""

    class Echo(protos.grpc.EchoServicer):
        calls = 0

        async def Say(self, request, context):
            self.calls += 1
            return protos.Text(text=f"{request.text} {self.calls}")

        async def Tail(self, request, context):
            yield protos.Text(text=f"{request.text} 1")
            yield protos.Text(text=f"{request.text} 2")

        async def Sum(self, request_iterator, context):
            return protos.Text(text="+".join([each.text async for each in request_iterator]))

        async def Chat(self, request_iterator, context):
            async for request in request_iterator:
                await context.write(protos.Text(text=f"old {request.text}"))

    return Echo()


@pytest.fixture
def run(protos, echo):
    """Run a test on an event loop with the servicer served; it is given the channel."""

    def run_test(test, **options):
        async def main():
            def add(server):
                protos.grpc.add_EchoServicer_to_server(echo, server)

            async with serving(add, **options) as channel:
                return await asyncio.wait_for(test(channel), LIMIT)

        return asyncio.run(main())

    return run_test


def swap():
    with GATE.closed(1.0):
        return proxies.refresh()


async def say(protos, channel, text="x", rpc="Say"):
    return (await protos.call(channel, "unary_unary", rpc)(protos.Text(text=text))).text


async def tail(protos, channel, rpc="Tail"):
    call = protos.call(channel, "unary_stream", rpc)(protos.Text(text="x"))
    return [each.text async for each in call]


async def send(protos, *texts):
    for text in texts:
        yield protos.Text(text=text)


async def all_arities(protos, channel):
    total = await protos.call(channel, "stream_unary", "Sum")(send(protos, "a", "b"))
    chat = protos.call(channel, "stream_stream", "Chat")(send(protos, "a", "b"))
    return [
        await say(protos, channel),
        await tail(protos, channel),
        total.text,
        [each.text async for each in chat],
    ]


ANSWERS = ["x 1", ["x 1", "x 2"], "a+b", ["old a", "old b"]]


def test_all_arities_are_served(protos, run):
    """A followed server answers as any other."""
    assert run(lambda channel: all_arities(protos, channel)) == ANSWERS


@pytest.fixture
def in_threads(protos, echo):
    """Make the servicer's methods plain functions, which grpc.aio runs in threads."""

    def plain_say(self, request, context):
        self.calls += 1
        return protos.Text(text=f"{request.text} {self.calls}")

    def plain_tail(self, request, context):
        yield protos.Text(text=f"{request.text} 1")
        yield protos.Text(text=f"{request.text} 2")

    def plain_sum(self, request_iterator, context):
        return protos.Text(text="+".join(each.text for each in request_iterator))

    def plain_chat(self, request_iterator, context):
        for each in request_iterator:
            yield protos.Text(text=f"old {each.text}")

    def change():
        cls = type(echo)
        cls.Say, cls.Tail, cls.Sum, cls.Chat = plain_say, plain_tail, plain_sum, plain_chat

    return change


def test_plain_functions_are_served_in_threads(protos, run, in_threads):
    """Handlers that are no coroutines work on the same server."""
    in_threads()
    with ThreadPoolExecutor(4) as pool:
        answers = run(lambda channel: all_arities(protos, channel), migration_thread_pool=pool)
    assert answers == ANSWERS


def test_coroutines_become_plain_functions(protos, run, in_threads):
    """A swap may take the `async` from a handler, in any arity."""

    async def test(channel):
        in_threads()
        swap()
        return await all_arities(protos, channel)

    assert run(test) == ANSWERS


def test_plain_functions_become_coroutines(protos, echo, run, in_threads):
    """A swap may make a handler a coroutine, in any arity."""
    cls = type(echo)
    asynchronous = cls.Say, cls.Tail, cls.Sum, cls.Chat
    in_threads()

    async def test(channel):
        cls.Say, cls.Tail, cls.Sum, cls.Chat = asynchronous
        swap()
        return await all_arities(protos, channel)

    assert run(test) == ANSWERS


@pytest.mark.parametrize("where", ["on the loop", "in a thread"])
def test_replaced_method_is_served_with_the_servicers_state(protos, echo, run, where):
    """A new method body answers the next call, wherever the swap was made."""

    async def new(self, request, context):
        return protos.Text(text=f"new {self.calls}")

    async def test(channel):
        await say(protos, channel)
        type(echo).Say = new
        swap() if where == "on the loop" else await asyncio.to_thread(swap)
        return await say(protos, channel)

    assert run(test) == "new 1"


@pytest.fixture
def chats(protos, echo):
    """The ways to write a handler of a stream in both directions."""

    async def generator(self, request_iterator, context):
        async for request in request_iterator:
            yield protos.Text(text=f"old {request.text}")

    def thread(self, request_iterator, context):
        for request in request_iterator:
            yield protos.Text(text=f"old {request.text}")

    async def new(self, request_iterator, context):
        async for _ in request_iterator:  # or the client may find the call ended as it writes
            yield protos.Text(text="new")

    return {"writer": type(echo).Chat, "generator": generator, "thread": thread, "new": new}


async def rest(call):
    """Return the texts of the responses still to come."""
    texts = []
    while (response := await call.read()) is not grpc.aio.EOF:
        texts.append(response.text)
    return texts


@pytest.mark.parametrize("style", ["writer", "generator", "thread"])
def test_open_stream_goes_on(protos, echo, run, chats, style):
    """A stream that is open during a swap is neither cut nor in the way."""

    def close_and_refresh():
        with GATE.closed(LIMIT):
            proxies.refresh()

    async def test(channel):
        chat = protos.call(channel, "stream_stream", "Chat")()
        await chat.write(protos.Text(text="a"))
        answers = [(await chat.read()).text]
        await asyncio.sleep(0.06)  # long enough for the step to be a wait
        type(echo).Chat = chats["new"]
        await asyncio.wait_for(asyncio.to_thread(close_and_refresh), LIMIT / 2)
        await chat.write(protos.Text(text="b"))
        await chat.done_writing()
        again = protos.call(channel, "stream_stream", "Chat")(send(protos, "c"))
        return answers + await rest(chat) + await rest(again)

    type(echo).Chat = chats[style]
    assert run(test) == ["old a", "old b", "new"]


def test_abandoned_stream_is_closed(protos, echo, run):
    """When the client goes, the handler's generator ends as it would on a plain server."""
    closed = asyncio.Event()

    async def endless(self, request, context):
        try:
            while True:
                yield protos.Text(text="more")
        finally:
            closed.set()

    type(echo).Tail = endless

    async def test(channel):
        call = protos.call(channel, "unary_stream", "Tail")(protos.Text())
        await call.read()
        call.cancel()
        await closed.wait()

    run(test)
    assert not GATE._running


def test_rpcs_come_and_go_with_the_generated_code(protos, echo, run):
    """A new RPC is served, one that is gone is not implemented, one changes its arity."""

    async def shout(self, request, context):
        return protos.Text(text=request.text.upper())

    async def one(self, request, context):
        return protos.Text(text="one")

    async def test(channel):
        type(echo).Shout, type(echo).Tail = shout, one
        protos.regenerate("rpc Shout(Text) returns (Text); rpc Tail(Text) returns (Text);")
        await asyncio.to_thread(swap)
        answers = [await say(protos, channel, rpc="Shout"), await say(protos, channel, rpc="Tail")]
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await say(protos, channel)
        return [*answers, error.value.code()]

    assert run(test) == ["X", "one", grpc.StatusCode.UNIMPLEMENTED]


def test_service_added_to_a_running_server_is_served_and_listed(protos, echo):
    """A new service is served at once, and reflection knows it."""
    running = []

    def add(server):
        running.append(server)
        protos.grpc.add_EchoServicer_to_server(echo, server)
        reflection.enable_server_reflection([f"{protos.package}.Echo"], server)

    async def main():
        async with serving(add) as channel:
            protos.regenerate(SAY, f"service More {{ {SAY} }}")
            protos.grpc.add_MoreServicer_to_server(echo, running[0])
            more = protos.call(channel, "unary_unary", "Say", service="More")
            assert (await more(protos.Text(text="x"))).text == "x 1"
            stub = reflection_pb2_grpc.ServerReflectionStub(channel)
            request = reflection_pb2.ServerReflectionRequest(list_services="")
            answer = await stub.ServerReflectionInfo(iter([request])).read()
            return [service.name for service in answer.list_services_response.service]

    assert asyncio.run(main()) == [f"{protos.package}.Echo", f"{protos.package}.More"]


def test_interceptors_go_on_working(protos, run):
    """The user's interceptors stand in front of the router."""
    seen = []

    class Interceptor(grpc.aio.ServerInterceptor):
        async def intercept_service(self, continuation, details):
            seen.append(details.method)
            return await continuation(details)

    async def test(channel):
        swap()
        return await say(protos, channel)

    assert run(test, interceptors=[Interceptor()]) == "x 1"
    assert seen == [f"/{protos.package}.Echo/Say"]


def test_health_is_answered_and_watched_across_a_swap():
    """The stock health servicer works, with a watch held open."""
    servicer = health.aio.HealthServicer()

    async def main():
        async with serving(
            lambda server: health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        ) as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            request, serving_status = (
                health_pb2.HealthCheckRequest(),
                health_pb2.HealthCheckResponse,
            )
            watch = stub.Watch(request)
            seen = [(await watch.read()).status]
            await asyncio.to_thread(swap)
            await servicer.set("", serving_status.NOT_SERVING)
            seen += [(await watch.read()).status, (await stub.Check(request)).status]
            return seen == [serving_status.SERVING] + [serving_status.NOT_SERVING] * 2

    assert asyncio.run(main())


def test_generic_handlers_are_served(protos):
    """Handlers given to the constructor are served, and are behind the gate."""
    inside = []

    async def function(request, context):
        inside.append(len(GATE._running))
        return request

    handler = grpc.unary_unary_rpc_method_handler(
        function,
        request_deserializer=protos.Text.FromString,
        response_serializer=protos.Text.SerializeToString,
    )
    handlers = [grpc.method_handlers_generic_handler(f"{protos.package}.Echo", {"Say": handler})]

    async def main():
        async with serving(lambda server: None, handlers=handlers) as channel:
            return await say(protos, channel)

    assert (asyncio.run(main()), inside) == ("x", [1])


@pytest.fixture
def state():
    """Two values that are changed together, and read apart by the handlers below."""
    return SimpleNamespace(a=0, b=0)


@pytest.fixture
def readers(protos, state):
    """The ways to write a handler of a stream of responses that reads both values."""

    def text(first):
        return protos.Text(text="whole" if first == state.b else "torn")

    async def generator(self, request, context):
        for _ in range(3):
            first = state.a
            await asyncio.sleep(0.001)
            yield text(first)

    def thread(self, request, context):
        for _ in range(3):
            first = state.a
            time.sleep(0.001)
            yield text(first)

    return {"generator": generator, "thread": thread}


async def outcomes_of_swaps(state, call):
    """Swap both values while eight clients call, in a thread; returns the answers there were."""
    ended, seen = threading.Event(), SimpleQueue()

    async def client():
        while not ended.is_set():
            seen.put(await call())

    def swaps():
        answers = set()
        for number in range(60):
            with GATE.closed(LIMIT):
                state.a = number
                time.sleep(0)
                proxies.refresh()
                state.b = number
            answers.update([seen.get(timeout=LIMIT), *(seen.get() for _ in range(seen.qsize()))])
        ended.set()
        return answers

    return (await asyncio.gather(asyncio.to_thread(swaps), *(client() for _ in range(8))))[0]


@pytest.mark.parametrize("kind", ["generator", "thread"])
def test_no_step_of_a_stream_sees_half_a_swap(protos, echo, run, state, kind, readers):  # noqa: PLR0913, PLR0917
    """No response of a stream is made of values of two generations."""
    type(echo).Tail = readers[kind]

    async def test(channel):
        async def call():
            return tuple(await tail(protos, channel))

        return await outcomes_of_swaps(state, call)

    assert run(test) == {("whole",) * 3}


@pytest.mark.parametrize("kind", ["generator", "thread"])
def test_no_call_sees_half_a_swap(protos, echo, run, state, kind, readers):  # noqa: PLR0913, PLR0917
    """No call is made of values of two generations."""

    async def coroutine(self, request, context):
        return await readers["generator"](self, request, context).__anext__()

    def thread(self, request, context):
        return next(readers["thread"](self, request, context))

    type(echo).Say = coroutine if kind == "generator" else thread
    answers = run(lambda channel: outcomes_of_swaps(state, lambda: say(protos, channel)))
    assert answers == {"whole"}
