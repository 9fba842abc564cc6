"""What would a reload do at most? The wave, driven without executing anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from hotswap.calls import Calls
from hotswap.compare import title
from hotswap.detect import Edit
from hotswap.effects import NeedsRestart, WouldFail
from hotswap.graph import Graph
from hotswap.plan import Wave
from hotswap.running import Site
from hotswap.source import Unit
from hotswap.steps import Change, Outcome, Plan, Step


def look_ahead(
    units: Mapping[str, Unit], calls: Calls, edits: dict[str, Edit], own: Callable[[Any], bool]
) -> Plan:
    """
    The plan for some edits: at most this, since a statement that gives what it gave before
    wakes nobody.

    Args:
        units: The modules as they run.
        calls: Which functions ran while they were imported.
        edits: What changed, by module.
        own: Object → whether the project's own code made or defines it.
    """
    after = {name: unit.replaced() for name, unit in units.items()}
    for name, edit in edits.items():
        after[name] = edit.unit.replaced(data=edit.data, code=edit.code)
    edits = {name: dataclasses.replace(edit, unit=after[name]) for name, edit in edits.items()}
    graph = Graph(after, calls)
    moved: dict[Site, int] = {}
    wave = Wave(graph, edits, own, locate=lambda site: moved.get(site) or _new_line(edits, site))
    try:
        wave.places().take(partial(_site, moved))
        steps = _drive(wave, graph)
    except NeedsRestart as needed:
        where = "{}:{}: ".format(*needed.location) if needed.location else ""
        return Plan("restart", (), (), where + needed.reason)
    except WouldFail as certain:
        return Plan("rejected", (), (), certain.reason)
    swaps = tuple(
        f"{edit.unit.name}:{pair.new.co_firstlineno}: {title(pair.new)} (its body changed)"
        for edit in edits.values()
        for pair in edit.bodies
    )
    outcome = "reloaded" if steps else "swapped" if swaps else "unchanged"
    acted = {step.unit.name for step in steps} | edits.keys()
    spared = sorted(graph.dependents(set(edits)) - acted) if steps else []
    return Plan(outcome, swaps, tuple(steps), spared=tuple(spared))


def _site(moved: dict[Site, int], module: str, line: int) -> Site:
    """The site of a line of the new source."""
    site = Site(module, line)
    moved[site] = line
    return site


def _new_line(edits: Mapping[str, Edit], site: Site) -> int:
    edit = edits.get(site.module)
    return site.line if edit is None else edit.new_line(site.line)


def _drive(wave: Wave, graph: Graph) -> list[Step]:
    """Suppose that each statement changes all that it binds."""
    found: list[Step] = []
    changed: set[tuple[str, str]] = set()
    steps = wave.steps()
    try:
        step = next(steps)
        while True:
            found.append(step)
            outcome = _suppose(step, graph, changed)
            changed |= {(step.unit.name, name) for name in outcome.names}
            step = steps.send(outcome)
    except StopIteration:
        return found


def _suppose(step: Step, graph: Graph, changed: set[tuple[str, str]]) -> Outcome:
    statement = step.statement
    is_function = statement is not None and statement.is_function
    change = Change.BODY if is_function else Change.VALUE
    names = set(statement.binds if statement is not None else step.names)
    if statement is not None and statement.is_import and step.status == "repeated":
        bound = graph.looks(step.unit, statement.reads).bound
        names -= {one.bound for key in bound.keys() - changed for one in bound[key]}
    return Outcome(dict.fromkeys(names, change))
