"""
What are a module's top-level statements?

The statement is the unit of a reload: what did not change is not executed again, so state,
registries and caches beside an edited line stay as they are.
"""

from __future__ import annotations

import ast
import warnings
from dataclasses import dataclass
from functools import cached_property
from types import CodeType

from hotswap import bytecode, newborn, syntax
from hotswap.bytecode import Reads
from hotswap.syntax import Effect

_NOTHING = Reads((), (), (), (), (), (), (), (), calls=False, namespace=False)
_NAMESPACES = (("globals",), ("locals",), ("sys", "modules"))


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
        return len(self.nodes) == 1 and syntax.is_guard(self.nodes[0])

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
        return len(self.nodes) == 1 and isinstance(self.nodes[0], syntax.FUNCTIONS)

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
    def deletes(self) -> bool:
        """`del name`: it has to be there."""
        return any(isinstance(node, ast.Delete) for node in self.nodes)

    @property
    def is_compound(self) -> bool:
        """A block, such as `if` or `try`: it may bind a name, or may not."""
        blocks = (ast.If, ast.Try, ast.For, ast.While, ast.With, ast.Match)
        return any(isinstance(node, blocks) for node in self.nodes)

    @cached_property
    def decorated(self) -> bool:
        """Whether something that is defined here has a decorator."""
        return any(node.decorator_list for node in syntax.definitions(self.nodes))

    def decorators(self, qualname: str) -> frozenset[str]:
        """
        The decorators of a function that is defined here, by its dotted name, without their
        arguments; not those that only say how a method is bound.
        """
        *path, name = qualname.split(".")
        nodes: list[ast.stmt] = self.nodes
        for part in path:
            found = [one for one in nodes if isinstance(one, ast.ClassDef) and one.name == part]
            nodes = [inner for one in found for inner in one.body]
        heads = [
            decorator.func if isinstance(decorator, ast.Call) else decorator
            for one in nodes
            if isinstance(one, syntax.FUNCTIONS) and one.name == name
            for decorator in one.decorator_list
        ]
        return frozenset(
            ast.dump(one)
            for one in heads
            if getattr(one, "id", "") not in ("staticmethod", "classmethod")
        )

    @cached_property
    def binds(self) -> frozenset[str]:
        """Names that it binds in the module; of a star-import none is known."""
        if self.is_docstring:
            return frozenset({"__doc__"})
        bare = any(isinstance(one, ast.AnnAssign) and not one.value for one in self.nodes)
        nodes = [] if self.inert or bare else self.nodes
        return frozenset(name for node in nodes for name in syntax.bound_names(node))

    @cached_property
    def annotates(self) -> frozenset[str]:
        """Names that it enters into the module's `__annotations__`."""
        return frozenset(
            node.target.id
            for node in syntax.annotated(self.nodes)
            if isinstance(node.target, ast.Name) and node.simple
        )

    @cached_property
    def effects(self) -> tuple[Effect, ...]:
        """What it does to objects that are not its own."""
        if self.inert:
            return ()
        return tuple(effect for node in self.nodes for effect in syntax.effects(node))

    @cached_property
    def registrars(self) -> tuple[tuple[str, str], ...]:
        """
        What may enter its definitions somewhere: decorators and bases, first without the
        arguments of a decorator, then as it is written.
        """
        found = [
            one
            for node in syntax.definitions(self.nodes)
            for one in (*node.decorator_list, *getattr(node, "bases", ()))
        ]
        found += [
            one.value
            for node in syntax.definitions(self.nodes)
            for one in getattr(node, "keywords", ())
        ]
        found = [one for one in found if getattr(one, "id", "") != "object"]
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

    def executable(self, born: object, born_decorated: object, was_set: object) -> CodeType:
        """
        Compiled for execution: each function that it makes is handed over at birth.

        Args:
            born: Called with each raw function, innermost of its decorators if there are others
                (`born_decorated`); it goes in as a constant, so no name is taken.
            was_set: Called with each attribute that is set in a block, as `"root.name"`.
        """
        return newborn.put_in(self._template, born, born_decorated, was_set)

    @cached_property
    def _template(self) -> CodeType:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # 'str' object is not callable
            return self._compile(newborn.marked(self.text, self.first))

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
    def looks_elsewhere(self) -> bool:
        """Changes where a package has its modules."""
        return "__path__" in self.binds or any("__path__" in one.chain for one in self.effects)

    @property
    def title(self) -> str:
        """How a report names it."""
        return self.text.lstrip("@").split("\n", 1)[0][:60] if not self.binds else self._names

    @property
    def _names(self) -> str:
        return ", ".join(sorted(self.binds))
