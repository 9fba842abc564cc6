"""
Who starts the program, and another process in its place when an edit needs one?

The parent process: it imports nothing of the program's and no server library, runs in one thread,
and lives in `select`. Workers are forked from it, so that they start as fast as a plain program;
what they ask for and what they are told goes over a channel each.
"""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

from hotswap import garbage, handover, signals
from hotswap.channel import Message
from hotswap.children import Child, launch
from hotswap.handover import Backoff, Inheritance
from hotswap.loop import Loop
from hotswap.options import Options
from hotswap.processes import Processes
from hotswap.signals import Signals
from hotswap.terminal import Terminal
from hotswap.wishes import Wishes

if TYPE_CHECKING:
    from hotswap.saves import NextSave


def supervise(options: Options, program: str) -> int:
    """
    Run the program in workers, one after the other, until it ends for good.

    Returns the exit status, or ends by the signal that ended the program.

    Args:
        program: Path of the program, or of the folder where it is: a save there may mend it.

    Raises:
        Forked: In each worker, which has to run the program then.
    """
    return _Supervisor(options, program).run()


class _Supervisor:
    def __init__(self, options: Options, program: str) -> None:
        self._options, self._program = options, program
        self._signals, self._terminal, self._loop = Signals(), Terminal(), Loop()
        self._workers = Processes(options, self._loop)
        self._say, self._show = self._workers.say, self._workers.show
        self._wishes = Wishes(self._workers, self._loop, options.grace, self._go_on)
        self._next: Message | None = None
        """A request that is carried out once the present process has ended."""
        self._put_off: Child | None = None
        """Whose request is carried out when some time has passed."""
        self._backoff = Backoff()
        self._save: NextSave | None = None

    def run(self) -> int:
        self._signals.install()
        self._loop.listen(self._signals, self._on_signals)
        self._workers.current = self._launch({})
        garbage.resume()
        while self._wishes.status is None or self._workers.all():
            self._loop.turn()
        self._signals.leave()
        return signals.end_as(self._wishes.status)

    # -- workers ----------------------------------------------------------------------------

    def _launch(self, request: Message, replaces: int = 0, *, pauses: bool = False) -> Child:
        self._stop_watching()  # a fork has to find one thread
        if not self._workers.all():
            self._terminal.restore()
        inheritance = Inheritance(replaces, pauses=pauses, asked=request, kept=self._workers.kept)
        child = launch(request, inheritance, self._options, self._leave)
        self._loop.listen(child.channel, lambda: self._hear(child))
        return child

    def _leave(self) -> None:
        """In the worker: what is the supervisor's is none of its business."""
        self._signals.leave()
        self._loop.close()
        for child in self._workers.all():
            child.channel.close()

    def _hear(self, child: Child) -> None:
        if child.channel.fileno() < 0:
            return  # its end was dealt with, at the same look
        received = child.channel.receive()
        if received is None:  # it has ended, or is about to: that is for the signal to say
            self._hang_up(child)
            return
        message, descriptors = received
        heard = getattr(self, f"_on_{message['say']}")
        heard(child, message, *descriptors)

    def _hang_up(self, child: Child) -> None:
        if child.channel.fileno() >= 0:
            self._loop.ignore(child.channel)
            child.channel.close()

    def _on_keep(self, _child: Child, message: Message, descriptor: int) -> None:
        """A socket that is to outlive the process."""
        self._workers.keep(message["address"], descriptor)

    def _on_failed(self, child: Child, message: Message) -> None:
        child.end.failed = True
        child.files = message["files"]
        if child is self._workers.coming:
            self._did_not_come_up(child, message)
        else:
            self._show(message)

    def _on_returned(self, child: Child, message: Message) -> None:
        child.end.returned = True
        child.files = message["files"]

    def _on_drop_in(self, child: Child, _message: Message) -> None:
        child.end.drop_in = True

    # -- one process in the place of another ------------------------------------------------

    def _on_fork_serves(self, child: Child, message: Message) -> None:
        """A process that the worker has forked serves; a new worker is ready with as many."""
        child.forks[message["pid"]] = message["way"]
        if child is self._workers.coming and len(child.forks) >= child.request["forks"]:
            self._on_ready(child, {"steered": False})

    def _on_restart(self, child: Child, message: Message) -> None:
        if not self._may_be_followed(child):
            child.missed = message
            self._workers.give_up_if_late()
            return
        lived = message.get("lived", child.age)
        if self._put_off is child and self._backoff.is_hasty(lived):
            child.missed = message
            return
        pause = self._backoff.pause(lived)
        self._put_off = child if pause else None
        if not pause:
            self._replace(child, message)
            return
        child.missed = message
        self._say("restart", "", f"again and again: the next one in {pause:.0f} s")
        self._loop.later(pause, lambda: self._replace_late(child))

    def _may_be_followed(self, child: Child) -> bool:
        alone = child is self._workers.current and self._workers.coming is None
        return alone and self._next is None and not self._wishes.asked

    def _replace_late(self, child: Child) -> None:
        if self._put_off is child and child.missed is not None:
            self._put_off = None
            self._replace(child, child.missed)

    def _replace(self, child: Child, message: Message) -> None:
        if not self._may_be_followed(child):
            return
        child.missed = None
        message.update(handover.of_forks(child.forks))
        if message["way"] == handover.STOP_FIRST:
            self._stop_first(child, message, message["why"])
            return
        pauses = message["way"] == handover.PAUSE
        try:
            self._workers.coming = self._launch(message, replaces=child.pid, pauses=pauses)
        except OSError as error:  # the machine has no process left for us
            child.channel.send("refused", reason=str(error), location=None, text="")

    def _stop_first(self, child: Child, message: Message, why: str) -> None:
        self._say("stopping", f"pid {child.pid}", f"before the next one starts: {why}")
        self._next = message
        self._workers.stop(child)

    def _on_paused(self, child: Child, _message: Message) -> None:
        """All is imported: only now is the old process stopped."""
        if child is self._workers.coming and self._workers.current is not None:
            self._say("stopping", f"pid {self._workers.current.pid}", child.request["why"])
            self._workers.stop(self._workers.current)
        else:
            child.channel.send("go")

    def _on_ready(self, child: Child, message: Message) -> None:
        old = self._workers.current
        if child is self._workers.coming:
            self._workers.current, self._workers.coming = child, None
            if old is not None:
                self._workers.leaving.append(old)
                self._workers.stop(old, steered=message["steered"])
        if child is self._workers.current:
            self._workers.say_serving(child)
            self._ask_again(child)

    def _ask_again(self, child: Child) -> None:
        request, child.missed = child.missed, None
        if request is not None:
            self._on_restart(child, request)

    def _did_not_come_up(self, child: Child, message: Message) -> None:
        old, self._workers.coming = self._workers.current, None
        self._workers.leaving.append(child)
        self._workers.limit(child, 0.0)
        if old is None or old.stopping:  # which shows nothing any more
            self._show(message)
        elif message["taken"]:
            self._stop_first(old, child.request, message["reason"])
        else:
            told = {key: message[key] for key in ("reason", "location", "text")}
            old.channel.send("refused", **told)
            self._ask_again(old)

    def _on_stopped(self, child: Child, message: Message) -> None:
        if not message["complete"]:
            self._workers.say_cut(child)

    # -- ends -------------------------------------------------------------------------------

    def _reap(self) -> None:
        for child in self._workers.all():
            if child.has_ended():
                while child.is_heard():  # what it said last; its children may keep the channel
                    self._hear(child)
                self._hang_up(child)
                self._ended(child)

    def _ended(self, child: Child) -> None:
        if child.end.status < 0:
            self._terminal.restore()
        self._workers.clear_away(child)
        if child is self._workers.coming:
            why = f"it {handover.ending(child.end)}"
            failed = {"reason": why, "location": None, "text": "", "taken": False}
            self._did_not_come_up(child, failed)
        if child in self._workers.leaving:
            self._workers.leaving.remove(child)
        else:
            self._workers.current = None
            self._succeed(child)
        if self._wishes.asked and not self._workers.all():
            self._wishes.end_as(child.end.status)

    def _succeed(self, child: Child) -> None:
        """What comes after the present process."""
        if self._wishes.asked:
            self._wishes.end_as(child.end.status)
        elif self._next is not None:
            request, self._next = self._next, None
            self._workers.current = self._launch(request)
        elif self._workers.coming is not None:
            self._workers.current, self._workers.coming = self._workers.coming, None
            self._workers.current.channel.send("go")
        else:
            self._after(child)

    def _after(self, child: Child) -> None:
        what = handover.after(child.end, once=self._options.once)
        what = handover.WAIT if child.stopping else what  # whoever was to follow is not there
        if what == handover.LEAVE:
            self._wishes.status = child.end.status
        elif what == handover.WAIT:
            self._wait_for_a_save(child)
        else:
            self._loop.later(self._backoff.pause(child.age), self._start_again)

    def _start_again(self) -> None:
        if self._workers.current is None and not self._wishes.asked:
            self._workers.current = self._launch({})
        garbage.resume()

    def _wait_for_a_save(self, child: Child) -> None:
        from hotswap.saves import NextSave  # noqa: PLC0415 - seldom needed

        self._terminal.restore()
        files = [*child.files, self._program]
        self._save = NextSave(files, self._options, self._signals.saved)
        text = f"it {handover.ending(child.end)}; the next save starts it again"
        self._say("waiting", f"pid {child.pid}", text)
        if self._save.came_since(child.started_at):
            self._loop.later(self._backoff.pause(child.age), self._start_again)

    def _stop_watching(self) -> None:
        save, self._save = self._save, None
        if save is not None:
            save.stop()

    # -- signals ----------------------------------------------------------------------------

    def _on_signals(self) -> None:
        for number in self._signals.read():
            if number == signals.SAVED:
                self._start_again()
            elif number == signal.SIGCHLD:
                self._reap()
            else:
                self._wishes.pass_on(number)

    def _go_on(self) -> None:
        """The program runs on, though it was asked to end."""
        if self._workers.current is not None:
            self._ask_again(self._workers.current)
