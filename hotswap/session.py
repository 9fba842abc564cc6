"""The reloader of this process: there is at most one, whoever asks for it."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hotswap.reloader import Reloader
    from hotswap.report import Report
    from hotswap.worker import Worker


class _Session:
    reloader: Reloader | None = None
    started_by_hotswap = False
    worker: Worker | None = None
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


def watch(paths: Iterable[str] | None = None) -> Reloader:
    """
    Follow the modules of this process: a saved edit is applied at once, and told on stderr.

    The first call makes the reloader and starts it; every later call returns the same one.

    Args:
        paths: Files and folders to follow. Without them all imported modules that belong
            neither to the standard library nor to an installed package.
    """
    reloader = _reloader(paths)
    reloader.start()
    return reloader


def reload() -> Report:
    """Bring this process up to date with what is on disk now, and say what was done."""
    return _reloader(None).reload()


def _reloader(paths: Iterable[str] | None) -> Reloader:
    # Imported here: to ask whether hotswap runs must cost a production process nothing.
    from hotswap.console import Console  # noqa: PLC0415
    from hotswap.reloader import Reloader  # noqa: PLC0415

    with _Session.lock:
        if _Session.reloader is None:
            reloader = Reloader(None if paths is None else tuple(paths))
            reloader.subscribe(Console(lambda: reloader.modules).show)
            _Session.reloader = reloader
        return _Session.reloader
