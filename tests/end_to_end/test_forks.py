"""Several processes on one port: each follows the files, a restart replaces them all."""

from __future__ import annotations

import os
import socket
import sys

import grpc
import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ports are shared on Linux only")

LIMIT = 30.0
PROCESSES = 2

SERVER = """
    import multiprocessing, os, sys
    from concurrent import futures
    import grpc
    import words

    class Shape:
        __slots__ = ("a",)

    SHAPE = Shape()
    __hotswap__ = "restart"

    def say(request, context):
        return f"{os.getpid()} {words.text()}".encode()

    def serve(address):
        server = grpc.server(futures.ThreadPoolExecutor(2))
        handler = grpc.unary_unary_rpc_method_handler(say)
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler("test.Echo", {"Say": handler}),))
        server.add_insecure_port(address)
        server.start()
        print("serves", flush=True)
        server.wait_for_termination()

    if __name__ == "__main__":
        fork = multiprocessing.get_context("fork")
        workers = [fork.Process(target=serve, args=sys.argv[1:]) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
"""


@pytest.fixture
def folder(tmp_path):
    """A program of two files."""
    lines = SERVER.strip("\n").splitlines()
    (tmp_path / "server.py").write_text("\n".join(line[4:] for line in lines))
    (tmp_path / "words.py").write_text("def text():\n    return 'one'\n")
    return tmp_path


@pytest.fixture
def address():
    """An address that is free, and reserved for whoever shares it."""
    with socket.socket() as reserved:
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{reserved.getsockname()[1]}"


def call(address: str) -> tuple[int, str]:
    """Which process answers over a new connection, and what."""
    options = [("grpc.use_local_subchannel_pool", 1)]
    with grpc.insecure_channel(address, options) as channel:
        pid, text = channel.unary_unary("/test.Echo/Say")(b"", timeout=LIMIT).decode().split()
    return int(pid), text


def edit(path, old, new):
    text = path.read_text()
    assert text.count(old) == 1
    path.with_suffix(".new").write_text(text.replace(old, new))
    os.replace(path.with_suffix(".new"), path)


def answers(address, wanted):
    """Call until every process has answered, in the way that is wanted."""
    found = {}
    for _ in range(2000):
        pid, text = call(address)
        found[pid] = text
        if len(found) >= PROCESSES and set(found.values()) == {wanted}:
            return set(found)
    raise AssertionError(found)


def test_every_process_follows_the_files_and_a_restart_replaces_all(start, folder, address):
    """Neither the edit of a body nor that of a layout loses the port."""
    program = start(folder, "-m", "hotswap", "run", "server.py", address)
    program.wait_for("following")
    before = answers(address, "one")
    edit(folder / "words.py", "one", "two")
    assert answers(address, "two") == before
    edit(folder / "server.py", '("a",)', '("a", "b")')
    program.wait_for("serving")
    assert answers(address, "two").isdisjoint(before)
    program.process.terminate()
    assert program.ended() == -15
