"""
How does a program let itself be attached to?

It listens on a Unix socket that only its user can reach. Each client has three threads here, for as
long as it stays: one hears it, one runs its commands, and one sends what they write. The program's
own threads have no part in it, but for what is awaited.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import platform
import queue
import sys
import threading
import traceback
from typing import TYPE_CHECKING, Any

from hotswap.channel import Channel, Message
from hotswap.console import Console
from hotswap.repl import places, routes, words
from hotswap.repl.commands import MAIN, Commands, NoModule
from hotswap.repl.connection import PROTOCOL
from hotswap.repl.magic import HELP, Magic
from hotswap.repl.outbox import Outbox
from hotswap.repl.pending import LONGEST_WAIT
from hotswap.tracebacks import program_only

if TYPE_CHECKING:
    from hotswap.reloader import Reloader
    from hotswap.report import Report
    from hotswap.worker import Worker

_SAYS_GOODBYE_WITHIN = 0.5
_PULLS_AGAIN_AFTER = 1.0
_HELP = """\
Any Python; what can be awaited is awaited on the program's event loop. `_` is the last value.

%in MODULE      run commands in another module that the program has imported
%in             go back to the main module
%hotswap ...    on, off, now, status, plan, why, undo: what is done to the modules

Ctrl-C interrupts a command, Ctrl-D leaves; the program runs on.
"""
_HELPS = {"%help": _HELP, "?": _HELP, "%hotswap?": HELP, "?%hotswap": HELP}


def let_in(name: str, reloader: Reloader, worker: Worker | None) -> str:
    """Let people attach to this process; returns the name, or nothing if that cannot be."""
    try:
        server = Server(reloader, name, os.getpid() if worker is None else os.getppid())
    except OSError as error:
        print(f"hotswap: nobody can attach: {error}", file=sys.stderr)  # noqa: T201
        return ""
    if worker is not None:
        worker.leave = server.close
    return name


class Server:
    """Where this process can be attached at."""

    def __init__(self, reloader: Reloader, name: str, supervisor: int) -> None:
        self.reloader, self.name = reloader, name
        self.magic = Magic(_Extension(reloader))
        self._console = Console(lambda: reloader.modules)
        self._socket, self._path = places.listen(name, supervisor)
        self._clients: list[_Client] = []
        self._lock = threading.Lock()
        reloader.subscribe(self._on_report)
        atexit.register(self.close)
        os.register_at_fork(after_in_child=self._after_fork)
        threading.Thread(target=self._accept, name="hotswap-attach", daemon=True).start()

    def close(self, why: str = "") -> None:
        """Let nobody in any more, and tell those who are there why."""
        with self._lock:
            path, self._path = self._path, ""
            clients = list(self._clients)
        if path:
            places.forget(path)
            for client in clients:
                client.dismiss(why)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            _, user = places.peer(connection)
            if user == os.geteuid():
                client = _Client(Channel(connection), self, self._left)
                with self._lock:
                    self._clients.append(client)
                client.start()
            else:
                connection.close()

    def _on_report(self, report: Report) -> None:
        if report.outcome != "unchanged":
            for client in list(self._clients):
                client.reports.append(self._console.text(report))

    def _left(self, client: _Client) -> None:
        with self._lock:
            self._clients.remove(client)

    def _after_fork(self) -> None:
        """The threads are not in a forked process: it cannot be attached to."""
        self._path = ""
        self._socket.close()
        for client in self._clients:
            client.channel.close()
        self._clients = []
        routes.after_fork()


class _Client:
    """Somebody who has attached."""

    def __init__(self, channel: Channel, server: Server, left: Any) -> None:
        self.channel, self._server, self._left = channel, server, left
        self.reports: list[str] = []
        """What was told of edits since the last command."""
        self._commands = Commands(server.reloader.tracker.typed_in)
        self._outbox = Outbox(channel)
        self._caller = routes.Caller(self._outbox.write, self._display)
        self._asked: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._idle = threading.Event()
        self._runs = 0
        self._does = {"run": self._run, "complete": self._complete}

    def start(self) -> None:
        """Greet, and do what is asked from now on."""
        reloader = self._server.reloader
        self._outbox.say(
            "hello",
            protocol=PROTOCOL,
            pid=os.getpid(),
            name=self._server.name,
            python=platform.python_version(),
            program=" ".join(sys.argv),
            folder=os.getcwd(),
            modules=len(reloader.modules),
        )
        for do in (self._hear, self._work):
            threading.Thread(target=do, name="hotswap-attached", daemon=True).start()

    def dismiss(self, why: str) -> None:
        """The process is about to end."""
        self._outbox.say("bye", why=why)
        self._outbox.close(_SAYS_GOODBYE_WITHIN)

    # -- what is heard -----------------------------------------------------------------------

    def _hear(self) -> None:
        while (received := self.channel.receive()) is not None:
            message, _ = received
            if message["say"] == "interrupt":
                self._commands.interrupt(message["number"])
            else:
                self._asked.put(message)
        self._asked.put(None)
        self._caller.is_there = False
        self._outbox.close()
        while not self._idle.wait(_PULLS_AGAIN_AFTER):  # nobody waits for what runs
            self._commands.interrupt(self._runs)

    # -- what is done ------------------------------------------------------------------------

    def _work(self) -> None:
        self._outbox.patient = threading.get_ident()
        while (message := self._asked.get()) is not None:
            with contextlib.suppress(KeyboardInterrupt):  # it came when the command had ended
                self._does[message["say"]](message)
        self._idle.set()
        self._commands.forget()
        self.channel.close()
        self._left(self)

    def _run(self, message: Message) -> None:
        self._runs = message["number"]
        done: Message = {"failed": False, "leaves": False, "status": 0}
        self._server.reloader.settle(LONGEST_WAIT)  # what is saved by now is applied by then
        reports, self.reports = self.reports, []
        if message["tells"]:
            self._outbox.write(2, "".join(reports))
        with self._caller.asks():
            try:
                self._do(message["text"])
            except SystemExit as end:
                done |= {"leaves": True, "status": _status(end.code)}
            except NoModule as error:
                print(f"hotswap: {error}", file=sys.stderr)  # noqa: T201
                done["failed"] = True
            except BaseException as error:  # noqa: BLE001 - of the code of others
                done["failed"] = True
                shown = traceback.format_exception(program_only(error))
                self._caller.streams["stderr"].write("".join(shown))
        behind = bool(self._server.reloader.behind)
        self._outbox.say("done", **done, module=self._commands.module, behind=behind)

    def _do(self, text: str) -> None:
        word, *rest = text.split() or [""]
        if word == "%in":
            self._commands.enter(" ".join(rest) or MAIN)
        elif word == "%hotswap":
            self._server.magic(text.strip().removeprefix("%hotswap"))
        elif word in _HELPS:
            print(_HELPS[word], end="")  # noqa: T201
        else:
            self._commands.run(text, self._runs)

    def _display(self, value: Any) -> None:
        if value is not None:
            self._caller.streams["stdout"].write(f"{value!r}\n")
            self._commands.keep(value)

    def _complete(self, message: Message) -> None:
        beginning, found = "", list[str]()
        with contextlib.suppress(NoModule):
            beginning, found = self._words(message["text"])
        self._outbox.say("words", text=message["text"], beginning=beginning, found=found)

    def _words(self, text: str) -> tuple[str, list[str]]:
        typed = text.split(" ")
        if typed[0] == "%in" and typed[1:]:
            own = [name for name in self._server.reloader.modules if name.startswith(typed[-1])]
            return typed[-1], own or [name for name in sys.modules if name.startswith(typed[-1])]
        if typed[0] == "%hotswap" and typed[1:]:
            offered = self._server.magic.complete([word for word in typed[:-1] if word])
            return typed[-1], [word for word in offered if word.startswith(typed[-1])]
        if text.startswith("%"):
            return text, [word for word in ("%help", "%hotswap", "%in") if word.startswith(text)]
        return words.complete(text, self._commands.namespace, sys.modules)


class _Extension:
    """What `%hotswap` needs of whoever applies edits; here they are applied at once."""

    def __init__(self, reloader: Reloader) -> None:
        self.reloader = reloader

    @property
    def is_on(self) -> bool:
        return bool(self.reloader.watching)

    def on(self, *, alone: bool) -> None:  # noqa: ARG002 - there is no %autoreload here
        self.reloader.start()
        self.reloader.reload()

    def off(self) -> None:
        self.reloader.stop()


def _status(code: Any) -> int:
    """The exit status that `sys.exit` was asked for; any but a number is shown."""
    if code is None or isinstance(code, int):
        return code or 0
    print(code, file=sys.stderr)  # noqa: T201
    return 1
