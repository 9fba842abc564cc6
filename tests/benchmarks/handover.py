"""
How many calls are lost while one process after the other takes a port over?

    python tests/benchmarks/handover.py [--restarts 30] [--aio] [--connection-age 1] [--at unix]

A server runs under `hotswap run`; client processes call it without a pause, each in its own way:
over a new channel for each call, over one channel, calls of 50 ms, streams of half a second. An
edit that needs a restart is saved again and again. The table says for each client how many calls
it made, and which failed. A plain start of the same server is measured between the restarts.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import grpc

SERVER = """
import {library}, os, sys, time
from concurrent import futures
import grpc

class Shape:
    __slots__ = ("a",)  # edited

KEEP = [Shape()]
__hotswap__ = "restart"

{handlers}

def handlers():
    unary, stream = grpc.unary_unary_rpc_method_handler, grpc.unary_stream_rpc_method_handler
    return grpc.method_handlers_generic_handler(
        "test.Echo", {{"Say": unary(say), "Slow": unary(slow), "Tail": stream(tail)}})

{main}
"""

SYNC = {
    "library": "threading",
    "handlers": """
def say(request, context):
    return b"%d" % os.getpid()

def slow(request, context):
    time.sleep(0.05)
    return b"%d" % os.getpid()

def tail(request, context):
    for _ in range(10):
        time.sleep(0.05)
        yield b"%d" % os.getpid()
""",
    "main": """
if __name__ == "__main__":
    server = grpc.server(futures.ThreadPoolExecutor(32))
    server.add_generic_rpc_handlers((handlers(),))
    print(server.add_insecure_port(sys.argv[1]), flush=True)
    server.start()
    server.wait_for_termination()
""",
}

AIO = {
    "library": "asyncio",
    "handlers": """
async def say(request, context):
    return b"%d" % os.getpid()

async def slow(request, context):
    await asyncio.sleep(0.05)
    return b"%d" % os.getpid()

async def tail(request, context):
    for _ in range(10):
        await asyncio.sleep(0.05)
        yield b"%d" % os.getpid()
""",
    "main": """
async def main():
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((handlers(),))
    print(server.add_insecure_port(sys.argv[1]), flush=True)
    await server.start()
    await server.wait_for_termination()

if __name__ == "__main__":
    asyncio.run(main())
""",
}

CLIENTS = ("new channel", "one channel", "50 ms", "stream")


def call_once(kind: str, channel: grpc.Channel) -> str:
    """One call of a kind; returns which process answered."""
    if kind == "stream":
        answers = channel.unary_stream("/test.Echo/Tail")(b"", timeout=20)
        return "/".join(dict.fromkeys(answer.decode() for answer in answers))
    name = "Slow" if kind == "50 ms" else "Say"
    return channel.unary_unary(f"/test.Echo/{name}")(b"", timeout=20).decode()


def client(kind: str, target: str) -> None:
    """Call without a pause until stdin ends; then write down what came of it."""
    over = threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), over.set()), daemon=True).start()
    calls, failures, answered = 0, collections.Counter(), collections.Counter()
    options = [("grpc.use_local_subchannel_pool", 1)]
    channel = grpc.insecure_channel(target, options)
    while not over.is_set():
        calls += 1
        try:
            if kind == "new channel":
                with grpc.insecure_channel(target, options) as fresh:
                    answered[call_once(kind, fresh)] += 1
            else:
                answered[call_once(kind, channel)] += 1
        except grpc.RpcError as error:
            failures[f"{error.code().name}: {error.details()}"] += 1
            time.sleep(0.005)
    print(json.dumps([calls, failures, len(answered)]))


class Server:
    """The server under `hotswap run`, and the edit that needs a restart."""

    def __init__(self, folder: Path, at: str, *, aio: bool, options: list[str]) -> None:
        self.path = folder / "server.py"
        self.path.write_text(SERVER.format(**(AIO if aio else SYNC)))
        address = f"unix:{folder}/socket" if at == "unix" else "127.0.0.1:0"
        command = [sys.executable, "-m", "hotswap", "run", *options, "server.py", address]
        self.process = subprocess.Popen(
            command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        port = self.process.stdout.readline().strip()
        self.target = address if at == "unix" else f"127.0.0.1:{port}"
        self.lines: list[str] = []
        self._came = threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()
        self.wait_for("following", 1)

    def _read(self) -> None:
        for line in self.process.stderr:
            with self._came:
                self.lines.append(line.rstrip())
                self._came.notify_all()

    def wait_for(self, word: str, count: int) -> None:
        """Until so many lines have that word."""
        with self._came:
            done = self._came.wait_for(
                lambda: sum(word in line for line in self.lines) >= count, timeout=60
            )
        assert done, "\n".join(self.lines)

    def restart(self, number: int) -> float:
        """Save the edit; returns the seconds until the next process serves."""
        source = self.path.read_text()
        before = source[source.index("    __slots__") : source.index("  # edited")]
        other = self.path.with_suffix(".new")
        other.write_text(source.replace(before, f'    __slots__ = ("a", "b{number}")'))
        began = time.monotonic()
        os.replace(other, self.path)
        self.wait_for("serving", number)
        return time.monotonic() - began

    def figures(self) -> dict[str, int]:
        """Descriptors, threads, children and memory (in kB) of the supervisor."""
        process = Path("/proc", str(self.process.pid))
        status = dict(line.split(":", 1) for line in (process / "status").read_text().splitlines())
        children = (process / "task" / process.name / "children").read_text().split()
        return {
            "descriptors": len(list((process / "fd").iterdir())),
            "threads": int(status["Threads"]),
            "children": len(children),
            "kB": int(status["VmRSS"].split()[0]),
        }

    def stop(self) -> None:
        """End it, and with it the program."""
        self.process.terminate()
        self.process.wait(30)


def plain_start(folder: Path) -> float:
    """Seconds from the start of the same server under plain python until it serves."""
    began = time.monotonic()
    command = [sys.executable, "server.py", "127.0.0.1:0"]
    with subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE) as process:
        process.stdout.readline()
        took = time.monotonic() - began
        process.kill()
    return took


def report(took: list[float], plain: list[float], before: dict, after: dict) -> None:
    """How long a restart took, as such and beside a plain start; what of the supervisor grew."""
    middle, usual = statistics.median(took), statistics.median(plain)
    print(f"save to serving: median {middle:.2f} s, longest {max(took):.2f} s; ", end="")
    print(f"plain start: median {usual:.2f} s; ratio {middle / usual:.2f}")
    print("supervisor:", ", ".join(f"{key} {before[key]} → {after[key]}" for key in after))


def measure(restarts: int, at: str, *, aio: bool, options: list[str], pause: float) -> list[tuple]:
    """One row a kind of client: kind, calls, failures by what they said, processes seen."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), at, aio=aio, options=options)
        command = [sys.executable, __file__, "--client"]
        clients = {
            kind: subprocess.Popen(
                [*command, kind, "--target", server.target],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for kind in CLIENTS
        }
        time.sleep(1)
        took, plain, before = [], [], {}
        for number in range(1, restarts + 1):
            plain.append(plain_start(Path(folder)))
            took.append(server.restart(number))
            time.sleep(pause)
            before = before or server.figures()
        rows = []
        for kind, process in clients.items():
            rows.append((kind, *json.loads(process.communicate()[0])))
        report(took, plain, before, server.figures())
        server.stop()
        return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--restarts", type=int, default=30)
    parser.add_argument("--aio", action="store_true")
    parser.add_argument("--connection-age", type=float)
    parser.add_argument("--pause", type=float, default=1.0, help="seconds between two restarts")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--target", help=argparse.SUPPRESS)
    parser.add_argument("--at", choices=["port", "unix"], default="port")
    given = parser.parse_args()
    if given.client:
        client(given.client, given.target)
        return
    age = given.connection_age
    options = [] if age is None else ["--connection-age", str(age)]
    pause = given.pause + 2 * (age or 0)
    rows = measure(given.restarts, given.at, aio=given.aio, options=options, pause=pause)
    print(f"{'client':12} {'calls':>7} {'failed':>7} {'processes':>9}")
    for kind, calls, failures, processes in rows:
        print(f"{kind:12} {calls:7} {sum(failures.values()):7} {processes:9}  {failures or ''}")


if __name__ == "__main__":
    main()
