"""Sockets that listen are found, with who else may listen there."""

from __future__ import annotations

import select
import socket
import sys
from contextlib import ExitStack, closing
from itertools import permutations

import pytest

from hotswap import listeners
from hotswap.listeners import Listener

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ports are shared on Linux only")


@pytest.fixture
def bind():
    """Listen, or not, at an address; ended with the test."""
    with ExitStack() as opened:

        def bind(family, address, *, shared=False, listens=True):
            one = opened.enter_context(closing(socket.socket(family)))
            if shared:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(address)
            if listens:
                one.listen()
            return one

        yield bind


@pytest.fixture
def found():
    """What listens that did not before."""
    before = listeners.listening()
    return lambda kept=(): listeners.listening(kept) - before


@pytest.mark.parametrize("shared", [True, False])
def test_a_port_is_shareable_if_its_socket_says_so(bind, found, shared):
    """Only then another process may listen there."""
    one = bind(socket.AF_INET, ("127.0.0.1", 0), shared=shared)
    assert found() == {Listener(f"127.0.0.1:{one.getsockname()[1]}", shareable=shared)}


def test_addresses_of_both_families_are_written_as_people_do(bind, found):
    """An IPv4 address that a socket of IPv6 listens at, too."""
    one = bind(socket.AF_INET6, ("::1", 0))
    other = bind(socket.AF_INET6, ("::ffff:127.0.0.1", 0))
    texts = {f"[::1]:{one.getsockname()[1]}", f"127.0.0.1:{other.getsockname()[1]}"}
    assert {each.address for each in found()} == texts


def test_unix_sockets(bind, found, tmp_path):
    """A path can be moved aside, an abstract name cannot."""
    path = str(tmp_path / "s")
    bind(socket.AF_UNIX, path)
    bind(socket.AF_UNIX, f"\0{path}")
    named, abstract = Listener(path, shareable=True), Listener(f"@{path}", shareable=False)
    assert found() == {named, abstract}
    assert (named.is_path, abstract.is_path) == (True, False)


def test_what_does_not_listen_is_none(bind, found):
    """Bound sockets, connections, datagrams."""
    bind(socket.AF_INET, ("127.0.0.1", 0), listens=False)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.1", 0))
        assert found() == set()


def test_a_kept_socket_can_be_shared_and_is_not_the_programs(bind, found):
    """The copy that the program listens on says where it is."""
    one = bind(socket.AF_INET, ("127.0.0.1", 0))
    assert found([one.fileno()]) == set()
    with one.dup():
        address = f"127.0.0.1:{one.getsockname()[1]}"
        assert found([one.fileno()]) == {Listener(address, shareable=True)}


def test_the_newest_of_two_gets_all_connections(bind):
    """Until it is alone: then it gets them all the same."""
    old = bind(socket.AF_INET, ("127.0.0.1", 0), shared=True)
    new = bind(socket.AF_INET, old.getsockname(), shared=True)
    assert listeners.steer_to_newest()
    new.settimeout(20)
    for _ in range(20):
        socket.create_connection(old.getsockname()).close()
        new.accept()[0].close()
    old.settimeout(0)
    with pytest.raises(BlockingIOError):
        old.accept()


@pytest.mark.parametrize("leaving", list(permutations(range(3))))
def test_the_newest_get_all_connections_while_the_others_leave_one_by_one(bind, leaving):
    """In whatever order they do; those that are left share all that comes."""
    first = bind(socket.AF_INET, ("127.0.0.1", 0), shared=True)
    address = first.getsockname()
    old = [first, *(bind(socket.AF_INET, address, shared=True) for _ in leaving[1:])]
    new = [bind(socket.AF_INET, address, shared=True) for _ in leaving]
    assert listeners.steer_to_newest(len(new))
    for one in leaving:
        assert _made_at(address, new) == _CONNECTIONS
        old[one].close()
    assert _made_at(address, new) == _CONNECTIONS


_CONNECTIONS = 30


def _made_at(address, sockets):
    """How many of some connections to an address are made with one of these sockets."""
    with ExitStack() as opened:
        for _ in range(_CONNECTIONS):
            opened.enter_context(socket.create_connection(address))
        made = 0
        while ready := select.select(sockets, [], [], 0)[0]:
            for one in ready:
                one.accept()[0].close()
                made += 1
        return made


def test_nobody_is_steered_where_not_two_share(bind):
    """One is alone, or there is a third."""
    bind(socket.AF_INET, ("127.0.0.1", 0), shared=True)
    assert not listeners.steer_to_newest()


def test_no_further_connections(bind):
    """The open ones stay, and the port is another's."""
    old = bind(socket.AF_INET, ("127.0.0.1", 0), shared=True)
    with socket.create_connection(old.getsockname()) as connection:
        accepted, _ = old.accept()
        listeners.close_to_new_connections()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(old.getsockname())
        with accepted:
            accepted.send(b"still here")
            assert connection.recv(20) == b"still here"
