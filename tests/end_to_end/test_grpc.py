"""A running grpc.server serves the handlers as they are now."""

# ruff: noqa: N802 - RPCs have capital letters
from __future__ import annotations

import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace

import grpc
import pytest
from google.protobuf import descriptor_pb2
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from hotswap import proxies
from hotswap.gate import GATE
from hotswap.servers.routing import ROUTERS

LIMIT = 20.0
SAY = "rpc Say(Text) returns (Text);"


@pytest.fixture
def serve():
    """Start servers with what a function adds to them; they end with the test."""
    with ThreadPoolExecutor(16) as pool:
        started = []

        def start(add, pool=pool, **options):
            server = grpc.server(pool, options=[("grpc.so_reuseport", 0)], **options)
            add(server)
            port = server.add_insecure_port("127.0.0.1:0")
            server.start()
            channel = grpc.insecure_channel(f"127.0.0.1:{port}")
            started.append((channel, server))
            return channel

        yield start
        for channel, server in started:
            channel.close()
            server.stop(None).wait(LIMIT)


@pytest.fixture
def echo(protos):
    """A servicer that answers in all four arities."""

    class Echo(protos.grpc.EchoServicer):
        calls = 0

        def Say(self, request, context):
            self.calls += 1
            return protos.Text(text=f"{request.text} {self.calls}")

        def Tail(self, request, context):
            yield protos.Text(text=f"{request.text} 1")
            yield protos.Text(text=f"{request.text} 2")

        def Sum(self, request_iterator, context):
            return protos.Text(text="+".join(request.text for request in request_iterator))

        def Chat(self, request_iterator, context):
            for request in request_iterator:
                yield protos.Text(text=f"old {request.text}")

    return Echo()


@pytest.fixture
def channel(protos, echo, serve):
    return serve(lambda server: protos.grpc.add_EchoServicer_to_server(echo, server))


def swap():
    with GATE.closed(1.0):
        return proxies.refresh()


class Requests:
    """Requests of a stream, sent when told."""

    def __init__(self, protos, *texts):
        self.protos, self.queue = protos, SimpleQueue()
        for text in texts:
            self.send(text)

    def send(self, text):
        """Send one now."""
        self.queue.put(self.protos.Text(text=text))

    def end(self):
        """Send no more."""
        self.queue.put(None)

    def __iter__(self):
        return iter(lambda: self.queue.get(timeout=LIMIT), None)


def test_all_arities_are_served(protos, channel):
    """A followed server answers as any other."""
    requests = Requests(protos, "a", "b")
    requests.end()
    text = protos.Text(text="x")
    assert protos.say(channel) == "x 1"
    tail = protos.call(channel, "unary_stream", "Tail")(text)
    assert [each.text for each in tail] == ["x 1", "x 2"]
    assert protos.call(channel, "stream_unary", "Sum")(iter(requests)).text == "a+b"
    requests = [protos.Text(text="a"), protos.Text(text="b")]
    chat = protos.call(channel, "stream_stream", "Chat")(iter(requests))
    assert [each.text for each in chat] == ["old a", "old b"]


def test_replaced_method_is_served_with_the_servicers_state(protos, echo, channel):
    """A new method body answers the next call, on the instance that was there before."""
    protos.say(channel)
    type(echo).Say = lambda self, request, context: protos.Text(text=f"new {self.calls}")
    swap()
    assert protos.say(channel) == "new 1"


def test_undo_brings_the_old_handlers_back(protos, echo, channel):
    """A swap that is rolled back leaves the server as it was."""
    old = type(echo).Say
    type(echo).Say = lambda self, request, context: protos.Text(text="new")
    undo = swap()
    assert protos.say(channel) == "new"
    type(echo).Say = old
    undo()
    assert protos.say(channel) == "x 1"


def test_refresh_that_fails_leaves_the_old_handlers(protos, channel, monkeypatch):
    """If the generated code cannot add the service, the server goes on as it was."""

    def broken(servicer, server):
        raise LookupError("broken")

    monkeypatch.setattr(protos.grpc, "add_EchoServicer_to_server", broken)
    with pytest.raises(LookupError, match="broken"):
        proxies.refresh()
    assert protos.say(channel) == "x 1"


def test_open_stream_goes_on(protos, echo, channel):
    """A stream that is open during a swap is neither cut nor in the way."""
    requests = Requests(protos, "a")
    chat = protos.call(channel, "stream_stream", "Chat")(iter(requests))
    assert next(chat).text == "old a"
    time.sleep(0.06)  # long enough for the step to be a wait, rather than a call about to end
    began = time.monotonic()
    type(echo).Chat = lambda self, request_iterator, context: iter([protos.Text(text="new")])
    with GATE.closed(LIMIT):
        proxies.refresh()
    assert time.monotonic() - began < LIMIT / 2
    requests.send("b")
    requests.end()
    assert [each.text for each in chat] == ["old b"]
    chat = protos.call(channel, "stream_stream", "Chat")(iter([protos.Text(text="c")]))
    assert [each.text for each in chat] == ["new"]


def test_rpcs_come_and_go_with_the_generated_code(protos, echo, channel):
    """A new RPC is served, one that is gone is not implemented."""
    type(echo).Shout = lambda self, request, context: protos.Text(text=request.text.upper())
    protos.regenerate("rpc Shout(Text) returns (Text);")
    swap()
    assert protos.say(channel, "x", rpc="Shout") == "X"
    with pytest.raises(grpc.RpcError) as error:
        protos.say(channel)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_service_that_is_gone_is_not_implemented(protos, channel, monkeypatch):
    """Without the function that adds it, there is no service."""
    monkeypatch.delattr(protos.grpc, "add_EchoServicer_to_server")
    undo = swap()
    with pytest.raises(grpc.RpcError) as error:
        protos.say(channel)
    assert error.value.code() is grpc.StatusCode.UNIMPLEMENTED
    undo()
    assert protos.say(channel) == "x 1"


def test_arity_changes_with_the_generated_code(protos, echo, channel):
    """A unary RPC becomes a streaming one."""
    type(echo).Say = lambda self, request, context: iter([protos.Text(text="1")] * 2)
    protos.regenerate("rpc Say(Text) returns (stream Text);")
    swap()
    say = protos.call(channel, "unary_stream", "Say")
    assert [each.text for each in say(protos.Text(text="x"))] == ["1", "1"]


def test_service_added_to_a_running_server_is_served_and_listed(protos, echo, serve):
    """A new service is served at once, and reflection knows it."""
    running = []

    def add(server):
        running.append(server)
        protos.grpc.add_EchoServicer_to_server(echo, server)
        reflection.enable_server_reflection([f"{protos.package}.Echo"], server)

    channel = serve(add)
    protos.regenerate(SAY, f"service More {{ {SAY} }}")
    protos.grpc.add_MoreServicer_to_server(echo, running[0])
    more = protos.call(channel, "unary_unary", "Say", service="More")
    assert more(protos.Text(text="x")).text == "x 1"
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(list_services="")
    (answer,) = stub.ServerReflectionInfo(iter([request]))
    names = [service.name for service in answer.list_services_response.service]
    assert names == [f"{protos.package}.Echo", f"{protos.package}.More"]


def test_an_rpc_that_protoc_adds_is_served_and_told(project, followed_protos, serve):
    """Also by reflection; what is gone is told no more."""
    protos = followed_protos
    more = "    def More(self, request, context): return Text(text='more')\n"
    names = f"from {protos.package}_pb2 import Text\nimport {protos.package}_pb2_grpc as made\n"
    project.write("echo", f"{names}class Echo(made.EchoServicer):\n    pass\n")
    echo = project.load("echo").Echo()

    def add(server):
        protos.grpc.add_EchoServicer_to_server(echo, server)
        reflection.enable_server_reflection([f"{protos.package}.Echo"], server)

    channel = serve(add)
    protos.generate("rpc Say(Text) returns (Text); rpc More(Text) returns (Text);")
    project.edit("echo", "    pass\n", more)
    report = project.reload()
    assert report.outcome == "reloaded", report.reason
    assert protos.say(channel, rpc="More") == "more"
    assert told(channel, f"{protos.package}.Echo") == ["Say", "More"]
    assert told(channel, f"{protos.package}.Text") == ["Say", "More"]
    protos.generate("", "service Other { rpc Say(Text) returns (Text); }")
    assert project.reload().outcome == "reloaded"
    assert told(channel, f"{protos.package}.Other") == ["Say"]


def told(channel, symbol):
    """The RPCs in the file of which reflection says that it has a symbol."""
    stub = reflection_pb2_grpc.ServerReflectionStub(channel)
    request = reflection_pb2.ServerReflectionRequest(file_containing_symbol=symbol)
    (answer,) = stub.ServerReflectionInfo(iter([request]))
    files = answer.file_descriptor_response.file_descriptor_proto
    found = [descriptor_pb2.FileDescriptorProto.FromString(file) for file in files]
    return [rpc.name for file in found for service in file.service for rpc in service.method]


def test_servicer_of_any_class_is_followed(protos, serve):
    """A servicer need not derive from the generated class."""

    class Duck:
        Tail = Sum = Chat = None

        def Say(self, request, context):
            return protos.Text(text="old")

    duck = Duck()
    channel = serve(lambda server: protos.grpc.add_EchoServicer_to_server(duck, server))
    Duck.Say = lambda self, request, context: protos.Text(text="new")
    swap()
    assert protos.say(channel) == "new"


def test_what_only_a_servicer_holds_is_held(project, protos, serve):
    """The server is the only one who has the servicer, and that by way of our handlers."""
    project.write(
        "users",
        """
        class User:
            __slots__ = ("name",)
        """,
    )
    users = project.load("users")

    class Echo(protos.grpc.EchoServicer):
        def __init__(self):
            self.known = (users.User(),)

        def Say(self, request, context):
            return protos.Text(text=f"{type(self.known[0]) is users.User}")

    channel = serve(lambda server: protos.grpc.add_EchoServicer_to_server(Echo(), server))
    project.edit("users", '("name",)', '("name", "mail")')
    assert project.reload().outcome == "restart"
    assert protos.grpc.EchoStub(channel).Say(protos.Text(), timeout=LIMIT).text == "True"


def test_servicer_whose_class_is_gone_needs_a_restart(project, protos, serve):
    """With another name the class is the same; without one nobody could edit what serves."""
    head = f"from {protos.package}_pb2 import *\nfrom {protos.package}_pb2_grpc import *\n"
    source = "class Mine(EchoServicer):\n    def Say(self, *_): return Text(text='old')\n"
    project.write("service", head + source)
    mine = project.load("service").Mine()
    channel = serve(lambda server: protos.grpc.add_EchoServicer_to_server(mine, server))
    project.write("service", head + source.replace("Mine", "Yours").replace("old", "new"))
    assert project.reload().outcome == "reloaded"
    assert protos.say(channel) == "new"
    project.write("service", head)
    report = project.reload()
    assert (report.outcome, "is gone" in report.reason) == ("restart", True)
    assert protos.say(channel) == "new"


def generic_handler(protos, name, function):
    handler = grpc.unary_unary_rpc_method_handler(
        function,
        request_deserializer=protos.Text.FromString,
        response_serializer=protos.Text.SerializeToString,
    )
    return grpc.method_handlers_generic_handler(f"{protos.package}.{name}", {"Say": handler})


@pytest.mark.parametrize("given", ["constructor", "method"])
def test_generic_handlers_pass_the_gate(protos, serve, given):
    """Handlers written by hand are served, and are behind the gate too."""
    inside = []

    def say(request, context):
        inside.append(len(GATE._running))
        return request

    handlers = [generic_handler(protos, "Echo", say)]
    if given == "constructor":
        channel = serve(lambda server: None, handlers=handlers)
    else:
        channel = serve(lambda server: server.add_generic_rpc_handlers(handlers))
    assert [protos.say(channel, "a"), protos.say(channel, "b")] == ["a", "b"]
    assert inside == [1, 1]


def test_what_is_no_handler_is_refused_as_ever(protos):
    """Grpc itself complains of a wrong argument."""
    with pytest.raises(AttributeError, match="service"):
        grpc.server(None, handlers=[1])
    with ThreadPoolExecutor(1) as pool, pytest.raises(AttributeError, match="service"):
        grpc.server(pool).add_generic_rpc_handlers([1])


def test_server_from_before_the_hooks_is_followed_from_now_on(protos, echo, serve):
    """A server made earlier serves through a router what is added to it later."""

    def add(server):
        del ROUTERS[server]
        protos.grpc.add_EchoServicer_to_server(echo, server)

    channel = serve(add)
    type(echo).Say = lambda self, request, context: protos.Text(text="new")
    swap()
    assert protos.say(channel) == "new"


def test_interceptors_go_on_working(protos, echo, serve):
    """The user's interceptors stand in front of the router."""
    seen = []

    class Interceptor(grpc.ServerInterceptor):
        def intercept_service(self, continuation, details):
            seen.append(details.method)
            return continuation(details)

    channel = serve(
        lambda server: protos.grpc.add_EchoServicer_to_server(echo, server),
        interceptors=[Interceptor()],
    )
    swap()
    assert protos.say(channel) == "x 1"
    assert seen == [f"/{protos.package}.Echo/Say"]


@pytest.mark.parametrize("non_blocking", [True, False])
def test_health_is_answered_and_watched_across_a_swap(protos, serve, non_blocking):
    """The stock health servicer works, with a watch held open."""
    with ThreadPoolExecutor(2) as pool:
        servicer = health.HealthServicer(
            experimental_non_blocking=non_blocking, experimental_thread_pool=pool
        )
        channel = serve(
            lambda server: health_pb2_grpc.add_HealthServicer_to_server(servicer, server)
        )
        stub = health_pb2_grpc.HealthStub(channel)
        request, serving = health_pb2.HealthCheckRequest(), health_pb2.HealthCheckResponse
        watch = stub.Watch(request, timeout=LIMIT)
        assert next(watch).status == serving.SERVING
        swap()
        servicer.set("", serving.NOT_SERVING)
        assert next(watch).status == serving.NOT_SERVING
        assert stub.Check(request).status == serving.NOT_SERVING
        watch.cancel()
        servicer.enter_graceful_shutdown()


def test_call_that_waits_for_a_thread_during_a_swap_runs_new_code(protos, echo, serve):
    """A call that starts after a swap sees new code, also if it arrived before."""
    entered, leave = threading.Event(), threading.Event()

    def hold(self, request, context):
        entered.set()
        assert leave.wait(LIMIT)
        return protos.Text(text="old")

    type(echo).Say = hold
    with ThreadPoolExecutor(1) as pool:
        channel = serve(
            lambda server: protos.grpc.add_EchoServicer_to_server(echo, server), pool=pool
        )
        say = protos.call(channel, "unary_unary", "Say")
        first = say.future(protos.Text(), wait_for_ready=True)
        assert entered.wait(LIMIT)
        second = say.future(protos.Text())
        while not pool._work_queue.qsize():
            time.sleep(0.001)
        type(echo).Say = lambda self, request, context: protos.Text(text="new")
        with GATE.closed(0.01):
            proxies.refresh()
        leave.set()
        assert (first.result(LIMIT).text, second.result(LIMIT).text) == ("old", "new")


def test_error_of_a_handler_is_told_as_ever(protos, echo, channel):
    """Errors and aborts pass the gate, which is open again after them."""
    type(echo).Say = lambda self, request, context: 1 / 0
    type(echo).Tail = lambda self, request, context: context.abort(grpc.StatusCode.ABORTED, "no")
    swap()
    with pytest.raises(grpc.RpcError) as error:
        protos.say(channel)
    assert error.value.details() == "Exception calling application: division by zero"
    with pytest.raises(grpc.RpcError) as error:
        next(protos.call(channel, "unary_stream", "Tail")(protos.Text()))
    assert error.value.code() is grpc.StatusCode.ABORTED
    assert not GATE._running


def test_no_call_sees_half_a_swap(protos, echo, channel):
    """Eight clients never see values of two generations in one call."""
    state = SimpleNamespace(a=0, b=0)

    def versions(self, request, context):
        first = state.a
        time.sleep(0.001)
        return protos.Text(text="whole" if first == state.b else "torn")

    type(echo).Say = versions
    swap()
    ended, seen = threading.Event(), SimpleQueue()

    def client():
        while not ended.is_set():
            seen.put(protos.say(channel))

    threads = [threading.Thread(target=client) for _ in range(8)]
    for thread in threads:
        thread.start()
    for number in range(100):
        with GATE.closed(LIMIT):
            state.a = number
            time.sleep(0)
            proxies.refresh()
            state.b = number
        assert seen.get(timeout=LIMIT) == "whole"
    ended.set()
    for thread in threads:
        thread.join(LIMIT)
    rest = [seen.get() for _ in range(seen.qsize())]
    assert rest.count("torn") == 0


def test_importing_hotswap_imports_no_server_library():
    """Neither installing the hooks nor the decorator imports grpc or watchdog."""
    script = (
        "import sys, hotswap; from hotswap import servers\n"
        "servers.install(); servers.install()\n"
        "class Plain: pass\n"
        "assert hotswap.servicer(Plain) is Plain\n"
        "assert not {'grpc', 'watchdog', 'hotswap.servers.routing'} & set(sys.modules)\n"
        "import grpc\n"
        "assert 'hotswap.servers.grpc_aio' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True, cwd=Path(__file__).parents[2])
