"""Which attributes does a statement set on objects, and what may become of them?"""

from __future__ import annotations

import ast
import dis
import os
from collections.abc import Callable, Collection, Iterator
from opcode import opmap
from types import CodeType, ModuleType
from typing import TYPE_CHECKING, Any

from hotswap import degrees, libraries, syntax
from hotswap.compare import walk
from hotswap.copied import CLASS_BOOKS
from hotswap.effects import NeedsRestart
from hotswap.hooked import Hooks
from hotswap.lookups import Key
from hotswap.scan import instructions
from hotswap.steps import Change
from hotswap.values import MISSING, attributes, is_a

if TYPE_CHECKING:
    from hotswap.books import Books
    from hotswap.graph import Graph
    from hotswap.journal import Journal
    from hotswap.source import Unit
    from hotswap.statements import Statement
    from hotswap.steps import Outcome, Step


def stored(unit: Unit, statement: Statement) -> Iterator[tuple[Any, str, bool]]:
    """Object, attribute, and whether it is set whenever the statement executes."""
    for effect in statement.effects:
        first, *path = effect.chain or ("",)
        holder: Any = unit.namespace.get(first)
        for name in path[:-1]:
            holder = getattr(holder, name, None)
        if effect.kind == "store" and path and holder is not None:
            yield holder, path[-1], effect.sure


def keep(unit: Unit, statement: Statement, journal: Journal) -> dict[tuple[int, str], Any]:
    """They come back if the transaction fails; gives, by the object's id, what they are."""
    found = {}
    for holder, name, _ in stored(unit, statement):
        journal.keep_attribute(holder, name)
        space = vars(holder) if is_a(holder, type) else attributes(holder)
        found[id(holder), name] = space.get(name, MISSING)
    return found


def environment() -> dict[bytes, bytes]:
    """The variables of the process, as `os.environ` has them."""
    return dict(vars(os.environ)["_data"])


def tell(books: Books, step: Step, outcome: Outcome) -> None:
    """Names whose object got another attribute or item: who reads them below has to know."""
    statement, unit = step.statement, step.unit
    if environment() != books.environment:  # also by functions that ran
        outcome.stored[Key("os", "environ")] = False
    effects = statement.effects if statement is not None else ()
    for effect in [one for one in effects if one.kind == "store" and one.chain]:
        holder, (name, *path) = unit.module, effect.chain
        root = unit.namespace.get(name)
        while path and is_a(root, ModuleType):
            holder, name, root, path = root, path[0], vars(root).get(path[0]), path[1:]
        key = Key(unit.name if holder is unit.module else holder.__name__, name)
        old = books.set_before.get((id(holder), name), MISSING)
        if not path and not effect.into:
            if id(root) in books.degrees or not degrees.same_value(old, root):
                outcome.stored[key] = old is not root
        elif is_a(root, (dict, list, set, type)) or books.own(root):
            outcome.stored[key], books.degrees[id(root)] = False, Change.VALUE
            outcome.otherwise += _set_otherwise(books, root, path[:1])
        elif root is not None:
            outcome.stored[key] = False
    told = [Key(key.module, one) for key in outcome.stored for one in libraries.telling(*key)]
    outcome.stored |= dict.fromkeys(told, False)


def _set_otherwise(
    books: Books, holder: Any, names: list[str]
) -> list[tuple[type, frozenset[str]]]:
    """The class whose attribute is set to another value than it had."""
    space = vars(holder) if is_a(holder, type) else {}
    before = [(name, books.set_before.get((id(holder), name), MISSING)) for name in names]
    others = [one for one, old in before if not degrees.same_value(old, space.get(one, MISSING))]
    return [(holder, frozenset(others))] if space and others else []


def take_out(
    unit: Unit, statement: Statement, own: Callable[[Any], bool], journal: Journal
) -> None:
    """Those of classes that a block had set, and may not set this time."""
    for holder, name, sure in stored(unit, statement):
        if not sure and is_a(holder, type) and name in vars(holder) and own(holder):
            journal.del_class_attr(holder, name)


def refuse_unset(
    unit: Unit, old: Statement, was_set: Collection[str], own: Callable[[Any], bool]
) -> None:
    """
    What a block had set on an object, and does not set this time, would stay there.

    Args:
        old: The statement, as it executed before.
        was_set: What has been set by now, as `"root.name"`.

    Raises:
        NeedsRestart: It may have been set before, and nobody knows what was there.
    """
    for holder, name, sure in stored(unit, old):
        chains = {one.chain for one in old.effects if one.kind == "store" and one.chain[-1] == name}
        if sure or any(".".join(chain) in was_set for chain in chains):
            continue
        if is_a(holder, type) and own(holder):
            continue  # there it was taken out before
        value = attributes(holder).get(name, MISSING)
        if value is not MISSING and _may_be_from(old, chains, value):
            reason = f"what {'.'.join(min(chains))} did cannot be undone in process"
            raise NeedsRestart(reason, (old.path, old.first))


def _may_be_from(statement: Statement, chains: Collection[tuple[str, ...]], value: Any) -> bool:
    """Whether a statement may have set one of these to this value."""
    for node in (one for each in statement.nodes for one in ast.walk(each)):
        targets = node.targets if isinstance(node, ast.Assign) else []
        if any(syntax.chain_of(one) in chains for one in syntax.parts_of(targets)):
            given = getattr(node, "value", None)
            if not isinstance(given, ast.Constant) or degrees.same_value(given.value, value):
                return True
    return False


def hooks_of(
    books: Books, unit: Unit, statement: Statement, rebuild: Collection[str] = ()
) -> Hooks:
    """
    What the functions which ran for a class statement set on what they were given, such as the
    `__init_subclass__` of a base; not what other lines of the module set. All that a class has
    that is to be made anew.
    """
    anew = [unit.namespace.get(name) for name in rebuild]
    if statement.is_class and anew:
        return Hooks({name for one in anew for name in getattr(one, "__dict__", ())} - CLASS_BOOKS)
    if not (statement.is_class or statement.is_compound):
        return Hooks()
    ran = books.graph.ran_for(unit, statement)
    codes = [code for one in ran for code in books.lineage.generations(one)]
    names = {name for code in codes for name in _set_in(code)}
    others = books.graph.outline(unit).statements if codes else []
    effects = [one for other in others if other.index != statement.index for one in other.effects]
    elsewhere = {effect.chain[-1] for effect in effects if effect.kind == "store"}
    if not any(map(_makes_names_up, codes)):
        return Hooks(names - elsewhere)
    units = list(books.graph.units.values())
    return Hooks(
        names - elsewhere,
        lambda name: (
            name not in elsewhere and name[:2] != "__" and not _is_stored(units, name, books.graph)
        ),
        lambda: _others_make_up(units, codes, books.graph),
    )


def _makes_names_up(code: CodeType) -> bool:
    """Whether it sets attributes by names that it works out, on something else than `self`."""
    if "setattr" not in code.co_names:
        return False
    rows = list(_loaded(code))
    return any(
        value == "setattr" and not (_is_self(*rows[at + 1 : at + 3]) or _is_text(*rows[at + 2 :]))
        for at, (_, value) in enumerate(rows[:-3])
    )


def _loaded(code: CodeType) -> Iterator[tuple[str, Any]]:
    """Operations and what they are about, each variable on its own."""
    for one in dis.get_instructions(code):
        if one.opname not in ("PUSH_NULL", "EXTENDED_ARG", "CACHE"):
            values = one.argval if type(one.argval) is tuple else [one.argval]  # 3.13
            yield from ((one.opname, value) for value in values)


def _is_self(holder: tuple[str, Any], following: tuple[str, Any]) -> bool:
    return holder[1] == "self" and following[0] != "LOAD_ATTR"


def _is_text(name: tuple[str, Any], *others: tuple[str, Any]) -> bool:
    """Whether a text is taken as it is: nothing is added to it, and no method of it called."""
    worked_out = ("BINARY", "FORMAT", "LOAD_ATTR", "LOAD_METHOD")
    plain = not any(operation.startswith(worked_out) for operation, _ in others[:2])
    return name[0] == "LOAD_CONST" and type(name[1]) is str and plain


def _others_make_up(units: list[Unit], codes: list[CodeType], graph: Graph) -> bool:
    """Whether any code but this does so."""
    known = set(map(id, codes))
    mentioning = (unit for unit in units if b"setattr" in unit.data)
    others = (one for unit in mentioning for one in walk(graph.code(unit)) if id(one) not in known)
    return any(map(_makes_names_up, others))


def _is_stored(units: list[Unit], name: str, graph: Graph) -> bool:
    """Whether any code sets such an attribute by that name."""
    word = f".{name}".encode()
    codes = (code for unit in units if word in unit.data for code in walk(graph.code(unit)))
    return any(name in set(_set_in(code)) for code in codes if name in code.co_names)


def _set_in(code: CodeType) -> Iterator[str]:
    """Not on `self`: that is an instance, or the descriptor itself."""
    if "setattr" in code.co_names:
        yield from (one for one in code.co_consts if type(one) is str and one.isidentifier())
    names, holder = dict(enumerate(code.co_varnames)), ""
    for operation, argument in instructions(code):
        if operation == opmap["STORE_ATTR"] and holder != "self":
            yield code.co_names[argument]
        fast = operation == opmap["LOAD_FAST"]
        holder = names.get(argument, "") if fast else ""
