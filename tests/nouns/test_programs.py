"""Everyday programs, and everyday edits of them."""

from __future__ import annotations

import pytest

SERVER = {
    "svc": """
        from dto import Req, Rep
        from settings import LIMIT, NAME
        class Base:
            def Hello(self, request, context): raise NotImplementedError
            def Stream(self, request, context): raise NotImplementedError
        class Greeter(Base):
            prefix = NAME
            def __init__(self): self.calls = 0
            def Hello(self, request, context):
                self.calls += 1
                return Rep(f"{self.prefix} {request.name}", LIMIT)
            def Stream(self, request, context):
                for i in range(request.n): yield Rep(self.item(i), i)
            def item(self, i): return f"i{i}"
    """,
    "dto": """
        from dataclasses import dataclass, field
        @dataclass(frozen=True)
        class Req:
            name: str = "x"
            n: int = 2
        @dataclass
        class Rep:
            text: str
            code: int = 0
            tags: list[str] = field(default_factory=list)
    """,
    "settings": 'import os\nNAME = os.environ.get("NOPE", "hello")\nLIMIT = 10 * 2',
    "server": """
        from concurrent import futures
        from svc import Greeter
        from inter import INTERCEPTORS
        def make():
            g = Greeter()
            h = {"Hello": g.Hello, "Stream": g.Stream}
            for i in INTERCEPTORS:
                h = {k: i.wrap(k, v) for k, v in h.items()}
            return h
        HANDLERS = make()
    """,
    "inter": """
        import functools
        class Log:
            def __init__(self): self.seen = []
            def wrap(self, name, f):
                @functools.wraps(f)
                def call(request, context):
                    self.seen.append(name)
                    return f(request, context)
                return call
        class Auth:
            allowed = {"Hello", "Stream"}
            def wrap(self, name, f):
                def call(request, context):
                    return f(request, context) if name in self.allowed else "denied"
                return call
        INTERCEPTORS = [Log(), Auth()]
    """,
}
CALLS = """
    import server, svc, dto
    H = dict(server.HANDLERS)
    held_hello = H['Hello']
    held_stream = H['Stream']

    def hello(n='x'):
        return server.HANDLERS['Hello'](dto.Req(n), None)

    def stream():
        return list(server.HANDLERS['Stream'](dto.Req(), None))
"""
ANSWERS = [
    "hello()",
    "stream()",
    "held_hello(dto.Req('y'), None)",
    "list(held_stream(dto.Req(n=1), None))",
]
PROGRAMS = {
    "a servicer and its settings": (
        SERVER,
        CALLS,
        (
            {"svc": ('f"i{i}"', 'f"j{i}"')},
            ANSWERS,
        ),
    ),
    "interceptors": (
        SERVER,
        CALLS,
        (
            {"inter": ('else "denied"', 'else "DENIED"')},
            ANSWERS,
        ),
        (
            {"inter": ('{"Hello", "Stream"}', '{"Stream"}')},
            ANSWERS,
        ),
        (
            {"inter": ("self.seen.append(name)", "self.seen.append((name, 1))")},
            ANSWERS,
        ),
    ),
    "messages that are dataclasses": (
        SERVER,
        CALLS,
        (
            {"dto": ("code: int = 0", "code: int = 0\n    lang: str = 'en'")},
            ANSWERS,
        ),
        (
            {"dto": ("n: int = 2", "n: int = 3")},
            ANSWERS,
        ),
        (
            {"dto": ('name: str = "x"', "name: str = 'z'\n    extra: int = 0")},
            [
                "hello()",
                "stream()",
                "held_hello(dto.Req('y'), None)",
                "list(held_stream(dto.Req(n=1), None))",
                "dto.Req()",
            ],
        ),
    ),
    "an RPC more": (
        SERVER,
        CALLS,
        (
            {
                "svc": (
                    "def item(",
                    "def Bye(self, request, context): return Rep('bye')\n    def item(",
                )
            },
            [
                "hello()",
                "stream()",
                "held_hello(dto.Req('y'), None)",
                "list(held_stream(dto.Req(n=1), None))",
                "svc.Greeter().Bye(None, None)",
            ],
        ),
        (
            {
                "server": ('"Stream": g.Stream}', '"Stream": g.Stream, "Bye": g.Bye}'),
                "inter": ('"Hello", "Stream"', '"Hello", "Stream", "Bye"'),
            },
            ["server.HANDLERS['Bye'](None, None)", "hello()", "stream()"],
        ),
    ),
    "a method that others call has another name": (
        SERVER,
        CALLS,
        (
            {"svc": [("self.item(i)", "self.piece(i)"), ("def item(", "def piece(")]},
            ANSWERS,
        ),
    ),
    "a base class that moves to a module of its own": (
        SERVER,
        CALLS,
        (
            {
                "base": """
                class Base:
                    def Hello(self, request, context): raise NotImplementedError
                    def Stream(self, request, context): raise NotImplementedError
                    def item(self, i): return 'base'
            """,
                "svc": [
                    (
                        "class Base:\n    def Hello(self, request, context): raise NotImplementedError\n    def Stream(self, request, context): raise NotImplementedError\n",
                        "from base import Base\n",
                    ),
                    ('    def item(self, i): return f"i{i}"\n', ""),
                ],
            },
            ANSWERS,
        ),
    ),
    "asynchronous methods": (
        {
            "svc": """
                import asyncio
                from helpers import fmt
                class Greeter:
                    async def Hello(self, request, context):
                        await asyncio.sleep(0)
                        return fmt(request)
                    async def Stream(self, request, context):
                        for i in range(2):
                            yield fmt(i)
                            await asyncio.sleep(0)
            """,
            "helpers": "def fmt(x): return f'<{x}>'",
        },
        """
            import asyncio, svc
            g = svc.Greeter()
            held_h = g.Hello

            def run(c):
                return asyncio.run(c)

            async def lst(a):
                return [x async for x in a]
        """,
        (
            {"helpers": ("'<{x}>'", "'[{x}]'")},
            ["run(g.Hello('a', None))", "run(held_h('b', None))", "run(lst(g.Stream(1, None)))"],
        ),
        (
            {"svc": ("yield fmt(i)", "yield fmt(-i)")},
            ["run(g.Hello('a', None))", "run(held_h('b', None))", "run(lst(g.Stream(1, None)))"],
        ),
        (
            {
                "helpers": "async def fmt(x): return f'a{x}'",
                "svc": [
                    ("return fmt(request)", "return await fmt(request)"),
                    ("yield fmt(-i)", "yield await fmt(i)"),
                ],
            },
            ["run(g.Hello('a', None))", "run(held_h('b', None))", "run(lst(g.Stream(1, None)))"],
        ),
        (
            {"svc": ("range(2)", "range(3)")},
            ["run(g.Hello('a', None))", "run(held_h('b', None))", "run(lst(g.Stream(1, None)))"],
        ),
    ),
    "settings that are classes": (
        {
            "settings": """
                class Base:
                    DEBUG=False
                    DB={'host':'a','port':1}
                    @property
                    def url(self): return f"{self.DB['host']}:{self.DB['port']}"
                class Dev(Base):
                    DEBUG=True
                class Prod(Base):
                    DB={**Base.DB,'host':'prod'}
                CONFIG={'dev':Dev,'prod':Prod}
                current=CONFIG['prod']()
            """,
            "app": """
                from settings import current, CONFIG
                URL=current.url
                DEBUG=current.DEBUG
                def where(): return current.url
            """,
        },
        "import app, settings\nheld_w = app.where",
        ({"settings": ("'port':1", "'port':2")}, ["app.URL", "held_w()", "app.where()"]),
        ({"settings": ("'host':'prod'", "'host':'p2'")}, ["app.URL", "held_w()"]),
        (
            {"settings": ("CONFIG['prod']()", "CONFIG['dev']()")},
            ["app.URL", "app.DEBUG", "held_w()"],
        ),
        (
            {"settings": ("    DEBUG=False\n", "    DEBUG=False\n    TIMEOUT=3\n")},
            ["settings.Prod.TIMEOUT", "app.current.TIMEOUT"],
        ),
        (
            {
                "settings": (
                    "CONFIG={'dev':Dev,'prod':Prod}",
                    "class Stage(Prod):\n    DB={**Prod.DB,'port':9}\nCONFIG={'dev':Dev,'prod':Prod,'stage':Stage}",
                )
            },
            ["sorted(app.CONFIG)", "app.CONFIG['stage']().url"],
        ),
    ),
    "settings that are a dataclass": (
        {
            "conf": """
                import os
                from dataclasses import dataclass, field, replace
                @dataclass(frozen=True)
                class Conf:
                    host: str='h'
                    port: int=80
                    flags: frozenset=frozenset({'a'})
                    @classmethod
                    def load(cls): return cls(port=int(os.environ.get('PORTX','81')))
                CONF=Conf.load()
                TEST=replace(CONF,host='t')
            """,
            "use": """
                import conf
                from conf import CONF
                ADDR=f'{CONF.host}:{CONF.port}'
                def addr(c=CONF): return (c.host,c.port,conf.TEST.host)
            """,
        },
        "import use\nheld_a = use.addr",
        ({"conf": ("host: str='h'", "host: str='hh'")}, ["use.ADDR", "use.addr()", "held_a()"]),
        ({"conf": ("'81'", "'82'")}, ["use.ADDR", "use.addr()", "held_a()"]),
        ({"conf": ("host='t'", "host='tt'")}, ["use.addr()"]),
        (
            {"conf": ("port: int=80\n", "port: int=80\n    tls: bool=True\n")},
            ["use.CONF", "use.CONF.tls"],
        ),
        ({"conf": ("frozen=True", "frozen=True, order=True")}, ["use.CONF < use.conf.TEST"]),
    ),
    "plugins that a base class enters": (
        {
            "reg": """
                class Plugin:
                    registry={}
                    def __init_subclass__(cls, name=None, **kw):
                        super().__init_subclass__(**kw)
                        Plugin.registry[name or cls.__name__]=cls
            """,
            "p1": """
                from reg import Plugin
                class A(Plugin, name='a'):
                    def f(self): return 1
                class B(Plugin):
                    def f(self): return 2
            """,
            "main2": """
                import p1
                from reg import Plugin
                def run(): return {k:c().f() for k,c in sorted(Plugin.registry.items())}
            """,
        },
        "import main2, p1\nheld_A = p1.A\nheld_i = p1.A()",
        ({"p1": ("return 1", "return 10")}, ["main2.run()"]),
        ({"p1": ("name='a'", "name='z'")}, ["main2.run()"]),
        ({"p1": ("class B(Plugin)", "class C(Plugin)")}, ["main2.run()"]),
        (
            {
                "p1": (
                    "class C(Plugin):\n    def f(self): return 2",
                    "class C(Plugin):\n    x=1\n    def f(self): return self.x\nclass D(C, name='d'): pass",
                )
            },
            ["main2.run()", "held_i.f()"],
        ),
        ({"reg": ("name or cls.__name__", "(name or cls.__name__).upper()")}, ["main2.run()"]),
    ),
    "plugins that a metaclass enters": (
        {
            "reg": """
                class Meta(type):
                    all=[]
                    def __new__(m,n,b,ns,**kw):
                        c=super().__new__(m,n,b,ns)
                        if b: Meta.all.append(c)
                        return c
                class Root(metaclass=Meta): pass
            """,
            "p1": "from reg import Root\nclass A(Root):\n    v=1\nclass B(Root):\n    v=2",
        },
        """
            import p1, reg
            a = p1.A()

            def vs():
                return [(c.__name__, c.v) for c in reg.Meta.all]
        """,
        ({"p1": ("v=1", "v=10")}, ["vs()", "a.v", "p1.A in reg.Meta.all"]),
        (
            {
                "p1": (
                    "class B(Root):\n    v=2",
                    "class B(Root):\n    v=2\n    def f(self): return 1",
                )
            },
            ["vs()"],
        ),
        ({"p1": ("class B(Root)", "class C(Root)")}, ["vs()"]),
        ({"p1": "from reg import Root\nclass A(Root):\n    v=10"}, ["vs()"]),
    ),
    "plugins that a decorator enters": (
        {
            "events": """
                from collections import defaultdict
                SUBS=defaultdict(list)
                def on(*names):
                    def deco(f):
                        for n in names: SUBS[n].append(f)
                        return f
                    return deco
                def emit(n,*a): return [f(*a) for f in SUBS[n]]
            """,
            "h1": """
                from events import on
                @on('a','b')
                def one(x): return ('one',x)
                @on('a')
                def two(x): return ('two',x)
            """,
            "h2": """
                from events import on
                import h1
                class H:
                    @staticmethod
                    @on('b')
                    def three(x): return ('three',x)
            """,
        },
        """
            import events, h1, h2

            def em():
                return [events.emit('a', 1), events.emit('b', 2), events.emit('c', 3)]
        """,
        ({"h1": ("('one',x)", "('ONE',x)")}, ["em()"]),
        ({"h1": ("'a','b'", "'a','c'")}, ["em()"]),
        ({"h1": ("@on('a')\ndef two", "def two")}, ["em()"]),
        ({"h2": ("@on('b')", "@on('b','a')")}, ["em()"]),
        (
            {
                "h2": (
                    "@staticmethod\n    @on('b','a')\n    def three",
                    "@staticmethod\n    def three",
                )
            },
            ["em()"],
        ),
    ),
    "what members of an enumeration lead to": (
        {
            "kinds": """
                from enum import Enum
                class Op(Enum):
                    ADD='+'
                    SUB='-'
                    @property
                    def fn(self): return TABLE[self]
                def add(a,b): return a+b
                def sub(a,b): return a-b
                TABLE={Op.ADD:add,Op.SUB:sub}
            """,
            "calc": """
                from kinds import Op, TABLE
                def calc(op,a,b): return Op(op).fn(a,b)
                OPS=[o.value for o in Op]
                def name(op):
                    match op:
                        case Op.ADD: return 'add'
                        case Op.SUB: return 'sub'
                        case _: return '?'
            """,
        },
        "import calc, kinds\nfrom kinds import Op\nheld_add = Op.ADD\nD = {Op.ADD: 1}",
        ({"kinds": ("a-b", "b-a")}, ["calc.calc('-', 1, 5)"]),
        (
            {
                "kinds": [
                    ("SUB='-'", "SUB='-'\n    MUL='*'"),
                    ("TABLE={", "def mul(a,b): return a*b\nTABLE={Op.MUL:mul,"),
                ]
            },
            ["calc.calc('*', 3, 4)", "calc.OPS", "D[Op.ADD]", "held_add is Op.ADD"],
        ),
        (
            {"kinds": ("SUB='-'", "SUB='~'")},
            ["calc.calc('~', 1, 5)", "calc.OPS", "calc.name(Op.SUB)"],
        ),
        (
            {
                "kinds": (
                    "def fn(self): return TABLE[self]",
                    "def fn(self): return TABLE[self]\n    @classmethod\n    def names(cls): return [m.name for m in cls]",
                )
            },
            ["Op.names()", "held_add.fn(1, 2)"],
        ),
        (
            {"calc": ("case Op.SUB: return 'sub'", "case Op.SUB | Op.MUL: return 'sub'")},
            ["calc.name(Op.MUL)"],
        ),
    ),
    "an abstract repository": (
        {
            "ports": """
                from abc import ABC, abstractmethod
                from typing import Generic, TypeVar
                T=TypeVar('T')
                class Repo(ABC, Generic[T]):
                    @abstractmethod
                    def get(self, id: int) -> T: ...
                    def must(self, id):
                        r=self.get(id)
                        if r is None: raise KeyError(id)
                        return r
            """,
            "mem": """
                from ports import Repo
                class User:
                    def __init__(self,n): self.n=n
                class MemRepo(Repo[User]):
                    def __init__(self): self.d={1:User('a')}
                    def get(self,id): return self.d.get(id)
                REPO=MemRepo()
            """,
            "app": """
                from mem import REPO
                from ports import Repo
                def name(i): return REPO.must(i).n
                OK=isinstance(REPO, Repo)
            """,
        },
        "import app, mem, ports\nheld_r = mem.REPO",
        (
            {"ports": ("raise KeyError(id)", "raise LookupError(id)")},
            ["app.name(1)", "app.name(2)"],
        ),
        (
            {
                "ports": (
                    "    def must",
                    "    @abstractmethod\n    def add(self, x: T): ...\n    def must",
                ),
                "mem": (
                    "    def get(",
                    "    def add(self,x): self.d[len(self.d)+1]=x\n    def get(",
                ),
            },
            ["sorted(ports.Repo.__abstractmethods__)", "app.name(1)", "mem.MemRepo() is not None"],
        ),
        ({"mem": ("Repo[User]", "Repo['User']")}, ["mem.MemRepo.__orig_bases__"]),
        (
            {"mem": ("self.d={1:User('a')}", "self.d={1:User('b')}")},
            ["app.name(1)"],
        ),
        (
            {
                "ports": (
                    "class Repo(ABC, Generic[T])",
                    "class Named:\n    label='n'\nclass Repo(Named, ABC, Generic[T])",
                )
            },
            ["held_r.label", "app.OK"],
        ),
    ),
    "a container of what is provided": (
        {
            "di": """
                class Container:
                    def __init__(self): self.f={}; self.s={}
                    def provide(self, key):
                        def deco(fn):
                            self.f[key]=fn
                            return fn
                        return deco
                    def make(self,key): return self.f[key](self)
                C=Container()
            """,
            "prov": """
                from di import C
                class Db:
                    def __init__(self,url): self.url=url
                URL='db://1'
                @C.provide('db')
                def db(c): return Db(URL)
                @C.provide('svc')
                def svc(c): return ('svc',c.make('db').url)
            """,
        },
        "import di, prov",
        ({"prov": ("db://1", "db://2")}, ["di.C.make('svc')"]),
        ({"prov": ("@C.provide('db')", "@C.provide('database')")}, ["sorted(di.C.f)"]),
        ({"prov": ("c.make('db')", "c.make('database')")}, ["di.C.make('svc')"]),
        (
            {"di": ("def make(self,key): return", "def make(self,key,*x): return")},
            ["di.C.make('svc')", "sorted(di.C.f)"],
        ),
    ),
    "flags that decorators and branches ask": (
        {
            "flags": "FLAGS={'new':False,'beta':True}\ndef enabled(n): return FLAGS.get(n,False)",
            "gate": """
                import functools
                from flags import enabled
                def feature(n, fallback=None):
                    def deco(f):
                        if not enabled(n): return fallback or (lambda *a: 'off')
                        @functools.wraps(f)
                        def w(*a): return f(*a)
                        return w
                    return deco
            """,
            "app": """
                from gate import feature
                @feature('new')
                def n(): return 'new'
                @feature('beta')
                def b(): return 'beta'
                if __import__('flags').enabled('new'):
                    MODE='new'
                else:
                    MODE='old'
            """,
        },
        "import app\nheld_n = app.n\nheld_b = app.b",
        (
            {"flags": ("'new':False", "'new':True")},
            ["app.n()", "app.b()", "held_n()", "held_b()", "app.MODE"],
        ),
        ({"flags": ("'beta':True", "'beta':False")}, ["app.b()", "held_b()", "app.MODE"]),
        ({"app": ("return 'new'", "return 'NEW'")}, ["app.n()", "held_n()"]),
    ),
    "context managers": (
        {
            "tx": """
                from contextlib import contextmanager, ExitStack, asynccontextmanager
                LOG=[]
                @contextmanager
                def tx(n):
                    yield f'tx{n}'
                class Lock:
                    def __enter__(self): return 'lock'
                    def __exit__(self,*e): return False
                def use():
                    with tx(1) as a, Lock() as b: return a,b
                @asynccontextmanager
                async def atx():
                    yield 'a'
                async def ause():
                    async with atx() as x: return x
            """,
        },
        "import tx, asyncio\nheld_tx = tx.tx\nheld_u = tx.use\nl = tx.Lock()\nheld_au = tx.ause",
        ({"tx": ("f'tx{n}'", "f'TX{n}'")}, ["tx.use()", "held_u()", "held_tx(3).__enter__()"]),
        ({"tx": ("def tx(n)", "def tx(n, k=5)")}, ["tx.use()", "held_tx(3).__enter__()"]),
        ({"tx": ("'lock'", "'LOCK'")}, ["l.__enter__()", "held_u()"]),
        ({"tx": ("yield 'a'", "yield 'b'")}, ["asyncio.run(tx.ause())", "asyncio.run(held_au())"]),
        ({"tx": ("yield f'TX{n}'", "yield f'{k}TX{n}'")}, ["held_u()"]),
    ),
    "caches of all kinds": (
        {
            "c": """
                from functools import lru_cache, cache, cached_property
                RATE=2
                @lru_cache(maxsize=None)
                def price(x): return x*RATE
                @cache
                def twice(x): return price(x)*2
                class P:
                    def __init__(self): self.b=3
                    @cached_property
                    def v(self): return price(self.b)
                    @lru_cache
                    def m(self,k): return twice(k)
            """,
        },
        "import c\np = c.P()\n(p.v, p.m(1), c.price(1), c.twice(1))",
        ({"c": ("RATE=2", "RATE=3")}, ["c.price(1)", "c.twice(1)", "p.m(1)", "p.v"]),
        ({"c": ("x*RATE", "x*RATE+1")}, ["c.price(1)", "c.twice(1)", "p.m(1)", "p.v"]),
        ({"c": ("price(x)*2", "price(x)*3")}, ["c.twice(1)", "p.m(1)"]),
        ({"c": ("maxsize=None", "maxsize=5")}, ["c.price(1)", "c.price.cache_info().maxsize"]),
    ),
    "a cached property of another module's value": (
        {
            "rate": "RATE=2\ndef r(): return RATE",
            "c": """
                from functools import cached_property
                import rate
                class P:
                    @cached_property
                    def v(self): return rate.r()*10
            """,
        },
        "import c\np = c.P()\np.v",
        ({"rate": ("RATE=2", "RATE=3")}, ["p.v"]),
        ({"rate": ("return RATE", "return RATE*2")}, ["p.v"]),
    ),
    "aliases of types": (
        {
            "t": """
                from typing import Union, Optional, Callable, Literal, Annotated, NewType
                Json=Union[dict,list,str,None]
                UserId=NewType('UserId',int)
                Mode=Literal['r','w']
                Handler=Callable[[Json],Optional[str]]
                Age=Annotated[int,'years']
            """,
            "u": """
                from t import Json, UserId, Mode, Handler, Age
                import typing
                MODES=typing.get_args(Mode)
                def f(x: Json, u: UserId, m: Mode='r') -> Handler: return x
                def hints(): return {k: str(v) for k,v in typing.get_type_hints(f).items()}
            """,
        },
        "import u, t\nheld_f = u.f",
        ({"t": ("'r','w'", "'r','w','a'")}, ["u.MODES", "u.hints()"]),
        ({"t": ("dict,list,str,None", "dict,list,int")}, ["u.hints()", "str(u.Handler)"]),
        ({"t": ("'years'", "'y'")}, ["str(t.Age)", "t.Age.__metadata__"]),
        (
            {"t": ("NewType('UserId',int)", "NewType('UserId',str)")},
            ["u.UserId.__supertype__", "t.UserId is u.UserId"],
        ),
    ),
    "decorators with parameters": (
        {
            "d": """
                from typing import Callable, ParamSpec, TypeVar, Concatenate
                import functools
                P=ParamSpec('P')
                R=TypeVar('R')
                def logged(tag: str) -> Callable[[Callable[P,R]],Callable[P,R]]:
                    def deco(fn: Callable[P,R]) -> Callable[P,R]:
                        @functools.wraps(fn)
                        def w(*a: P.args, **k: P.kwargs) -> R:
                            return (tag, fn(*a,**k))
                        return w
                    return deco
            """,
            "m": """
                from d import logged
                @logged('x')
                def f(a, b=2): return a+b
                class S:
                    @logged('m')
                    def g(self): return 'g'
                    @classmethod
                    @logged('c')
                    def h(cls): return cls.__name__
            """,
        },
        "import m\ns = m.S()\nheld_f = m.f\nheld_g = s.g\nheld_h = m.S.h",
        ({"m": ("a+b", "a*b")}, ["m.f(3)", "held_f(3)"]),
        (
            {"d": ("(tag, fn(*a,**k))", "[tag, fn(*a,**k)]")},
            ["m.f(3)", "held_f(3)", "held_g()", "held_h()"],
        ),
        ({"m": ("'x'", "'y'")}, ["m.f(3)", "held_f(3)"]),
        ({"m": ("'m'", "'M'")}, ["held_g()", "s.g()"]),
        ({"m": ("@logged('y')\n", "@logged('o')\n@logged('y')\n")}, ["m.f(3)", "held_f(3)"]),
        ({"m": ("@logged('o')\n@logged('y')\n", "")}, ["m.f(3)", "held_f(3)"]),
    ),
    "match": (
        {
            "m": """
                from dataclasses import dataclass
                @dataclass
                class Pt:
                    x:int
                    y:int
                ORIGIN=0
                class K:
                    A=1
                    B=2
                def f(v):
                    match v:
                        case Pt(0, y): return ('axis',y)
                        case Pt(x=x) if x>5: return 'big'
                        case K.A: return 'A'
                        case {'t': 'a', **rest}: return rest
                        case [1, *more]: return more
                        case str() as s: return s.upper()
                        case _: return None
                R=[f(Pt(0,1)),f(1),f('s')]
            """,
        },
        "import m\nheld_f = m.f\np = m.Pt(0, 7)",
        ({"m": ("'axis'", "'AXIS'")}, ["m.R", "held_f(p)"]),
        ({"m": ("A=1\n    B=2", "A=3\n    B=1")}, ["m.R", "m.f(1)", "m.f(3)"]),
        ({"m": ("case K.A: return 'A'", "case K.A | K.B: return 'AB'")}, ["m.R", "held_f(1)"]),
        ({"m": ("    x:int\n    y:int", "    y:int\n    x:int")}, ["m.R", "m.f(m.Pt(0, 9))"]),
    ),
    "what comprehensions and conditions assign": (
        {
            "m": """
                import re
                LINES=['a=1','b=2','#c']
                PAT=re.compile(r'(\\w)=(\\d)')
                CONF={q[1]:int(q[2]) for l in LINES if (q:=PAT.match(l))}
                TOTAL=sum(v for v in CONF.values())
                if (n:=len(CONF))>1: SIZE=f'big{n}'
                else: SIZE='small'
            """,
        },
        "import m",
        ({"m": ("'#c'", "'c=3'")}, ["m.CONF", "m.TOTAL", "m.SIZE", "m.n"]),
        ({"m": ("'b=2',", "")}, ["m.CONF", "m.SIZE"]),
        ({"m": ("'a=1'", "'#a'")}, ["m.CONF", "m.SIZE"]),
    ),
    "single dispatch": (
        {
            "m": """
                from functools import singledispatchmethod, singledispatch
                class N:
                    @singledispatchmethod
                    def f(self, x): return ('obj',x)
                    @f.register
                    def _(self, x: int): return ('int',x)
                    @f.register(str)
                    def _s(self, x): return ('str',x)
                @singledispatch
                def g(x): return 'obj'
                @g.register
                def _(x: int): return 'int'
                @g.register(list)
                def _l(x): return 'list'
            """,
        },
        "import m\nn = m.N()\nheld_f = n.f\nheld_g = m.g",
        ({"m": ("('int',x)", "('INT',x)")}, ["n.f(1)", "n.f('a')", "n.f(1.0)", "held_f(1)"]),
        (
            {"m": ("@f.register(str)", "@f.register(bytes)")},
            ["n.f('a')", "n.f(b'')", "m.N().f('a')"],
        ),
        (
            {"m": ("    @f.register(bytes)\n    def _s(self, x): return ('str',x)\n", "")},
            ["n.f(b'')"],
        ),
        ({"m": ("return 'int'", "return 'INT'")}, ["m.g(1)", "held_g(1)", "held_g([])"]),
        ({"m": ("@g.register(list)\ndef _l(x): return 'list'\n", "")}, ["m.g([])", "held_g([])"]),
        ({"m": ("def _(x: int)", "def _(x: float)")}, ["m.g(1)", "m.g(1.0)", "held_g(1)"]),
    ),
    "descriptors that are told their name": (
        {
            "f": """
                class Field:
                    def __init__(self, default=None): self.default=default
                    def __set_name__(self, owner, name):
                        self.name='_'+name
                        owner.fields=[*getattr(owner,'fields',[]),name]
                    def __get__(self, o, t=None): return self if o is None else getattr(o,self.name,self.default)
                    def __set__(self, o, v): setattr(o,self.name,v)
            """,
            "m": """
                from f import Field
                class User:
                    id=Field(1)
                    name=Field('x')
                class Admin(User):
                    level=Field(9)
            """,
        },
        "import m\nu = m.User()\na = m.Admin()\nu.name = 'n'",
        (
            {"m": ("Field('x')", "Field('y')")},
            ["a.name", ("u.name", "n"), "m.Admin.fields", "m.User.fields"],
        ),
        (
            {"m": ("    id=Field(1)\n", "    id=Field(1)\n    mail=Field('m')\n")},
            ["u.mail", "a.mail", "m.User.fields", "m.Admin.fields"],
        ),
        ({"f": ("'_'+name", "'__'+name")}, ["m.User().name", "m.User.fields", "m.Admin.fields"]),
        (
            {"m": ("    mail=Field('m')\n", "")},
            ["hasattr(u, 'mail')", "m.User.fields", "m.Admin.fields"],
        ),
    ),
    "weak references": (
        {
            "m": """
                import weakref
                DEAD=[]
                class Obj:
                    def f(self): return 1
                def gone(r): DEAD.append(tag())
                def tag(): return 'old'
                REFS=weakref.WeakValueDictionary()
            """,
        },
        """
            import m, weakref, gc
            o = m.Obj()
            r = weakref.ref(o, m.gone)
            wm = weakref.WeakMethod(o.f)
            m.REFS['o'] = o
            fin = weakref.finalize(o, m.gone, 1)
        """,
        ({"m": ("'old'", "'new'")}, ["wm()()", "r() is o"]),
        ({"m": ("def gone(r)", "def gone(r, k=1)")}, ["wm()()"]),
        ({"m": ("return 1", "return 2")}, ["wm()()", ("list(m.REFS)", ["o"])]),
    ),
    "what reads annotations": (
        {
            "models": """
                from __future__ import annotations
                from typing import get_type_hints, Optional
                class Address:
                    city: str
                class User:
                    name: str
                    addr: Optional[Address]
                def schema(c): return {k: getattr(v,'__name__',str(v)) for k,v in get_type_hints(c).items()}
                SCHEMA=schema(User)
                SCHEMAS={c.__name__: schema(c) for c in (User, Address)}
            """,
        },
        "import models",
        (
            {"models": ("    name: str\n", "    name: bytes\n")},
            ["models.SCHEMA", "models.SCHEMAS"],
        ),
        ({"models": ("city: str", "city: str\n    zip: int")}, ["models.SCHEMAS"]),
        ({"models": ("    addr: Optional[Address]\n", "")}, ["models.SCHEMA", "models.SCHEMAS"]),
    ),
    "what reads annotations of another module": (
        {
            "a": "class A:\n    x: int\n    y: str",
            "b": """
                from typing import get_type_hints
                from a import A
                def fields(c): return sorted(get_type_hints(c))
                F=fields(A)
                class Form:
                    def __init__(self, c): self.names=fields(c)
                FORM=Form(A)
            """,
        },
        "import b",
        ({"a": ("y: str", "y: str\n    z: str")}, ["b.F", "b.FORM.names"]),
        ({"a": ("x: int", "x: float")}, ["b.F"]),
        ({"a": ("class A:", "class B:\n    q: int\nclass A(B):")}, ["b.F", "b.FORM.names"]),
        ({"a": ("q: int", "q: int\n    r: int")}, ["b.F", "b.FORM.names"]),
    ),
}


@pytest.mark.parametrize("row", PROGRAMS.values(), ids=PROGRAMS)
def test_it_answers_as_one_that_starts_now(answers, row):
    """Whatever is held, and after every edit in turn."""
    answers(*row)
