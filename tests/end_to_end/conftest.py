"""Services made at test time, each with a name of its own: there is one descriptor pool."""

from __future__ import annotations

import importlib
import itertools
import os
from pathlib import Path

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
