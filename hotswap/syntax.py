"""What does a piece of syntax bind and define, and what does it do to other objects?"""

from __future__ import annotations
import __future__

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*FUNCTIONS, ast.ClassDef)
_PARTS = (ast.stmt, ast.ExceptHandler, ast.match_case)
_TAKES = frozenset({"pop", "popitem", "popleft"})
_MAKES = (ast.Call, ast.BinOp, ast.List, ast.Dict, ast.Set, ast.ListComp, ast.DictComp, ast.SetComp)
_FIRST_ARGUMENT = frozenset({"setattr", "delattr", "next", "exec", "iter"})


@dataclass(frozen=True)
class Effect:
    """Something that a statement does to an object that is not its own: `root.a.b.append(…)`."""

    chain: tuple[str, ...]
    kind: str
    """
    "call", "store", "augment", "decorator", "set" (it gives what was there before), or "part": a
    call of what the same class body has made.
    """
    sure: bool = True
    """Of a store: whenever the statement executes, it is made, and into the same place."""
    into: str = ""
    """
    Of a store: not by the chain's last name, but into what it leads to, by an "item", or by a
    "name" that is given to `setattr`.
    """
    renews: bool = False
    """Of a store: what is set is made of what was there, as in `root.count += 1`."""


def first_line(node: ast.stmt) -> int:
    """Where a statement begins, its decorators included."""
    decorators = getattr(node, "decorator_list", ())
    first: int = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return first


def future_flags(tree: ast.Module) -> int:
    """What the `__future__` imports of a module ask of the compiler."""
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def is_text(node: ast.stmt) -> bool:
    """A string by itself: a docstring, if it stands first."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def is_type_checking(test: ast.expr) -> bool:
    """`TYPE_CHECKING`, of whatever module."""
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def is_guard(node: ast.stmt) -> bool:
    """`if __name__ == "__main__":`, also with other conditions that call nothing."""
    if not isinstance(node, ast.If) or node.orelse:
        return False
    parts = [node.test]
    if isinstance(node.test, ast.BoolOp) and isinstance(node.test.op, ast.And):
        parts = node.test.values
    calls = any(isinstance(one, ast.Call) for part in parts for one in ast.walk(part))
    return not calls and any(map(_asks_for_main, parts))


def _asks_for_main(test: ast.expr) -> bool:
    if not isinstance(test, ast.Compare):
        return False
    sides = [test.left, *test.comparators]
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    values = {side.value for side in sides if isinstance(side, ast.Constant)}
    return names == {"__name__"} and values == {"__main__"} and isinstance(test.ops[0], ast.Eq)


def bound_names(node: ast.AST) -> Iterator[str]:  # noqa: C901 - a branch for each kind of node
    """Names that a statement binds in its own scope."""
    if isinstance(node, _DEFINITIONS):
        yield node.name
        return
    if isinstance(node, ast.Lambda):
        return
    if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)):
        walrus = [one.target for one in ast.walk(node) if isinstance(one, ast.NamedExpr)]
        yield from (one.id for one in walrus)
        return
    if isinstance(node, (ast.Import, ast.ImportFrom)):
        for alias in node.names:
            if alias.name != "*":
                yield alias.asname or alias.name.split(".")[0]
        return
    if isinstance(node, ast.Name) and isinstance(node.ctx, (ast.Store, ast.Del)):
        yield node.id
    elif (isinstance(node, ast.ExceptHandler) and node.name) or (
        isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name
    ):
        yield node.name
    elif isinstance(node, ast.MatchMapping) and node.rest:
        yield node.rest
    for child in ast.iter_child_nodes(node):
        yield from bound_names(child)


def definitions(
    nodes: Sequence[ast.AST],
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Definitions that are made when the statement runs; not those inside of functions."""
    for node in nodes:
        if isinstance(node, _DEFINITIONS):
            yield node
        if isinstance(node, ast.stmt) and not isinstance(node, FUNCTIONS):
            yield from definitions(list(ast.iter_child_nodes(node)))


def annotated(nodes: Iterable[ast.AST]) -> Iterator[ast.AnnAssign]:
    """Annotated assignments in the scope of these statements."""
    for node in nodes:
        if isinstance(node, ast.AnnAssign):
            yield node
        elif isinstance(node, _PARTS) and not isinstance(node, _DEFINITIONS):
            yield from annotated(ast.iter_child_nodes(node))


def effects(node: ast.AST) -> Iterator[Effect]:  # noqa: C901 - a branch for each kind
    """What a statement does to objects that are not its own."""
    if isinstance(node, _DEFINITIONS):
        for decorator in node.decorator_list:
            chain = chain_of(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if chain:
                yield Effect(chain, "decorator")
        if isinstance(node, ast.ClassDef):
            yield from _effects_inside(node)
    elif isinstance(node, ast.Expr):
        yield from _call_effects(node.value)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
        yield from _taken(getattr(node, "value", None))
        if isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            yield Effect((node.target.id,), "augment")
        yield from _stores(node, getattr(node, "targets", None) or [node.target])  # type: ignore[union-attr]
    elif isinstance(node, _PARTS):
        targets = [getattr(node, "target", None)]
        targets += [one.optional_vars for one in getattr(node, "items", ())]
        yield from (replace(one, sure=False) for one in _stores(node, filter(None, targets)))
        given_back = _FILTERING if _catches_warnings(node) else frozenset()
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                found = (one for one in effects(inner) if given_back.isdisjoint(one.chain))
                yield from (replace(one, sure=False) for one in found)


_FILTERING = frozenset({"simplefilter", "filterwarnings", "resetwarnings"})


def _catches_warnings(node: ast.AST) -> bool:
    """Whether it is a block after which the filters of warnings are as they were before."""
    items = node.items if isinstance(node, ast.With) else ()
    calls = (one.context_expr for one in items)
    return any(
        isinstance(one, ast.Call) and "catch_warnings" in chain_of(one.func) for one in calls
    )


def _stores(node: ast.AST, targets: Iterable[ast.expr]) -> Iterator[Effect]:
    """The attributes and items that are set."""
    for target in parts_of(targets):
        if isinstance(target, (ast.Attribute, ast.Subscript)):
            chain = chain_of(target.value) or _call_root(target.value)
            if chain and isinstance(target, ast.Attribute):
                chain = (*chain, target.attr)
            index = getattr(target, "slice", None)
            sure = index is None or _is_constant(index)
            into = "" if index is None else "item"
            yield Effect(chain, "store", sure, into, _renews(node, target))


def parts_of(targets: Iterable[ast.expr]) -> Iterator[ast.expr]:
    """What is assigned to, each on its own: `a, *b = …` are two."""
    for target in targets:
        if isinstance(target, (ast.Tuple, ast.List)):
            yield from parts_of(target.elts)
        else:
            yield target.value if isinstance(target, ast.Starred) else target


def _renews(node: ast.AST, target: ast.Attribute | ast.Subscript) -> bool:
    """Whether an assignment reads what it sets, or anything of a container but another item."""
    value = getattr(node, "value", None)
    if isinstance(node, ast.AugAssign) or value is None:
        return value is not None
    read = list(_at_once(value))
    if isinstance(target, ast.Attribute):
        return any(_is_same(one, target) for one in read)
    items = [one for one in read if isinstance(one, ast.Subscript) and _is_constant(one.slice)]
    others = [one for one in items if _is_constant(target.slice) and not _is_same(one, target)]
    apart = {id(one.value) for one in others}
    return any(_is_same(one, target.value) and id(one) not in apart for one in read)


def _at_once(node: ast.AST) -> Iterator[ast.AST]:
    """What is evaluated together with an expression: not the body of a lambda."""
    yield node
    for inner in ast.iter_child_nodes(node) if not isinstance(node, ast.Lambda) else ():
        yield from _at_once(inner)


def _is_same(one: ast.AST, other: ast.expr) -> bool:
    return type(one) is type(other) and ast.unparse(one) == ast.unparse(other)


def targets(nodes: Iterable[ast.stmt]) -> set[str]:
    """Where a statement stores something, as it is written: `a.b`, `a["b"]`."""
    found = (one for each in nodes for one in ast.walk(each))
    stores = (one for one in found if isinstance(one, (ast.Attribute, ast.Subscript)))
    return {ast.unparse(one) for one in stores if isinstance(one.ctx, ast.Store)}


def _effects_inside(node: ast.ClassDef) -> Iterator[Effect]:
    """What a class body does; what it made itself, it makes anew each time."""
    made: set[str] = set()
    for child in node.body:
        for effect in effects(child):
            if effect.kind == "call" and effect.chain[:1] and effect.chain[0] in made:
                yield replace(effect, kind="part")
            elif effect.kind != "store":
                yield effect
        if isinstance(child, (ast.Assign, ast.AnnAssign)) and isinstance(child.value, _MAKES):
            made.update(bound_names(child))


def _call_effects(value: ast.expr) -> Iterator[Effect]:
    if isinstance(value, (ast.Await, ast.Yield, ast.YieldFrom)):
        value = value.value or ast.Constant(None)
    if isinstance(value, ast.Call):
        chain = chain_of(value.func)
        if len(chain) == 1 and chain[0] in _FIRST_ARGUMENT and value.args:
            sure = chain[0].endswith("attr") and all(map(_is_constant, value.args[1:2]))
            yield Effect(_first_argument(chain[0], value), "store", sure, "name")
        else:
            yield Effect(chain or _call_root(value.func), "call")
    elif isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        yield from _call_effects(value.elt)


def _taken(value: ast.expr | None) -> Iterator[Effect]:
    """`x = queue.pop()`: what is taken is gone; `token = variable.set(1)`: what was there is."""
    call = value if isinstance(value, ast.Call) else None
    if call is not None and getattr(call.func, "attr", "") in _TAKES:
        yield from _call_effects(call)
    elif call is not None and getattr(call.func, "attr", "") == "set":
        yield Effect(chain_of(call.func), "set")


def _first_argument(function: str, call: ast.Call) -> tuple[str, ...]:
    """What a function such as `setattr` acts on."""
    argument = call.args[0]
    if function == "exec":
        if len(call.args) == 1:
            return ("globals",)
        argument = call.args[1]
    return chain_of(argument) or _call_root(argument)


def _is_constant(node: ast.expr) -> bool:
    return not any(isinstance(one, (ast.Name, ast.Call)) for one in ast.walk(node))


def chain_of(node: ast.expr) -> tuple[str, ...]:
    """`a.b[0].c` as ("a", "b", "c"); empty if it does not start with a name."""
    names: list[str] = []
    while True:
        if isinstance(node, ast.Attribute):
            names.append(node.attr)
            node = node.value
        elif isinstance(node, ast.Subscript):
            node = node.value
        elif isinstance(node, ast.Name):
            return (node.id, *reversed(names))
        else:
            return ()


def _call_root(node: ast.expr) -> tuple[str, ...]:
    """The function at the root of `f(…).b().c`."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return (node.id,) if isinstance(node, ast.Name) else ()
