"""The server under `hotswap run`, and the client that calls it without a pause."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import IO, Any

import grpc
from google.protobuf.wrappers_pb2 import StringValue

PATIENCE = 20.0
"""Seconds after which something that should take milliseconds is given up."""
_PAUSE = 0.001


class Lost(Exception):  # noqa: N818 - it ends the demo, it is nobody's error yet
    """What was waited for did not come."""


class Lines:
    """The lines that a process writes, as they come."""

    def __init__(self, stream: IO[str], told: Callable[[str], None] = lambda _: None) -> None:
        self._lines: list[str] = []
        self._told = told
        self._ended = False
        self._came = threading.Condition()
        threading.Thread(target=self._read, args=(stream,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._told(line.rstrip("\n"))
            with self._came:
                self._lines.append(line)
                self._came.notify_all()
        with self._came:
            self._ended = True
            self._came.notify_all()

    def __len__(self) -> int:
        return len(self._lines)

    def wait_for(self, word: str, start: int = 0) -> str:
        """The first line from number `start` on that has `word` in it."""
        with self._came:
            self._came.wait_for(lambda: self._ended or self._find(word, start), PATIENCE)
            line = self._find(word, start)
        if not line:
            raise Lost(f"the server did not say {word!r}")
        return line

    def _find(self, word: str, start: int) -> str:
        return next((line for line in self._lines[start:] if word in line), "")


class Server:
    """`hotswap run server.py` in a folder."""

    def __init__(self, folder: str, told: Callable[[str], None], *, colour: bool) -> None:
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
        if colour:
            environment["FORCE_COLOR"] = "1"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "hotswap", "run", "server.py"],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._output = Lines(self._process.stdout)
        self.told = Lines(self._process.stderr, told)

    def port(self) -> int:
        """The port that it listens on, once it does."""
        return int(self._output.wait_for("listening on port").split()[-1])

    def is_running(self) -> bool:
        """Whether the process that was started is still there."""
        return self._process.poll() is None

    def stop(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()


class Client(threading.Thread):
    """Calls the server until told to stop, with one stream open all the while."""

    def __init__(self, port: int) -> None:
        super().__init__(name="demo-client", daemon=True)
        self.calls = 0
        self.failures: list[str] = []
        self.slowest = 0.0
        self.ticks = 0
        self._first_seen: dict[str, float] = {}
        self._came = threading.Condition()
        self._ended = threading.Event()
        self._channel = grpc.insecure_channel(f"127.0.0.1:{port}")
        self._greet = self._method(self._channel.unary_unary, "Greet")
        self._stream = self._method(self._channel.unary_stream, "Tick")(StringValue())
        threading.Thread(target=self._follow_stream, daemon=True).start()

    def _method(self, kind: Any, name: str) -> Any:
        return kind(f"/demo.Greeter/{name}", StringValue.SerializeToString, StringValue.FromString)

    def run(self) -> None:
        """Call, note down what came, and call again."""
        while not self._ended.wait(_PAUSE):
            began = time.perf_counter()
            try:
                text = self._greet(StringValue(value="you"), timeout=PATIENCE).value
            except grpc.RpcError as error:
                text = ""
                self.failures.append(str(error))
            self._note(text, began, time.perf_counter())

    def _note(self, text: str, began: float, now: float) -> None:
        with self._came:
            self.calls += 1
            self.slowest = max(self.slowest, now - began)
            self._first_seen.setdefault(text.partition(" (")[0], now)
            self._came.notify_all()

    def _follow_stream(self) -> None:
        try:
            for _ in self._stream:
                self.ticks += 1
        except grpc.RpcError as error:
            if not self._ended.is_set():
                self.failures.append(str(error))

    def first_seen(self, reply: str) -> float:
        """When the reply first came; waits for it."""
        self._wait(lambda: reply in self._first_seen, f"the reply {reply!r}")
        return self._first_seen[reply]

    def more_calls(self, count: int) -> None:
        """Wait until so many more calls were answered."""
        goal = self.calls + count
        self._wait(lambda: self.calls >= goal, f"{count} more answers")

    def _wait(self, ready: Callable[[], bool], what: str) -> None:
        with self._came:
            if not self._came.wait_for(ready, PATIENCE):
                raise Lost(f"the client did not get {what}")

    def stop(self) -> None:
        """End the stream and the calls."""
        self._ended.set()
        self.join()
        self._channel.close()
