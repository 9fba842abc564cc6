"""What does the program's process do for the supervisor, and the supervisor for it?"""

from __future__ import annotations

import errno
import os
import signal
import threading
import time
from typing import TYPE_CHECKING

from hotswap import handover
from hotswap.channel import Channel, Message
from hotswap.forks import Forks
from hotswap.handover import Inheritance
from hotswap.leave import end_main, started, stop_servers, waiting
from hotswap.options import Options

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import TracebackType

    from hotswap.console import Console
    from hotswap.reloader import Reloader
    from hotswap.report import Report

_LOOKS = 0.005
"""Seconds between looks whether everything serves."""
_SETTLED_AFTER = 1.0
"""Seconds after which no further server is expected, if there are fewer than before."""
_STEERED_AFTER = 0.05
"""Seconds in which a server takes the connections that were made before the next one steered."""
_AGED = 1.1
"""The greatest age that a connection may reach, as gRPC varies it, beside the one asked for."""
_MOVED_WITHIN = 0.5
"""Seconds in which a client that was asked to connect anew has done so, on a busy machine."""
_MAIN_ENDS_AFTER = 0.5
"""Seconds that the main function may take to see that its servers have ended."""


class Worker:
    """The end of the channel that is in the program."""

    def __init__(self, channel: Channel, inheritance: Inheritance, options: Options) -> None:
        self._channel, self._options = channel, options
        self.inheritance = inheritance
        self.stopping = False
        self.leave: Callable[[str], object] = lambda _why: None
        """Tells those who have attached what this process did, when it is about to end."""
        self._alone = not inheritance.replaces
        """No other process serves: what fails is shown here."""
        self._drop_in = False
        self._kept = dict(inheritance.kept)
        self._asked: Report | None = None
        self._go = threading.Event()
        self._imported = threading.Event()
        self._followed_since = float("inf")
        self._forks: Forks | None = None
        self._reloader: Reloader | None = None
        self._console: Console | None = None
        os.environ["HOTSWAP_RUN_MAIN"] = "true"
        if os.environ.get("LISTEN_PID") == str(os.getppid()):  # sockets of a service manager
            os.environ["LISTEN_PID"] = str(os.getpid())

    def attach(self, reloader: Reloader, console: Console) -> None:
        """Ask for another process whenever an edit needs one; do what the supervisor says."""
        self._reloader, self._console = reloader, console
        reloader.subscribe(self._on_report)
        self._prepare_servers()
        self._forks = Forks(
            reloader, console, self._channel, self._end_servers, self.inheritance.forks
        )
        self._forks.follow()
        threading.Thread(target=self._listen, name="hotswap-channel", daemon=True).start()
        if self.inheritance.follows and not self.inheritance.forks:  # which say when they serve
            from hotswap import listeners  # noqa: F401, PLC0415 - not while the program imports

            threading.Thread(target=self._come_up, name="hotswap-ready", daemon=True).start()

    def follows(self) -> None:
        """All is imported, and edits are noticed from now on."""
        self._followed_since = time.monotonic()
        self._imported.set()

    def _prepare_servers(self) -> None:
        age, ports = self._options.connection_age, self.inheritance.ports
        if age is not None or ports:
            from hotswap.servers.addresses import ADDRESSES  # noqa: PLC0415
            from hotswap.servers.lifecycle import LIFECYCLE  # noqa: PLC0415

            LIFECYCLE.connection_age = age
            ADDRESSES.resume_ports(ports)

    # -- an edit that needs another process -------------------------------------------------

    def _on_report(self, report: Report) -> None:
        assert self._console is not None
        self._asked = None  # what another process was asked for before is out of date
        if report.outcome == "restart":
            self._console.show(report)
            self._ask(report)
        elif not _may_be_mended_by_a_fresh_start(report) or not self._ask(report, try_only=True):
            self._console.show(report)

    def _ask(self, report: Report, *, try_only: bool = False) -> bool:
        """Ask for another process; False if it may only be tried and this one had to end first."""
        from hotswap.listeners import listening  # noqa: PLC0415

        found = listening(self._kept.values())
        way, why = handover.way(found, pauses=self._drop_in)
        if try_only and way == handover.STOP_FIRST:
            return False
        from hotswap import state  # noqa: PLC0415
        from hotswap.servers.addresses import ADDRESSES  # noqa: PLC0415
        from hotswap.servers.lifecycle import LIFECYCLE  # noqa: PLC0415

        self._asked = report
        began = time.monotonic()
        state.run_before_restart(state.LONGEST)
        return self._channel.send(
            "restart",
            pid=os.getpid(),
            at=began - report.seconds,
            way=way,
            why=why,
            lived=max(0.0, began - report.seconds - self._followed_since),
            servers=LIFECYCLE.started,
            ports=ADDRESSES.ports,
            listening=sorted(one.address for one in found if not one.is_path),
        )

    def _on_refused(self, message: Message) -> None:
        """The new process did not come up: this one goes on."""
        from hotswap.console import FreshStartFailed  # noqa: PLC0415
        from hotswap.report import Report  # noqa: PLC0415

        asked, self._asked = self._asked, None
        if asked is None:
            return
        assert self._console is not None
        if asked.outcome == "rejected":
            self._console.show(asked)
            return
        location = tuple(message["location"]) if message["location"] else None
        reason = f"a fresh start fails: {message['reason']}"
        error = FreshStartFailed(message["text"]) if message["text"] else None
        self._console.show(
            Report("rejected", reason=reason, error=error, location=location, paths=asked.paths)
        )

    # -- coming up --------------------------------------------------------------------------

    def _come_up(self) -> None:
        if self.inheritance.pauses:
            self._go.wait()
        if not (self.inheritance.servers or self.inheritance.listening):
            self._imported.wait()
        since = 0.0
        while not self._is_ready():
            time.sleep(_LOOKS)
            if waiting() or not self._addresses():
                continue  # else some serve, though fewer or others than before
            since = since or time.monotonic()
            if time.monotonic() - since > _SETTLED_AFTER:
                break
        self._alone = True
        from hotswap.listeners import steer_to_newest  # noqa: PLC0415

        steered = bool(self.inheritance.replaces) and steer_to_newest()
        self._channel.send("ready", steered=steered)

    def _is_ready(self) -> bool:
        if started() < self.inheritance.servers or waiting():
            return False
        return handover.is_ready(self.inheritance, self._addresses(), started())

    def _addresses(self) -> set[str]:
        from hotswap.listeners import listening  # noqa: PLC0415

        return {one.address for one in listening(self._kept.values())}

    def serve(self, main_func: Callable[[], object]) -> None:
        """Call the program's main function; it is not expected to return."""
        self._drop_in = True
        self._channel.send("drop_in")
        if self.inheritance.pauses:
            self._channel.send("paused")
            self._go.wait()
        main_func()
        self._channel.send("returned", files=self._files())

    def keep(self, address: str, descriptor: int) -> None:
        """The next process is to be given this socket, for whoever asks for this address."""
        self._kept[address] = os.dup(descriptor)
        self._channel.send("keep", [descriptor], address=address)

    def kept(self, address: str) -> int | None:
        """The descriptor of a socket that a former process, or this one, had kept."""
        return self._kept.get(address)

    # -- what the supervisor says -----------------------------------------------------------

    def _listen(self) -> None:
        while (received := self._channel.receive()) is not None:
            message, _ = received
            said = message["say"]
            if said == "go":
                self._alone = True
                self._go.set()
            elif said == "refused":
                self._on_refused(message)
            elif said == "stop":
                self._stop(steered=message["steered"])
        self._end_alone()

    def _end_alone(self) -> None:
        """The supervisor is gone, and nobody else ends this process."""
        self.leave("has lost its supervisor")
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(self._options.grace)
        os.kill(os.getpid(), signal.SIGKILL)

    def _stop(self, *, steered: bool) -> None:
        self.stopping = True
        self.leave("was replaced by another one")
        assert self._reloader is not None
        self._reloader.stop()
        from hotswap.listeners import close_to_new_connections, listening  # noqa: PLC0415

        if steered:
            ages = any(not one.is_path for one in listening(self._kept.values()))
            age = self._options.connection_age if ages else None
            time.sleep(_STEERED_AFTER + (_AGED * age + _MOVED_WITHIN if age else 0.0))
        else:
            close_to_new_connections()
        assert self._forks is not None
        self._forks.end()
        patience = _MAIN_ENDS_AFTER if started() else 0.0
        self._channel.send("stopped", complete=stop_servers(self._options.grace))
        end_main(self._options.grace if self._forks.count else patience)

    def _end_servers(self) -> None:
        """In a forked process, once it is to end."""
        self.stopping = True
        time.sleep(_STEERED_AFTER)
        stop_servers(self._options.grace)
        end_main(_MAIN_ENDS_AFTER)

    # -- the end ----------------------------------------------------------------------------

    def failed(self, error: BaseException) -> bool:
        """An exception came through; True if it is shown by the process that goes on."""
        import traceback  # noqa: PLC0415

        from hotswap.console import describe  # noqa: PLC0415

        places = list(_places(error))
        own = [place for place in places if self._owns(place[0])]
        text = "" if self._alone else "".join(traceback.format_exception(error))
        self._channel.send(
            "failed",
            reason=describe(error),
            location=next(reversed(own or places), None),
            text=text,
            taken=_is_taken(error),
            files=[*self._files(), *dict.fromkeys(path for path, _ in own or places)],
        )
        return bool(text)

    def _owns(self, path: str) -> bool:
        return self._reloader is not None and self._reloader.tracker.own(path)

    def _files(self) -> list[str]:
        return [] if self._reloader is None else list(self._reloader.modules.values())


def _may_be_mended_by_a_fresh_start(report: Report) -> bool:
    """Whether it was executing that failed, so that only a fresh process can tell."""
    error = None if report.undone else report.error
    return report.outcome == "rejected" and error is not None and not isinstance(error, SyntaxError)


def _places(error: BaseException) -> Iterator[tuple[str, int]]:
    at: TracebackType | None = error.__traceback__
    while at is not None:
        path = at.tb_frame.f_code.co_filename
        if os.path.isabs(path):
            yield path, at.tb_lineno
        at = at.tb_next
    if isinstance(error, SyntaxError) and error.filename:
        yield os.path.abspath(error.filename), error.lineno or 1


def _is_taken(error: BaseException) -> bool:
    """Whether an address was taken, presumably by the process that was to be replaced."""
    if isinstance(error, OSError):
        return error.errno == errno.EADDRINUSE
    return isinstance(error, RuntimeError) and "Failed to bind" in str(error)
