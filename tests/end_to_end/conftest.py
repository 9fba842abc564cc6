"""
Services made at test time, each with a name of its own: there is one descriptor pool. Programs in
a folder, and those who ask which process answers.
"""

from __future__ import annotations

import contextlib
import http.client
import importlib
import itertools
import os
import re
import socket
import time
from pathlib import Path

import grpc
import grpc_tools
import pytest
from grpc_tools import protoc

from hotswap import servers

ECHO = """
  rpc Say(Text) returns (Text);
  rpc Tail(Text) returns (stream Text);
  rpc Sum(stream Text) returns (Text);
  rpc Chat(stream Text) returns (stream Text);
"""


LIMIT = 20.0

_numbers = itertools.count()


class Protos:
    """A .proto file with one message and one service, and the code generated from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = f"made_{os.getpid()}_{next(_numbers)}"
        self.generate(ECHO)
        self.pb2 = importlib.import_module(f"{self.package}_pb2")
        self.grpc = importlib.import_module(f"{self.package}_pb2_grpc")
        self.Text = self.pb2.Text

    def generate(self, rpcs: str, more: str = "") -> None:
        """Write the generated code for a service with these RPCs."""
        (self.folder / f"{self.package}.proto").write_text(
            f'syntax = "proto3"; package {self.package};\n'
            f"message Text {{ string text = 1; }}\nservice Echo {{ {rpcs} }}\n{more}",
        )
        standard = Path(grpc_tools.__file__).parent / "_proto"
        places = [f"-I{self.folder}", f"-I{standard}"]
        out = [f"--python_out={self.folder}", f"--grpc_python_out={self.folder}"]
        assert protoc.main(["protoc", *places, *out, f"{self.package}.proto"]) == 0

    def regenerate(self, rpcs: str, more: str = "") -> None:
        """Generate anew, and execute what has changed in the module as it is."""
        self.generate(rpcs, more)
        source = (self.folder / f"{self.package}_pb2_grpc.py").read_text()
        exec(compile(source, self.grpc.__file__, "exec"), vars(self.grpc))

    def call(self, channel, arity: str, rpc: str, service: str = "Echo"):
        """Return what calls an RPC by its name, whatever the generated code says of it now."""
        return getattr(channel, arity)(
            f"/{self.package}.{service}/{rpc}",
            request_serializer=self.Text.SerializeToString,
            response_deserializer=self.Text.FromString,
        )

    def say(self, channel, text: str = "x", rpc: str = "Say") -> str:
        """Call a unary RPC and return the text it answers."""
        return self.call(channel, "unary_unary", rpc)(self.Text(text=text), timeout=LIMIT).text


@pytest.fixture
def protos(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(tmp_path)
    servers.install()
    return Protos(tmp_path)


@pytest.fixture
def followed_protos(project):
    """The same as modules of the project."""
    servers.install()
    return Protos(project.folder)


class Site:
    """
    A program in a folder of its own, with all that stands in `programs` beside it.

    `shape.py` is what the tests edit.
    """

    def __init__(self, folder: Path, start) -> None:
        self.folder, self._start = folder, start
        for path in Path(__file__).with_name("programs").glob("*.py"):
            (folder / path.name).write_bytes(path.read_bytes())

    def write(self, name: str, text: str) -> None:
        """Save a file as editors do."""
        beside = self.folder / f".{name}.new"
        beside.write_text(text)
        beside.replace(self.folder / name)

    def edit(self, name: str, old: str, new: str) -> None:
        """Replace the one place where a file has `old`."""
        text = (self.folder / name).read_text()
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))

    def need_restart(self) -> None:
        """Save an edit that cannot be applied in process."""
        self.edit("shape.py", '"a",', '"a", "b",')

    def start(self, *arguments: object):
        """Start the program, under `hotswap run` or alone."""
        return self._start(self.folder, *map(str, arguments))

    def run(self, name: str, *arguments: object, options: tuple[str, ...] = ()):
        """Start a program under `hotswap run`, and wait until its edits are noticed."""
        program = self.start("-m", "hotswap", "run", *options, name, *arguments)
        program.wait_for("following")
        if name == "grpc_sync.py":
            program.wait_for("shape ")  # it serves; that it is followed may be said before
        return program


@pytest.fixture
def site(tmp_path, start):
    return Site(tmp_path, start)


@pytest.fixture
def port():
    """A port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


class Ask:
    """Questions about processes, that are asked until there is an answer."""

    def until(self, condition):
        """What `condition` returns once that is true; nothing tells when it is."""
        end = time.monotonic() + LIMIT
        while not (found := condition()):
            assert time.monotonic() < end, condition
            time.sleep(0.01)
        return found

    def http(self, port: int) -> int | None:
        """The process that answers a request; None if none does."""
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=LIMIT)) as to:
            try:
                to.request("GET", "/")
                return int(to.getresponse().read())
            except (ConnectionError, http.client.HTTPException):
                return None

    @contextlib.contextmanager
    def grpc(self, address: str):
        """Yield a function that returns the process that answers, over one channel."""
        with grpc.insecure_channel(address) as channel:
            yield lambda: int(channel.unary_unary("/test.Echo/Say")(b"", timeout=LIMIT))

    def is_gone(self, pid: int) -> bool:
        """Whether a process is not there, not even as a zombie."""
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        return False

    def pids(self, line: str) -> list[int]:
        """Those that a line of hotswap's tells of."""
        return [int(number) for number in re.findall(r"\d+", line.partition("pid")[2])][:2]

    def worker(self, program) -> int:
        """The process that the banner names."""
        return self.pids(program.wait_for("following"))[0]

    def children(self, program) -> list[int]:
        """The processes that the supervisor has."""
        pid = program.process.pid
        return [*map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


@pytest.fixture
def ask():
    return Ask()
