"""What has a definition done, or does once more, to something that it does not make anew?"""

from __future__ import annotations

from abc import ABCMeta
from typing import TYPE_CHECKING

from hotswap.bodies import stable_attributes
from hotswap.effects import NeedsRestart
from hotswap.entries import is_plain
from hotswap.fills import added_to_by
from hotswap.rebound import COUNTS
from hotswap.values import is_a

if TYPE_CHECKING:
    from hotswap.births import Births
    from hotswap.graph import Graph
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Step


def check(births: Births, graph: Graph, step: Step, statement: Statement) -> None:
    """
    Refuse what a definition that has executed again cannot do, or take back.

    Raises:
        NeedsRestart: It would have to.
    """
    place = (statement.path, statement.first)
    for complaint in (
        _registered(step, statement),
        _same_part(births, step, statement),
        _counted(births, graph, step.unit, statement),
    ):
        if complaint:
            raise NeedsRestart(complaint, place)


def _registered(step: Step, statement: Statement) -> str:
    """An ABC has no way to forget what was registered with it."""
    before = step.old.effects if step.old is not None else ()
    kept = {effect.chain for effect in statement.effects if effect.kind == "decorator"}
    for chain in {effect.chain for effect in before if effect.kind == "decorator"} - kept:
        if chain[1:] == ("register",) and is_a(step.unit.namespace.get(chain[0]), ABCMeta):
            return f"what {'.'.join(chain)} did cannot be undone in process"
    return ""


def _same_part(births: Births, step: Step, statement: Statement) -> str:
    """A class body has acted on what it got from somewhere, and gets each time."""
    before = step.old.effects if step.old is not None else ()
    effects = (*before, *statement.effects)
    names = {effect.chain[0] for effect in effects if effect.kind == "part"}
    for cls, picture in births.pictures.values() if names else ():
        for name in names & picture.keys() & vars(cls).keys():
            one = picture[name]
            same = one is vars(cls)[name] and id(one) not in births.became
            if same and not is_plain(one):
                return f"{cls.__qualname__}.{name} is the same object each time it is made"
    return ""


def _counted(births: Births, graph: Graph, unit: Unit, statement: Statement) -> str:
    """A decorator, base or metaclass counts in the class itself, which has kept its state."""
    for cls, picture in births.pictures.values():
        space = vars(cls)
        counts = {name for name, was in picture.items() if type(was) in COUNTS}
        for name in [one for one in counts & space.keys() if space[one] != picture[one]]:
            counted = any(name in added_to_by(code) for code in graph.ran_for(unit, statement))
            if counted and name in stable_attributes(statement, cls.__qualname__):
                return f"{cls.__qualname__}.{name} would be changed once more"
    return ""
