"""What would a reload do at most? The wave, driven without executing anything."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from hotswap.calls import Calls, Site
from hotswap.detect import Edit
from hotswap.effects import NeedsRestart, WouldFail
from hotswap.graph import Graph
from hotswap.plan import Wave
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
    after = dict(units)
    for name, edit in edits.items():
        after[name] = edit.unit.replaced(data=edit.data, code=edit.code)
    edits = {name: dataclasses.replace(edit, unit=after[name]) for name, edit in edits.items()}
    wave = Wave(Graph(after, calls), edits, own, locate=lambda site: _new_line(edits, site))
    try:
        steps = _drive(wave)
    except NeedsRestart as needed:
        where = "{}:{}: ".format(*needed.location) if needed.location else ""
        return Plan("restart", (), (), where + needed.reason)
    except WouldFail as certain:
        return Plan("rejected", (), (), certain.reason)
    swaps = tuple(
        f"{edit.unit.name}: {pair.new.co_name}" for edit in edits.values() for pair in edit.bodies
    )
    outcome = "reloaded" if steps else "swapped" if swaps else "unchanged"
    return Plan(outcome, swaps, tuple(steps))


def _new_line(edits: Mapping[str, Edit], site: Site) -> int:
    edit = edits.get(site.module)
    return site.line if edit is None else edit.new_line(site.line)


def _drive(wave: Wave) -> list[Step]:
    """Suppose that each statement changes all that it binds."""
    found: list[Step] = []
    steps = wave.steps()
    try:
        step = next(steps)
        while True:
            found.append(step)
            step = steps.send(_suppose(step))
    except StopIteration:
        return found


def _suppose(step: Step) -> Outcome:
    is_function = step.statement is not None and step.statement.is_function
    change = Change.BODY if is_function else Change.VALUE
    names = step.statement.binds if step.statement is not None else step.names
    return Outcome(dict.fromkeys(names, change))
