"""What does a command do that somebody has typed for a module of this process?"""

from __future__ import annotations
import __future__

import ast
import builtins
import inspect
import itertools
import linecache
import sys
from typing import TYPE_CHECKING, Any

from hotswap.gate import GATE
from hotswap.repl import loops
from hotswap.repl.loops import Awaited
from hotswap.repl.reins import Reins
from hotswap.repl.typed import Origins, note

if TYPE_CHECKING:
    from types import CodeType

MAIN = "__main__"
_FEATURES = [getattr(__future__, name) for name in __future__.all_feature_names]
_FUTURE = sum({feature.compiler_flag for feature in _FEATURES})
_numbers = itertools.count(1)


class NoModule(LookupError):  # noqa: N818 - it is told, in one line
    """A module was asked for that this process has not imported."""


class Commands:
    """
    The commands of one person: in which module they run, what `_` is, what they import from
    `__future__`.

    Args:
        typed_in: By module, where the names that commands bind come from: noted down there.
    """

    def __init__(self, typed_in: dict[str, Origins]) -> None:
        self._typed_in = typed_in
        self._number = next(_numbers)
        self._last = f"_ of {self._number}"  # among the builtins: nobody can type such a name
        self._count = 0
        self._flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        self._reins = Reins()
        self._awaited: Awaited | None = None
        self._runs, self._interrupted = 0, 0
        self.module = MAIN

    def enter(self, module: str) -> None:
        """
        From now on commands run in this module.

        Raises:
            NoModule: It was never imported.
        """
        if not isinstance(getattr(sys.modules.get(module), "__dict__", None), dict):
            raise NoModule(f"{module} was never imported in this process")
        self.module = module

    @property
    def namespace(self) -> dict[str, Any]:
        """
        That of the module, as it is now.

        Raises:
            NoModule: It is not there any more.
        """
        self.enter(self.module)
        return vars(sys.modules[self.module])

    def run(self, text: str, number: int) -> None:
        """
        Run statements, and display the values of expressions among them.

        None runs if one does not compile. What they raise goes through, and what is typed is
        shown in its traceback. To a reload they are a call: it waits a moment for their end.

        Args:
            number: What this text is interrupted by, maybe before it runs.
        """
        self._runs = number
        file = self._remember(text)
        statements = self._parsed(text, file)
        for statement in statements:
            self._compiled(statement, file)
        token = GATE.enter()
        try:
            for statement in statements:
                self._execute(self._compiled(self._with_last(statement), file))
        finally:
            GATE.leave(token)

    def keep(self, value: Any) -> None:
        """From now on `_` is this."""
        vars(builtins)[self._last] = value

    def interrupt(self, number: int) -> None:
        """Raise KeyboardInterrupt in the text of that number, or as soon as it runs."""
        if number != self._runs or not self._reins.pull():
            self._interrupted = number
        awaited = self._awaited
        if number == self._runs and awaited is not None:
            awaited.cancel()  # also where a step was ending just then

    def forget(self) -> None:
        """The person has left."""
        vars(builtins).pop(self._last, None)
        for number in range(1, self._count + 1):
            linecache.cache.pop(self._file(number), None)

    def _file(self, number: int) -> str:
        return f"<attached {self._number}, command {number}>"

    def _remember(self, text: str) -> str:
        self._count += 1
        file = self._file(self._count)
        linecache.cache[file] = (len(text), None, f"{text}\n".splitlines(keepends=True), file)
        return file

    def _parsed(self, text: str, file: str) -> list[ast.stmt]:
        flags = self._flags | ast.PyCF_ONLY_AST
        tree: Any = compile(text, file, "exec", flags, dont_inherit=True)
        statements: list[ast.stmt] = tree.body
        return statements

    def _compiled(self, statement: ast.stmt, file: str) -> CodeType:
        tree = ast.Interactive([statement])
        code: CodeType = compile(tree, file, "single", self._flags, dont_inherit=True)
        self._flags |= code.co_flags & _FUTURE
        return code

    def _with_last(self, statement: ast.stmt) -> ast.stmt:
        """
        The same with the value of this person for `_`, unless that means something else there.

        `builtins._` is what others at a prompt may set, and what `gettext` sets in a program.
        """
        here = self._last in vars(builtins) and "_" not in self.namespace
        if here and not any(_binds(node, "_") for node in ast.walk(statement)):
            for node in ast.walk(statement):
                if isinstance(node, ast.Name) and node.id == "_":
                    node.id = self._last
        return statement

    def _execute(self, code: CodeType) -> None:
        namespace = self.namespace
        note(self._typed_in.setdefault(self.module, {}), code)
        self._heed()
        result = self._reins.hold(lambda: eval(code, namespace))  # noqa: S307
        if not code.co_flags & inspect.CO_COROUTINE:
            return
        loop = loops.running()
        if loop is None:
            result.close()
            raise RuntimeError("no event loop runs in this process: nothing can be awaited")
        self._awaited = Awaited(result, loop, self._reins)
        try:
            self._heed()
            self._awaited.wait()
        finally:
            self._awaited = None
            result.close()

    def _heed(self) -> None:
        """Stop if that was wanted while none of the statements ran."""
        if self._interrupted == self._runs:
            raise KeyboardInterrupt


def _binds(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Name):
        return node.id == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.keyword):
        return False
    return name in {getattr(node, field, None) for field in ("arg", "name", "asname", "rest")}
