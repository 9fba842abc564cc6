"""Messages come whole, in order, with their descriptors, and end with either side."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from contextlib import closing

import pytest

from hotswap.channel import Channel


@pytest.fixture
def ends():
    first, second = Channel.pair()
    with closing(first), closing(second):
        yield first, second


@pytest.fixture
def file(tmp_path):
    descriptor = os.open(tmp_path / "file", os.O_CREAT | os.O_RDWR)
    yield descriptor
    os.close(descriptor)


def test_what_is_said_is_heard(ends):
    """In both directions, in order."""
    first, second = ends
    assert first.send("restart", why="so", at=1.5)
    assert first.send("ready", steered=False)
    assert second.send("stop")
    assert second.receive() == ({"say": "restart", "why": "so", "at": 1.5}, [])
    assert second.receive() == ({"say": "ready", "steered": False}, [])
    assert first.receive() == ({"say": "stop"}, [])


def test_a_message_longer_than_the_socket_holds(ends):
    """It is taken in pieces."""
    first, second = ends
    text = "é" * 3_000_000
    speaker = threading.Thread(target=lambda: first.send("failed", text=text))
    speaker.start()
    assert second.receive() == ({"say": "failed", "text": text}, [])
    speaker.join()


def test_threads_do_not_mix_what_they_say(ends):
    """Each message is whole."""
    first, second = ends
    texts = [str(number) * 50_000 for number in range(8)]
    speakers = [threading.Thread(target=first.send, args=("x",), kwargs={"text": t}) for t in texts]
    for speaker in speakers:
        speaker.start()
    assert sorted(second.receive()[0]["text"] for _ in texts) == texts
    for speaker in speakers:
        speaker.join()


def test_descriptors_belong_to_their_message(ends, file):
    """They are copies, which do not go on to the programs that the receiver starts."""
    first, second = ends
    first.send("go")
    first.send("keep", [file], address="a")
    first.send("keep", [file, file], address="b")
    heard = [second.receive() for _ in range(3)]
    assert [len(descriptors) for _, descriptors in heard] == [0, 1, 2]
    for copy in heard[1][1] + heard[2][1]:
        assert os.fstat(copy).st_ino == os.fstat(file).st_ino
        assert not os.get_inheritable(copy)
        os.close(copy)


@pytest.mark.parametrize("said", [b"", b"\0\0", b"\0\0\0\x09{"])
def test_the_end_is_heard(said):
    """Also in the middle of a message."""
    first, second = Channel.pair()
    with closing(second):
        first._socket.send(said) if said else None
        first.close()
        assert second.receive() is None
        assert second.send("go") is False
    assert (first.fileno(), second.fileno()) == (-1, -1)


def test_it_does_not_outlive_exec(ends):
    """A program started from here has neither end."""
    numbers = [str(end.fileno()) for end in ends]
    code = "import os, sys; print([os.path.exists(f'/dev/fd/{n}') for n in sys.argv[1:]])"
    command = [sys.executable, "-c", code, *numbers]
    done = subprocess.run(command, close_fds=False, capture_output=True, check=True)
    assert done.stdout == b"[False, False]\n"
