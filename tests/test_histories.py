"""Programs that are edited again and again: after each batch all is as if it started now."""

from __future__ import annotations

import sys

import pytest

# What it is about → the modules, and batches of edits: module → old and new text, or all of it.
HISTORIES = {
    "a list that a star-import brings is extended": (
        {
            "base": "APPS = ['a']\nX = 1",
            "dev": "from base import *\nAPPS = APPS + ['x']\nAPPS = APPS + ['y']\nN = len(APPS), X",
            "use": "from dev import APPS\nN = len(APPS)",
        },
        [
            {"base": ("'a'", "'a', 'b'")},
            {"dev": ("'x'", "'w', 'x'")},
            {"dev": ("'y'", "'z'")},
            {"base": ("X = 1", "X = 2")},
            {"base": ("'a', 'b'", "'b'"), "dev": ("['z']", "[]")},
        ],
    ),
    "a name that a star-import brings, and is bound above it": (
        {"a": "X = 2", "m": "from a import *\nY = 1"},
        [
            {"m": "X = 1\nZ = X\nfrom a import *\nY = X"},
            {"m": ("X = 1", "X = 3")},
            {"a": ("X = 2", "X = 4")},
            {"m": ("X = 3\nZ = X", "Z = 3"), "a": ("X = 4", "X = Z = 4")},
        ],
    ),
    "a name that a star-import brings, overridden or not": (
        {"base": "D = False\nX = 'x'", "dev": "from base import *\nif not D:\n    X = 'y'\nZ = X"},
        [{"base": ("False", "True")}, {"base": ("'x'", "'z'")}, {"base": ("True", "False")}],
    ),
    "a name that a star-import brings, and is overridden by the same value": (
        {"base": "X = 1", "dev": "from base import *\nX = 1\nY = X"},
        [{"base": ("X = 1", "X = 2")}, {"dev": ("X = 1\n", "")}],
    ),
    "a default that a block may override": (
        {"a": "D = False", "m": "import a\nX = 5\nif a.D: X = 1\nY = X\nif a.D: X = 2\nZ = X"},
        [
            {"m": ("X = 5", "X = 7")},
            {"a": ("False", "True")},
            {"m": ("X = 7", "X = 8")},
            {"m": ("X = 1", "X = 3")},
            {"a": ("True", "False")},
            {"m": ("if a.D: X = 2\n", "")},
        ],
    ),
    "a list that was imported is extended in place": (
        {"base": "APPS = ['a']", "dev": "from base import APPS\nAPPS += ['x']\nN = len(APPS)"},
        [
            {"dev": ("'x'", "'y', 'z'")},
            {"base": ("'a'", "'b'")},
            {"dev": ("APPS += ['y', 'z']\n", "")},
        ],
    ),
    "a list is made in several steps": (
        {"m": "A = [1]\nA += [2]\nA = A + [3]\nB = list(A)"},
        [{"m": ("[2]", "[5]")}, {"m": ("A += [5]\n", "")}, {"m": ("[1]", "[1]\nA *= 2")}],
    ),
    "settings by name": (
        {
            "base": "DB = {'a': 1}\nD = True",
            "dev": "from base import *\nDB = {**DB, 'b': 2}",
            "conf": """
                import importlib
                class Settings:
                    def __init__(self, name):
                        module = importlib.import_module(name)
                        for key in dir(module):
                            if key.isupper(): setattr(self, key, getattr(module, key))
                settings = Settings('dev')
            """,
            "use": "from conf import settings\nDB = settings.DB",
        },
        [{"base": ("'a': 1", "'a': 5")}, {"base": ("True", "0\nN = 1")}, {"base": ("\nN = 1", "")}],
    ),
    "things by name": (
        {
            "find": """
                from importlib import import_module
                def find(path):
                    module, _, name = path.rpartition('.')
                    return getattr(import_module(module), name)
            """,
            "made": "X = 1\ndef f(): return 1\nclass C: x = 1",
            "use": "from find import find\nX = find('made.X')\nF = find('made.f')()\nC = find('made.C')().x",
        },
        [
            {"made": ("X = 1", "X = 2")},
            {"made": ("return 1", "return 2")},
            {"made": ("x = 1", "x = 2")},
        ],
    ),
    "a package that imports when it is asked": (
        {
            "p/__init__": """
                import importlib
                def __getattr__(name):
                    if name.startswith('_'): raise AttributeError(name)
                    return getattr(importlib.import_module('p.' + name.lower()), name)
            """,
            "p/a": "A = 1",
            "p/b": "B = 1",
            "use": "from p import A\nimport p\nX = A, p.B",
        },
        [{"p/a": ("A = 1", "A = 2")}, {"p/b": ("B = 1", "B = 2")}],
    ),
    "plugins of a folder": (
        {
            "plug/__init__": "",
            "plug/a": "NAME = 'a'\ndef run(): return 1",
            "host": """
                import importlib, pkgutil, plug
                RUN = {}
                for info in pkgutil.iter_modules(plug.__path__):
                    module = importlib.import_module('plug.' + info.name)
                    RUN[module.NAME] = module.run
                del info
            """,
            "use": "import host\nNAMES = sorted(host.RUN)",
        },
        [
            {"plug/a": ("return 1", "return 2")},
            {"plug/b": "NAME = 'b'\ndef run(): return 1", "plug/a": ("'a'", "'A'")},
            {"plug/b": ("'b'", "'B'")},
            {"plug/b": None},
        ],
    ),
    "plugins that enter themselves": (
        {
            "book": "BOOK = {}\ndef enter(f):\n    BOOK[f.__name__] = f\n    return f",
            "plug/__init__": """
                import importlib, pkgutil
                for _, name, _ in pkgutil.iter_modules(__path__):
                    importlib.import_module(f'plug.{name}')
            """,
            "plug/a": "from book import enter\n@enter\ndef a(): return 1",
            "use": "import plug, book\ndef names(): return list(book.BOOK)",
        },
        [
            {"plug/a": ("return 1", "return 2")},
            {"plug/b": "from book import enter\n@enter\ndef b(): return 1"},
            {"plug/b": ("def b", "def c")},
            {"plug/b": None},
        ],
    ),
    "attributes that are set by name": (
        {
            "a": "X = 1\nY = 2",
            "b": """
                import a
                class S: pass
                s = S()
                for key in dir(a):
                    if key.isupper(): setattr(s, key, getattr(a, key))
            """,
            "use": "from b import s\nX = s.X",
        },
        [{"a": ("X = 1", "X = 2")}, {"a": ("\nY = 2", "")}],
    ),
    "entries of a loop": (
        {
            "a": "NAMES = ['x', 'y']",
            "b": "from a import NAMES\nT = {}\nfor n in NAMES: T[n] = len(n)",
        },
        [{"a": ("'x', 'y'", "'y', 'z'")}, {"b": ("len(n)", "n")}, {"a": ("'y', ", "")}],
    ),
    "entries of a branch": (
        {
            "a": "D = True",
            "b": "import a\nS = {}\nclass C: pass\nif a.D:\n    S['d'] = 1\n    C.d = 1",
            "use": "from b import S, C\nK = len(S), hasattr(C, 'd')",
        },
        [{"a": ("True", "False")}, {"a": ("False", "True")}],
    ),
    "names that are bound through the namespace": (
        {
            "m": "for n in ['a', 'b']: globals()[n.upper()] = n\nglobals().update(X=1)\nexec('Y = 2')\nZ = A, X, Y"
        },
        [
            {"m": ("'b'", "'c'")},
            {"m": ("X=1", "X=3, W=1")},
            {"m": ("Y = 2", "Y = 5")},
            {"m": ("X=3, W=1", "X=1")},
        ],
    ),
    "what a string computes": (
        {"a": "X = 2", "m": "from a import X\nV = eval('X * 2')"},
        [{"a": ("X = 2", "X = 3")}],
    ),
    "a branch that binds what it matches": (
        {
            "a": "K = 'a'",
            "m": "import a\nmatch a.K:\n    case 'a': X = 1\n    case other: X = other",
        },
        [{"a": ("'a'", "'b'")}, {"a": ("'b'", "'a'")}],
    ),
    "a class of one branch or another": (
        {"a": "K = True", "m": "import a\nif a.K:\n    class C: x = 1\nelse:\n    class C: y = 1"},
        [{"a": ("True", "False")}, {"a": ("False", "True")}],
    ),
    "members of an enumeration": (
        {"a": "import enum\nclass E(enum.Enum):\n    A = 1", "b": "from a import E\nL = list(E)"},
        [{"a": ("A = 1", "A = 1\n    B = 2")}],
    ),
    "a cycle of three": (
        {
            "a": "A = 1\nfrom b import B\nAB = A + B",
            "b": "B = 2\nfrom c import C\nBC = B + C",
            "c": "C = 3\nfrom a import A\nCA = C + A",
        },
        [
            {"b": ("B = 2", "B = 4")},
            {"c": ("C = 3", "C = 5")},
            {"a": ("A = 1", "A = 6"), "c": ("C = 5", "C = 7")},
        ],
    ),
    "overloads": (
        {
            "a": """
                import typing
                @typing.overload
                def f(x: int) -> int: ...
                @typing.overload
                def f(x: str) -> str: ...
                def f(x): return x
            """,
            "b": "from a import f\nX = f(1)",
        },
        [
            {"a": [("import typing", "import typing as t"), ("typing.overload", "t.overload")]},
            {"a": ("x: str", "x: bytes")},
        ],
    ),
    "routes": (
        {
            "app": """
                class App:
                    def __init__(self): self.routes, self.by_path = [], {}
                    def route(self, path, **options):
                        def enter(f):
                            self.routes.append((path, f))
                            self.by_path[path] = (f, options)
                            return f
                        return enter
                app = App()
            """,
            "a": "from app import app\n@app.route('/a', methods=['GET'])\ndef a(): return 1",
            "use": "import a, app",
        },
        [
            {"a": ("return 1", "return 2")},
            {"a": ("def a():", "def a(x=1):")},
            {"a": ("'GET'", "'POST'")},
            {"a": ("'/a'", "'/b'")},
            {"a": ("def a", "def b")},
            {"a": "from app import app"},
            {"a": "from app import app\n@app.route('/c')\ndef c(): return 1"},
        ],
    ),
    "handlers of events": (
        {
            "events": """
                from collections import defaultdict
                HANDLERS, MORE = {}, defaultdict(list)
                def seen(): return {event: len(them) for event, them in MORE.items()}
                def on(event):
                    def enter(f):
                        HANDLERS.setdefault(event, []).append(f)
                        MORE[event].append(f)
                        return f
                    return enter
            """,
            "a": """
                from events import on
                @on('start')
                def one(): return 1
                @on('start')
                def two(): return 2
            """,
            "use": "import a, events",
        },
        [
            {"a": ("def one():", "def one(x=1):")},
            {"a": ("def two", "def three")},
            {"a": ("@on('start')\ndef one(x=1): return 1\n", "")},
            {"a": ("'start'", "'stop'")},
        ],
    ),
    "a parser of arguments": (
        {
            "m": """
                import argparse
                parser = argparse.ArgumentParser('m')
                parser.add_argument('--a', default=1)
                commands = parser.add_subparsers()
                run = commands.add_parser('run')
                run.add_argument('--b', default=1)
                SHOWN = parser.parse_args([]).a, run.parse_args([]).b
                del parser, commands, run
            """
        },
        [
            {"m": ("'--a', default=1", "'--a', default=2")},
            {"m": ("'--b', default=1", "'--b', default=3")},
        ],
    ),
    "an attribute of a class through a star": (
        {"a": "class C:\n    x = 1", "b": "from a import *\nX = C().x"},
        [{"a": ("x = 1", "x = 2")}],
    ),
    "a package that shows what it offers as its own": (
        {
            "p/_low": "class Wrong(Exception): pass\ndef get(x): return x\nclass C: pass\nD = C()",
            "p/__init__": """
                from ._low import Wrong, get, D
                __all__ = ['Wrong', 'get', 'D']
                __locals = locals()
                for __name in __all__: setattr(__locals[__name], '__module__', 'p')
            """,
            "use": "import p\ndef f(e=p.Wrong, d=p.D): return e, d",
        },
        [
            {"p/_low": ("Wrong(Exception): pass", "Wrong(Exception): code = 1")},
            {"p/_low": ("get(x)", "get(x, y=1)")},
            {"p/_low": ("D = C()", "D = [C()][0]")},
        ],
    ),
    "an attribute that another module gives to a function": (
        {"a": "def f(): return 1", "b": "import a\na.f.mark = 1", "use": "import b, a"},
        [{"a": ("def f():", "def f(x=1):")}, {"a": ("return 1", "return 2")}],
    ),
    "what was done to a thing that goes with it": (
        {"m": "T = {'a': 1}\nT.update(b=2)\nX = 1"},
        [{"m": "X = 2"}, {"m": "T = {'a': 1}\nT.update(b=2)\nX = 2"}],
    ),
    "a way to answer less": (
        {
            "a": """
                import functools
                @functools.singledispatch
                def show(x): return 'object'
                @show.register(str)
                def _s(x): return 'text'
                class Base:
                    def m(self): return 1
                class C(Base):
                    def m(self): return 2
            """,
            "use": "from a import show, C\nX = show('x'), C().m()",
        },
        [
            {"a": ("@show.register(str)\ndef _s(x): return 'text'\n", "")},
            {"a": ("\n    def m(self): return 2", " pass")},
            {"a": ("C(Base): pass", "C(Base):\n    def m(self): return 3")},
        ],
    ),
    "an answer that was remembered": (
        {
            "a": "import functools\n@functools.cache\ndef load(): return {'k': 1}\nX = load()['k']",
            "b": "from a import load\nX = load()['k']",
            "c": "import a\nX = a.load()['k']",
            "use": "import b, c",
        },
        [{"a": ("'k': 1", "'k': 2")}],
    ),
    "an answer that an object remembers": (
        {
            "m": """
                class Once:
                    def __init__(self, f): self.f, self.value = f, None
                    def __call__(self):
                        if self.value is None: self.value = self.f()
                        return self.value
                once = Once(lambda: 1)
                X = once()
            """
        },
        [{"m": ("lambda: 1", "lambda: 2")}],
    ),
    "a function that closes over something else": (
        {
            "m": "def outer(n):\n    def inner(): return n + 1\n    return inner\nf = outer(1)\nX = f()"
        },
        [{"m": ("n + 1", "n + 2")}, {"m": ("outer(1)", "outer(5)")}],
    ),
    "a function of somebody else's as a method": (
        {
            "a": "def f(self): return 1\ndef g(self): return 2",
            "b": "import a\nclass C:\n    m = a.f\n    n = a.g",
            "use": "import a, b\nX = a.f(0), b.C().m(), b.C().n()",
        },
        [
            {"b": ("m = a.f", "def m(self): return 3")},
            {"b": ("n = a.g", "n = m")},
            {"b": ("def m(self): return 3", "m = a.g")},
        ],
    ),
    "a decorated enumeration": (
        {
            "a": """
                import enum
                def marked(cls):
                    cls.__new__ = staticmethod(lambda cls, value: cls._value2member_map_[value])
                    return cls
                class E(enum.Enum): A = 1
            """
        },
        [{"a": ("class E(", "@marked\nclass E(")}, {"a": ("@marked\nclass E(", "class E(")}],
    ),
    "a circle of star-imports that loses a name": (
        {
            "a": "X = 1\nY = 2\nfrom b import *",
            "b": "from a import *\nZ = 3\nW = 4\n",
            "m": "from a import *\nV = Z",
        },
        [{"b": ("W = 4\n", "")}, {"a": ("Y = 2\n", "")}],
    ),
    "a module that has another name besides": (
        {
            "a": "import sys\nsys.modules['another'] = sys.modules[__name__]\nX = 1",
            "m": """
                import importlib, sys, a
                from another import X
                V = [sys.modules['another'].X, sys.modules.get('another').X]
                W = importlib.import_module('another').X
            """,
        },
        [{"a": ("X = 1", "X = 2")}, {"a": ("X = 2", "X = 3")}],
    ),
    "a table of classes in a table": (
        {
            "m": """
                class Base: pass
                class More: pass
                class C(object): x = 1
                class D(Base, More): x = 1
                T = {'k': {'c': C, 'd': D, 'n': None}}
            """
        },
        [{"m": ("class C(object)", "class C")}, {"m": ("class D(Base, More)", "class D(Base)")}],
    ),
    "a value of a class that its methods have as a default": (
        {
            "m": """
                class C:
                    class Nothing: pass
                    nothing = Nothing()
                    def pop(self, default=nothing): return default is self.nothing
                    x = 1
                def use(): return C().pop()
            """
        },
        [{"m": ("x = 1", "x = 2")}, {"m": ("default is", "1 and default is")}],
    ),
    "what is defined unless it is there": (
        {
            "m": """
                try: E
                except NameError:
                    class E(Exception): y = 1
                try: X
                except NameError: X = 1
            """,
            "use": "import m\nV = m.E.y, m.X",
        },
        [{"m": ("y = 1", "y = 2")}, {"m": ("X = 1", "X = 2")}],
    ),
    "what a function remembers as an attribute of itself": (
        {
            "a": "class Found:\n    def __init__(self): self.x = 1\n",
            "m": """
                from a import Found
                def find():
                    try: return find.cache
                    except AttributeError:
                        find.cache = Found()
                        return find.cache
                X = find().x
            """,
        },
        [{"a": ("x = 1", "x = 2")}, {"a": ("self.x = 2", "self.x = self.y = 3")}],
    ),
    "annotations in a branch that is not taken": (
        {"m": "X = 1"},
        [{"m": ("X = 1", "if False:\n    Y: int = 1\nX = 1")}, {"m": ("    Y: int", "    Y")}],
    ),
    "a value that no function gives any more, though there is one": (
        {"m": "X = 1\ndef f(): return X\nV = f()"},
        [{"m": ("X = 1\ndef f(): return X\nV = f()", "V = 2\ndef f(): return V")}],
    ),
    "a package that imports a new part of itself": (
        {"p/__init__": "X = 1"},
        [{"p/__init__": ("X = 1", "from . import part\nX = part.Y"), "p/part": "Y = 2"}],
    ),
    "slots of which a line below takes one out": (
        {
            "m": """
                class C:
                    __slots__ = ["x", "__weakref__"]
                    y = 1
                C.__slots__.remove("__weakref__")
            """
        },
        [{"m": ("y = 1", "y = 2")}, {"m": ("y = 2", "def f(self): pass")}],
    ),
    "what a module remembers of what it was asked for": (
        {
            "base": "class Base:\n    def __init_subclass__(cls): cls.x = 1",
            "w/part": "import base\nclass C(base.Base): pass",
            "w/__init__": """
                MEMORY = {}
                def __getattr__(name):
                    if name != "C": raise AttributeError(name)
                    from w.part import C
                    MEMORY[name] = C
                    return C
            """,
            "m": "from w import C\nX = C.x",
        },
        [{"base": ("x = 1", "x = 2")}, {"w/part": ("pass", "y = 1")}],
    ),
    "a text that becomes that of its module": (
        {"m": "import sys\n'text'\nX = 1"},
        [{"m": ("import sys\n", "")}, {"m": ("'text'", "import sys\n'text'")}],
    ),
    "annotations that go": (
        {"m": "X: int = 1\nif X:\n    Y: str = ''\nZ: int"},
        [
            {"m": ("X: int", "X")},
            {"m": ("Y: str", "Y")},
            {"m": ("Z: int", "W: int")},
            {"m": ("\nW: int", "")},
            {"m": ("X = 1", "X: str = 1")},
        ],
    ),
    "a name that becomes a submodule": (
        {"p/__init__": "x = 1", "m": "from p import x"},
        [{"p/__init__": "", "p/x": "V = 1"}, {"p/x": ("V = 1", "V = 2")}],
    ),
}


@pytest.mark.parametrize(("modules", "batches"), HISTORIES.values(), ids=HISTORIES)
def test_equal_to_a_fresh_start_after_each_batch(project, modules, batches):
    """Whatever came before, no stale value, entry or attribute is left behind."""
    project.save(modules)
    names = [name.removesuffix("/__init__").replace("/", ".") for name in modules]
    project.load(names[-1])
    for batch in batches:
        project.save(batch)
        report = project.reload()
        assert report.applied, report.reason
        order = [names[-1], *names[:-1]]
        assert project.picture(*order) == project.fresh(*order)


def test_a_data_file_that_was_gone_is_found_again(project):
    """Who looked for it knows, also if it was not there last time."""
    data = project.folder / "data.txt"
    data.write_text("one")
    project.write(
        "m",
        """
        import pathlib
        path = pathlib.Path(__file__).with_name('data.txt')
        try: TEXT = path.read_text()
        except OSError: TEXT = None
        """,
    )
    module, seen = project.load("m"), []
    for text in ("two", None, "three"):
        data.unlink() if text is None else data.write_text(text)
        project.reload()
        seen.append(module.TEXT)
    assert seen == ["two", None, "three"]


def test_paths_come_back_with_the_rest(project):
    """What a module did to the paths of imports before it raised is taken back."""
    project.write("m", "X = 1")
    project.load("m")
    before = list(sys.path)
    project.write("m", "import sys\nsys.path.insert(0, 'nowhere')\nX = 1 / 0")
    assert project.reload().outcome == "rejected"
    assert sys.path == before


def test_data_that_cannot_be_read_is_rejected(project):
    """A library of Python's own complains of what it is given: a start would fail, too."""
    data = project.folder / "data.json"
    data.write_text("[1]")
    project.write(
        "m", "import json\nwith open(__file__[:-4] + 'data.json') as f: X = json.load(f)\ndel f"
    )
    module = project.load("m")
    data.write_text("[1")
    assert project.reload().outcome == "rejected"
    data.write_text("[1, 2]")
    assert project.reload().applied
    assert module.X == [1, 2]
