"""The demo itself: a project in a temporary folder, edited while it serves."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from hotswap.demo.actors import Client, Lost, Server
from hotswap.demo.scenes import FIRST_REPLY, SCENES, Scene

_PROJECT = Path(__file__).with_name("project")
_CALLS_AFTER_REJECTION = 50


@dataclass
class _Demo:
    console: Console
    folder: Path
    server: Server
    client: Client
    pause: float
    times: list[tuple[Scene, float | None]] = field(default_factory=list)

    def play(self, scene: Scene) -> None:
        """Make an edit, and wait until it is served."""
        path = self.folder / scene.file
        before = path.read_text(encoding="utf-8")
        self.announce(scene, before)
        said, calls = len(self.server.told), self.client.calls
        saved = time.perf_counter()
        path.write_text(scene.edited(before), encoding="utf-8")
        if scene.outcome == "rejected":
            self.server.told.wait_for(scene.outcome, said)
            self.client.more_calls(_CALLS_AFTER_REJECTION)
            self.times.append((scene, None))
            self.say(f"the client still gets “{scene.reply}”: {self.client.calls - calls} calls")
        else:
            took = self.client.first_seen(scene.reply) - saved
            self.server.told.wait_for(scene.outcome, said)
            self.times.append((scene, took))
            self.say(f"the client gets “{scene.reply}” {took * 1000:.1f} ms after the save")
        time.sleep(self.pause)

    def announce(self, scene: Scene, before: str) -> None:
        """Show what will be saved."""
        self.console.print(f"\n[bold]{len(self.times) + 1}. {scene.title}[/]")
        for line in scene.diff(before):
            style = "red" if line.startswith("-") else "green"
            self.console.print(Text(f"   {scene.file}  {line}", style))
        time.sleep(self.pause)

    def say(self, text: str) -> None:
        """Tell what the client saw."""
        self.console.print(Text(f"   {text}"))

    def sum_up(self) -> None:
        """The figures of the whole run."""
        edits = Table("edit", "outcome", "save → served", box=None, pad_edge=False)
        for scene, took in self.times:
            served = "the old code serves" if took is None else f"{took * 1000:.1f} ms"
            edits.add_row(scene.file, scene.outcome, served)
        totals = Table.grid(padding=(0, 2))
        totals.add_row("calls made", f"{self.client.calls}")
        totals.add_row("calls failed", f"{len(self.client.failures)}")
        totals.add_row("slowest answer", f"{self.client.slowest * 1000:.1f} ms")
        totals.add_row("stream held open", f"{self.client.ticks} messages, never cut")
        for table in (edits, totals):
            self.console.print()
            self.console.print(table)


def show(*, fast: bool = False) -> int:
    """
    Play the demo in the terminal; 0 if all edits were served and no call failed.

    Args:
        fast: Without pauses to read.
    """
    console = Console(highlight=False, soft_wrap=True)
    with tempfile.TemporaryDirectory(prefix="hotswap-demo-") as name:
        folder = Path(name).resolve()
        shutil.copytree(_PROJECT, folder, dirs_exist_ok=True)
        console.print(f"A gRPC server in {folder}, started with [bold]hotswap run server.py[/].")
        console.print("A client calls it without a pause and holds a stream open.\n")
        server = Server(str(folder), lambda line: _relay(console, line), colour=console.is_terminal)
        try:
            return _play(console, folder, server, 0.0 if fast else 2.0)
        except Lost as lost:
            print(f"hotswap demo: {lost}", file=sys.stderr)  # noqa: T201
            return 1
        finally:
            server.stop()


def _play(console: Console, folder: Path, server: Server, pause: float) -> int:
    client = Client(server.port())
    demo = _Demo(console, folder, server, client, pause)
    client.start()
    try:
        client.first_seen(FIRST_REPLY)
        server.told.wait_for("following")
        demo.say(f"the client gets “{FIRST_REPLY}”")
        for scene in SCENES:
            demo.play(scene)
        running = server.is_running()
    finally:
        client.stop()
    demo.sum_up()
    return 0 if running and not client.failures else 1


def _relay(console: Console, line: str) -> None:
    """A line of the server's own."""
    console.print(Text("   │ ", "dim") + Text.from_ansi(line))
