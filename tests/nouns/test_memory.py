"""What objects, functions and registries remember of what ran before the edit."""

from __future__ import annotations

import sys

import pytest

MEMORY = {
    "a cached property that others have read, too": (
        {
            "m": """
                from functools import cached_property
                class A:
                    @cached_property
                    def c(self): return 1
                O = A()
                X = O.c
                Y = O.c + 1
            """,
            "n": "import m\nW = m.O.c",
        },
        "import n, m",
        ({"m": ("return 1", "return 2")}, ["m.X, m.Y, n.W"]),
    ),
    "cached properties that go by each other, and by those of heirs": (
        {
            "m": """
                from functools import cached_property
                FACTOR = 2
                class A:
                    @cached_property
                    def b(self): return 5 * FACTOR
                    @cached_property
                    def c(self): return self.b + 1
                class B(A):
                    @cached_property
                    def b(self): return super().b * 100
            """,
            "app": "import m\nO = m.A()\nP = m.B()\nV = O.c, P.c",
        },
        "import app, m\no = m.B()\no.c",
        ({"m": ("FACTOR = 2", "FACTOR = 3")}, ["app.V", "o.c"]),
        ({"m": ("* 100", "* 1000")}, ["app.V", "o.c"]),
    ),
    "a partial that somebody has": (
        {
            "m": "from functools import partial\ndef power(b, e): return b**e\nsquare = partial(power, e=2)"
        },
        "import m\nheld = m.square",
        ({"m": ("e=2", "e=3")}, ["held(2)", "m.square(2)"]),
    ),
    "a dispatcher among the methods": (
        {
            "m": """
                from functools import singledispatchmethod
                class F:
                    @singledispatchmethod
                    def show(self, x): return 'any', x
                    @show.register
                    def _(self, x: int): return 'int', x
                    @show.register(list)
                    def _list(self, x): return [self.show(one) for one in x]
            """,
            "app": "from m import F\nR = F().show(1), F().show([1, 'a'])",
        },
        "import app, m\nheld = m.F().show",
        ({"m": ("'int', x", "'INT', x")}, ["app.R", "held([1])"]),
        ({"m": ("register(list)", "register(tuple)")}, ["app.R", "held([1])", "held((1,))"]),
        (
            {
                "m": (
                    "    @show.register(tuple)",
                    "    @show.register\n    def _s(self, x: str): return 'str'\n    @show.register(tuple)",
                )
            },
            ["app.R", "held('a')"],
        ),
    ),
    "what a decorator has set on a function": (
        {
            "deco": """
                import functools
                def traced(level):
                    def wrap(f):
                        @functools.wraps(f)
                        def inner(*args): return level, f(*args)
                        inner.level = level
                        return inner
                    return wrap
            """,
            "m": """
                from deco import traced
                @traced('info')
                def f(): pass
                class A:
                    @traced('debug')
                    def g(self): pass
            """,
            "app": """
                import m
                TABLE = {'f': m.f, 'g': m.A().g}
                LEVELS = {name: one.level for name, one in TABLE.items()}
            """,
        },
        "import app",
        ({"m": ("'debug'", "'error'")}, ["app.LEVELS"]),
        ({"deco": ("inner.level = level", "inner.level = level.upper()")}, ["app.LEVELS"]),
    ),
    "a method that is abstract by now, and is not any more": (
        {
            "m": """
                from abc import ABC, abstractmethod
                class Base(ABC):
                    @abstractmethod
                    def go(self): ...
                    @abstractmethod
                    def stop(self): ...
            """,
            "n": """
                from m import Base
                class A(Base):
                    def go(self): pass
                def make():
                    try: return type(A()).__name__
                    except TypeError: return None
                MADE = make()
                ABSTRACT = sorted(Base.__abstractmethods__)
            """,
        },
        "import n",
        ({"m": ("    @abstractmethod\n    def stop", "    def stop")}, ["n.MADE, n.ABSTRACT"]),
        ({"m": ("    def stop", "    @abstractmethod\n    def stop")}, ["n.MADE, n.ABSTRACT"]),
    ),
    "a dict whose keys are hashed in another way": (
        {
            "m": """
                from dataclasses import dataclass
                @dataclass(frozen=True)
                class Point:
                    x: int
                    y: int = 0
            """,
            "app": "import m\nP = m.Point(1, 2)\nD = {P: 'p'}",
        },
        "import app",
        ({"m": ("y: int = 0", "y: int = 5\n    z: int = 9")}, ["app.D", "app.D[app.P]"]),
    ),
    "what is made once, and remembered in a dict": (
        {
            "conf": """
                MADE = {}
                def make(n): return n * 2
                def get(n):
                    if n not in MADE:
                        MADE[n] = make(n)
                    return MADE[n]
            """,
            "a": "import conf\nA = conf.get(1)",
        },
        "import a",
        ({"conf": ("n * 2", "n * 3")}, "what make made is remembered, and asked for again"),
    ),
    "what a decorator of one's own remembers": (
        {
            "memo": """
                import functools
                class Memo:
                    def __init__(self, f): self.f, self.made = f, {}
                    def __call__(self, *args):
                        if args not in self.made:
                            self.made[args] = self.f(*args)
                        return self.made[args]
                    def __get__(self, one, kind=None): return functools.partial(self, one)
            """,
            "m": """
                from memo import Memo
                @Memo
                def price(x): return x * 2
                class A:
                    @Memo
                    def go(self): return 1
                o = A()
                V = price(3), o.go()
            """,
        },
        "import m",
        ({"m": ("x * 2", "x * 3")}, ["m.V", "m.price(3)"]),
        ({"m": ("return 1", "return 2")}, "what go made is remembered, and asked for again"),
    ),
    "what a descriptor of one's own has put into an instance": (
        {
            "m": """
                class lazy:
                    def __init__(self, f): self.f = f
                    def __get__(self, one, kind=None):
                        made = one.__dict__[self.f.__name__] = self.f(one)
                        return made
                class A:
                    @lazy
                    def v(self): return 10
                O = A()
                X = O.v
            """
        },
        "import m",
        ({"m": ("return 10", "return 100")}, "what v made is remembered, and asked for again"),
    ),
    "what is found by a hash that goes by other fields": (
        {
            "m": """
                from dataclasses import dataclass
                @dataclass(frozen=True)
                class Point:
                    x: int
                class Key:
                    def __init__(self, name): self.name = name
                    def __hash__(self): return hash(self.name)
                    def __eq__(self, other): return self.name == other.name
                CACHE, SEEN = {}, set()
                def put(one): CACHE[one] = 1; SEEN.add(one)
                def has(one): return one in CACHE, one in SEEN, len(CACHE)
            """
        },
        "import m\np = m.Point(1)\nm.put(p)\nk = m.Key('a')\nm.put(k)",
        ({"m": ("x: int", "x: int\n    y: int = 0")}, ["m.has(p), m.has(k)"]),
        ({"m": ("hash(self.name)", "hash(self.name * 2)")}, ["m.has(k)", "m.has(m.Key('a'))"]),
    ),
    "methods that a base wraps as it is told of a class": (
        {
            "b": """
                import functools
                class Traced:
                    def __init_subclass__(cls):
                        for name, f in list(vars(cls).items()):
                            if callable(f) and not name.startswith('_'):
                                setattr(cls, name, cls._wrap(f))
                    @staticmethod
                    def _wrap(f):
                        @functools.wraps(f)
                        def inner(*args): return 'traced', f(*args)
                        return inner
            """,
            "m": "from b import Traced\nclass A(Traced):\n    def x(self): return 1\n    def y(self): return 2",
            "n": "import m\nV = m.A().x(), m.A().y()",
        },
        "import n, m\nheld = m.A().x",
        ({"m": ("return 1", "return 10")}, ["n.V", "held()"]),
        ({"b": ("'traced',", "'seen',")}, ["n.V", "held()"]),
        ({"b": ("if callable", "if name != 'x' and callable")}, ["n.V", "held()"]),
    ),
    "a loop that enters what it goes through": (
        {
            "r": "TABLE = {}\ndef reg(name, f): TABLE[name] = f",
            "m": """
                from r import reg
                NAMES = ['a', 'b']
                def make(name):
                    def f(): return name
                    return f
                for n in NAMES:
                    reg(n, make(n))
            """,
            "app": "import r, m\nV = {name: f() for name, f in r.TABLE.items()}",
        },
        "import app",
        ({"m": ("return name", "return name * 2")}, ["app.V"]),
        ({"m": ("make(name)", "make(name, x=1)")}, ["app.V"]),
        ({"m": ("['a', 'b']", "['a']")}, "r.TABLE would keep 'b', which is no longer asked for"),
    ),
    "a thread that goes on": (
        {
            "m": """
                import threading
                STOP = threading.Event()
                def loop(n):
                    while not STOP.wait(0.01): tick()
                def tick(): pass
                def start(n):
                    thread = threading.Thread(target=loop, args=(n,), daemon=True)
                    thread.start()
                N = 1
                start(N)
                def running(): return sum(one._target is loop for one in threading.enumerate())
            """
        },
        "import m",
        ({"m": ("pass", "return 1")}, ["m.running() > 0"]),
        ({"m": ("def tick()", "def tick(x=1)")}, ["m.running() > 0"]),
        ({"m": ("N = 1", "N = 2")}, "a thread runs that would be started once more"),
    ),
    "a thread with a name": (
        {
            "m": """
                import threading
                STOP = threading.Event()
                THREAD = threading.Thread(target=STOP.wait, daemon=True)
                THREAD.start()
            """
        },
        "import m",
        ({"m": ("daemon=True", "daemon=True, name='x'")}, "THREAD is a thread that runs"),
    ),
    "a key that another module has entered before": (
        {
            "r": """
                TABLE = {}
                def entry(key):
                    def enter(one):
                        TABLE[key] = one
                        return one
                    return enter
            """,
            "first": "from r import entry\n@entry('a')\ndef a(): pass\nb = 1",
            "second": "from r import entry\nimport first\n@entry('a')\ndef a(): pass",
        },
        "import second",
        (
            {"first": ("b = 1", "@entry('b')\ndef b(): pass")},
            "TABLE cannot be told",
        ),
    ),
    "a name that a star-import below binds again": (
        {
            "a": "K = 2\nfrom b import *",
            "b": "from a import K as asked\nK = 1",
        },
        "import a",
        ({"a": ("K = 2", "K = 1")}, "K of a is asked for half-way"),
    ),
    "an heir whose name a star-import above gives to another one": (
        {
            "base": "class Base:\n    heirs = []\n    def __init_subclass__(cls): Base.heirs.append(cls)",
            "other": "B = 1",
            "m": "from base import Base\nfrom other import *\nclass B(Base): x = 1",
        },
        "import m, base\nheld = m.B",
        (
            {"other": ("B = 1", "B = 2"), "m": ("x = 1", "x = 2")},
            ["len(base.Base.heirs)", "held.x"],
        ),
        ({"other": ("B = 2", "B = 3"), "m": ("B(Base)", "B")}, ["base.Base.heirs", "m.B is held"]),
    ),
    "what another branch makes": (
        {
            "m": """
                def p(): return 1
                def q(): return 2
                def pick(k): return p() if k else q()
                K = True
                V = pick(K)
            """
        },
        "import m",
        ({"m": [("return 1", "return 11"), ("K = True", "K = False")]}, ["m.V"]),
        ({"m": [("return 2", "return 12"), ("if k", "if not k")]}, ["m.V"]),
    ),
    "a registry that methods of its class look into": (
        {
            "p": """
                class Plugin:
                    known = {}
                    def __init_subclass__(cls): cls.known[cls.__name__] = cls
                    @classmethod
                    def names(cls): return sorted(cls.known)
                class Meta(type):
                    made = []
                    def __init__(cls, *args): cls.made.append(cls.__name__)
                    def __len__(cls): return len(cls.made)
                class Base(metaclass=Meta): pass
            """,
            "p1": "from p import Plugin, Base\nclass A(Plugin): pass\nclass B(Base): pass",
            "app": "from p import Plugin, Base\nimport p1\nN = Plugin.names(), len(Base)",
        },
        "import app",
        (
            {"p1": ("class A(Plugin): pass", "class A(Plugin): pass\nclass C(Plugin): pass")},
            ["app.N"],
        ),
        ({"p1": ("class B(Base): pass", "class B(Base): pass\nclass D(Base): pass")}, ["app.N"]),
    ),
    "a registry that sorts what it has": (
        {
            "h": """
                HOOKS = []
                def hook(rank=0):
                    def enter(f):
                        f.rank = rank
                        HOOKS.append(f)
                        HOOKS.sort(key=lambda one: one.rank)
                        return f
                    return enter
            """,
            "a": """
                from h import hook
                @hook()
                def a(): return 1
                @hook()
                def b(): return 2
                @hook(3)
                def c(): return 3
            """,
            "app": "import h, a\nV = [f() for f in h.HOOKS]",
        },
        "import app",
        ({"a": ("return 1", "return 10")}, ["app.V"]),
        ({"a": ("def a()", "def a(x=1)")}, ["app.V"]),
        ({"a": ("return 3", "return 3\n@hook(3)\ndef d(): return 4")}, ["app.V"]),
        ({"a": ("hook(3)\ndef c", "hook(-1)\ndef c")}, "HOOKS is kept in an order of its own"),
    ),
    "a registry that has the last one first": (
        {
            "h": "CHAIN = []\ndef use(f): CHAIN.insert(0, f); return f",
            "a": "from h import use\n@use\ndef a(): return 1\n@use\ndef b(): return 2",
            "app": "import h, a\nV = [f() for f in h.CHAIN]",
        },
        "import app",
        ({"a": ("def a()", "def a(x=1)")}, ["app.V"]),
        ({"a": ("@use\ndef a", "@use\ndef n(): return 0\n@use\ndef a")}, "in an order of its own"),
    ),
    "a tuple that is replaced by a longer one": (
        {
            "r": """
                ALL = ()
                COUNT = 0
                def reg(f):
                    global ALL, COUNT
                    ALL = (*ALL, f)
                    COUNT += 1
                    return f
            """,
            "a": "from r import reg\n@reg\ndef a(): pass\n@reg\ndef b(): pass",
            "app": "import r, a\nV = [f.__name__ for f in r.ALL], r.COUNT",
        },
        "import app",
        ({"a": ("def b(): pass", "def b(): pass\n@reg\ndef c(): pass")}, ["app.V"]),
        ({"a": ("def b()", "def b(x=1)")}, ["app.V"]),
        ({"a": ("def b(x=1)", "def bb()")}, ["app.V"]),
        ({"a": ("@reg\ndef c(): pass", "")}, ["app.V"]),
        ({"a": ("@reg\ndef a", "@reg\ndef n(): pass\n@reg\ndef a")}, "order of what is in r.ALL"),
    ),
    "an object whose list is replaced by a longer one": (
        {
            "r": """
                class App:
                    def __init__(self): self.routes = []
                    def route(self, path):
                        def enter(f):
                            self.routes = self.routes + [(path, f)]
                            return f
                        return enter
                app = App()
            """,
            "a": "from r import app\n@app.route('/a')\ndef a(): return 1",
            "main": "import r, a\nP = [path for path, _ in r.app.routes]",
        },
        "import main",
        ({"a": ("return 1", "return 1\n@app.route('/b')\ndef b(): return 2")}, ["main.P"]),
        ({"a": ("'/b'", "'/c'")}, "app.routes would be changed once more"),
    ),
    "an object that counts what it has decorated": (
        {
            "d": """
                class Count:
                    def __init__(self): self.n = 0
                    def __call__(self, f):
                        self.n += 1
                        return f
                count = Count()
            """,
            "a": "from d import count\n@count\ndef a(): return 1\n@count\ndef b(): return 2",
            "app": "import d, a\nV = d.count.n",
        },
        "import app",
        ({"a": ("return 1", "return 10")}, ["app.V"]),
        ({"a": ("return 2", "return 2\n@count\ndef c(): pass")}, ["app.V"]),
        ({"a": ("\n@count\ndef c(): pass", "")}, "count.n counts what is gone"),
    ),
    "an object that counts what is decorated again": (
        {
            "d": """
                class Count:
                    def __init__(self): self.n = 0
                    def __call__(self, f):
                        self.n += 1
                        return f
                count = Count()
            """,
            "a": "from d import count\n@count\ndef a(): return 1",
        },
        "import a",
        ({"a": ("def a()", "def a(x=1)")}, "count.n would be changed once more"),
    ),
    "classes that are numbered": (
        {
            "r": """
                class Base:
                    count = 0
                    by_number = {}
                    def __init_subclass__(cls):
                        Base.count += 1
                        cls.number = Base.count
                        Base.by_number[cls.number] = cls
            """,
            "m": "from r import Base\nclass A(Base): pass\nclass B(Base): pass",
            "app": "import r, m\nV = [(n, one.__name__) for n, one in r.Base.by_number.items()]",
        },
        "import app",
        ({"m": ("class B(Base): pass", "class B(Base): pass\nclass C(Base): pass")}, ["app.V"]),
        ({"m": ("class B", "class D(Base): pass\nclass B")}, "count may number what is entered"),
    ),
    "sets and dicts that hold weakly": (
        {
            "w": """
                import weakref
                SEEN = weakref.WeakSet()
                NAMED = weakref.WeakValueDictionary()
                def observe(one):
                    SEEN.add(one)
                    NAMED[one.name] = one
                    return one
                def names(): return sorted(one.name for one in SEEN)
            """,
            "o": """
                from w import observe
                class Observer:
                    def __init__(self, name): self.name = name
                A = observe(Observer('a'))
                B = observe(Observer('b'))
            """,
            "app": "import w, o\nN = w.names()\nK = sorted(w.NAMED)",
        },
        "import app, w",
        ({"o": ("Observer('b')", "Observer('c')")}, ["app.N, app.K", "w.names()"]),
        ({"o": ("('c'))", "('c'))\nD = observe(Observer('d'))")}, ["app.N, app.K"]),
        ({"o": ("D = observe(Observer('d'))", "")}, ["app.N, app.K", "w.names()"]),
    ),
    "a chain of functions that somebody has": (
        {
            "mw": """
                def log(following):
                    def call(x): return 'log', following(x)
                    return call
                def auth(following):
                    def call(x): return 'auth', following(x)
                    return call
            """,
            "app": """
                from mw import log, auth
                def core(x): return x
                def build(handler, *layers):
                    for one in reversed(layers):
                        handler = one(handler)
                    return handler
                CHAIN = build(core, log, auth)
                class Server:
                    def __init__(self, chain): self.chain = chain
                SERVER = Server(CHAIN)
            """,
        },
        "import app\nserver, chain = app.SERVER, app.CHAIN",
        ({"mw": ("'log'", "'LOG'")}, ["server.chain(1)", "chain(1)"]),
        ({"app": ("core, log, auth", "core, auth, log")}, ["server.chain(1)", "chain(1)"]),
        ({"app": ("return x", "return x + 1")}, ["server.chain(1)", "chain(1)"]),
        ({"app": ("core, auth, log", "core, auth")}, ["server.chain(1)", "chain(1)"]),
    ),
}


NEWER = (
    {
        "m": """
            def first[T: int](xs: list[T]) -> T: return xs[0]
            type Pair[T] = tuple[T, T]
        """,
        "n": "import m\nV = m.first.__type_params__[0].__bound__, m.Pair.__value__.__origin__",
    },
    "import n",
    ({"m": ("T: int", "T: float")}, ["n.V"]),
    ({"m": ("tuple[T, T]", "list[T]")}, ["n.V"]),
    ({"m": ("xs[0]", "xs[1]")}, ["n.V"]),
)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="syntax of 3.12")
def test_types_are_as_asked_for_now(answers):
    """A type alias, and a bound, give what they give once they are asked for it."""
    answers(*NEWER)


@pytest.mark.parametrize("row", MEMORY.values(), ids=MEMORY)
def test_it_is_as_remembered_from_now(answers, row):
    """Whatever is held, and after every edit in turn."""
    answers(*row)
