"""Modules and packages that come, go and are found in all the ways there are."""

from __future__ import annotations

import pytest

MODULES = {
    "a module that goes together with the star-import of what it has": (
        {"m": "from base import *\nY = 1", "base": "X = 1", "use": "import m\nN = m.Y"},
        "import use",
        ({"m": "Y = 1", "base": None}, ["hasattr(use.m, 'X')", "use.N"]),
        ({"m": "from base import *\nY = 1", "base": "X = 2"}, ["use.m.X"]),
    ),
    "a module that imports when it is asked": (
        {
            "lazy": """
                _MAP={'A':'impl_a','B':'impl_b'}
                def __getattr__(n):
                    if n in _MAP:
                        import importlib
                        return getattr(importlib.import_module(_MAP[n]),n)
                    raise AttributeError(n)
                def __dir__(): return sorted(_MAP)
            """,
            "impl_a": "A='a1'",
            "impl_b": "B='b1'",
            "use": "import lazy\nfrom lazy import A\nX=A,lazy.B\ndef f(): return lazy.A",
        },
        "import use\nheld_f = use.f",
        ({"impl_a": ("'a1'", "'a2'")}, ["use.X", "use.A", "held_f()"]),
        (
            {"lazy": ("'B':'impl_b'", "'B':'impl_b','C':'impl_c'"), "impl_c": "C='c1'"},
            ["use.lazy.C", "dir(use.lazy)"],
        ),
        (
            {"lazy": ("'A':'impl_a'", "'A':'impl_c'"), "impl_c": "C='c1'\nA='ac'"},
            ["use.X", "held_f()"],
        ),
        ({"lazy": ("def __getattr__", "B='direct'\ndef __getattr__")}, ["use.X"]),
        ({"lazy": ("B='direct'\n", "")}, ["use.X"]),
    ),
    "a cycle of classes": (
        {
            "a": """
                import b
                class A:
                    def peer(self): return b.B
                    x=1
                def mk(): return A(), b.B()
            """,
            "b": "import a\nclass B:\n    def peer(self): return a.A\n    def val(self): return a.A.x",
        },
        "import a, b\no = b.B()\nheld_o = o",
        ({"a": ("x=1", "x=2")}, ["o.val()", "held_o.peer() is a.A"]),
        ({"b": ("class B:", "class B(getattr(a,'A',object)):")}, ["b.B.__mro__[1].__name__"]),
        (
            {"b": ("class B(getattr(a,'A',object)):", "class B:\n    early=hasattr(a,'A')")},
            ["b.B.early"],
        ),
    ),
    "a cycle with a broken edit": (
        {
            "m1": "import m2\nclass A: pass\ndef g(): return m2.V",
            "m2": "import m1\nV=1\ndef f(): return m1.A",
        },
        "import m1, m2",
    ),
    "three modules in a circle": (
        {
            "a": "from c import cv\nimport b\nA=b.B+1\ndef fa(): return cv",
            "b": "import c\nB=c.cv*2",
            "c": "cv=3\nimport a\ndef fc(): return a.A",
        },
        "import a, b, c",
        ({"c": ("cv=3", "cv=4")}, ["a.A", "a.fa()", "c.fc()"]),
        ({"b": ("*2", "*3")}, ["a.A", "c.fc()"]),
        ({"c": ("import a\n", "import a\nD=getattr(a,'A','none')\n")}, ["c.D"]),
    ),
    "a cycle that comes apart": (
        {
            "a": "from b import helper\nclass A:\n    def f(self): return helper()",
            "b": "def helper():\n    from a import A\n    return A.__name__",
        },
        "import a\no = a.A()",
        (
            {"b": "from types_ import NAME\ndef helper(): return NAME", "types_": "NAME='n'"},
            ["o.f()"],
        ),
        ({"types_": ("'n'", "'m'")}, ["o.f()"]),
        (
            {"b": "def helper():\n    import a\n    return a.A.__qualname__", "types_": None},
            ["o.f()"],
        ),
    ),
    "a module that is renamed": (
        {
            "util": "def f(): return 1\nclass C:\n    def g(self): return 'g'",
            "app": "from util import f,C\nR=f()\nO=C()",
        },
        "import app\nheld_f = app.f\nheld_o = app.O",
        (
            {
                "util": None,
                "tools": "def f(): return 2\nclass C:\n    def g(self): return 'G'",
                "app": ("from util", "from tools"),
            },
            ["app.R", "held_f()", "app.O.g()", "app.f()", "'util' in __import__('sys').modules"],
        ),
        ({"tools": ("return 2", "return 3")}, ["app.R", "held_f()"]),
    ),
    "an import that failed": (
        {
            "m": """
                try:
                    import extra
                    HAVE=True
                except ImportError:
                    extra=None
                    HAVE=False
                def f(): return extra.V if HAVE else 'none'
            """,
        },
        "import m\nheld_f = m.f",
        ({"extra": "V=1"}, ["m.HAVE", "m.f()", "held_f()"]),
        ({"extra": ("V=1", "V=2")}, ["m.f()"]),
        ({"extra": None}, ["m.HAVE", "m.f()"]),
        ({"extra": "raise ImportError('no')"}, ["m.HAVE", "m.f()"]),
        ({"extra": "V=3"}, ["m.HAVE", "m.f()"]),
    ),
    "a module that is only looked for": (
        {
            "m": "import importlib.util\nHAVE=importlib.util.find_spec('extra2') is not None",
        },
        "import m",
        ({"extra2": "V=1"}, ["m.HAVE"]),
        ({"extra2": None}, ["m.HAVE"]),
    ),
    "a package that offers what its modules have": (
        {
            "p/__init__": "from .a import A, fa\nfrom .b import *\n__all__=['A','fa','B']",
            "p/a": "class A:\n    v=1\ndef fa(): return A.v",
            "p/b": "__all__=['B']\nB=1\n_C=2",
            "u": "import p\nfrom p import *\nR=(A.v,fa(),B)",
        },
        "import u\nheld_fa = u.fa",
        ({"p/a": ("v=1", "v=2")}, ["u.R", "held_fa()"]),
        ({"p/b": ("['B']", "['B','_C']")}, ["u.p._C"]),
        ({"p/__init__": ("'B']", "'B','_C']")}, ["u._C"]),
        ({"p/b": ("B=1", "B=5")}, ["u.R", "u.B"]),
        ({"p/b": "__all__=['D','_C','B']\nB=1\n_C=3\nD=4"}, ["u.p.D", "hasattr(u, 'D')", "u._C"]),
    ),
    "stars, and lists of names that are computed": (
        {
            "base": "X=1\nY=2\n__all__=[n for n in dir() if n.isupper()]",
            "mid": "from base import *\nfrom base import __all__ as ball\n__all__=[*ball,'M']\nM=X+Y",
            "top": "from mid import *\nT=M,X",
        },
        "import top",
        ({"base": ("Y=2", "Y=2\nZ=3")}, ["top.Z", "top.T", "top.mid.__all__"]),
        ({"base": ("X=1", "X=10")}, ["top.T"]),
        ({"base": ("Z=3\n", "")}, ["hasattr(top, 'Z')", "top.mid.__all__"]),
    ),
    "a namespace package": (
        {
            "ns/one": "V=1",
            "ns/two": "import ns.one\nW=ns.one.V+1",
            "u": "import ns.two\nfrom ns import one\nR=ns.two.W,one.V",
        },
        "import u",
        ({"ns/one": ("V=1", "V=2")}, ["u.R"]),
        (
            {"ns/three": "Q=1", "u": ("from ns import one", "from ns import one,three")},
            ["u.R", "u.three.Q"],
        ),
        ({"ns/three": ("Q=1", "Q=2")}, ["u.three.Q"]),
        (
            {
                "ns/two": None,
                "u": [("import ns.two\n", "import ns.one\n"), ("ns.two.W", "ns.one.V")],
            },
            ["u.R", "hasattr(u.ns, 'two')"],
        ),
    ),
    "a namespace package that becomes another": (
        {
            "ns/one": "V=1",
            "u": "import ns.one\nR=ns.one.V\nD=getattr(ns,'D',None)",
        },
        "import u",
        ({"ns/__init__": "D='init'"}, "ns is a regular package now"),
    ),
    "relative imports": (
        {
            "p/__init__": "",
            "p/a": "from . import b\nfrom .sub.c import C\nfrom .b import f as ff\nX=b.V,C,ff()",
            "p/b": "V=1\ndef f(): return 'f'",
            "p/sub/__init__": "",
            "p/sub/c": "from ..b import V\nfrom .. import b\nC=V*2,b.V",
        },
        "import p.a",
        ({"p/b": ("V=1", "V=3")}, ["p.a.X"]),
        ({"p/b": ("'f'", "'F'")}, ["p.a.X"]),
        ({"p/sub/c": ("from ..b import V", "from ..d import V"), "p/d": "V=50"}, ["p.a.X"]),
        ({"p/sub/c": ("from ..d import V", "from ..b import V"), "p/d": None}, ["p.a.X"]),
    ),
    "imports in functions and conditions": (
        {
            "m": """
                import sys
                if sys.version_info>(3,0):
                    from new import impl
                else:
                    from old import impl
                def lazy():
                    import heavy
                    return heavy.V
                def lz2():
                    from heavy import g
                    return g()
                R=impl()
            """,
            "new": "def impl(): return 'new'",
            "heavy": "V=1\ndef g(): return V",
        },
        "import m\nm.lazy()\nheld_l = m.lazy",
        ({"heavy": ("V=1", "V=2")}, ["m.lazy()", "held_l()", "m.lz2()"]),
        ({"new": ("'new'", "'NEW'")}, ["m.R", "m.impl()"]),
        (
            {"m": ("version_info>(3,0)", "version_info>(9,0)"), "old": "def impl(): return 'old'"},
            ["m.R"],
        ),
    ),
    "a module that puts something else in its place": (
        {
            "lazy": """
                import sys
                class M:
                    V=1
                    def f(self): return self.V
                sys.modules[__name__]=M()
            """,
            "u": "import lazy\nX=lazy.f()",
        },
        "import u",
        ({"lazy": ("V=1", "V=2")}, "lazy puts something else in its own place"),
    ),
    "a package that looks elsewhere": (
        {
            "p/__init__": """
                import os
                __path__.append(os.path.join(os.path.dirname(__file__),'extra'))
                from . import e
            """,
            "p/extra/e": "E=1",
            "u": "from p import e\nX=e.E",
        },
        "import u",
        ({"p/extra/e": ("E=1", "E=2")}, ["u.X"]),
        (
            {"p/__init__": ("'extra'", "'extra2'"), "p/extra2/e": "E=9"},
            "p looks for its modules somewhere else",
        ),
    ),
    "modules that are imported by a string": (
        {
            "drv/__init__": "",
            "drv/a": "def go(): return 'a'",
            "drv/b": "def go(): return 'b'",
            "m": """
                import importlib
                NAMES=['a','b']
                D={n: importlib.import_module('drv.'+n).go for n in NAMES}
                MAIN=importlib.import_module('.a','drv')
            """,
        },
        "import m\nheld_D = m.D",
        ({"drv/a": ("'a'", "'A'")}, ["m.D['a']()", "m.MAIN.go()"]),
        ({"m": ("['a','b']", "['a']")}, ["sorted(m.D)"]),
        ({"m": ("['a']", "['a','c']"), "drv/c": "def go(): return 'c'"}, ["m.D['c']()"]),
        ({"drv/c": ("def go()", "def go(x=1)")}, ["m.D['c']()"]),
    ),
    "a module that is gone, and imported in a function": (
        {
            "m": """
                def f():
                    try:
                        import opt
                    except ImportError: return 'gone'
                    return opt.V
            """,
            "opt": "V=1",
        },
        "import m\nm.f()",
        ({"opt": None}, ["m.f()"]),
        ({"opt": "V=2"}, ["m.f()"]),
    ),
    "imports for type checkers": (
        {
            "m": """
                from __future__ import annotations
                from typing import TYPE_CHECKING
                if TYPE_CHECKING:
                    from nowhere import Thing
                def f(x: Thing) -> int: return 1
            """,
        },
        "import m\nheld_f = m.f",
        ({"m": ("return 1", "return 2")}, ["m.f(0)", "held_f(0)"]),
        ({"m": ("from nowhere", "from elsewhere")}, ["m.f(0)"]),
        ({"m": ("x: Thing", "x: Other")}, ["m.f.__annotations__"]),
    ),
    "settings that a metaclass numbers": (
        {
            "m": """
                KNOWN = []
                class M(type):
                    def __new__(cls, name, bases, space):
                        space["number"] = len(KNOWN)
                        made = super().__new__(cls, name, bases, space)
                        KNOWN.append(made)
                        return made
                class A(metaclass=M): pass
                class B(metaclass=M): pass
                class C(metaclass=M): pass
                def numbers(): return [(one.__name__, one.number) for one in KNOWN]
            """,
        },
        "import m",
        ({"m": ("class B(metaclass=M): pass", "class B(metaclass=M): x = 1")}, ["m.numbers()"]),
        ({"m": ("def numbers", "class D(metaclass=M): pass\ndef numbers")}, ["m.numbers()"]),
        (
            {"m": ("class B(", "class N(metaclass=M): pass\nclass B(")},
            "m.KNOWN numbers what is entered, and others have moved",
        ),
        ({"m": ("class B(metaclass=M): x = 1\n", "")}, "m.KNOWN counts what is gone"),
    ),
    "names that are annotated": (
        {
            "m": """
                ON = False
                A: int = 1
                if ON:
                    B: int = 2
                C: int = 3
                def names(): return list(__annotations__)
            """,
        },
        "import m",
        ({"m": ("A: int = 1\nif ON:\n", "if ON:\n    A: int = 1\n")}, ["m.names()"]),
        ({"m": ("ON = False", "ON = True")}, ["m.names()"]),
        ({"m": ("C: int = 3", "C = 3")}, ["m.names()"]),
    ),
    "a module that nobody imports any more, which entered something": (
        {
            "reg": "R={}\ndef reg(f):\n    R[f.__name__]=f\n    return f",
            "p1": "from reg import reg\n@reg\ndef a(): return 1",
            "p2": "from reg import reg\n@reg\ndef b(): return 2",
            "app": "import reg\nimport p1\nimport p2\ndef names(): return sorted(reg.R)",
        },
        "import app",
        ({"app": ("import p2\n", "")}, "nobody imports p2 any more, which has acted on reg.R"),
    ),
    "a package that remembers what it was asked for": (
        {
            "pkg.__init__": """
                import importlib
                PLACES = {'A': '.a', 'B': '.b'}
                def __getattr__(name):
                    if name not in PLACES:
                        raise AttributeError(name)
                    value = getattr(importlib.import_module(PLACES[name], __name__), name)
                    globals()[name] = value
                    return value
            """,
            "pkg.a": "A = 1",
            "pkg.b": "from pkg import A\nB = A + 1",
            "use": "import pkg\nX = pkg.B\nfrom pkg import A\ndef both(): return pkg.A, pkg.B",
        },
        "import use",
        ({"pkg.a": ("A = 1", "A = 5")}, ["use.X", "use.A", "use.both()"]),
        ({"pkg.b": ("A + 1", "A + 2")}, ["use.X", "use.both()"]),
    ),
    "a folder of plugins, of which one comes and goes": (
        {
            "plugins.__init__": """
                import pkgutil, importlib
                REGISTRY = {}
                def plugin(function):
                    REGISTRY[function.__name__] = function
                    return function
                def load():
                    for module in pkgutil.iter_modules(__path__):
                        importlib.import_module(f"{__name__}.{module.name}")
                load()
            """,
            "plugins.a": "from plugins import plugin\n@plugin\ndef a(): return 'a'",
            "use": "import plugins\nK = sorted(plugins.REGISTRY)\n"
            "def go(): return [plugins.REGISTRY[one]() for one in K]",
        },
        "import use",
        (
            {"plugins.b": "from plugins import plugin\n@plugin\ndef b(): return 'b'"},
            ["use.K", "use.go()"],
        ),
        ({"plugins.b": ("'b'", "'B'")}, ["use.K", "use.go()"]),
        ({"plugins.b": None}, ["use.K", "use.go()"]),
    ),
    "a folder of plugins that are derived from one class": (
        {
            "base": """
                class Plugin:
                    known = {}
                    def __init_subclass__(cls): Plugin.known[cls.__name__] = cls
            """,
            "plugins.__init__": """
                import pkgutil, importlib
                for module in pkgutil.iter_modules(__path__):
                    importlib.import_module(f"{__name__}.{module.name}")
            """,
            "plugins.a": "from base import Plugin\nclass A(Plugin): pass",
            "use": "import base, plugins\nN = sorted(base.Plugin.known)\n"
            "def heirs(): return [one.__name__ for one in base.Plugin.__subclasses__()]",
        },
        "import use",
        ({"plugins.b": "from base import Plugin\nclass B(Plugin): pass"}, ["use.N", "use.heirs()"]),
        ({"plugins.b": ("class B", "class C")}, ["use.N", "use.heirs()"]),
        ({"plugins.b": None}, ["use.N", "use.heirs()"]),
    ),
    "a module of heirs that nobody imports any more": (
        {
            "base": "class Base: pass\ndef heirs(): return Base.__subclasses__()",
            "a": "from base import Base\nclass A(Base): pass",
            "use": "import base\nimport a",
        },
        "import use",
        ({"use": ("\nimport a", "")}, "A is derived from Base"),
    ),
    "a module with a class of its own": (
        {
            "base": "import types\nclass Base(types.ModuleType):\n    V = 1\n",
            "m": """
                import sys, base
                LIMIT = 1
                class M(base.Base):
                    W = 1
                    @property
                    def twice(self): return LIMIT * 2
                sys.modules[__name__].__class__ = M
            """,
            "use": "import m\nX = m.LIMIT, m.V, m.W, m.twice\ndef f(): return m.W\nY = f()",
            "other": "from m import LIMIT, V, W, twice",
        },
        "import use, other",
        ({"m": ("LIMIT = 1", "LIMIT = 2")}, ["use.X", "other.LIMIT", "other.twice"]),
        ({"m": ("* 2", "* 3")}, ["use.X", "other.twice"]),
        ({"m": ("W = 1", "W = 2")}, ["use.X", "use.Y", "other.W"]),
        ({"base": ("V = 1", "V = 2")}, ["use.X", "other.V"]),
    ),
    "a module whose functions are made from a text": (
        {
            "m": "SRC = 'def f(): return 1'\nexec(SRC)\n",
            "use": "import m\nH = [m.f]\nfrom m import f",
        },
        "import use\nheld = use.f",
        ({"m": ("return 1", "return 2")}, ["use.f()", "use.H[0]()", "held()"]),
        ({"m": ("def f(): return 2", "f = len")}, ["use.f('abc')", "use.H[0]('abc')"]),
    ),
    "a module that is imported by a string, or not there": (
        {
            "m": """
                import importlib
                def opt(n):
                    try: return importlib.import_module(n).V
                    except ImportError: return None
                X=opt('zz')
            """,
        },
        "import m",
        ({"zz": "V=1"}, ["m.X"]),
        ({"zz": None}, ["m.X"]),
    ),
}


@pytest.mark.parametrize("row", MODULES.values(), ids=MODULES)
def test_they_are_as_imported_now(answers, row):
    """Whatever is held, and after every edit in turn."""
    answers(*row)
