"""
What does Linux tell about the followed folders?

Uses watchdog's inotify bindings but none of its threads: events are taken in by the thread that
reacts to them. In a busy process every thread more waits for one more turn at the interpreter
lock, and watchdog's holds all back for half a second after a file was moved out of sight.
"""

from __future__ import annotations

import ctypes
import errno
import os
import select
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from watchdog.observers.inotify_c import (
    InotifyConstants as Kernel,
)
from watchdog.observers.inotify_c import (
    inotify_add_watch,
    inotify_init,
    inotify_rm_watch,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from watchdog.observers.inotify_c import WatchDescriptor

    from hotswap.batch import Batch
    from hotswap.folders import Scope

ARRIVED = Kernel.IN_CREATE | Kernel.IN_MOVED_TO
COMPLETE = Kernel.IN_CLOSE_WRITE | Kernel.IN_MOVED_TO
LEFT = Kernel.IN_DELETE | Kernel.IN_MOVED_FROM
SELF = Kernel.IN_MOVE_SELF | Kernel.IN_ONLYDIR
MASK = ARRIVED | COMPLETE | LEFT | SELF

UNTIL_CLOSED = 0.5
"""How long a new file may stay open for writing and unchanged before it is taken for complete."""
UNTIL_QUIET = 0.02
"""The same for a file found in a new folder, whose closing may have been before we looked."""

UNREADABLE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP})

_EVENT = struct.Struct("iIII")


@dataclass
class _Watched:
    """A folder the kernel watches: its paths as followed, and the names known to be in it."""

    paths: set[str] = field(default_factory=set)
    names: set[str] = field(default_factory=set)
    links: dict[str, set[str]] = field(default_factory=dict)

    def all_paths(self, name: str) -> set[str]:
        return {os.path.join(path, name) for path in self.paths} | self.links.get(name, set())


class Inotify:
    """
    Folders watched by the kernel, with every folder below them.

    Args:
        refuse: called with a folder and a reason when it cannot be watched, or no longer; with
            `lost=True` if it is not there.
    """

    name = "inotify"

    def __init__(self, scope: Scope, batch: Batch, refuse: Callable[..., None]) -> None:
        self._scope, self._batch, self._refuse = scope, batch, refuse
        self._roots: set[str] = set()
        self._watched: dict[WatchDescriptor, _Watched] = {}
        self._at: dict[str, WatchDescriptor] = {}
        self._arrived: set[str] = set()
        self._ready: list[tuple[int, int]] = []
        self._fd = inotify_init()
        if self._fd < 0:
            code = ctypes.get_errno()
            raise OSError(code, os.strerror(code))
        os.set_inheritable(self._fd, False)  # noqa: FBT003 - takes no keyword
        self._wake_read, self._wake_write = os.pipe()
        self._poll = select.poll()
        self._poll.register(self._fd, select.POLLIN)
        self._poll.register(self._wake_read, select.POLLIN)

    def add(self, folder: str) -> None:
        """Watch a folder and all below; what is in it now is no change."""
        self._roots.add(folder)
        if os.path.isdir(folder):
            self._grow(folder)
        else:
            self._lose(folder, "is not a folder")

    def wait(self, timeout: float | None) -> bool:
        """Wait for events, or for `wake`; False when the time is over."""
        self._ready = self._poll.poll(None if timeout is None else timeout * 1000)
        return bool(self._ready)

    def wake(self) -> None:
        """End a `wait` in another thread."""
        os.write(self._wake_write, b"!")

    def take_in(self) -> None:
        """Put what has happened into the batch."""
        for fd, _ in self._ready:
            data = os.read(fd, 1 << 16)
            if fd == self._fd:
                for wd, mask, name in _events(data):
                    self._on_event(wd, mask, name)

    def close(self) -> None:
        """Give the kernel back what it lent."""
        for fd in (self._fd, self._wake_read, self._wake_write):
            os.close(fd)

    def catch_up(self) -> None:
        """Do what can wait until the batch is delivered: find out which new names are links."""
        arrived, self._arrived = self._arrived, set()
        for path in filter(os.path.islink, arrived):
            self._follow_link(path)

    def _on_event(self, wd: WatchDescriptor, mask: int, name: str) -> None:
        if mask & Kernel.IN_Q_OVERFLOW:
            self._look_again()
        elif (watched := self._watched.get(wd)) is None:
            return
        elif mask & (Kernel.IN_IGNORED | Kernel.IN_MOVE_SELF):
            self._on_self(watched)
        elif mask & Kernel.IN_ISDIR:
            for path in watched.all_paths(name):
                self._on_folder(path, mask)
        else:
            for path in watched.all_paths(name):
                self._on_file(path, mask, known=name in watched.names)
            if name in watched.links:
                self._arrived |= watched.links[name]
            (watched.names.discard if mask & LEFT else watched.names.add)(name)

    def _on_self(self, watched: _Watched) -> None:
        for path in list(watched.paths):
            self._prune(path)
            if path in self._roots:
                self._lose(path, "is gone")

    def _on_folder(self, path: str, mask: int) -> None:
        if mask & Kernel.IN_MOVED_FROM:
            self._prune(path)
        elif mask & ARRIVED and self._scope.enters(path):
            self._grow(path, self._found if mask & Kernel.IN_CREATE else self._batch.written)

    def _on_file(self, path: str, mask: int, *, known: bool) -> None:
        if path not in self._scope:
            return
        if mask & LEFT:
            self._prune(path)
            self._batch.vanished(path)
            return
        if not known:
            self._batch.created(path)
        if mask & COMPLETE:
            self._batch.written(path)
        else:
            self._batch.maybe_written(path, UNTIL_CLOSED)
        if mask & ARRIVED:
            self._arrived.add(path)

    def _found(self, path: str) -> None:
        self._batch.created(path)
        self._batch.maybe_written(path, UNTIL_QUIET)

    def _grow(self, folder: str, report: Callable[[str], None] | None = None) -> None:
        for path, listing in self._scope.walk(folder, self._watch):
            watched = self._watched[self._at[path]]
            watched.names.update(listing.files)
            for name in listing.files:
                file = os.path.join(path, name)
                if name in listing.links:
                    self._follow_link(file)
                if report is not None:
                    report(file)

    def _watch(self, path: str, real: str) -> bool:
        wd = self._kernel_watch(path)
        if wd is None:
            return False
        self._watched.setdefault(wd, _Watched()).paths |= {path, real}
        self._at[path] = self._at[real] = wd
        return True

    def _kernel_watch(self, path: str) -> WatchDescriptor | None:
        wd = inotify_add_watch(self._fd, os.fsencode(path), MASK)
        if wd >= 0:
            return wd
        code = ctypes.get_errno()
        if code == errno.ENOSPC:
            self._refuse(path, "reached the limit fs.inotify.max_user_watches")
        elif path in self._roots or code not in UNREADABLE:
            self._refuse(path, os.strerror(code))
        return None

    def _follow_link(self, path: str) -> None:
        """Watch what a link leads to: an edit there changes the file at this path too."""
        real = os.path.realpath(path)
        if os.path.isdir(real):
            if self._scope.enters(path):
                self._grow(path, self._batch.written)
            return
        folder, name = os.path.split(real)
        wd = self._kernel_watch(folder)
        if wd is not None:
            watched = self._watched.setdefault(wd, _Watched())
            watched.links.setdefault(name, set()).add(path)
            watched.names.add(name)

    def _prune(self, path: str) -> None:
        """A folder is no longer at this path: neither it nor what is below is watched there."""
        if path not in self._at:
            return
        below = os.path.join(path, "")
        for inner in [each for each in self._at if each == path or each.startswith(below)]:
            wd = self._at.pop(inner)
            watched = self._watched[wd]
            watched.paths.discard(inner)
            for name in watched.names:
                self._batch.vanished(os.path.join(inner, name))
            if not watched.paths and not watched.links:
                inotify_rm_watch(self._fd, wd)
                del self._watched[wd]

    def _lose(self, root: str, reason: str) -> None:
        self._roots.discard(root)
        self._refuse(root, reason, lost=True)

    def _look_again(self) -> None:
        """The kernel has dropped events: every file may have changed."""
        before = self._known()
        for watched in self._watched.values():
            watched.names.clear()
        for root in self._roots:
            self._grow(root, lambda path: self._batch.maybe_written(path, UNTIL_QUIET))
        for path in before - self._known():
            self._batch.vanished(path)

    def _known(self) -> set[str]:
        return {
            path
            for watched in self._watched.values()
            for name in watched.names
            for path in watched.all_paths(name)
        }


def _events(data: bytes) -> Iterator[tuple[WatchDescriptor, int, str]]:
    at = 0
    while at < len(data):
        wd, mask, _cookie, length = _EVENT.unpack_from(data, at)
        at += _EVENT.size + length
        name = data[at - length : at].rstrip(b"\0")
        yield wd, mask, os.fsdecode(name)
