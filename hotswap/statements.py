"""
What are a module's top-level statements, and which of them did an edit change?

The statement is the unit of a reload: what did not change is not executed again, so state,
registries and caches beside an edited line stay as they are.
"""

from __future__ import annotations
import __future__

import ast
import builtins
import importlib.util
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import pairwise
from types import CodeType

from hotswap import bytecode
from hotswap.bytecode import Reads
from hotswap.compare import Pair, runs_at_definition, same_definitions

_BORN = "hotswap: born"
_BORN_DECORATED = "hotswap: born decorated"

_NOTHING = Reads((), (), (), (), (), (), (), (), calls=False, namespace=False)
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_FIRST_ARGUMENT = frozenset({"setattr", "delattr", "next", "exec", "iter"})


_NAMESPACES = (("globals",), ("locals",), ("sys", "modules"))


@dataclass(frozen=True)
class Effect:
    """Something that a statement does to an object that is not its own: `root.a.b.append(…)`."""

    chain: tuple[str, ...]
    kind: str
    """"call", "store", "augment" or "decorator"."""
    sure: bool = True
    """Of a store: whenever the statement executes, it is made, and into the same place."""


@dataclass(eq=False)
class Statement:
    """One top-level statement (or several that share a line)."""

    index: int
    nodes: list[ast.stmt]
    text: str
    first: int
    last: int
    path: str
    flags: int
    is_docstring: bool = False
    inert: bool = False
    """Never runs at import: `if TYPE_CHECKING:`, and the main block of another module."""
    former: Statement | None = None
    """What it was before the edit, while it executes."""

    @property
    def is_guard(self) -> bool:
        """`if __name__ == "__main__":`."""
        return len(self.nodes) == 1 and _is_guard(self.nodes[0])

    @property
    def is_import(self) -> bool:
        """Nothing but imports."""
        return all(isinstance(node, (ast.Import, ast.ImportFrom)) for node in self.nodes)

    @property
    def is_star(self) -> bool:
        """An import that takes all that a module offers."""
        return "*" in self.text and self.is_import

    @property
    def is_function(self) -> bool:
        """A function definition."""
        return len(self.nodes) == 1 and isinstance(self.nodes[0], _FUNCTIONS)

    @property
    def is_class(self) -> bool:
        """A class definition."""
        return len(self.nodes) == 1 and isinstance(self.nodes[0], ast.ClassDef)

    @property
    def is_definition(self) -> bool:
        """A function or class definition."""
        return self.is_function or self.is_class

    @property
    def is_augmented(self) -> bool:
        """`x += …`: a value that changes in place stays the same object."""
        return any(isinstance(node, ast.AugAssign) for node in self.nodes)

    @property
    def is_compound(self) -> bool:
        """A block, such as `if` or `try`: it may bind a name, or may not."""
        blocks = (ast.If, ast.Try, ast.For, ast.While, ast.With, ast.Match)
        return any(isinstance(node, blocks) for node in self.nodes)

    @cached_property
    def decorated(self) -> bool:
        """Whether something that is defined here has a decorator."""
        return any(node.decorator_list for node in _definitions(self.nodes))

    def decorates(self, qualname: str) -> bool:
        """Whether a function that is defined here, by its dotted name, has a decorator."""
        *path, name = qualname.split(".")
        nodes: list[ast.stmt] = self.nodes
        for part in path:
            found = [one for one in nodes if isinstance(one, ast.ClassDef) and one.name == part]
            nodes = [inner for one in found for inner in one.body]
        return any(
            bool(one.decorator_list)
            for one in nodes
            if isinstance(one, _FUNCTIONS) and one.name == name
        )

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that it binds in the module; of a star-import none is known."""
        if self.is_docstring:
            return frozenset({"__doc__"})
        if self.inert:
            return frozenset()
        return frozenset(name for node in self.nodes for name in _bound(node))

    @cached_property
    def annotates(self) -> frozenset[str]:
        """Names that it enters into the module's `__annotations__`."""
        return frozenset(
            node.target.id
            for node in self.nodes
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        )

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What it does to objects that are not its own."""
        if self.inert:
            return ()
        return tuple(effect for node in self.nodes for effect in _effects(node))

    @cached_property
    def registrars(self) -> tuple[tuple[str, str], ...]:
        """
        What may enter its definitions somewhere: decorators and bases, first without the
        arguments of a decorator, then as it is written.
        """
        found = [
            one
            for node in _definitions(self.nodes)
            for one in (*node.decorator_list, *getattr(node, "bases", ()))
        ]
        found += [
            one.value for node in _definitions(self.nodes) for one in getattr(node, "keywords", ())
        ]
        called = [one.func if isinstance(one, ast.Call) else one for one in found]
        return tuple(
            (ast.dump(one), ast.dump(other)) for one, other in zip(called, found, strict=True)
        )

    @cached_property
    def code(self) -> CodeType:
        """Compiled by itself, for comparison."""
        return self._compile(self.nodes)

    @cached_property
    def reads(self) -> Reads:
        """What it looks up when it runs."""
        return _NOTHING if self.inert or self.is_docstring else bytecode.read(self.code)

    def executable(self, born: object, born_decorated: object) -> CodeType:
        """
        Compiled for execution: each function that it makes is handed over at birth.

        Args:
            born: Called with each raw function, innermost of its decorators if there are others
                (`born_decorated`); it goes in as a constant, so no name is taken.
        """
        return _with_constants(self._template, {_BORN: born, _BORN_DECORATED: born_decorated})

    @cached_property
    def _template(self) -> CodeType:
        tree = ast.parse(self.text)
        ast.increment_lineno(tree, self.first - 1)
        births = _Births()
        nodes = [ast.fix_missing_locations(births.visit(node)) for node in tree.body]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 'str' object is not callable
            return self._compile(nodes)

    def prepare(self) -> None:
        """Find out now what its execution will ask for."""
        _ = self.reads, self.effects, self._template

    def _compile(self, nodes: list[ast.stmt]) -> CodeType:
        module = ast.Module(body=nodes, type_ignores=[])
        code: CodeType = compile(module, self.path, "exec", flags=self.flags, dont_inherit=True)
        return code

    @cached_property
    def writes_namespace(self) -> bool:
        """Binds names that are not seen in it: `globals()[name] = value`, `exec(text)`."""
        return any(effect.chain in _NAMESPACES for effect in self.effects)

    @property
    def title(self) -> str:
        """How a report names it."""
        return self.text.lstrip("@").split("\n", 1)[0][:60] if not self.binds else self._names

    @property
    def _names(self) -> str:
        return ", ".join(sorted(self.binds))


@dataclass(eq=False)
class Outline:
    """A module's statements."""

    statements: list[Statement]
    rebinds: frozenset[str] = frozenset()
    """Names that are bound more than once, or may be: below a star-import."""
    _lines: list[Statement | None] = field(default_factory=list)

    def at(self, line: int) -> Statement | None:
        """The statement that a line belongs to."""
        for statement in self.statements:
            if statement.first <= line <= statement.last:
                return statement
        return None

    def binders(self, name: str) -> list[int]:
        """The statements that bind or delete a name, in order."""
        return [statement.index for statement in self.statements if name in statement.binds]


@lru_cache(maxsize=16)
def outline(data: bytes, path: str, *, is_main: bool) -> Outline:
    """
    Split a module's source into statements; what is asked for again is at hand for a while.

    Raises:
        SyntaxError: The source does not parse.
    """
    text = importlib.util.decode_source(data)
    tree = ast.parse(text, path)
    lines = text.split("\n")
    flags = _future_flags(tree)
    groups = _groups(tree.body)
    statements = []
    for index, nodes in enumerate(groups):
        first, last = _first_line(nodes[0]), nodes[-1].end_lineno or nodes[-1].lineno
        segment = "\n".join(lines[first - 1 : last])
        statement = Statement(index, nodes, segment, first, last, path, flags)
        statement.is_docstring = index == 0 and _is_text(nodes[0])
        statement.inert = _is_inert(statement, is_main=is_main)
        statements.append(statement)
    bound: set[str] = set()
    rebinds: set[str] = set()
    below_star = False
    for statement in statements:
        rebinds |= statement.binds if below_star else bound & statement.binds
        bound |= statement.binds
        below_star = below_star or statement.is_star
    return Outline(statements, frozenset(rebinds))


def _groups(body: Sequence[ast.stmt]) -> Iterator[list[ast.stmt]]:
    group: list[ast.stmt] = []
    for node in body:
        if group and _first_line(node) > (group[-1].end_lineno or 0):
            yield group
            group = []
        group.append(node)
    if group:
        yield group


def _first_line(node: ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    first: int = min([node.lineno, *(decorator.lineno for decorator in decorators)])
    return first


def _future_flags(tree: ast.Module) -> int:
    flags = 0
    for node in tree.body:
        if isinstance(node, ast.ImportFrom) and node.module == "__future__":
            for alias in node.names:
                flags |= getattr(__future__, alias.name).compiler_flag
    return flags


def _is_text(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _is_inert(statement: Statement, *, is_main: bool) -> bool:
    node = statement.nodes[0]
    if len(statement.nodes) > 1 or statement.is_docstring:
        return False
    if isinstance(node, ast.Pass) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    ):
        return True
    if _is_guard(node):
        return not is_main
    return isinstance(node, ast.If) and not node.orelse and _is_type_checking(node.test)


def _is_type_checking(test: ast.expr) -> bool:
    name = test.attr if isinstance(test, ast.Attribute) else getattr(test, "id", "")
    return name == "TYPE_CHECKING"


def _is_guard(node: ast.stmt) -> bool:
    if not isinstance(node, ast.If) or node.orelse or not isinstance(node.test, ast.Compare):
        return False
    sides = [node.test.left, *node.test.comparators]
    names = {side.id for side in sides if isinstance(side, ast.Name)}
    values = {side.value for side in sides if isinstance(side, ast.Constant)}
    return names == {"__name__"} and values == {"__main__"} and isinstance(node.test.ops[0], ast.Eq)


def _bound(node: ast.AST) -> Iterator[str]:  # noqa: C901 - a branch for each kind of node
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
        yield from _bound(child)


def _definitions(
    nodes: Sequence[ast.AST],
) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Definitions that are made when the statement runs; not those inside of functions."""
    for node in nodes:
        if isinstance(node, _DEFINITIONS):
            yield node
        if isinstance(node, ast.stmt) and not isinstance(node, _FUNCTIONS):
            yield from _definitions(list(ast.iter_child_nodes(node)))


def _effects(node: ast.AST) -> Iterator[Effect]:  # noqa: C901, PLR0912 - a branch for each kind
    if isinstance(node, _DEFINITIONS):
        for decorator in node.decorator_list:
            chain = _chain(decorator.func if isinstance(decorator, ast.Call) else decorator)
            if chain:
                yield Effect(chain, "decorator")
        if isinstance(node, ast.ClassDef):
            for child in node.body:
                yield from (e for e in _effects(child) if e.kind != "store")
    elif isinstance(node, ast.Expr):
        yield from _call_effects(node.value)
    elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Delete)):
        targets = getattr(node, "targets", None) or [node.target]  # type: ignore[union-attr]
        for target in targets:
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                chain = _chain(target.value) or _call_root(target.value)
                if chain and isinstance(target, ast.Attribute):
                    chain = (*chain, target.attr)
                index = getattr(target, "slice", None)
                yield Effect(chain, "store", sure=index is None or _is_constant(index))
            elif isinstance(node, ast.AugAssign) and isinstance(target, ast.Name):
                yield Effect((target.id,), "augment")
    elif isinstance(node, (ast.stmt, ast.ExceptHandler, ast.match_case)):
        for inner in ast.iter_child_nodes(node):
            if isinstance(inner, (ast.stmt, ast.ExceptHandler, ast.match_case)):
                yield from (replace(one, sure=False) for one in _effects(inner))


def _call_effects(value: ast.expr) -> Iterator[Effect]:
    if isinstance(value, (ast.Await, ast.Yield, ast.YieldFrom)):
        value = value.value or ast.Constant(None)
    if isinstance(value, ast.Call):
        chain = _chain(value.func)
        if len(chain) == 1 and chain[0] in _FIRST_ARGUMENT and value.args:
            sure = chain[0].endswith("attr") and all(map(_is_constant, value.args[1:2]))
            yield Effect(_first_argument(chain[0], value), "store", sure=sure)
        else:
            yield Effect(chain or _call_root(value.func), "call")
    elif isinstance(value, (ast.ListComp, ast.SetComp, ast.GeneratorExp)):
        yield from _call_effects(value.elt)


def _first_argument(function: str, call: ast.Call) -> tuple[str, ...]:
    """What a function such as `setattr` acts on."""
    argument = call.args[0]
    if function == "exec":
        if len(call.args) == 1:
            return ("globals",)
        argument = call.args[1]
    return _chain(argument) or _call_root(argument)


def _is_constant(node: ast.expr) -> bool:
    return not any(isinstance(one, (ast.Name, ast.Call)) for one in ast.walk(node))


def _chain(node: ast.expr) -> tuple[str, ...]:
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


def _with_constants(code: CodeType, values: dict[str, object]) -> CodeType:
    """Put objects in place of constants, in the scopes that run at once."""

    def put(const: object) -> object:
        if isinstance(const, CodeType) and runs_at_definition(const):
            return _with_constants(const, values)
        return values.get(const, const) if isinstance(const, str) else const

    return code.replace(co_consts=tuple(put(const) for const in code.co_consts))


class _Births(ast.NodeTransformer):
    """Adds an innermost decorator to each function that a statement makes, and wraps lambdas."""

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.AST:
        node.decorator_list = [self.visit(decorator) for decorator in node.decorator_list]
        node.args = self.visit(node.args)
        place = node.decorator_list[0] if node.decorator_list else node
        decorator = ast.Constant(_BORN_DECORATED if node.decorator_list else _BORN)
        ast.copy_location(decorator, place)
        decorator.lineno = decorator.end_lineno = _first_line(node)
        node.decorator_list.append(decorator)
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        return self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        return self._function(node)

    def visit_Lambda(self, node: ast.Lambda) -> ast.AST:
        node.args = self.visit(node.args)
        call = ast.Call(ast.Constant(_BORN), [node], [])
        ast.copy_location(call.func, node)
        return ast.copy_location(call, node)


# -- old against new ----------------------------------------------------------------------


@dataclass(eq=False)
class Alignment:
    """Which statement of the new source is which of the old one."""

    new: list[Statement]
    counterpart: dict[int, Statement]
    """Index in the new source → the old statement."""
    changed: set[int]
    """Indices in the new source whose import-time code differs from the counterpart's."""
    removed: list[Statement]

    @property
    def added(self) -> list[Statement]:
        """Statements without a counterpart."""
        return [statement for statement in self.new if statement.index not in self.counterpart]

    def successor(self, old: Statement) -> Statement | None:
        """What an old statement has become."""
        for index, statement in self.counterpart.items():
            if statement is old:
                return self.new[index]
        return None


def align(old: Outline, new: Outline) -> Alignment:
    """Align two versions: by equal text, by what they bind, by equal code."""
    result = Alignment(new.statements, {}, set(), [])
    waiting: dict[object, list[Statement]] = {}
    for statement in old.statements:
        waiting.setdefault((statement.text, statement.flags), []).append(statement)
    left = []
    for statement in new.statements:
        queue = waiting.get((statement.text, statement.flags))
        if queue and queue[0].inert == statement.inert:
            result.counterpart[statement.index] = queue.pop(0)
        else:
            left.append(statement)
    matched = {id(statement) for statement in result.counterpart.values()}
    rest = [statement for statement in old.statements if id(statement) not in matched]
    left, rest = _match(result, left, rest, _same)
    left, rest = _match(result, left, rest, _binds_same)
    left, rest = _match(result, left, rest, _stores_same)
    result.removed = rest
    result.changed |= _moved(result)
    return result


def _match(
    result: Alignment, left: list[Statement], rest: list[Statement], rule: object
) -> tuple[list[Statement], list[Statement]]:
    """From the end: of several definitions of one name (overloads), the last is the real one."""
    unmatched: list[Statement] = []
    for statement in reversed(left):
        for candidate in reversed(rest):
            if rule(candidate, statement):  # type: ignore[operator]
                rest.remove(candidate)
                result.counterpart[statement.index] = candidate
                if not _same(candidate, statement):
                    result.changed.add(statement.index)
                break
        else:
            unmatched.insert(0, statement)
    return unmatched, rest


def _binds_same(old: Statement, new: Statement) -> bool:
    if not new.binds or old.is_import != new.is_import:
        return False
    if new.is_import or len(new.binds) > 1 or len(old.binds) > 1:
        return bool(old.binds & new.binds)
    return old.binds == new.binds


def _stores_same(old: Statement, new: Statement) -> bool:
    """The same attribute or item of something gets another value."""
    targets = [
        [ast.dump(target) for node in one.nodes for target in getattr(node, "targets", ())]
        for one in (old, new)
    ]
    return not new.binds and bool(targets[0]) and targets[0] == targets[1]


def _same(old: Statement, new: Statement) -> bool:
    """Whether what runs at import is equal; bodies of functions may differ."""
    if old.text == new.text and old.flags == new.flags:
        return True
    if old.binds != new.binds or old.inert != new.inert or old.is_docstring != new.is_docstring:
        return False
    if new.inert and not new.is_guard:
        return True
    pairs: list[Pair] = []
    if not same_definitions(old.code, new.code, pairs):
        return False
    return not (new.decorated and any(pair.outside for pair in pairs))


def _moved(result: Alignment) -> set[int]:
    """Statements that now stand on the other side of one that binds what they read or bind."""
    order = [(index, result.counterpart[index].index) for index in sorted(result.counterpart)]
    if all(one[1] < other[1] for one, other in pairwise(order)):
        return set()
    moved: set[int] = set()
    for at, (index, before) in enumerate(order):
        names = result.new[index].binds.union(result.new[index].reads.names)
        for other, other_before in order[:at]:
            if other_before > before:  # the two changed places
                if result.new[other].binds & names:
                    moved.add(index)
                if not result.new[index].binds.isdisjoint(result.new[other].reads.names):
                    moved.add(other)
    return moved


def is_builtin(name: str) -> bool:
    """Whether a name is one of Python's own."""
    return hasattr(builtins, name)
