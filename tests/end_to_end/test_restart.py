"""What cannot be applied in process is taken up by another one, and nobody stays without an answer."""

from __future__ import annotations

import importlib.util
import signal
import socket
import sys
import threading
from pathlib import Path

import grpc
import pytest
from grpc_tools import protoc

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ports are shared on Linux only")

LIMIT = 20.0
ANY = "127.0.0.1:0"


def target(program, count=1):
    """Where the server is that has said so."""
    return f"127.0.0.1:{program.wait_for('port', count).split()[1]}"


# -- with servers on both sides ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["grpc_sync.py", "grpc_aio.py"])
def test_a_grpc_server_is_handed_over(site, ask, name):
    """Open streams end whole, no call fails, and the port that was asked for as 0 stays."""
    program = site.run(name, ANY)
    old, address = ask.worker(program), target(program)
    with grpc.insecure_channel(address) as channel, ask.grpc(address) as answering:
        stream = channel.unary_stream("/test.Echo/Tail")(b"", timeout=LIMIT)
        first = next(stream)
        site.need_restart()
        new = ask.until(lambda: (pid := answering()) != old and pid)
        assert {first, *stream} == {b"%d" % old}
    assert "restart   shape.py:1" in program.wait_for("shape asks for a restart")
    assert ask.pids(program.wait_for("serving")) == [old, new]
    assert target(program, 2) == address
    ask.until(lambda: ask.is_gone(old))
    assert ask.children(program) == [new]


def answers_anew(answering, old, at):
    """Whether another process answers; a Unix socket may close in the instant of a call."""
    try:
        return answering() != old
    except grpc.RpcError as error:
        lost = (grpc.StatusCode.CANCELLED, grpc.StatusCode.UNAVAILABLE)
        if at == "unix" and error.code() in lost:
            return False
        raise


@pytest.mark.parametrize("name", ["grpc_sync.py", "grpc_aio.py"])
@pytest.mark.parametrize("at", ["port", "unix"])
def test_a_connection_age_makes_clients_move(site, ask, tmp_path, name, at):
    """They are asked to, so that none is there when the old server ends."""
    path = f"unix:{tmp_path}/socket"
    program = site.run(name, path if at == "unix" else ANY, options=("--connection-age", "0.2"))
    old = ask.worker(program)
    with ask.grpc(path if at == "unix" else target(program)) as answering:
        site.need_restart()
        ask.until(lambda: answers_anew(answering, old, at) and ask.is_gone(old))
    assert [line for line in program.lines if "cut" in line] == []


def test_a_unix_socket_never_loses_its_name(site, ask, tmp_path):
    """There is a server behind it at each moment, and none once all is over."""
    path = tmp_path / "socket"
    program = site.run("grpc_sync.py", f"unix:{path}")
    old, missing, over = ask.worker(program), [], threading.Event()

    def look():
        while not over.wait(0.0005):
            if not path.exists():
                missing.append(path)

    watching = threading.Thread(target=look)
    watching.start()
    with ask.grpc(f"unix:{path}") as answering:
        site.need_restart()
        ask.until(lambda: answers_anew(answering, old, "unix") and ask.is_gone(old))
    over.set()
    watching.join()
    assert missing == []
    program.process.send_signal(signal.SIGINT)
    program.ended()
    assert not path.exists()


def test_no_connection_is_refused_where_the_socket_outlives_the_process(site, ask):
    """They wait until somebody accepts them, and the port stays."""
    program = site.run("listens.py", 0)
    port, old = int(program.wait_for("port").split()[1]), ask.worker(program)
    site.need_restart()
    new = old
    while new == old or not ask.is_gone(old):
        socket.create_connection(("127.0.0.1", port), LIMIT).close()
        new = ask.http(port) or new
    assert ask.pids(program.wait_for("serving")) == [old, new]
    assert int(program.wait_for("port", 2).split()[1]) == port


# -- with one after the other -----------------------------------------------------------------


def test_a_port_that_cannot_be_shared_is_given_up_first(site, ask, port):
    """There is no other way; it is said."""
    program = site.run("grpc_sync.py", f"127.0.0.1:{port}", "alone")
    old = ask.worker(program)
    site.need_restart()
    why = f"before the next one starts: 127.0.0.1:{port} cannot be shared"
    assert f"pid {old} " in program.wait_for(why)
    new = ask.pids(program.wait_for("serving"))[1]
    with ask.grpc(f"127.0.0.1:{port}") as answering:
        assert answering() == new


@pytest.mark.parametrize("kind", ["http_server", "werkzeug_server", "asyncio_server"])
def test_a_plain_server_is_stopped_and_started(site, ask, port, kind):
    """Without a trace of it but the lines that say so."""
    if not importlib.util.find_spec(kind.removesuffix("_server").replace("http", "http.server")):
        pytest.skip("it is not installed")
    program = site.run(f"{kind}.py", port)
    old = ask.until(lambda: ask.http(port))
    site.need_restart()
    program.wait_for(f"pid {old}")
    assert ask.pids(program.wait_for("serving")) == [old, ask.http(port)]
    assert ask.is_gone(old)
    assert [line for line in program.lines if "Traceback" in line] == []


def test_a_loop_is_stopped_and_started(site, ask):
    """It listens nowhere."""
    program = site.run("loop.py", "given")
    site.need_restart()
    program.wait_for("before the next one starts: it listens nowhere")
    new = program.wait_for("loop", 2).split()
    assert new[2:] == ["given"]
    assert ask.pids(program.wait_for("serving")) == [ask.worker(program), int(new[1])]
    assert ask.children(program) == [int(new[1])]


def test_run_with_reloader_imports_all_before_the_old_process_ends(site, ask, port):
    """The main function is called in the main thread, once the port is free."""
    program = site.start("drop_in.py", port)
    program.wait_for("following")
    old = ask.until(lambda: ask.http(port))
    site.need_restart()
    assert ask.pids(program.wait_for("stopping"))[0] == old
    assert ask.pids(program.wait_for("serving")) == [old, ask.http(port)]
    assert program.wait_for("main", 2) == "main True"


# -- why --------------------------------------------------------------------------------------


def test_a_changed_main_block_needs_a_restart(site):
    """It is executed once only, at the start."""
    program = site.run("grpc_sync.py", ANY)
    site.edit("grpc_sync.py", "    serve()", "    print('again', flush=True)\n    serve()")
    assert "restart   grpc_sync.py:" in program.wait_for("restart ")
    program.wait_for("again")


def test_a_rebuilt_extension_needs_a_restart(site):
    """A process cannot load another one of the same name."""
    built = Path(pytest.importorskip("xxlimited").__file__)
    inside = site.folder / built.name
    inside.write_bytes(built.read_bytes())
    site.write("main.py", "import xxlimited\nprint(xxlimited.__file__, flush=True)\nimport loop\n")
    program = site.run("main.py")
    program.wait_for(str(inside))
    (site.folder / "linked.tmp").write_bytes(built.read_bytes() + bytes(16))
    (site.folder / "linked.tmp").replace(inside)
    assert inside.name in program.wait_for("restart ")
    program.wait_for("loop", 2)


def test_a_changed_message_needs_a_restart(site):
    """The pool of descriptors refuses another one of the same name."""

    def generate(field):
        text = f'syntax = "proto3"; package made; message Item {{ {field} a = 1; }}'
        site.write("shop.proto", text)
        places = [f"-I{site.folder}", f"--python_out={site.folder}"]
        assert protoc.main(["protoc", *places, "shop.proto"]) == 0

    generate("string")
    site.edit("grpc_sync.py", "import shape", "import shape\nimport shop_pb2")
    program = site.run("grpc_sync.py", ANY)
    generate("int32")
    program.wait_for("serving")
    assert [line for line in program.lines if "rejected" in line] == []


# -- while something else happens -------------------------------------------------------------


def test_what_is_saved_while_the_next_process_starts_is_taken_up(site):
    """By the one that starts, or by another one."""
    site.write("slow.py", "import time\nprint('slow', flush=True)\ntime.sleep(0.2)\n")
    site.edit("grpc_sync.py", "import shape", "import shape\nimport slow")
    program = site.run("grpc_sync.py", ANY)
    site.need_restart()
    program.wait_for("slow", 2)
    site.edit("shape.py", '"b",', '"b", "c",')
    program.wait_for("shape a b c")


def test_a_burst_of_saves_ends_with_what_was_saved_last(site, ask):
    """As a checkout of another branch is."""
    program = site.run("grpc_sync.py", ANY)
    text = (site.folder / "shape.py").read_text()
    for number in range(20):
        site.write("shape.py", text.replace('"a",', f'"a{number}",'))
        site.write("handler.py", f"NUMBER = {number}\n")
    program.wait_for("shape a19")
    ask.until(lambda: len(ask.children(program)) == 1)


def test_a_restart_without_end_is_put_off(site):
    """A program that changes its own files would go on so for ever."""
    site.write(
        "main.py",
        "import os, shape\n"
        "text = open('shape.py').read().split(')', 1)[1]\n"
        "open('shape.new', 'w').write(f'class Shape:\\n  __slots__ = (\"p{os.getpid()}\",){text}')\n"
        "os.replace('shape.new', 'shape.py')\n"
        "import loop\n",
    )
    program = site.run("main.py")
    program.wait_for("again and again: the next one in 2 s")
    assert sum("loop" in line for line in program.lines) == 6


def test_a_save_that_is_not_hasty_is_not_put_off(site):
    """Nobody waits for what was put off before."""
    hasty = (
        "import os, hotswap.supervisor as s\n"
        "s.Backoff.is_hasty = staticmethod(lambda lived: not os.path.exists('patient'))\n"
        "s.Backoff.pause = lambda self, lived: 1000.0 if self.is_hasty(lived) else 0.0\n"
        "from hotswap.cli import main; main()"
    )
    program = site.start("-c", hasty, "run", "loop.py")
    program.wait_for("following")
    site.need_restart()
    program.wait_for("again and again: the next one in 1000 s")
    site.write("patient", "")
    site.edit("shape.py", '"b",', '"b", "c",')
    program.wait_for("loop", 2)


def test_what_cannot_be_written_down_is_done_all_the_same(site):
    """The disk is full, or nobody reads any more."""
    site.write(
        "main.py",
        "import os\nos.dup2(os.open('/dev/full', os.O_WRONLY), 2)\nimport loop\n",
    )
    program = site.start("-m", "hotswap", "run", "main.py")
    program.wait_for("loop")
    site.need_restart()
    program.wait_for("loop", 2)
