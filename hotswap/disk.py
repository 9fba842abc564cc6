"""What do the files say now, beside what runs? A batch of paths becomes edits."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from hotswap import detect, finds, policy, shadows, sought, source
from hotswap.behind import Behind
from hotswap.detect import Edit
from hotswap.files import Files
from hotswap.repl import typed
from hotswap.seen import Past, Refused, Seen
from hotswap.source import Stamp

if TYPE_CHECKING:
    from hotswap.graph import Graph
    from hotswap.running import Site
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.tracking import Tracker

Note = Callable[[Callable[[], object]], None]


class Disk:
    """Compares bytes; neither times nor bytecode caches are believed to show an edit."""

    def __init__(self, tracker: Tracker, graph: Graph) -> None:
        self._tracker, self._graph = tracker, graph
        self.behind = Behind()
        self._known = 0
        self._files = Files(tracker.units)

    def look(self, batch: frozenset[str] | None) -> Seen:
        """
        Find what differs.

        Args:
            batch: Absolute paths that may have changed; None: any may have.

        Raises:
            Refused: A file does not compile, cannot be read, or is no Python source any more.
        """
        self._catch_up()
        seen = Seen(batch)
        wanted = None if batch is None else batch | self.behind
        self._check_binaries(wanted)
        self._check_packages(wanted)
        changed = self._changed(seen, wanted)
        self._set_aside(seen, is_all=not changed)
        for one in changed:
            self._compare(seen, *one)
        for site in sought.awakened(self._tracker, seen, wanted):
            self._start_at(seen, site)
        for unit in seen.gone:
            self._start_importers(seen, unit)
        self._check_hidden(wanted)
        return seen

    def recall(self, past: Past) -> Seen:
        """
        What takes a reload back: an edit to the former sources.

        Raises:
            Refused: That is more than sources can bring back.
        """
        seen = Seen(None, past=past)
        if past.obstacle:
            raise Refused("rejected", past.obstacle, past.paths)
        for module, (before, after) in past.sources.items():
            unit = self._tracker.units.get(module)
            if unit is None or unit.data != after:
                message = f"{module} was loaded in another way since"
                raise Refused("rejected", message, past.paths)
            self._compare(seen, unit, before, None)
        for module in past.joined & self._tracker.units.keys():
            if importer := self._importer(module, seen):
                message = f"{importer} imports {module}, which was not there before"
                raise Refused("rejected", message, past.paths)
            seen.gone.append(self._tracker.units[module])
        return seen

    def _importer(self, module: str, seen: Seen) -> str:
        """A module that imports another one, also once all is as it was; empty: there is none."""
        assert seen.past is not None
        gone = self._tracker.units[module]
        for edit in seen.edits.values():
            if any(self._imports(edit, gone)):
                return edit.unit.name
        for name in self._tracker.units.keys() - seen.edits.keys() - seen.past.joined:
            if module in self._graph.dependencies(self._tracker.units[name]):
                return name
        return ""

    def _imports(self, edit: Edit, gone: Unit) -> Iterator[Statement]:
        """The statements of a module that import another one."""
        for statement in edit.new_outline.statements:
            if statement.is_guard or statement.inert or "import" not in statement.text:
                continue
            if any(one is gone for one in self._graph.imported(edit.unit, statement.reads)):
                yield statement

    def _catch_up(self) -> None:
        """Know all modules that were imported by now."""
        if len(sys.modules) != self._known:
            self._tracker.adopt()
            self._known = len(sys.modules)
        unit = self._tracker.sources.read(self._tracker.units)
        if unit is not None:
            _restart(unit.path, f"{unit.name} was saved while the program started")

    def _check_binaries(self, wanted: frozenset[str] | None) -> None:
        for name, (path, stamp) in self._tracker.binaries.items():
            asked = wanted is None or path in wanted
            if asked and not stamp.holds(path) and Stamp.of(path).status != stamp.status:
                _restart(path, f"the extension module {name} was built again")

    def _check_hidden(self, wanted: frozenset[str] | None) -> None:
        if wanted is not None:  # what is followed by its path hides what it did from the start
            wanted -= {unit.path for unit in self._candidates(wanted)}
            if not wanted:
                return
        found = shadows.hidden(self._tracker.own, wanted, self._tracker.since)
        if found is not None:
            _restart(found[1], f"{found[0]} would be loaded from here, and is another one")

    def _check_packages(self, wanted: frozenset[str] | None) -> None:
        """A module or a namespace package becomes a regular package only in a new process."""
        found = shadows.package(self._tracker.units, self._tracker.own, wanted)
        if found is not None:
            _restart(found[1], f"{found[0]} is a regular package now")

    def _changed(
        self, seen: Seen, wanted: frozenset[str] | None
    ) -> list[tuple[Unit, bytes, Stamp]]:
        found, undone = [], []
        for unit in self._candidates(wanted):
            try:
                data, stamp = source.read(unit.path)
            except FileNotFoundError:
                seen.gone.append(unit)
                continue
            except OSError as error:
                message = f"{unit.path} cannot be read: {error.strerror}"
                raise Refused("rejected", message, (unit.path,), (unit.path, 1)) from error
            if data == unit.data:
                unit.stamp = stamp
                self.behind.caught_up([unit.path])
            elif wanted is not None and self.behind.is_undone(unit.path, stamp):
                undone.append((unit, data, stamp))
            else:
                found.append((unit, data, stamp))
                self.behind.found(unit.path, data, stamp)
        # What was taken back stays so until the next save, which brings all files in.
        return found + undone if found or seen.gone else []

    def _set_aside(self, seen: Seen, *, is_all: bool) -> None:
        """Without its file, what nobody but a prompt has imported stays there as it is."""
        held = [one for one in seen.gone if typed.holds(self._tracker.typed, one.module)]
        held = [one for one in held if not self._graph.importers(one.name)]
        seen.gone = [one for one in seen.gone if one not in held]
        paths = tuple(one.path for one in held)
        self.refused(paths)
        if held and is_all and not seen.gone:
            message = f"{held[0].name} has no file any more, and stays as it was imported here"
            raise Refused("rejected", message, paths, (paths[0], 1))

    def _candidates(self, wanted: frozenset[str] | None) -> list[Unit]:
        if wanted is not None:
            return self._files.modules(wanted)
        units = list(self._tracker.units.values())
        return [one for one in units if not (one.stamp and one.stamp.holds(one.path))]

    def _compare(self, seen: Seen, unit: Unit, data: bytes, stamp: Stamp | None) -> None:
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
            _restart(gone.path, f"{gone.path} is gone")
        if source.found_at(gone.name) is not None:
            _restart(gone.path, f"{gone.name} is found somewhere else now")
        self._start_callers(seen, gone)
        for unit in self._graph.may_mention(gone.name):
            if unit in seen.gone:
                continue
            edit = seen.edits.get(unit.name) or self.untouched(unit)
            for statement in self._imports(edit, gone):
                edit.starts.append(statement)
                seen.edits[unit.name] = edit

    def _start_callers(self, seen: Seen, gone: Unit) -> None:
        """Functions that ran may have imported it."""
        calls, graph = self._tracker.calls, self._graph
        for unit in list(self._tracker.units.values()):
            for code in calls.importing_in(unit.path):
                if gone.name in graph.looks(unit, graph.function_reads(code)).modules:
                    for site in calls.of(code):
                        self._start_at(seen, site)
        for site in list(calls.askers(gone.name)):
            self._start_at(seen, site)

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
            for known in self._tracker.found(path):
                before = (known.stamp, known.digest)
                note(partial(_put_back, known, before))
                known.stamp, known.digest = Stamp.of(path), known.look(path)

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
        """What was seen runs now; if it was a reload taken back, it is not what the files say."""
        if seen.past is None:
            self.behind.caught_up(seen.paths)
        else:
            self.behind.undone(seen.past.paths)
            self.refused(seen.past.paths)

    def refused(self, paths: Iterable[str]) -> None:
        """These files differ from what runs, until a later look applies them."""
        self.behind.update(paths)
        for path in paths:
            self._show_running(path)

    def _show_running(self, path: str) -> None:
        """Tracebacks show the lines that run, whatever the file says."""
        for unit in list(self._tracker.units.values()):
            if unit.path == path:
                with contextlib.suppress(source.Unread, OSError):
                    source.pin_lines(path, unit.data)


def _restart(path: str, reason: str) -> NoReturn:
    raise Refused("restart", reason, (path,), (path, 1))


def _put_back(known: finds.DataFile, before: tuple[Stamp, int]) -> None:
    known.stamp, known.digest = before
