"""What code looks up when it runs, read off its bytecode, is what its syntax says."""

# ruff: noqa: N802 - visitors are named after nodes
from __future__ import annotations

import ast
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from hotswap.bytecode import absolute, global_binds, mentioned, read
from hotswap.compare import walk
from hotswap.scan import Import


def module(source):
    return compile(source, "module.py", "exec", dont_inherit=True)


def function(source):
    """The code of the one function in a source."""
    return next(one for one in module(source).co_consts if hasattr(one, "co_code"))


# -- by table -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("import a", [(0, "a", None, "a")]),
        ("import a.b", [(0, "a.b", None, "a")]),
        ("import a.b as c", [(0, "a.b", None, "c")]),
        ("import a.b.c as d", [(0, "a.b.c", None, "d")]),
        ("import a as b, c", [(0, "a", None, "b"), (0, "c", None, "c")]),
        ("from a import b", [(0, "a", "b", "b")]),
        ("from a import b as c", [(0, "a", "b", "c")]),
        ("from a import b, c as d", [(0, "a", "b", "b"), (0, "a", "c", "d")]),
        ("from a.b import c", [(0, "a.b", "c", "c")]),
        ("from . import a", [(1, "", "a", "a")]),
        ("from .. import a", [(2, "", "a", "a")]),
        ("from .a import b", [(1, "a", "b", "b")]),
        ("from a import *", [(0, "a", "*", "")]),
        ("class C: import a", [(0, "a", None, "")]),
        ("class C: from a import b", [(0, "a", "b", "")]),
        ("try: import a\nexcept ImportError: a = None", [(0, "a", None, "a")]),
        ("def f(): import a", []),
    ],
)
def test_imports(source, imports):
    """Each name that an import binds at module level, and where it comes from."""
    assert list(read(module(source)).imports) == [Import(*one) for one in imports]


@pytest.mark.parametrize(
    ("source", "imports"),
    [
        ("def f(): import a", [(0, "a", None, "")]),
        ("def f(): import a.b as c", [(0, "a.b", None, "")]),
        ("def f(): from a import b, c", [(0, "a", "b", ""), (0, "a", "c", "")]),
        ("def f():\n  from a import b\n  return lambda: b", [(0, "a", "b", "")]),
        ("def f():\n  global a\n  import a", [(0, "a", None, "a")]),
    ],
)
def test_imports_of_a_function(source, imports):
    """They bind no name of the module, unless that is declared global."""
    assert list(read(function(source)).imports) == [Import(*one) for one in imports]


@pytest.mark.parametrize(
    ("source", "bare", "chains", "attributes"),
    [
        ("a", "a", "", ""),
        ("a.b", "", "a.b", ""),
        ("a.b.c", "", "a.b.c", ""),
        ("a().b", "a", "", "b"),
        ("a.b().c", "", "a.b", "c"),
        ("a.b()", "", "a.b", ""),
        ("a[b].c", "a b", "", "c"),
        ("f(a.b, c)", "f c", "a.b", ""),
        ("x = a.b + c", "c", "a.b", ""),
        ("(a or b).c", "a", "b.c", ""),
        ("'text'.join(a)", "a", "", "join"),
        ("a.b = c", "a c", "", ""),
        ("del a.b", "a", "", ""),
        ("x = [i.b for i in a]", "a", "", "b"),
        ("x = f'{a} {b.c}'", "a", "b.c", ""),
        ("class C(a.B): x = d", "d", "a.B", ""),
        ("class C:\n  a = b\n  c = a, a.d", "b", "", "d"),
        ("class C:\n  def a(self): ...\n  @a.setter\n  def a(self): ...", "", "", "setter"),
        ("class C:\n  if a: b = 1\n  c = b, b.d", "a b", "b.d", "d"),
        ("class C:\n  a = 1\n  del a\n  c = a, a.d", "a", "a.d", "d"),
        ("class C:\n  try: a = 1\n  except b: pass\n  c = a, a.d", "a b", "a.d", "d"),
        ("def f(x=a): return b", "a", "", ""),
        ("@a.b\ndef f(): pass", "", "a.b", ""),
        ("x = lambda: a", "", "", ""),
    ],
)
def test_names_that_are_looked_up(source, bare, chains, attributes):
    """A name by itself, an attribute of a name, and an attribute of anything else."""
    reads = read(module(source))
    assert set(reads.bare) - {"__name__"} == set(bare.split())
    assert set(reads.chains) == {tuple(chain.split(".")) for chain in chains.split()}
    assert set(reads.attributes) == set(attributes.split())


@pytest.mark.parametrize(
    ("source", "attributes"),
    [
        ("def f(self): return self.a", ""),
        ("def f(self, other): return other.a", "a"),
        ("def f(self): return self.a.b", "b"),
        ("def f(): return m.a", ""),
        ("def f(self): return g().a", "a"),
    ],
)
def test_attributes_of_the_first_argument_do_not_count(source, attributes):
    """What a method takes from its own object is not a module's."""
    assert set(read(function(source)).attributes) == set(attributes.split())


@pytest.mark.parametrize(
    ("source", "modules", "attributes"),
    [
        ("getattr(a, 'b')", "", "b"),
        ("hasattr(a, 'b')", "", "b"),
        ("getattr(a, 'not a name')", "", ""),
        ("x = 'b'", "", ""),
        ("__import__('a.b')", "a.b", ""),
        ("importlib.import_module('a').c", "a", "a c"),
        ("from importlib import import_module as i\nimport_module('a')", "importlib a", "a"),
        ("sys.modules['a'].b", "a", "a b"),
    ],
)
def test_names_in_strings(source, modules, attributes):
    """Where something is looked up by a string, strings that may be names count as such."""
    reads = read(module(source))
    assert {one.target for one in reads.imports} == set(modules.split())
    assert set(reads.attributes) == set(attributes.split())


@pytest.mark.parametrize(
    ("source", "binds", "rebinds"),
    [
        ("a = 1", "a", ""),
        ("a = 1\na = 2", "a", "a"),
        ("a = 1\ndel a", "a", "a"),
        ("a = b = 1", "a b", ""),
        ("a, *b = c", "a b", ""),
        ("import a\nimport a.b", "a", "a"),
        ("def f(): a = 1", "f", ""),
        ("class C: a = 1", "C", ""),
        ("for a in b: pass", "a", ""),
        ("with a as b: pass", "b", ""),
        ("a.b = 1", "", ""),
        ("class C:\n  global a\n  a = 1", "C a", ""),
        ("if a: b = 1\nelse: b = 2", "b", "b"),
        ("from a import *", "", ""),
        ("x = [(y := i) for i in a]", "x y", ""),
    ],
)
def test_names_that_are_bound(source, binds, rebinds):
    """At module level, and which of them more than once."""
    reads = read(module(source))
    assert set(reads.binds) == set(binds.split())
    assert set(reads.rebinds) == set(rebinds.split())


@pytest.mark.parametrize(
    ("source", "calls"),
    [
        ("f()", True),
        ("f(*a)", True),
        ("f(**a)", True),
        ("f(a=1)", True),
        ("a.b()", True),
        ("x = [f(i) for i in a]", True),
        ("class C: x = f()", True),
        ("x = 1", False),
        ("x = a.b", False),
        ("def f(): g()", False),
        ("import a", False),
    ],
)
def test_whether_something_is_called(source, calls):
    """A statement that calls nothing can run nobody's changed function."""
    assert read(module(source)).calls is calls


@pytest.mark.parametrize(
    ("source", "namespace"),
    [
        ("globals()", True),
        ("x = vars()", True),
        ("dir()", True),
        ("locals()['x'] = 1", True),
        ("import sys\nsys.modules[__name__]", True),
        ("import sys\nsys.path", False),
        ("x.globals()", False),
        ("vars(x)", False),
        ("x = [one for one in vars().values()]", True),
        ("vars(x), vars()", True),
        ("vars()[x]", True),
        ("f = vars", True),
        ("f(vars, x)", False),
        ("class C: names = list(locals())", False),
        ("class C: names = list(globals())", True),
        ("@d\nclass C: x = eval('y')", True),
    ],
)
def test_whether_a_namespace_is_looked_at_as_a_whole(source, namespace):
    """Then any name may be meant."""
    assert read(module(source)).namespace is namespace


@pytest.mark.parametrize(
    ("body", "namespace"),
    [("vars()", False), ("dir()", False), ("locals()", False), ("globals()", True)],
)
def test_what_a_function_looks_at_as_a_whole_is_its_own(body, namespace):
    """Unless it asks for what is global."""
    assert read(function(f"def f(): return {body}")).namespace is namespace


def test_long_modules_are_read_to_their_end():
    """Arguments of more than eight bits, and of more than sixteen."""
    names = [f"name_{number}" for number in range(70_000)]
    reads = read(module("\n".join(f"{name} = {name}.attribute" for name in names)))
    assert set(reads.binds) == set(names)
    assert set(reads.chains) == {(name, "attribute") for name in names}


def test_long_arguments_end_with_their_instruction():
    """Also with one that does nothing, such as is left of constants that were made one (3.10)."""
    above = [f"name_{number} = {number}.5" for number in range(300)]
    function = "def f(\n  a: b,\n  c: d = (1, 2),\n): pass\nlast = name"
    reads = read(module("\n".join(["from __future__ import annotations", *above, function])))
    assert ("last" in reads.binds, reads.bare) == (True, ("name",))


def test_names_bound_by_global():
    """From within functions, at any depth."""
    source = "x = 1\ndef f():\n  global a\n  a = 1\n  def g():\n    global b\n    del b"
    assert set(global_binds(walk(module(source)))) == {"a", "b"}


def test_mentioned_is_at_least_what_is_read():
    """The cheap first look misses nothing."""
    code = module("import a.b\nfrom c import d\nclass C(e.f): g = h\nx = [i.j for i in k]")
    assert set(mentioned(code)) >= {"a.b", "c", "d", "e", "f", "h", "k", "j"}


@pytest.mark.parametrize(
    ("level", "target", "package", "name"),
    [
        (0, "a", "p.q", "a"),
        (1, "a", "p.q", "p.q.a"),
        (1, "", "p.q", "p.q"),
        (2, "a", "p.q", "p.a"),
        (2, "", "p.q", "p"),
        (3, "a.b", "p.q.r", "p.a.b"),
    ],
)
def test_absolute_names(level, target, package, name):
    """Each dot more than one goes a package up."""
    assert absolute(level, target, package) == name


# -- by the standard library ----------------------------------------------------------------------

LIBRARY = Path(sysconfig.get_paths()["stdlib"])
FOLDERS = """
    asyncio collections concurrent/futures email http importlib json logging multiprocessing
    sqlite3 unittest urllib xml/dom xml/etree
""".split()  # noqa: SIM905
FILES = sorted(
    [*LIBRARY.glob("*.py"), *(file for one in FOLDERS for file in LIBRARY.glob(f"{one}/*.py"))]
)
OF_THE_COMPILER = {
    "__annotations__",
    "__doc__",
    "__module__",
    "__name__",
    "__qualname__",
    "__debug__",
    "__conditional_annotations__",
}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


class Syntax:
    """
    The same reading of a module, off its syntax tree.

    Nodes are visited with the names that are local to comprehensions and generics around them, and
    with the name of the class that they stand in, if any.
    """

    def __init__(self, tree: ast.Module) -> None:
        self.names: set[str] = set()
        self.own: set[str] = set()
        """Names that class bodies bind: who looks one up below may mean that."""
        self.binds: set[str] = set()
        self.imports: set[Import] = set()
        self.lazy = any(
            isinstance(one, ast.ImportFrom)
            and one.module == "__future__"
            and "annotations" in [a.name for a in one.names]
            for one in tree.body
        )
        for node in tree.body:
            self.visit(node, (), "")

    def visit(self, node: ast.AST, local: tuple[str, ...], scope: str) -> None:
        """Look at a node and what is inside of it."""
        visit = getattr(self, type(node).__name__, None)
        if visit is None or visit(node, local, scope):
            for child in ast.iter_child_nodes(node):
                self.visit(child, local, scope)

    def bind(self, name: str, scope: str) -> None:
        """A name is bound."""
        (self.own if scope else self.binds).add(self.mangled(name, scope))

    def read(self, name: str, scope: str) -> None:
        """A name is looked up."""
        self.names.add(self.mangled(name, scope))

    @staticmethod
    def mangled(name: str, scope: str) -> str:
        """Private names of classes are longer than they are written."""
        private = scope and name.startswith("__") and not name.endswith("__")
        return f"_{scope.lstrip('_')}{name}" if private else name

    def Name(self, node, local, scope):
        if node.id not in local:
            if isinstance(node.ctx, ast.Load):
                self.read(node.id, scope)
            else:
                self.bind(node.id, scope)

    def AugAssign(self, node, local, scope):
        if isinstance(node.target, ast.Name):
            self.read(node.target.id, scope)
        return True

    def NamedExpr(self, node, local, scope):
        self.bind(node.target.id, scope)
        self.visit(node.value, local, scope)

    def FunctionDef(self, node, local, scope):
        if isinstance(node, FUNCTIONS):
            self.bind(node.name, scope)
        for part in self.parts(node):
            self.visit(part, (*local, *generic(node)), scope)

    AsyncFunctionDef = Lambda = FunctionDef

    def parts(self, node) -> Iterator[ast.AST]:
        """What of a function runs when it is defined."""
        arguments = node.args
        yield from getattr(node, "decorator_list", ())
        yield from arguments.defaults
        yield from (one for one in arguments.kw_defaults if one)
        if isinstance(node, FUNCTIONS) and not self.lazy:
            every = [
                *arguments.posonlyargs,
                *arguments.args,
                *arguments.kwonlyargs,
                arguments.vararg,
                arguments.kwarg,
            ]
            yield from (one.annotation for one in every if one and one.annotation)
            yield from [node.returns] if node.returns else []

    def ClassDef(self, node, local, scope):
        self.bind(node.name, scope)
        for part in [*node.decorator_list, *node.bases, *node.keywords]:
            self.visit(part, (*local, *generic(node)), scope)
        for child in node.body:
            self.visit(child, (*local, *generic(node)), node.name)

    def AnnAssign(self, node, local, scope):
        parts = [node.value, None if self.lazy else node.annotation]
        if node.value or not isinstance(node.target, ast.Name):
            parts.append(node.target)
        for part in filter(None, parts):
            self.visit(part, local, scope)

    def ExceptHandler(self, node, local, scope):
        if node.name:
            self.bind(node.name, scope)
        return True

    def If(self, node, local, scope):
        test = node.test.value if isinstance(node.test, ast.Constant) else None
        if isinstance(node.test, ast.Constant):
            for child in node.body if test else node.orelse:
                self.visit(child, local, scope)
            return False
        return True

    def ListComp(self, node, local, scope):
        targets = [one.target for one in node.generators]
        inner = {
            one.id for target in targets for one in ast.walk(target) if isinstance(one, ast.Name)
        }
        self.visit(node.generators[0].iter, local, scope)
        for child in ast.iter_child_nodes(node):
            self.visit(child, (*local, *inner), scope)

    SetComp = DictComp = GeneratorExp = ListComp

    def Import(self, node, local, scope):
        for alias in node.names:
            bound = alias.asname or alias.name.split(".")[0]
            self.imports.add(Import(0, alias.name, None, "" if scope else bound))
            self.bind(bound, scope)

    def ImportFrom(self, node, local, scope):
        for alias in node.names:
            bound = "" if alias.name == "*" or scope else alias.asname or alias.name
            self.imports.add(Import(node.level, node.module or "", alias.name, bound))
            if bound:
                self.bind(bound, scope)


def generic(node: ast.AST) -> list[str]:
    """Names of the type parameters of a definition."""
    return [one.name for one in getattr(node, "type_params", ())]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_bytecode_says_what_syntax_says(path):
    """Imports, names bound and names read are the same by both readings."""
    source = path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
        reads = read(compile(source, path.name, "exec", dont_inherit=True))
    syntax = Syntax(tree)
    assert syntax.imports <= set(reads.imports)
    assert {one for one in reads.imports if one.name or one.bound} <= syntax.imports
    assert set(reads.binds) - OF_THE_COMPILER == syntax.binds - OF_THE_COMPILER
    assert set(reads.names) - OF_THE_COMPILER <= syntax.names - OF_THE_COMPILER
    assert syntax.names - set(reads.names) - OF_THE_COMPILER <= syntax.own
