"""What do the files say now, beside what runs? A batch of paths becomes edits."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from hotswap import detect, policy, source, tracking
from hotswap.behind import Behind
from hotswap.detect import Edit
from hotswap.source import Stamp

if TYPE_CHECKING:
    from hotswap.calls import Site
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.tracking import Tracker

Note = Callable[[Callable[[], object]], None]


class Refused(Exception):  # noqa: N818 - a decision, not an error
    """The files cannot be applied, found out before anything was touched."""

    def __init__(
        self,
        outcome: str,
        message: str,
        paths: tuple[str, ...],
        location: tuple[str, int] | None = None,
    ) -> None:
        super().__init__(message)
        self.outcome, self.paths, self.location = outcome, paths, location


@dataclass(eq=False)
class Seen:
    """What a look at the files found."""

    batch: frozenset[str] | None
    edits: dict[str, Edit] = field(default_factory=dict)
    gone: list[Unit] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that differ."""
        changed = [one.unit.path for one in self.edits.values() if one.data is not one.old_data]
        return tuple(dict.fromkeys([*changed, *(unit.path for unit in self.gone), *self.data]))

    def __bool__(self) -> bool:
        return bool(self.edits or self.gone)


class Disk:
    """Compares bytes; neither times nor bytecode caches are believed to show an edit."""

    def __init__(self, tracker: Tracker, graph: Graph) -> None:
        self._tracker, self._graph = tracker, graph
        self.behind = Behind()
        self._known = 0
        self._counted = 0
        self._by_name: dict[str, list[Unit]] = {}

    def look(self, batch: frozenset[str] | None) -> Seen:
        """
        Find what differs.

        Args:
            batch: Absolute paths that may have changed; None: any may have.

        Raises:
            Refused: A file does not compile, cannot be read, or is no Python source any more.
        """
        if len(sys.modules) != self._known:
            self._tracker.adopt()
            self._known = len(sys.modules)
        seen = Seen(batch)
        wanted = None if batch is None else batch | self.behind
        self._check_binaries(wanted)
        self._check_packages(wanted)
        changed = self._changed(seen, wanted)
        for unit, data, stamp in changed:
            self._compare(seen, unit, data, stamp)
        for site in self._awakened(seen, wanted):
            self._start_at(seen, site)
        for unit in seen.gone:
            self._start_importers(seen, unit)
        return seen

    def _check_binaries(self, wanted: frozenset[str] | None) -> None:
        for name, (path, stamp) in self._tracker.binaries.items():
            asked = wanted is None or path in wanted
            if asked and not stamp.holds(path) and Stamp.of(path).status != stamp.status:
                message = f"the extension module {name} was built again"
                raise Refused("restart", message, (path,), (path, 1))

    def _check_packages(self, wanted: frozenset[str] | None) -> None:
        """A module or a namespace package becomes a regular package only in a new process."""
        if wanted is not None and not any(path.endswith("__init__.py") for path in wanted):
            return
        for name, folder in self._not_packages():
            path = os.path.join(folder, "__init__.py")
            if self._tracker.own(path) and os.path.exists(path) and source.found_at(name) == path:
                message = f"{name} is a regular package now"
                raise Refused("restart", message, (path,), (path, 1))

    def _not_packages(self) -> Iterator[tuple[str, str]]:
        """Names, and the folders that would hold regular packages of these names."""
        for unit in list(self._tracker.units.values()):
            if not unit.is_main and not unit.path.endswith("__init__.py"):
                yield unit.name, os.path.splitext(unit.path)[0]
        for name, module in list(sys.modules.items()):
            if getattr(module, "__file__", None) is None and hasattr(module, "__path__"):
                yield from ((name, folder) for folder in list(module.__path__))

    def _changed(
        self, seen: Seen, wanted: frozenset[str] | None
    ) -> list[tuple[Unit, bytes, Stamp]]:
        found = []
        for unit in self._candidates(wanted):
            try:
                data, stamp = source.read(unit.path)
            except FileNotFoundError:
                seen.gone.append(unit)
                continue
            except OSError as error:
                message = f"{unit.path} cannot be read: {error.strerror}"
                raise Refused("rejected", message, (unit.path,), (unit.path, 1)) from error
            if data != unit.data:
                found.append((unit, data, stamp))
                self.behind.found(unit.path, data, stamp)
            else:
                unit.stamp = stamp
                self.behind.caught_up([unit.path])
        return found

    def _candidates(self, wanted: frozenset[str] | None) -> list[Unit]:
        units = list(self._tracker.units.values())
        if wanted is None:
            return [one for one in units if one.stamp is None or not one.stamp.holds(one.path)]
        if self._counted != len(units):
            self._counted = len(units)
            self._by_name = {}
            for unit in units:
                name = unit.path.rpartition(os.sep)[2]
                self._by_name.setdefault(name, []).append(unit)
        real = {os.path.realpath(path) for path in wanted}
        return [
            unit
            for name in {path.rpartition(os.sep)[2] for path in wanted}
            for unit in self._by_name.get(name, ())
            if self._tracker.units.get(unit.name) is unit
            and (unit.path in wanted or os.path.realpath(unit.path) in real)
        ]

    def _compare(self, seen: Seen, unit: Unit, data: bytes, stamp: Stamp) -> None:
        try:
            code = source.compile_source(unit, data)
            edit = detect.compare(unit, self._graph.code(unit), data, code)
        except (SyntaxError, RecursionError, MemoryError, OverflowError) as error:
            everything = {unit.path, *seen.paths}
            raise Refused("rejected", str(error), tuple(everything)) from error
        edit.stamp = stamp
        if edit.bodies or edit.alignment is not None:
            self._check_policy(seen, unit)
        seen.edits[unit.name] = edit

    @staticmethod
    def _check_policy(seen: Seen, unit: Unit) -> None:
        """A module may have asked not to be edited while it runs."""
        said = policy.said(unit.namespace, unit.policy)
        place, paths = (unit.path, 1), (*seen.paths, unit.path)
        if said == policy.RESTART:
            message = f"{unit.name} asks for a restart when it changes"
            raise Refused("restart", message, paths, place)
        if said == policy.NEVER:
            raise Refused("rejected", f"{unit.name} is never reloaded", paths, place)
        if said:
            known = " and ".join(map(repr, policy.KNOWN))
            message = f"{policy.ATTRIBUTE} of {unit.name} is {said!r}; there are {known}"
            raise Refused("rejected", message, paths, place)

    # -- what was looked for ------------------------------------------------------------------

    def _awakened(self, seen: Seen, wanted: frozenset[str] | None) -> list[Site]:
        """Lines that had looked for something which is different now."""
        sites: list[Site] = []
        for name, failed in list(self._tracker.failed.items()):
            if _may_succeed(name, failed):
                sites += failed.sites
        for path, known in list(self._tracker.data_files.items()):
            if wanted is not None and not _concerns(wanted, path):
                continue
            if not self._tracker.own(path) or (wanted is None and known.stamp.holds(path)):
                continue
            if tracking.digest(path) != known.digest:
                sites += known.sites
                seen.data.append(path)
        return sites

    def _start_at(self, seen: Seen, site: Site) -> None:
        unit = self._tracker.units.get(site.module)
        if unit is None or not site.line:
            return
        edit = seen.edits.get(unit.name) or self.untouched(unit)
        line = edit.new_line(site.line) if edit.data is not edit.old_data else site.line
        statement = edit.new_outline.at(line) if line else None
        if statement is not None:
            edit.starts.append(statement)
            seen.edits[unit.name] = edit

    def _start_importers(self, seen: Seen, gone: Unit) -> None:
        """Who imports a module whose file is gone has to find that out."""
        if gone.is_main:
            raise Refused("restart", f"{gone.path} is gone", (gone.path,), (gone.path, 1))
        if source.found_at(gone.name) is not None:
            message = f"{gone.name} is found somewhere else now"
            raise Refused("restart", message, (gone.path,), (gone.path, 1))
        for unit in self._graph.may_mention(gone.name):
            if unit in seen.gone:
                continue
            edit = seen.edits.get(unit.name) or self.untouched(unit)
            shadow = edit.new_outline
            for statement in shadow.statements:
                if statement.is_guard or statement.inert or "import" not in statement.text:
                    continue
                if any(one is gone for one in self._graph.imported(unit, statement.reads)):
                    edit.starts.append(statement)
                    seen.edits[unit.name] = edit

    def untouched(self, unit: Unit) -> Edit:
        """An edit that changes nothing: statements of the module execute for another reason."""
        code = self._graph.code(unit)
        return Edit(unit, unit.data, code, code, unit.stamp, old_data=unit.data)

    # -- books --------------------------------------------------------------------------------

    def take(self, seen: Seen, note: Note) -> None:
        """Enter into the books what the transaction is about to apply."""
        for unit in seen.gone:
            self._drop(unit, note)
        for path in seen.data:
            known = self._tracker.data_files[path]
            before = (known.stamp, known.digest)
            note(partial(_put_back, known, before))
            known.stamp, known.digest = Stamp.of(path), tracking.digest(path)

    def _drop(self, unit: Unit, note: Note) -> None:
        self._tracker.units.pop(unit.name, None)
        module = sys.modules.pop(unit.name, None)
        note(lambda: self._tracker.units.__setitem__(unit.name, unit))
        if module is not None:
            note(lambda: sys.modules.__setitem__(unit.name, module))
        parent, _, child = unit.name.rpartition(".")
        space = vars(sys.modules[parent]) if parent in sys.modules else {}
        if space.get(child) is module and module is not None:
            del space[child]
            note(lambda: space.__setitem__(child, module))

    def settled(self, seen: Seen) -> None:
        """What was seen runs now."""
        self.behind.caught_up(seen.paths)

    def refused(self, paths: Iterable[str]) -> None:
        """These files differ from what runs, until a later look applies them."""
        self.behind.update(paths)


def _concerns(wanted: frozenset[str], path: str) -> bool:
    """Whether one of these paths is a file or folder that was read, or lies in it."""
    folders = {os.path.dirname(one) for one in wanted}
    return path in wanted or os.path.dirname(path) in wanted or path in folders


def _put_back(known: tracking.DataFile, before: tuple[Stamp, int]) -> None:
    known.stamp, known.digest = before


def _may_succeed(name: str, failed: tracking.Failed) -> bool:
    """Whether an import that failed might not fail now."""
    if failed.path is not None:
        try:
            return source.read(failed.path)[0] != failed.data
        except OSError:
            return False
    parent = name.rpartition(".")[0]
    if parent and parent not in sys.modules:
        return False
    if parent and getattr(sys.modules[parent], "__path__", None) is None:
        return False
    try:
        return source.found_at(name) is not None
    except (ImportError, ValueError):
        return False
