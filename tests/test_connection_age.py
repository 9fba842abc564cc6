"""Clients are asked to connect anew, wherever that costs no call."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from hotswap.servers import grpc, hooks
from hotswap.servers.addresses import Addresses
from hotswap.servers.lifecycle import LIFECYCLE
from hotswap.servers.routing import Style

AGE = ("grpc.max_connection_age_ms", 2000)


class Server:
    """As gRPC's: what it is made with counts from then on."""

    def __init__(self, options=None, generic_handlers=None):
        self.options, self.handlers = options, generic_handlers

    def add_generic_rpc_handlers(self, handlers):
        pass

    def add_insecure_port(self, address):
        return 1


@pytest.fixture
def make(monkeypatch):
    """Make a server of a library that is followed."""
    monkeypatch.setattr(LIFECYCLE, "connection_age", 2.0)
    monkeypatch.setattr(hooks, "ADDRESSES", Addresses())
    made = type("Server", (), dict(vars(Server)))
    hooks.follow(SimpleNamespace(Server=made), "Server", Style(grpc._kind, grpc.face))
    return made


@pytest.mark.parametrize(
    ("addresses", "asked"),
    [
        (["127.0.0.1:0"], [AGE]),
        (["[::]:1"], [AGE]),
        (["unix:/tmp/socket"], []),
        (["unix:socket"], []),
        (["unix-abstract:socket"], []),
        (["127.0.0.1:0", "unix:socket"], [AGE]),
        (["unix:socket", "127.0.0.1:0"], []),
    ],
)
def test_connections_over_a_unix_socket_stay(make, addresses, asked):
    """The first address tells which kind a server has."""
    server = make(options=[("other", 1)])
    for address in addresses:
        server.add_insecure_port(address)
    assert server.options == [*asked, ("other", 1)]


def test_a_server_that_is_made_anew_has_its_handlers(make):
    """Those that it was made with, and those that were added before it had a port."""
    server = make()
    before = server.handlers
    server.add_insecure_port("unix:socket")
    assert server.handlers == before
