"""
What has to be done for a set of edits, in which order, and why?

`Wave` decides statement by statement and is told what each one changed; it is driven twice:
by `plan`, which supposes that each statement changes all it binds, and by `apply`, which
executes. Nothing here acts.
"""

from __future__ import annotations

import heapq
import sys
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from enum import IntEnum
from types import CodeType
from typing import TYPE_CHECKING, Any

from hotswap import cycles
from hotswap.effects import NeedsRestart, judge
from hotswap.graph import ASKING, Graph, Key

if TYPE_CHECKING:
    from hotswap.bytecode import Reads
    from hotswap.calls import Site
    from hotswap.detect import Edit
    from hotswap.source import Unit
    from hotswap.statements import Alignment, Outline, Statement


class Change(IntEnum):
    """How a name changed, for those who read it."""

    BODY = 1
    """Its functions do something else when they are called."""
    SHOWN = 2
    """Its functions show something else: parameters, docstring."""
    METHODS = 3
    """It is the same class, with other methods."""
    VALUE = 4
    """Anything else."""


@dataclass(frozen=True)
class Step:
    """One thing to do to one module."""

    unit: Unit
    action: str
    """
    "purge" names, "retire" what a lost module defined, "rebind" a name that was imported, or
    "execute" a statement.
    """
    reason: str
    status: str = ""
    """Of a statement: "added", "changed" or "repeated"."""
    statement: Statement | None = None
    old: Statement | None = None
    """What the statement was before the edit."""
    names: tuple[str, ...] = ()
    source: tuple[str, str] = ("", "")
    """Of a rebind: module and name that it is imported from."""
    rebuild: bool = False
    """What it binds must be a new object, since effects on the old one stay with that."""

    def __str__(self) -> str:
        if self.action == "purge":
            return f"{self.unit.name}: delete {', '.join(self.names)} ({self.reason})"
        if self.action == "retire":
            return f"{self.unit.name}: {self.reason}"
        if self.action == "rebind":
            return f"{self.unit.name}: import {self.names[0]} again ({self.reason})"
        assert self.statement is not None
        line, title = self.statement.first, self.statement.title
        return f"{self.unit.name}:{line}: execute {title} ({self.reason})"


@dataclass
class Outcome:
    """What a step changed: told to the wave by whoever carried it out."""

    names: dict[str, Change] = field(default_factory=dict)
    others: dict[Key, Change] = field(default_factory=dict)
    """Names of other statements whose object changed: subclasses of a class that did."""
    in_place: set[str] = field(default_factory=set)
    """Of these names, those whose object stayed the same and was changed itself."""
    codes: list[CodeType] = field(default_factory=list)
    """Functions that do something else when called, though their code may be equal."""


@dataclass(eq=False)
class _Module:
    unit: Unit
    keys: dict[Key, tuple[Change, str]] = field(default_factory=dict)
    marks: dict[int, tuple[str, str]] = field(default_factory=dict)
    done: set[int] = field(default_factory=set)
    again: set[int] = field(default_factory=set)
    rebuilt: set[str] = field(default_factory=set)
    written: bool = False
    """Names that were bound through the namespace itself were taken out."""
    anew: set[str] = field(default_factory=set)
    """Names that hold another object than before."""
    queued: bool = False

    @property
    def waits(self) -> bool:
        return bool(self.keys or self.marks.keys() - self.done)


_ALL_NAMES = frozenset({"globals", "vars", "dir", "locals", "modules", "eval", "exec"})
"""Ways to a namespace as a whole."""

Steps = Generator[Step, Outcome, None]


class Wave:
    """
    The reload going through dependents.

    Args:
        graph: The modules as they will be after the edits.
        edits: What changed, by module.
        whole: Modules of which every statement has to execute.
        gone: Modules whose file is gone.
        own: Object → whether the project's own code made or defines it.
        locate: Site → line in the new source of its module; 0 if it is gone.
    """

    def __init__(  # noqa: PLR0913 - what it decides on
        self,
        graph: Graph,
        edits: dict[str, Edit],
        own: Callable[[Any], bool],
        *,
        whole: Iterable[str] = (),
        gone: Iterable[Unit] = (),
        locate: Callable[[Site], int] = lambda site: site.line,
    ) -> None:
        self._graph, self._edits, self._own = graph, edits, own
        self._locate = locate
        self._whole, self._gone = frozenset(whole), tuple(gone)
        self._modules: dict[str, _Module] = {}
        self._woken: list[tuple[int, str]] = []
        """A heap: modules that wait, in the order in which they were first imported."""
        self._counted = -1
        self._stars: dict[str, frozenset[str]] = {}
        self._busy: set[str] = set()
        self._in_place: set[Key] = set()
        """Names whose object changed itself: who read it before has the right object."""
        self._climbing: set[str] = set()
        self._suspects: dict[Key, set[Unit]] = {}
        """By name that changed, the modules that may read it otherwise than by importing it."""

    # -- the order ------------------------------------------------------------------------

    def steps(self) -> Steps:
        """What to do, step by step; `send` what each step changed."""
        for edit in self._edits.values():
            if edit.alignment is not None and _imports_otherwise(edit):
                cycles.check(self._graph, edit, self._edits)
        for edit in self._edits.values():
            self._start(edit)
        for edit in self._edits.values():
            yield from self._purge(edit)
        for unit in self._gone:
            yield from self._retire(unit)
        while self._woken:
            _, name = heapq.heappop(self._woken)
            module = self._modules[name]
            module.queued = False
            yield from self._process(module)

    def _purge(self, edit: Edit) -> Steps:
        """Deleted names go before anything executes, so that importers notice."""
        if edit.alignment is None:
            return
        gone = edit.gone
        for statement in edit.alignment.removed:
            names = tuple(sorted(statement.binds & gone))
            if names:
                registered = statement.is_class or (statement.is_function and statement.decorated)
                status = "registered" if registered else ""
                yield Step(edit.unit, "purge", "deleted", status, names=names)
        if any(statement.writes_namespace for statement in edit.alignment.removed):
            yield from self._purge_written(self._modules[edit.unit.name])
        left = gone | edit.unsure | self._star_names(edit)
        left -= {name for one in edit.alignment.removed for name in one.binds}
        if left:
            yield Step(edit.unit, "purge", "deleted", names=tuple(sorted(left)))

    def _retire(self, unit: Unit) -> Steps:
        """A module whose file is gone leaves nothing of its own behind in others."""
        outline = self._graph.outline(unit)
        for statement in outline.statements:
            for effect in statement.effects:
                verdict = judge(effect, unit, outline, self._own, "removed")
                if verdict.refuse:
                    raise NeedsRestart(verdict.refuse, (statement.path, statement.first))
        names = {name for one in outline.statements if one.is_definition for name in one.binds}
        yield Step(unit, "retire", "its file is gone", names=tuple(sorted(names)))

    def _process(self, module: _Module, until: int = sys.maxsize) -> Steps:
        """
        A module's statements, in source order.

        Args:
            until: Only those above this line: there a module of the same cycle was imported.
        """
        unit = module.unit
        self._busy.add(unit.name)
        while module.waits:
            if module.keys and (yield from self._rebinds_only(module)):
                continue
            self._busy.discard(unit.name)
            yield from self._importers_first(unit)
            self._busy.add(unit.name)
            self._mark_by_keys(module)
            todo = sorted(module.marks.keys() - module.done)
            if not todo:
                continue
            if self._graph.outline(unit).statements[todo[0]].first >= until:
                break
            statement = self._graph.outline(unit).statements[todo[0]]
            if (yield from self._dependencies_first(unit, statement)):
                continue
            if (yield from self._half_done_first(unit, statement)):
                continue
            yield from self._execute(module, statement)
        self._busy.discard(unit.name)

    def _importers_first(self, unit: Unit) -> Steps:
        """What stands above the import, in modules that were half done when `unit` began."""
        if unit.name in self._climbing:
            return
        self._climbing.add(unit.name)
        for site in unit.within:
            other = self._modules.get(site.module)
            line = self._locate(site) if site.line else 0
            if other is not None and line and other.waits and site.module not in self._busy:
                yield from self._process(other, line)
        self._climbing.discard(unit.name)

    def _dependencies_first(
        self, unit: Unit, statement: Statement
    ) -> Generator[Step, Outcome, bool]:
        """The order of imports: what a statement imports is brought up to date before it."""
        found = False
        for imported in self._graph.imports_of(unit, statement):
            other = self._modules.get(imported.name)
            if other is None or not other.waits or imported.name in self._busy:
                continue
            if not any(site.module == imported.name for site in unit.within):
                found = True
                yield from self._process(other)
        return found

    def _half_done_first(self, unit: Unit, statement: Statement) -> Generator[Step, Outcome, bool]:
        """Modules that lines above had begun to import, in a fresh start, are done by now."""
        found = False
        for other in list(self._modules.values()):
            name = other.unit.name
            if not other.waits or name in self._busy:
                continue
            lines = [self._locate(one) for one in other.unit.within if one.module == unit.name]
            if any(0 < line < statement.first for line in lines):
                found = True
                yield from self._process(other)
        return found

    def _execute(self, module: _Module, statement: Statement) -> Steps:
        status, reason = module.marks[statement.index]
        module.done.add(statement.index)
        old = self._counterpart(module.unit, statement)
        rebuild = bool(module.rebuilt & statement.binds)
        if statement.writes_namespace and old is not None:
            yield from self._purge_written(module)
        outcome = yield Step(
            module.unit, "execute", reason, status, statement, old, rebuild=rebuild
        )
        if statement.is_definition:
            self._mark_stores(module, statement)
        why = f"{module.unit.name}:{statement.first} was executed"
        self._in_place |= outcome.others.keys()
        self._in_place |= {Key(module.unit.name, name) for name in outcome.in_place}
        module.anew |= outcome.names.keys() - outcome.in_place
        for name, change in outcome.names.items():
            self.changed(Key(module.unit.name, name), change, after=statement.index)
        for key, change in outcome.others.items():
            mine = key.module == module.unit.name
            self.changed(key, change, after=statement.index if mine else -1)
        for code in outcome.codes:
            self._callers(code, why, by=statement)

    def _purge_written(self, module: _Module) -> Steps:
        """Names that `globals()[…] = …` and its like had bound, before one of them executes."""
        if module.written:
            return
        module.written = True
        names = self._graph.written_names(module.unit)
        for statement in self._graph.outline(module.unit).statements:
            if statement.writes_namespace and statement.index not in module.done:
                self._mark(module, statement, "repeated", "names that nothing shows are bound anew")
        if names:
            yield Step(module.unit, "purge", "bound anew", names=tuple(sorted(names)))
        for name in names:
            self.changed(Key(module.unit.name, name), Change.VALUE)

    def _mark_stores(self, module: _Module, definition: Statement) -> None:
        """What a definition made has lost the attributes that lines below had given it."""
        for statement in self._graph.outline(module.unit).statements[definition.index + 1 :]:
            if any(
                effect.kind == "store" and effect.chain and effect.chain[0] in definition.binds
                for effect in statement.effects
            ):
                reason = f"it sets what {definition.title} has lost"
                self._mark(module, statement, "repeated", reason)

    def _counterpart(self, unit: Unit, statement: Statement) -> Statement | None:
        edit = self._edits.get(unit.name)
        if edit is None or edit.alignment is None:
            return statement
        return edit.alignment.counterpart.get(statement.index)

    # -- where it starts ------------------------------------------------------------------

    def _start(self, edit: Edit) -> None:
        module = self._module(edit.unit)
        self._start_bodies(edit)
        for statement in edit.starts:
            self._mark(module, statement, "changed", "what it looked for changed")
        if edit.unit.name in self._whole:
            for statement in self._graph.outline(edit.unit).statements:
                self._mark(module, statement, "repeated", "the whole module executes")
        if edit.alignment is not None:
            for statement in edit.alignment.added:
                self._mark(module, statement, "added", "new")
            for index in sorted(edit.alignment.changed):
                self._mark(module, edit.alignment.new[index], "changed", "changed")
            for statement in edit.alignment.removed:
                self._remove(module, statement)
                self._wake_below(module, edit.alignment, statement)
            self._start_names(edit, module)

    def _start_bodies(self, edit: Edit) -> None:
        for pair in edit.pairs:
            if pair.differs:
                self._callers(pair.old, f"{pair.old.co_name} changed")
                self._callers(pair.new, f"{pair.new.co_name} changed")
            if pair.outside and pair.new.co_name in self._graph.reads(edit.unit).binds:
                self.changed(Key(edit.unit.name, pair.new.co_name), Change.SHOWN)

    def _start_names(self, edit: Edit, module: _Module) -> None:
        """Names that are gone, or may be; a star-import that is still there may offer them."""
        statements = self._graph.outline(edit.unit).statements
        for name in edit.unsure:
            for index in self._graph.outline(edit.unit).binders(name):
                self._mark(module, statements[index], "repeated", f"{name} may be gone")
        gone = edit.gone | edit.unsure | self._star_names(edit)
        for statement in statements if gone else ():
            if statement.is_star and gone & self._graph.offered(edit.unit, statement.reads).keys():
                self._mark(module, statement, "repeated", "a name that it offers is gone")
        for name in gone:
            self.changed(Key(edit.unit.name, name), Change.VALUE)

    def _remove(self, module: _Module, statement: Statement) -> None:
        if statement.inert:
            return
        if statement.is_guard:
            raise NeedsRestart("the main block is gone", (statement.path, statement.first))
        self._judge(module, statement, "removed")

    def _wake_below(self, module: _Module, alignment: Alignment, removed: Statement) -> None:
        """What stood below a statement reads now what one above it had bound."""
        above = [index for index, old in alignment.counterpart.items() if old.index < removed.index]
        for name in removed.binds & self._graph.outline(module.unit).rebinds:
            reason = f"{name} is no longer bound above"
            key = Key(module.unit.name, name)
            self._mark_later_readers(module.unit, key, Change.VALUE, reason, max(above, default=-1))

    def _star_names(self, edit: Edit) -> frozenset[str]:
        """Names that came by a star-import which is no longer there, before all purges."""
        known = self._stars.get(edit.unit.name)
        if known is None:
            known = self._stars[edit.unit.name] = self._find_star_names(edit)
        return known

    def _find_star_names(self, edit: Edit) -> frozenset[str]:
        assert edit.alignment is not None
        dropped = list(edit.alignment.removed)
        dropped += [edit.alignment.counterpart[index] for index in edit.alignment.changed]
        bound = {name for statement in edit.alignment.new for name in statement.binds}
        found: set[str] = set()
        for statement in dropped:
            if "*" in statement.text:
                found |= self._graph.star_names(edit.unit, statement.reads) - bound
        return frozenset(found)

    def _module(self, unit: Unit) -> _Module:
        found = self._modules.get(unit.name)
        if found is None:
            found = self._modules[unit.name] = _Module(unit)
        if not found.queued:
            found.queued = True
            heapq.heappush(self._woken, (unit.order, unit.name))
        return found

    # -- who is woken ---------------------------------------------------------------------

    def changed(self, key: Key, change: Change, after: int | None = -1) -> None:
        """
        Wake everything that read a name while it was imported.

        Args:
            after: The statement that bound it: of its own module, what follows is woken.
                None: no statement of its own module reads it, functions may.
        """
        reason = f"{key.name} of {key.module} changed"
        if len(self._graph.units) != self._counted:
            self._counted = len(self._graph.units)
            self._graph.renew()
        for unit in self._readers(key):
            if change is not Change.BODY or not unit.tracked:
                self._module(unit).keys.setdefault(key, (change, reason))
        if change is Change.VALUE:
            self._wake_callers(key, reason, -1 if after is None else after)
        owner = self._graph.units.get(key.module)
        if owner is not None and after is not None:
            self._wake_askers(key, change, reason)
            self._mark_later_readers(owner, key, change, reason, after)

    def _readers(self, key: Key) -> list[Unit]:
        """The other modules that read a name while they were imported."""
        if self._graph.is_read_by_nobody(key):
            return []
        suspects = self._graph.suspects(key)
        self._suspects[key] = set(suspects)
        return self._graph.readers(key) + [
            unit
            for unit in suspects
            if unit.name != key.module and self._reads_attribute(unit, key)
        ]

    def _reads_attribute(self, unit: Unit, key: Key) -> bool:
        return self._graph.reads_attribute(unit, self._graph.reads(unit), key)

    def _wake_callers(self, key: Key, reason: str, after: int) -> None:
        """Wake the lines that call functions which read a name."""
        if suspects := self._suspects.get(key):
            names = {key.name, *self._graph.aliases(key.module)}
            for unit in suspects:
                self._wake_callers_in(unit, key, reason, names, -1)
        owner = self._graph.units.get(key.module)
        if owner is not None:
            self._wake_callers_in(owner, key, reason, {key.name, *_ALL_NAMES}, after)

    def _wake_callers_in(
        self, unit: Unit, key: Key, reason: str, names: set[str], after: int
    ) -> None:
        for call in self._graph.calls.in_file(unit.path):
            if not names.isdisjoint(call.code.co_names):
                reads = self._graph.function_reads(call.code)
                if self._graph.reads_key(unit, reads, key):
                    self._wake(call.sites, reason, key, after)

    def _wake_askers(self, key: Key, change: Change, reason: str) -> None:
        """Who imported the module by a string may take any name from it, by a string, too."""
        for site in self._graph.calls.askers(key.module) if change is Change.VALUE else ():
            codes = self._graph.calls.on_behalf_of(site)
            unit, line = self._graph.units.get(site.module), self._locate(site)
            statement = self._graph.outline(unit).at(line) if unit is not None and line else None
            codes += [] if statement is None else [statement.code]
            if any(self._graph.may_take(code, key.name) for code in codes):
                self._wake({site}, reason, key)

    def _callers(self, code: CodeType, reason: str, by: Statement | None = None) -> None:
        """Wake what called a function; the statement that made it has called this one."""
        self._wake(self._graph.calls.of(code), reason, by=by)

    def _wake(
        self,
        sites: set[Site],
        reason: str,
        key: Key | None = None,
        after: int = -1,
        by: Statement | None = None,
    ) -> None:
        for site in sites:
            unit = self._graph.units.get(site.module)
            line = self._locate(site) if site.line else 0
            if unit is None or not line:
                continue
            statement = self._graph.outline(unit).at(line)
            module = self._module(unit)
            if statement is None or statement is by:
                continue
            if key in self._in_place and statement.index in module.done:
                continue
            if key is None or site.module != key.module or statement.index > after:
                self._mark(module, statement, "repeated", reason)

    def _mark_later_readers(
        self, unit: Unit, key: Key, change: Change, reason: str, after: int
    ) -> None:
        module, outline = self._module(unit), self._graph.outline(unit)
        end = self._bound_again(outline, key.name, after)
        for statement in outline.statements[after + 1 : end]:
            if statement.index not in module.done and self._is_reader(unit, statement, key, change):
                self._mark(module, statement, "repeated", reason)

    @staticmethod
    def _bound_again(outline: Outline, name: str, after: int) -> int:
        """Where a later statement gives the name another value; what follows reads that."""
        if name in outline.rebinds:
            for index in outline.binders(name):
                if index > after >= 0 and not outline.statements[index].is_compound:
                    return index + 1
        return len(outline.statements)

    def _is_reader(self, unit: Unit, statement: Statement, key: Key, change: Change) -> bool:
        if key.name not in statement.text and "*" not in statement.text:
            ways = _ALL_NAMES if unit.name == key.module else self._graph.aliases(key.module)
            if not any(way in statement.text for way in ways):
                return False
        if statement.is_guard or statement.inert:
            return False
        if change is Change.METHODS and not (
            statement.is_class
            or statement.is_import
            or key.name in statement.binds
            or not ASKING.isdisjoint(statement.reads.names)
        ):
            return False
        if change is Change.SHOWN and not (
            statement.is_import or (statement.is_definition and statement.decorated)
        ):
            return False
        if change is Change.BODY and not (statement.reads.calls or statement.is_import):
            return False
        return self._graph.reads_key(unit, statement.reads, key)

    # -- which statements -----------------------------------------------------------------

    def _mark_by_keys(self, module: _Module) -> None:
        keys, module.keys = module.keys, {}
        for statement in self._graph.outline(module.unit).statements if keys else ():
            for key, (change, reason) in keys.items():
                if key in self._in_place and statement.index in module.done:
                    continue
                if self._is_reader(module.unit, statement, key, change):
                    self._mark(module, statement, "repeated", reason)
                    break

    def _mark(self, module: _Module, statement: Statement, status: str, reason: str) -> None:
        if statement.index in module.done and not statement.inert:
            self._mark_again(module, statement, reason)
        if statement.index in module.marks or statement.inert:
            return
        if module.unit.is_main and not self._may_run_in_main(module, statement, status, reason):
            return
        module.marks[statement.index] = (status, reason)
        if status != "added":
            old = self._counterpart(module.unit, statement) or statement
            if status == "changed":
                self._judge(module, old, "changed")
            self._judge(module, statement, status)
        self._mark_what_it_needs(module, statement)

    def _mark_again(self, module: _Module, statement: Statement, reason: str) -> None:
        """Each statement executes once; an import may be repeated, since it only binds."""
        if not statement.is_import:
            message = f"{statement.title} would have to execute twice: {reason}"
            raise NeedsRestart(message, (statement.path, statement.first))
        if statement.index not in module.again:
            module.again.add(statement.index)
            module.done.discard(statement.index)

    def _may_run_in_main(
        self, module: _Module, statement: Statement, status: str, reason: str
    ) -> bool:
        """The main module is the running program: its definitions are taken, it is not run."""
        place = (statement.path, statement.first)
        if statement.is_guard:
            raise NeedsRestart(f"the main block: {reason}", place)
        if statement.is_import or (status != "repeated" and not self._runs(statement)):
            return True
        if not module.unit.script and status == "repeated":
            return False  # typed in, or run by somebody else: what was read then was read then
        if statement.is_definition:
            return True
        raise NeedsRestart(f"what the main program runs {status}: {reason}", place)

    @staticmethod
    def _runs(statement: Statement) -> bool:
        return any(effect.kind != "decorator" for effect in statement.effects)

    def _mark_what_it_needs(self, module: _Module, statement: Statement) -> None:
        """A name that is bound again below, or deleted, has to have its value of here."""
        outline = self._graph.outline(module.unit)
        if not outline.rebinds:
            return
        for name in outline.rebinds.intersection(statement.reads.names):
            binders = outline.binders(name)
            earlier = [index for index in binders if index < statement.index]
            if not earlier:
                earlier = self._stars_above(module, statement, name)
            if earlier and binders[-1] != earlier[-1]:
                needed = outline.statements[earlier[-1]]
                if needed.index not in module.done:
                    self._mark(module, needed, "repeated", f"{name} is bound again below")

    def _stars_above(self, module: _Module, statement: Statement, name: str) -> list[int]:
        above = self._graph.outline(module.unit).statements[: statement.index]
        stars = (one for one in above if one.is_star)
        return [one.index for one in stars if name in self._graph.offered(module.unit, one.reads)]

    def _judge(self, module: _Module, statement: Statement, status: str) -> None:
        outline = self._graph.outline(module.unit)
        for effect in statement.effects:
            verdict = judge(effect, module.unit, outline, self._own, status)
            if verdict.refuse:
                raise NeedsRestart(verdict.refuse, (statement.path, statement.first))
            if verdict.imported:
                self._rebuild_imported(module, statement, verdict.rebuild)
            elif verdict.rebuild and not self._is_rebuilt(module, verdict.rebuild):
                self._rebuild(module, verdict.rebuild)

    def _is_rebuilt(self, module: _Module, name: str) -> bool:
        """Whether a name is about to be bound anew, or was because of what it was made from."""
        binders = self._graph.outline(module.unit).binders(name)
        return name in module.rebuilt or not module.done.isdisjoint(binders[:1])

    def _rebuild_imported(self, module: _Module, statement: Statement, name: str) -> None:
        """A name is bound anew where it comes from."""
        source = self._graph.origin(module.unit, name)
        other = self._module(source) if source is not None else None
        binders = self._graph.outline(source).binders(name)[:1] if source is not None else []
        if other is None or not binders:
            reason = f"what was done to {name} cannot be undone in process"
            raise NeedsRestart(reason, (statement.path, statement.first))
        if binders[0] not in other.done and name not in other.rebuilt:
            self._rebuild(other, name)

    def _rebuild(self, module: _Module, name: str) -> None:
        module.rebuilt.add(name)
        if name in module.anew:
            return
        outline = self._graph.outline(module.unit)
        for index in outline.binders(name)[:1]:
            binder = outline.statements[index]
            self._mark(module, binder, "repeated", f"{name} has to be made anew")
            self._mark_later_readers(
                module.unit,
                Key(module.unit.name, name),
                Change.VALUE,
                f"{name} is made anew",
                index,
            )

    # -- imports alone --------------------------------------------------------------------

    def _rebinds_only(self, module: _Module) -> Generator[Step, Outcome, bool]:
        """
        Nothing but from-imports reads what changed: each is executed by its name.

        This keeps a constant that a thousand modules import from costing a thousand parses.
        """
        unit = module.unit
        if unit.name in self._edits or unit.name in self._whole:
            return False
        reads = self._graph.reads(unit)
        found = self._simple_imports(unit, reads, module.keys)
        if found is None:
            return False
        keys, module.keys = module.keys, {}
        for source in {key.module for key in keys}:
            other = self._modules.get(source)
            if other is not None and other.waits and source not in self._busy:
                yield from self._process(other)
        for bound, key in found:
            change, reason = keys[key]
            step = Step(unit, "rebind", reason, names=(bound,), source=(key.module, key.name))
            outcome = yield step
            for name in outcome.names:
                self.changed(Key(unit.name, name), change, after=None)
        return True

    def _simple_imports(
        self, unit: Unit, reads: Reads, keys: dict[Key, Any]
    ) -> list[tuple[str, Key]] | None:
        looks, found = self._graph.looks(unit, reads), []
        for key in keys:
            if key not in looks.bound or (key.module, "*") in looks.bound:
                return None
            if unit in self._suspects[key] and self._graph.reads_attribute(unit, reads, key):
                return None
            for imported in looks.bound[key]:
                bound = imported.bound
                if bound in reads.names or bound in reads.rebinds or reads.namespace:
                    return None
                if bound not in unit.namespace:
                    return None  # under `if TYPE_CHECKING:`, or it had failed
                found.append((bound, key))
        return found


def _imports_otherwise(edit: Edit) -> bool:
    alignment = edit.alignment
    assert alignment is not None
    places = [alignment.counterpart[index].index for index in sorted(alignment.counterpart)]
    if places != sorted(places):
        return True  # something moved, perhaps past an import
    changed = [alignment.new[index] for index in alignment.changed] + alignment.added
    return any("import" in statement.text for statement in (*changed, *alignment.removed))


@dataclass(frozen=True)
class Plan:
    """What a reload would do; printable."""

    outcome: str
    swaps: tuple[str, ...]
    """Functions that would get other code in place, as "module: name"."""
    steps: tuple[Step, ...]
    reason: str = ""

    def __str__(self) -> str:
        lines = [f"{self.outcome}  {self.reason}".rstrip()]
        lines += [f"  swap     {swap}" for swap in self.swaps]
        lines += [f"  {step.action:8} {step}" for step in self.steps]
        return "\n".join(lines)
