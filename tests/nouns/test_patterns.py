"""Ways in which programs are put together."""

from __future__ import annotations

import pytest

PATTERNS = {
    "a registry that takes what is documented": (
        {
            "r": """
                TAKEN = {}
                def take(function):
                    if function.__doc__:
                        TAKEN[function.__name__] = function
                    return function
            """,
            "m": "from r import take\n@take\ndef a(): 'one'\n@take\ndef b(): 'two'",
            "use": "import r, m\nK = list(r.TAKEN)",
        },
        "import use",
        ({"m": ("def a(): 'one'", "def a(): pass")}, "may have what is not entered there any more"),
    ),
    "a table that a function of another module looks into": (
        {
            "ops": """
                OPS = {}
                def op(sign):
                    def enter(function):
                        OPS[sign] = function
                        return function
                    return enter
                @op('-')
                def sub(a, b): return a - b
            """,
            "calc": "from ops import OPS\ndef signs(): return sorted(OPS)\nS = signs()",
        },
        "import calc",
        ({"ops": ("@op('-')", "@op('~')")}, ["calc.S", "calc.signs()"]),
        (
            {"ops": ("return a - b", "return a - b\n@op('+')\ndef add(a, b): return a + b")},
            ["calc.S"],
        ),
    ),
    "a registry of classes that are not abstract": (
        {
            "b": """
                import abc
                KNOWN = {}
                class Base(abc.ABC):
                    def __init_subclass__(cls):
                        if 'go' in vars(cls):
                            KNOWN[cls.__name__] = cls
            """,
            "m": "from b import Base\nclass A(Base):\n    def go(self): pass",
            "use": "import b, m\nK = list(b.KNOWN)",
        },
        "import use",
        ({"m": ("def go(self): pass", "def go(self): pass\n    x = 1")}, ["use.K"]),
        ({"m": ("def go", "def come")}, "may have what is not entered there any more"),
    ),
    "errors by their status": (
        {
            "errs": """
                class AppError(Exception): status=500
                class NotFound(AppError): status=404
                class Bad(AppError): status=400
                MAP={c.status:c for c in AppError.__subclasses__()}
            """,
            "h": """
                from errs import *
                import errs
                def handle(f):
                    try: return f()
                    except NotFound as e: return ('nf',e.status)
                    except AppError as e: return ('app',type(e).__name__,e.status)
                def boom(k): raise getattr(errs,k)()
            """,
        },
        "import h, errs\nheld_h = h.handle\nf = lambda k: lambda: h.boom(k)",
        ({"errs": ("status=404", "status=410")}, ["errs.MAP", "h.handle(f('NotFound'))"]),
        (
            {
                "errs": (
                    "class Bad(AppError): status=400",
                    "class Bad(AppError): status=400\nclass Gone(NotFound): status=411",
                )
            },
            ["sorted(errs.MAP)", "h.handle(f('Gone'))", "held_h(f('Bad'))"],
        ),
        (
            {"errs": ("class Bad(AppError): status=400\n", "")},
            ["sorted(errs.MAP)", "hasattr(h, 'Bad')"],
        ),
    ),
    "a machine of states": (
        {
            "sm": """
                from enum import Enum, auto
                class St(Enum):
                    NEW=auto()
                    RUN=auto()
                    DONE=auto()
                NEXT={St.NEW:St.RUN,St.RUN:St.DONE}
                class Machine:
                    def __init__(self): self.s=St.NEW
                    def step(self):
                        self.s=NEXT.get(self.s,self.s)
                        return self.s.name
                    @property
                    def final(self): return self.s not in NEXT
            """,
        },
        "import sm\na = sm.Machine()\na.step()",
        ({"sm": ("St.RUN:St.DONE}", "St.RUN:St.NEW}")}, [("a.step()", "NEW")]),
        (
            {"sm": ("DONE=auto()", "DONE=auto()\n    FAIL=auto()")},
            [("a.step()", "RUN"), "sm.St.FAIL.value", "len(sm.St)"],
        ),
        ({"sm": ("St.RUN:St.NEW}", "St.RUN:St.FAIL}")}, [("a.step()", "FAIL"), ("a.final", True)]),
    ),
    "visitors": (
        {
            "v": """
                class Node:
                    def accept(self,v): return getattr(v,'visit_'+type(self).__name__.lower(),v.generic)(self)
                class Num(Node):
                    def __init__(self,n): self.n=n
                class Add(Node):
                    def __init__(self,a,b): self.a,self.b=a,b
                class Ev:
                    def generic(self,n): raise TypeError(type(n).__name__)
                    def visit_num(self,n): return n.n
                    def visit_add(self,n): return n.a.accept(self)+n.b.accept(self)
                T=Add(Num(1),Num(2))
                R=T.accept(Ev())
            """,
        },
        "import v\nt = v.T\ne = v.Ev()",
        ({"v": ("+n.b.accept(self)", "*n.b.accept(self)")}, ["v.R", "t.accept(e)"]),
        (
            {
                "v": (
                    "class Ev:",
                    "class Neg(Node):\n    def __init__(self,x): self.x=x\nclass Ev:\n    def visit_neg(self,n): return -n.x.accept(self)",
                )
            },
            ["v.Neg(t).accept(e)"],
        ),
        ({"v": ("T=Add(Num(1),Num(2))", "T=Add(Num(3),Num(4))")}, ["v.R"]),
    ),
    "mixins": (
        {
            "mx": """
                class A:
                    def who(self): return ['A']
                class Log(A):
                    def who(self): return ['Log']+super().who()
                class Cache(A):
                    def who(self): return ['Cache']+super().who()
                class Svc(Log,Cache):
                    def who(self): return ['Svc']+super().who()
                S=Svc()
            """,
        },
        "import mx\ns = mx.Svc()\nheld_w = s.who",
        (
            {"mx": ("class Svc(Log,Cache)", "class Svc(Cache,Log)")},
            ["s.who()", "held_w()", "mx.S.who()"],
        ),
        ({"mx": ("class Svc(Cache,Log)", "class Svc(Cache)")}, ["s.who()", "held_w()"]),
        (
            {
                "mx": (
                    "class Cache(A):",
                    "class Tr(A):\n    def who(self): return ['Tr']+super().who()\nclass Cache(Tr):",
                )
            },
            ["s.who()"],
        ),
        (
            {"mx": ("class Svc(Cache)", "class Svc(Log,Cache)")},
            ["s.who()", "[c.__name__ for c in mx.Svc.__mro__]"],
        ),
    ),
    "options that are functions": (
        {
            "c": """
                from dataclasses import dataclass, field
                from typing import Callable
                def default_key(x): return x['id']
                @dataclass
                class Opt:
                    key: Callable = default_key
                    sinks: list = field(default_factory=lambda: [print])
                    rank: int = field(default=1, compare=False)
                OPT=Opt()
                def run(x, o=OPT): return o.key(x)
            """,
        },
        "import c\no = c.Opt()\nheld_r = c.run",
        (
            {"c": ("x['id']", "x['name']")},
            [
                "c.run({'id': 1, 'name': 2})",
                "o.key({'id': 1, 'name': 2})",
                "held_r({'id': 1, 'name': 2})",
            ],
        ),
        (
            {"c": ("def default_key(x)", "def default_key(x, d=0)")},
            ["c.run({'id': 1, 'name': 2})", "o.key({'id': 1, 'name': 2})"],
        ),
        (
            {"c": ("key: Callable = default_key", "key: Callable = lambda x: 'lam'")},
            ["c.Opt().key(1)", "c.run(1)"],
        ),
    ),
    "layers of middleware": (
        {
            "mw": """
                def log(nxt):
                    def call(x): return ['log']+nxt(x)
                    return call
                def auth(nxt):
                    def call(x): return ['auth']+nxt(x)
                    return call
                STACK=[log,auth]
                def build(h):
                    for m in reversed(STACK): h=m(h)
                    return h
            """,
            "app": "from mw import build\ndef core(x): return [x]\nhandle=build(core)",
        },
        "import app, mw\nheld_h = app.handle",
        ({"mw": ("['log']", "['LOG']")}, ["app.handle(1)", "held_h(1)"]),
        ({"app": ("return [x]", "return [x,x]")}, ["app.handle(1)", "held_h(1)"]),
        ({"mw": ("STACK=[log,auth]", "STACK=[auth,log]")}, ["app.handle(1)"]),
        (
            {
                "mw": (
                    "STACK=[auth,log]",
                    "def gz(nxt):\n    def call(x): return ['gz']+nxt(x)\n    return call\nSTACK=[auth,log,gz]",
                )
            },
            ["app.handle(1)"],
        ),
        ({"mw": ("STACK=[auth,log,gz]", "STACK=[]")}, ["app.handle(1)"]),
    ),
    "templates and patterns": (
        {
            "t": """
                from string import Template
                import re
                GREET=Template('hi $n')
                PAT=re.compile('a+')
                FMT='{:>5}'.format
                def g(n): return GREET.substitute(n=n)
                def m(s): return bool(PAT.fullmatch(s))
                def f(x): return FMT(x)
                sub=PAT.sub
            """,
        },
        "import t\nheld_g = t.g\nheld_m = t.m\nheld_f = t.f",
        ({"t": ("hi $n", "ho $n")}, ["held_g('x')"]),
        ({"t": ("'a+'", "'b+'")}, ["held_m('bb')", "t.sub('', 'bbc')"]),
        ({"t": ("{:>5}", "{:<5}")}, ["held_f(1)"]),
    ),
    "constants through three modules": (
        {
            "a": "BASE=10\nclass Lim:\n    MAX=BASE*2\n    MIN=MAX//4",
            "b": """
                import a
                from a import Lim
                R=range(Lim.MIN,Lim.MAX)
                T=tuple(a.BASE+i for i in R if i%2)
                D={**{k:v for k,v in vars(Lim).items() if k.isupper()}}
                def f(n=Lim.MAX,*,m=len(T)): return n,m
            """,
            "c": "from b import *\nimport b as bb\nTXT=f'{R} {bb.f()}'\nLAM=[lambda x=T: x[0]]",
        },
        "import c\nheld_f = c.f",
        ({"a": ("BASE=10", "BASE=12")}, ["c.TXT", "c.LAM[0]()", "held_f()", "c.D", "c.bb.T[0]"]),
        ({"a": ("MAX//4", "MAX//2")}, ["c.TXT", "held_f()", "c.LAM[0]()"]),
        ({"b": ("if i%2", "if not i%2")}, ["c.TXT", "held_f()", "c.LAM[0]()"]),
    ),
    "fields that a base class collects": (
        {
            "base": """
                class Model:
                    fields=()
                    def __init_subclass__(cls,**k):
                        super().__init_subclass__(**k)
                        cls.fields=tuple(n for n in cls.__annotations__) if '__annotations__' in vars(cls) else ()
                    def dump(self): return {f:getattr(self,f,None) for f in self.fields}
            """,
            "user": "from base import Model\nclass User(Model):\n    id: int\n    name: str = 'x'",
            "admin": """
                from user import User
                class Admin(User):
                    level: int = 1
                    def dump(self): return {**super().dump(),'admin':True,**{f:getattr(self,f,None) for f in User.fields}}
            """,
        },
        "import admin, user\na = admin.Admin()\nu = user.User()",
        (
            {"user": ("name: str = 'x'", "name: str = 'x'\n    mail: str = 'm'")},
            ["u.dump()", "a.dump()"],
        ),
        ({"base": ("getattr(self,f,None) for", "getattr(self,f,0) for")}, ["u.dump()", "a.dump()"]),
        (
            {
                "base": (
                    "tuple(n for n in cls.__annotations__)",
                    "tuple(sorted(cls.__annotations__))",
                )
            },
            ["u.fields", "a.fields"],
        ),
        ({"admin": ("level: int = 1", "level: int = 2\n    z: int = 3")}, ["a.dump()", "a.fields"]),
    ),
    "properties": (
        {
            "p": """
                class T:
                    def __init__(self): self._c=20
                    @property
                    def f(self): return self._c*9/5+32
                    @f.setter
                    def f(self,v): self._c=(v-32)*5/9
                    @staticmethod
                    def parse(s): return float(s)
                    @classmethod
                    def of(cls,s):
                        t=cls(); t._c=cls.parse(s); return t
                    unit=property(lambda self: 'C')
            """,
        },
        "import p\nt = p.T()\nheld_of = p.T.of\nheld_parse = p.T.parse",
        ({"p": ("*9/5+32", "*2+30")}, ["t.f", "held_of('1').f"]),
        ({"p": ("float(s)", "float(s)+1")}, ["held_of('1')._c", "held_parse('1')"]),
        ({"p": ("lambda self: 'C'", "lambda self: 'K'")}, ["t.unit"]),
        ({"p": ("    @f.setter\n    def f(self,v): self._c=(v-32)*5/9\n", "")}, ["p.T.f.fset"]),
    ),
    "asynchronous iteration": (
        {
            "a": """
                import asyncio
                from contextlib import asynccontextmanager
                @asynccontextmanager
                async def sess(n):
                    yield ('s',n)
                async def feed(n):
                    for i in range(n):
                        async with sess(i) as s: yield s
                class Pool:
                    async def __aenter__(self): return 'pool'
                    async def __aexit__(self,*e): pass
                    async def __aiter__(self):
                        yield 1
                async def main():
                    async with Pool() as p: return [p]+[x async for x in feed(2)]+[y async for y in Pool()]
            """,
        },
        "import a, asyncio\nheld_m = a.main",
        ({"a": ("('s',n)", "['S',n]")}, ["asyncio.run(held_m())"]),
        ({"a": ("'pool'", "'POOL'")}, ["asyncio.run(held_m())"]),
        ({"a": ("yield 1", "yield 1\n        yield 2")}, ["asyncio.run(held_m())"]),
        ({"a": ("async def sess(n)", "async def sess(n, k=3)")}, ["asyncio.run(held_m())"]),
    ),
    "a class with one instance": (
        {
            "s": """
                class Db:
                    _inst=None
                    def __new__(cls,*a):
                        if cls._inst is None: cls._inst=super().__new__(cls)
                        return cls._inst
                    def __init__(self,url='u'): self.url=url
                    def q(self): return ('q',self.url)
                db=Db()
                def get(): return Db._inst
            """,
        },
        "import s\nd = s.db",
        ({"s": ("('q',self.url)", "('Q',self.url)")}, ["d.q()", "s.get() is s.db"]),
        ({"s": ("url='u'", "url='v'")}, ["s.db.q()", "s.get() is s.db"]),
        ({"s": ("db=Db()", "db=Db('w')")}, ["s.db.q()", "s.get().q()"]),
    ),
    "functions that are put together": (
        {
            "m": """
                import functools,operator,itertools
                add=functools.partial(operator.add,1)
                comp=functools.reduce(lambda f,g: (lambda x: g(f(x))),[lambda x:x+1,lambda x:x*2])
                def key(a): return -a
                K=functools.cmp_to_key(lambda a,b: key(a)-key(b))
                S=sorted([1,3,2],key=K)
                P=list(map(key,[1,2]))
                G=dict(zip('ab',itertools.count(5)))
            """,
        },
        "import m\nheld_c = m.comp\nheld_K = m.K",
        ({"m": ("x*2]", "x*3]")}, ["m.comp(1)", "held_c(1)"]),
        ({"m": ("return -a", "return a")}, ["m.S", "m.P", "sorted([1, 3, 2], key=held_K)"]),
        ({"m": ("add,1)", "add,5)")}, ["m.add(1)"]),
        ({"m": ("count(5)", "count(7)")}, ["m.G"]),
    ),
    "collections of one's own": (
        {
            "m": """
                from collections.abc import Mapping, Sequence
                from collections import UserDict, OrderedDict, ChainMap
                class Env(Mapping):
                    def __init__(self): self.d={'a':1}
                    def __getitem__(self,k): return self.d[k]
                    def __iter__(self): return iter(self.d)
                    def __len__(self): return len(self.d)
                class Cfg(UserDict):
                    def __missing__(self,k): return ('missing',k)
                class L(list):
                    def first(self): return self[0] if self else None
                E=Env();C=Cfg(x=1);CH=ChainMap(C.data,{'z':1})
            """,
        },
        "import m\ne, c, l = (m.Env(), m.Cfg(), m.L([1]))\nheld_E = m.E",
        ({"m": ("return self.d[k]", "return self.d[k]*10")}, ["e['a']", "dict(held_E)"]),
        ({"m": ("('missing',k)", "['missing',k]")}, ["c['q']", "m.C['q']"]),
        ({"m": ("self[0] if self", "self[-1] if self")}, ["l.first()"]),
        ({"m": ("{'a':1}", "{'a':1,'b':2}")}, ["dict(m.E)"]),
        ({"m": ("class L(list):", "class L(list):\n    kind='L'")}, ["l.kind", "l.first()"]),
    ),
    "many modules at once": (
        {
            "a": "X=1\ndef f(): return X",
            "b": "from a import f,X\nY=f()+X",
            "c": "from b import Y\nclass K:\n    v=Y",
        },
        "import c\nk = c.K()",
        (
            {
                "a": "X=2\nZ=5\ndef f(k=Z): return X*k",
                "b": "from a import f,X,Z\nY=f()+X+Z",
                "c": "from b import Y\nfrom d import Q\nclass K(Q):\n    v=Y\n    w=Y+1",
                "d": "import a\nclass Q:\n    q=a.Z",
            },
            ["k.v", "k.w", "k.q", "c.Y"],
        ),
        ({"d": None, "c": "from b import Y\nclass K:\n    v=-Y"}, ["k.v", "hasattr(k, 'q')"]),
        ({"a": ("Z=5", "Z=6")}, ["k.v"]),
    ),
    "loops, tries and names that are deleted": (
        {
            "m": """
                import sys
                for _n in ('a','b'):
                    globals()[_n.upper()]=len(_n)
                del _n
                tmp=[1,2]
                TOT=sum(tmp)
                del tmp
                with open(__file__) as fh: LINES=len(fh.readlines())>0
                try:
                    import json as js
                except ImportError: js=None
                else: OK=True
                finally: FIN=1
                while TOT<10: TOT+=3
            """,
        },
        "import m",
        ({"m": ("[1,2]", "[1,2,3]")}, ["m.TOT", "hasattr(m, 'tmp')"]),
        ({"m": ("('a','b')", "('a','b','c')")}, ["m.C"]),
        ({"m": ("FIN=1", "FIN=2")}, ["m.FIN", "m.OK"]),
        ({"m": ("TOT+=3", "TOT+=4")}, ["m.TOT"]),
    ),
    "protocols and generics": (
        {
            "m": """
                from typing import TypedDict, Protocol, Generic, TypeVar, runtime_checkable
                T=TypeVar('T')
                class Cfg(TypedDict):
                    a: int
                class Full(Cfg, total=False):
                    b: str
                @runtime_checkable
                class HasRun(Protocol):
                    def run(self) -> int: ...
                class Box(Generic[T]):
                    def __init__(self,v: T): self.v=v
                    def map(self,f): return Box(f(self.v))
                class IntBox(Box[int]):
                    def run(self): return self.v
                CHECK=isinstance(IntBox(1),HasRun)
                REQ=sorted(Full.__required_keys__),sorted(Full.__optional_keys__)
            """,
        },
        "import m\nb = m.IntBox(2)",
        ({"m": ("    a: int", "    a: int\n    c: float")}, ["m.REQ"]),
        ({"m": ("    b: str", "    b: str\n    d: str")}, ["m.REQ"]),
        (
            {"m": ("def run(self): return self.v", "def runs(self): return self.v")},
            ["m.CHECK", "isinstance(b, m.HasRun)"],
        ),
        ({"m": ("Box(f(self.v))", "type(self)(f(self.v))")}, ["type(b.map(str)).__name__"]),
        ({"m": ("Box[int]", "Box[str]")}, ["m.IntBox.__orig_bases__"]),
    ),
    "a metaclass that prepares": (
        {
            "m": """
                class Order(type):
                    @classmethod
                    def __prepare__(m,n,b): return {'_order':[]}
                    def __new__(m,n,b,ns):
                        c=super().__new__(m,n,b,dict(ns))
                        c.names=[k for k in ns if not k.startswith('_')]
                        return c
                class A(metaclass=Order):
                    x=1
                    def f(self): return 1
                class B(A):
                    y=2
            """,
        },
        "import m\na = m.A()\nb = m.B()",
        ({"m": ("    x=1", "    x=1\n    z=3")}, ["m.A.names", "m.B.names", "b.z"]),
        ({"m": ("not k.startswith('_')", "k!='_order' and k[:2]!='__'")}, ["m.A.names"]),
        ({"m": ("return 1\n", "return 2\n")}, ["a.f()", "b.f()"]),
    ),
    "a decorator of classes": (
        {
            "m": """
                def auto(cls):
                    ann=cls.__dict__.get('__annotations__',{})
                    def __init__(self,**k):
                        for n in ann: setattr(self,n,k.get(n,getattr(cls,n,None)))
                    cls.__init__=__init__
                    cls.names=list(ann)
                    return cls
                @auto
                class P:
                    x: int=1
                    y: int=2
                    def s(self): return self.x+self.y
            """,
        },
        "import m\np = m.P()",
        (
            {"m": ("y: int=2", "y: int=3\n    z: int=4")},
            ["m.P().z", "m.P.names", "m.P().s()", "hasattr(p, 'z')"],
        ),
        ({"m": ("list(ann)", "sorted(ann,reverse=True)")}, ["m.P.names"]),
        ({"m": ("k.get(n,", "k.get(n.upper(),")}, ["m.P(X=9).x"]),
        ({"m": ("@auto\n", "")}, ["hasattr(m.P, 'names')", "m.P.__init__ is object.__init__"]),
    ),
    "slots that are inherited": (
        {
            "m": """
                class A:
                    __slots__=('x',)
                    def __init__(self,x=1): self.x=x
                class B(A):
                    __slots__=('y',)
                    def __init__(self): super().__init__(2); self.y=3
                    def t(self): return self.x+self.y
            """,
        },
        "import m",
        ({"m": ("('x',)", "('x','w')")}, ["m.B().t()", "hasattr(m.B(), 'w')"]),
        ({"m": ("self.x+self.y", "self.x*self.y")}, ["m.B().t()"]),
        ({"m": ("__slots__=('y',)", "__slots__=('y','q')")}, ["m.B().t()"]),
    ),
    "an encoder": (
        {
            "m": """
                import json,datetime
                class Enc(json.JSONEncoder):
                    def default(self,o): return str(o) if isinstance(o,complex) else super().default(o)
                def dumps(x): return json.dumps(x,cls=Enc)
                OUT=dumps([1j])
                copyreg=__import__('copyreg')
            """,
        },
        "import m\nheld_d = m.dumps",
        ({"m": ("str(o) if", "repr(o)+'!' if")}, ["m.OUT", "held_d([2j])"]),
        ({"m": ("isinstance(o,complex)", "isinstance(o,(complex,set))")}, ["held_d([{1}])"]),
    ),
    "several names at once": (
        {
            "m": "A,B,*C=range(5)\n(X,Y),Z=(1,2),3\nD=E=[1]\nF:int=A+B\nG=H=lambda: (A,C)",
        },
        "import m\nheld_G = m.G",
        ({"m": ("range(5)", "range(1,7)")}, ["m.A", "m.C", "m.F", "held_G()"]),
        ({"m": ("(1,2),3", "(4,5),6")}, ["m.X", "m.Z"]),
        ({"m": ("[1]", "[2]")}, ["m.D is m.E", "m.D"]),
        ({"m": ("A,B,*C", "B,A,*C")}, ["m.A", "m.F", "held_G()"]),
    ),
    "classes that are derived from one": (
        {
            "errs": """
                class AppError(Exception): status=500
                class NotFound(AppError): status=404
                class Bad(AppError): status=400
                MAP={c.status:c for c in AppError.__subclasses__()}
                def kin(c): return [c]+[y for x in c.__subclasses__() for y in kin(x)]
            """,
            "u": """
                import errs
                NAMES=[c.__name__ for c in errs.kin(errs.AppError)]
                S={c.status for c in errs.kin(errs.AppError)}
            """,
        },
        "import u\nx = u.errs.Bad()",
        ({"errs": ("status=404", "status=410")}, ["u.errs.MAP", "u.S"]),
        (
            {
                "errs": (
                    "class Bad(AppError): status=400",
                    "class New(AppError): status=7\nclass Bad(AppError): status=400\nclass Gone(NotFound): status=411",
                )
            },
            ["u.errs.MAP", "u.NAMES", "u.S"],
        ),
        (
            {
                "errs": (
                    "class NotFound(AppError)",
                    "class NF(AppError): status=3\nclass NotFound(AppError)",
                )
            },
            ["u.NAMES", "u.errs.MAP"],
        ),
        ({"errs": ("class NF(AppError): status=3\n", "")}, ["u.errs.MAP", "u.NAMES"]),
    ),
    "classes that are derived further below": (
        {
            "errs": """
                class AppError(Exception): status=500
                class NotFound(AppError): status=404
                class Bad(AppError): status=400
                MAP={c.status:c for c in AppError.__subclasses__()}
                def kin(c): return [c]+[y for x in c.__subclasses__() for y in kin(x)]
                class Late(AppError): status=1
            """,
            "u": """
                import errs
                NAMES=[c.__name__ for c in errs.kin(errs.AppError)]
                S={c.status for c in errs.kin(errs.AppError)}
            """,
        },
        "import u",
        ({"errs": ("status=404", "status=410")}, "Late is not yet derived from AppError there"),
    ),
}


@pytest.mark.parametrize("row", PATTERNS.values(), ids=PATTERNS)
def test_it_answers_as_one_that_starts_now(answers, row):
    """Whatever is held, and after every edit in turn."""
    answers(*row)
