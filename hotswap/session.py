"""The reloader of this process: there is at most one, whoever asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.reloader import Reloader
    from hotswap.report import Report
    from hotswap.worker import Worker


class _Session:
    reloader: Reloader | None = None
    started_by_hotswap = False
    worker: Worker | None = None
    tell: list[Callable[[Report], None]] = []  # noqa: RUF012 - the last one is asked
    lock = threading.Lock()


def adopt(reloader: Reloader, worker: Worker | None = None) -> None:
    """Make the reloader of `hotswap run` the one of this process."""
    _Session.reloader, _Session.worker = reloader, worker
    _Session.started_by_hotswap = True


def worker() -> Worker | None:
    """The end of the channel to the supervisor, if this process has one."""
    return _Session.worker


def narrow(
    *, exclude: tuple[str, ...], extra: tuple[str, ...], poll: float | None, interval: float
) -> None:
    """Follow as `run_with_reloader` was told to."""
    if _Session.reloader is not None:
        _Session.reloader.narrow(exclude=exclude, extra=extra, poll=poll, interval=interval)


def is_running_from_reloader() -> bool:
    """Whether this program was started by `hotswap run`."""
    return _Session.started_by_hotswap


def watch(paths: Iterable[str] | None = None, *, live: bool = False) -> Reloader:
    """
    Follow the modules of this process: a saved edit is applied, and told on stderr.

    At a prompt that is done before the next command runs, never in the middle of one; names that
    were imported there are current, too. In a program it is done at once.

    The first call makes the reloader and starts it; every later call returns the same one.

    Args:
        paths: Files and folders (or one) to follow. Without them all imported modules that belong
            neither to the standard library nor to an installed package.
        live: At once at a prompt, too, while a command runs or is being typed.
    """
    from hotswap import repl  # noqa: PLC0415

    reloader = follow(paths)
    repl.attend(reloader)
    if live:
        reloader.defer(None)
    return reloader


def follow(paths: Iterable[str] | None = None) -> Reloader:
    """The reloader of this process, started, whatever prompt there is."""
    return _reloader(paths).start()


def tell_by(show: Callable[[Report], None] | None) -> None:
    """Have reports told by `show` in place of the console; None: by the console again."""
    _Session.tell[1:] = [] if show is None else [show]


def reload() -> Report:
    """Bring this process up to date with what is on disk now, and say what was done."""
    return _reloader(None).reload()


def undo() -> Report:
    """
    Take the last reload back, in this process, until the next save: as `Reloader.undo`.

    Called again, it takes back the reload before.
    """
    return _reloader(None).undo()


def _tell(report: Report) -> None:
    from hotswap.repl import above  # noqa: PLC0415

    above.tell(lambda: _Session.tell[-1](report))


def _reloader(paths: Iterable[str] | None) -> Reloader:
    # Imported here: to ask whether hotswap runs must cost a production process nothing.
    from hotswap.console import Console  # noqa: PLC0415
    from hotswap.reloader import Reloader  # noqa: PLC0415

    with _Session.lock:
        if _Session.reloader is None:
            reloader = Reloader(paths)
            console = Console(lambda: reloader.modules)
            _Session.tell.insert(0, console.show)
            reloader.subscribe(_tell)
            _Session.reloader = reloader
        return _Session.reloader
