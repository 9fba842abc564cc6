"""Objects that live on."""

from __future__ import annotations

import pytest

OBJECTS = {
    "a descriptor that has another default": (
        {
            "d": """
                class Field:
                    def __init__(self, default): self.default = default
                    def __set_name__(self, owner, name): self.name = name
                    def __get__(self, one, owner=None):
                        return self if one is None else vars(one).get(self.name, self.default)
            """,
            "m": "from d import Field\nclass A:\n    x = Field(1)\n    y = Field(2)\nO = A()",
            "use": "import m\nV = m.O.x, m.O.y\ndef both(): return m.A().x, m.O.y",
        },
        "import use\nheld = use.m.O",
        ({"m": ("Field(2)", "Field(4)")}, ["use.V", "use.both()", "held.y"]),
        ({"m": ("x = Field(1)", "z = 1\n    x = Field(1)")}, ["use.V", "use.both()"]),
    ),
    "a cached property that goes by other methods": (
        {
            "m": """
                from functools import cached_property
                K = 1
                class A:
                    size = 1
                    @property
                    def v(self): return self.size * K
                    @cached_property
                    def c(self): return self.v * 10
                O = A()
                C = O.c
            """,
            "use": "import m\nX = m.C, m.O.c",
        },
        "import use\nheld = use.m.O\nother = use.m.A()\nother.c",
        ({"m": ("* K", "* K + 1")}, ["use.X", "held.c", "other.c", "use.m.C"]),
        ({"m": ("K = 1", "K = 3")}, ["use.X", "held.c", "other.c", "use.m.C"]),
        ({"m": ("* 10", "* 100")}, ["use.X", "held.c", "other.c", "use.m.C"]),
    ),
    "a dispatcher, of which a function takes another kind": (
        {
            "m": """
                import functools
                @functools.singledispatch
                def f(x): return 'any'
                @f.register(str)
                def text(x): return 'text'
            """,
            "use": "from m import f\nR = [f('a'), f(1.0)]\ndef both(): return f('a'), f(1.0)",
        },
        "import use\nheld = use.f",
        ({"m": ("register(str)", "register(float)")}, ["use.R", "use.both()", "held('a')"]),
        ({"m": ("register(float)", "register(object)")}, ["use.R", "use.both()", "held('a')"]),
    ),
    "a method that is somebody else's function": (
        {
            "m": "def f(x=1): return x",
            "k": "import m\nclass K:\n    f = staticmethod(m.f)\n    g = m.f",
            "use": "import m\nfrom k import K\nF, G = K.f, K.g\nSAME = F is m.f, G is m.f",
        },
        "import use",
        ({"m": ("return x", "return x + 1")}, ["use.F()", "use.SAME"]),
        (
            {"m": "import functools\n@functools.lru_cache\ndef f(x=1): return x"},
            ["use.SAME", "use.F is use.m.f", "use.G is use.m.f"],
        ),
        ({"m": "import functools\n@functools.cache\ndef f(x=1): return x"}, ["use.SAME"]),
        ({"m": "class f: pass"}, ["use.SAME", "use.F is use.m.f", "use.G is use.m.f"]),
    ),
    "a method that is one function of several": (
        {
            "m": """
                def one(x): return x
                def other(x): return one(x) + 1
                class A:
                    f = staticmethod(one)
                class B:
                    f = staticmethod(one)
                class M(type):
                    def __new__(cls, name, bases, space):
                        space["g"] = staticmethod(space["g"])
                        return super().__new__(cls, name, bases, space)
                class C(metaclass=M):
                    g = one
                class D(metaclass=M):
                    g = one
                def results(): return one(1), other(1), A.f(1), B.f(1), C.g(1), D.g(1)
                def same(): return A.f is one, B.f is one, C.g is one, D.g is one
            """,
        },
        "import m\nheld = m.one",
        (
            {"m": ("class A:\n    f = staticmethod(one)", "class A:\n    f = staticmethod(other)")},
            ["m.results()", "m.same()", "held(1)"],
        ),
        (
            {"m": ("class C(metaclass=M):\n    g = one", "class C(metaclass=M):\n    g = other")},
            ["m.results()", "m.same()", "held(1)"],
        ),
        ({"m": ("return x\n", "return x * 2\n")}, ["m.results()", "m.same()", "held(1)"]),
    ),
    "methods of all kinds": (
        {
            "m": """
                class A:
                    def __init__(self,v): self.v=v
                    def m(self): return self.v
                    @classmethod
                    def c(cls): return cls.__name__
                    @staticmethod
                    def s(): return 's'
                    @property
                    def p(self): return self.v
                    def __call__(self): return ('call',self.v)
                a=A(1)
                L=[a.m,A.c,A.s,a]
                D={'x':a.m}
            """,
        },
        "import m\nheld_L = list(m.L)\nfrom operator import attrgetter, methodcaller",
        (
            {"m": ("def m(self): return self.v", "def m(self, k=1): return self.v,k")},
            ["[f() for f in m.L]", "[f() for f in held_L]", "m.D['x']()"],
        ),
        ({"m": ("('call',self.v)", "['call',self.v]")}, ["[f() for f in held_L]"]),
        ({"m": ("cls.__name__", "cls.__name__.lower()")}, ["[f() for f in held_L]"]),
        ({"m": ("'s'", "'S'")}, ["[f() for f in held_L]"]),
        ({"m": ("def p(self): return self.v", "def p(self): return -self.v")}, ["m.a.p"]),
        ({"m": ("a=A(1)", "a=A(2)")}, ["[f() for f in m.L]", "m.D['x']()"]),
    ),
    "total_ordering": (
        {
            "m": """
                from functools import total_ordering
                @total_ordering
                class V:
                    def __init__(self,n): self.n=n
                    def __lt__(self,o): return self.n<o.n
                    def __eq__(self,o): return self.n==o.n
            """,
        },
        "import m\na, b = (m.V(1), m.V(2))",
        (
            {"m": ("self.n<o.n", "self.n>o.n")},
            ["a < b", "a > b", "a <= b", "a >= b", "max(a, b).n"],
        ),
        (
            {
                "m": (
                    "    def __eq__",
                    "    def __hash__(self): return hash(self.n)\n    def __eq__",
                )
            },
            ["hash(a)", "a <= b"],
        ),
        (
            {"m": ("__lt__(self,o): return self.n>o.n", "__gt__(self,o): return self.n>o.n")},
            ["a < b", "a >= b", "'__lt__' in vars(m.V)"],
        ),
        (
            {"m": ("@total_ordering\n", "")},
            ["a > b", "hasattr(m.V, '__le__') and m.V.__le__ is object.__le__"],
        ),
    ),
    "dataclasses": (
        {
            "m": """
                from dataclasses import dataclass, field, fields, KW_ONLY
                @dataclass
                class A:
                    x:int
                    y:list=field(default_factory=list)
                @dataclass(frozen=True)
                class F:
                    x:int=1
                    def up(self): return F(self.x+1)
                @dataclass(slots=True)
                class S:
                    x:int=1
                @dataclass(slots=True,frozen=True)
                class SF:
                    x:int=1
                    def go(self): return super().__repr__()[:3]
                    def v(self): return self.x
                NAMES=[f.name for f in fields(A)]
            """,
        },
        "import m\na, f, s, sf = (m.A(1), m.F(), m.S(), m.SF())",
        (
            {"m": ("x:int\n    y:list", "x:int\n    z:str='z'\n    y:list")},
            ["m.NAMES", "m.A(1)", "a.z", "m.A(2) == m.A(2)"],
        ),
        ({"m": ("F(self.x+1)", "F(self.x+2)")}, ["f.up()", "hash(f) == hash(m.F())"]),
        ({"m": ("return self.x\n", "return -self.x\n")}, ["sf.v()", "m.SF().v()"]),
        (
            {"m": ("class F:\n    x:int=1", "class F:\n    x:int=1\n    y:int=5")},
            ["m.F()", "f.up()", "f.y"],
        ),
    ),
    "dataclasses with slots": (
        {
            "m": """
                from dataclasses import dataclass
                @dataclass(slots=True)
                class S:
                    x:int=1
                    def f(self): return self.x
                DEF=S()
                def g(): return S(2).f()
            """,
        },
        "import m\nheld_g = m.g",
        ({"m": ("x:int=1", "x:int=1\n    y:int=2")}, ["m.S()", "m.DEF", "m.g()", "held_g()"]),
        ({"m": ("return self.x", "return self.x+self.y")}, ["m.g()", "held_g()", "m.DEF.f()"]),
        ({"m": ("slots=True", "slots=True, frozen=True")}, ["m.g()", "m.S().__class__ is m.S"]),
    ),
    "named tuples, typed dicts and protocols": (
        {
            "m": """
                from typing import NamedTuple, TypedDict, Protocol, runtime_checkable
                from collections import namedtuple
                class P(NamedTuple):
                    x:int
                    y:int=0
                    def s(self): return self.x+self.y
                Q=namedtuple('Q','a b')
                class TD(TypedDict, total=False):
                    k:int
                @runtime_checkable
                class Pr(Protocol):
                    def s(self): ...
                OK=isinstance(P(1),Pr)
                KEYS=list(TD.__annotations__)
            """,
        },
        "import m\nheld_s = m.P.s",
        ({"m": ("self.x+self.y", "self.x-self.y")}, ["m.P(1, 2).s()"]),
        ({"m": ("y:int=0", "y:int=0\n    z:int=3")}, ["m.P(1)", "m.P._fields"]),
        ({"m": ("'a b'", "'a b c'")}, ["m.Q(1, 2, 3)"]),
        (
            {"m": ("    k:int", "    k:int\n    l:str")},
            ["m.KEYS", "sorted(m.TD.__optional_keys__)"],
        ),
        ({"m": ("    def s(self): ...", "    def s(self): ...\n    def t(self): ...")}, ["m.OK"]),
        ({"m": ("y:int=0", "y:int=4")}, ["m.P(1)"]),
    ),
    "classes in classes": (
        {
            "m": """
                class Outer:
                    class Meta:
                        table='t'
                        opts={'a':1}
                    class Inner:
                        class Deep:
                            v=1
                            def f(self): return self.v
                        def d(self): return self.Deep()
                    def meta(self): return self.Meta.table
                D=Outer.Inner.Deep()
            """,
        },
        "import m\no = m.Outer()\nd = m.Outer.Inner.Deep()\nheld_D = m.D",
        ({"m": ("table='t'", "table='u'")}, ["o.meta()"]),
        ({"m": ("v=1", "v=2")}, ["d.f()", "m.D.f()", "held_D.f()"]),
        (
            {
                "m": (
                    "def f(self): return self.v",
                    "def f(self): return self.v+1\n            def g(self): return 'g'",
                )
            },
            ["d.g()", "d.f()", "m.Outer.Inner().d().g()"],
        ),
        ({"m": ("        opts={'a':1}\n", "")}, ["hasattr(m.Outer.Meta, 'opts')"]),
        (
            {"m": ("class Meta:", "class Info:\n        z=1\n    class Meta(Info):")},
            ["o.Meta.z", "m.Outer.Info.z"],
        ),
    ),
    "exceptions that are held": (
        {
            "e": """
                class AppError(Exception):
                    code=1
                class NotFound(AppError):
                    def __str__(self): return 'nf'
                def boom(): raise NotFound('x')
            """,
            "m": """
                from e import AppError, boom
                import e
                def run():
                    try: boom()
                    except AppError as x: return (x.code,str(x),type(x) is e.NotFound)
            """,
        },
        """
            import m, e
            try:
                e.boom()
            except e.AppError as x:
                held_x = x
            Err = e.NotFound
        """,
        ({"e": ("code=1", "code=2")}, ["m.run()", "held_x.code"]),
        ({"e": ("return 'nf'", "return 'NF'")}, ["m.run()", "str(held_x)"]),
        (
            {
                "e": (
                    "class NotFound(AppError)",
                    "class Missing(AppError): pass\nclass NotFound(Missing)",
                )
            },
            ["m.run()", "isinstance(held_x, e.Missing)"],
        ),
        (
            {"e": ("class AppError(Exception)", "class AppError(ValueError)")},
            ["m.run()", "issubclass(Err, ValueError)"],
        ),
    ),
    "pickles": (
        {
            "m": """
                class P:
                    def __init__(self,x): self.x=x
                    def v(self): return self.x
                from enum import Enum
                class E(Enum):
                    A=1
                    B=2
            """,
        },
        "import m, pickle\nd = pickle.dumps([m.P(1), m.E.A])",
        (
            {"m": ("return self.x", "return self.x*10")},
            [
                "pickle.loads(d)[0].v()",
                "pickle.loads(d)[1] is m.E.A",
                "type(pickle.loads(d)[0]) is m.P",
            ],
        ),
        (
            {"m": ("B=2", "B=2\n    C=3")},
            ["pickle.loads(d)[1] is m.E.A", "pickle.loads(pickle.dumps(m.E.C)) is m.E.C"],
        ),
        (
            {
                "m": (
                    "    def v(self)",
                    "    def __setstate__(self,s): self.__dict__.update(s); self.y=2\n    def v(self)",
                )
            },
            ["pickle.loads(d)[0].y"],
        ),
    ),
    "super": (
        {
            "m": """
                class A:
                    def f(self): return ['A']
                    @classmethod
                    def c(cls): return ['Ac']
                    @property
                    def p(self): return ['Ap']
                    @staticmethod
                    def s(): return ['As']
                class B(A):
                    def f(self): return super().f()+['B']
                    @classmethod
                    def c(cls): return super().c()+['Bc']
                    @property
                    def p(self): return super().p+['Bp']
                    @staticmethod
                    def s(): return super(B,B).s()+['Bs']
                    def g(self): return [super(B,self).f() for _ in (1,)]
                    def l(self): return (lambda: super(B,self).f())()
                    def k(self): return __class__.__name__
                class C(B):
                    def f(self): return super().f()+['C']
            """,
        },
        """
            import m
            c = m.C()
            b = m.B()
            held_f = c.f

            def al(o):
                return [o.f(), o.c(), o.p, o.s(), o.g(), o.l(), o.k()]
        """,
        ({"m": ("['A']", "['AA']")}, ["al(c)", "al(b)", "held_f()"]),
        ({"m": ("+['B']", "+['BB']")}, ["al(c)", "al(b)"]),
        ({"m": ("class B(A):\n", "class B(A):\n    x=1\n")}, ["al(c)", "al(b)"]),
        ({"m": ("def k(self): return __class__.__name__", "def k(self): return 'k'")}, ["al(c)"]),
        (
            {
                "m": (
                    "def k(self): return 'k'",
                    "def k(self): return super().f()+[__class__.__name__]",
                )
            },
            ["al(c)", "al(b)"],
        ),
        (
            {
                "m": (
                    "class B(A):\n    x=1\n",
                    "class Mid(A):\n    def f(self): return super().f()+['Mid']\nclass B(Mid):\n    x=1\n",
                )
            },
            ["al(c)", "al(b)", "held_f()"],
        ),
    ),
    "slots": (
        {
            "m": """
                class A:
                    __slots__=('a','__weakref__')
                    def __init__(self): self.a=1
                    def f(self): return self.a
                class B(A):
                    __slots__=()
                    def f(self): return super().f()+1
                class C(A):
                    def g(self): return 'g'
            """,
        },
        "import m\na, b, c = (m.A(), m.B(), m.C())",
        ({"m": ("return self.a", "return self.a*2")}, ["a.f()", "b.f()"]),
        ({"m": ("super().f()+1", "super().f()+2")}, ["b.f()"]),
        (
            {"m": ("    def __init__", "    def h(self): return 'h'\n    def __init__")},
            ["a.h()", "b.h()", "c.h()", "b.f()"],
        ),
        ({"m": ("return 'g'", "return 'G'")}, ["c.g()"]),
    ),
    "generators that run": (
        {
            "m": """
                def h(x): return x
                K=1
                def gen():
                    for i in range(9): yield h(i)*K
                def outer():
                    yield from gen()
            """,
        },
        "import m\ng = m.gen()\nnext(g)\no = m.outer()\nnext(o)",
        (
            {"m": ("return x", "return x+100")},
            [("next(g)", 101), ("next(o)", 101)],
        ),
        ({"m": ("K=1", "K=2")}, [("next(g)", 204)]),
        ({"m": ("yield h(i)*K", "yield -h(i)")}, [("next(g)", 206), "list(m.gen())[:2]"]),
    ),
    "handlers of loggers": (
        {
            "lg": """
                import logging
                FMT='%(levelname)s:%(message)s'
                OUT=[]
                class H(logging.Handler):
                    def emit(self,r): OUT.append(self.format(r))
                def setup(n='app'):
                    l=logging.getLogger(n)
                    h=H(); h.setFormatter(logging.Formatter(FMT))
                    l.handlers[:]=[h]
                    l.setLevel('INFO')
                    return l
                log=setup()
            """,
        },
        """
            import lg, logging

            def say():
                lg.OUT.clear()
                logging.getLogger('app').info('x')
                return list(lg.OUT)
        """,
        (
            {"lg": ("'%(levelname)s:%(message)s'", "'%(message)s!'")},
            "lg.log.handlers would get an entry again for what has changed",
        ),
    ),
    "descriptors that fill a list of the class": (
        {
            "m": """
                class F:
                    def __set_name__(self,o,n): o.fields.append(n)
                class U:
                    fields=[]
                    a=F()
                class S:
                    reg={}
                    def __init_subclass__(cls, name='?', **k):
                        super().__init_subclass__(**k)
                        cls.tag=name
                        S.reg[name]=cls
                class X(S, name='x'):
                    q=1
            """,
        },
        "import m",
        (
            {"m": ("    a=F()", "    a=F()\n    b=F()")},
            "m.U.fields would get an entry again for what has changed",
        ),
    ),
    "classes of another kind": (
        {
            "m": """
                class A:
                    X=1
                    L=[]
                class B:
                    X: int = 1
                    Y: str = 'y'
                class C:
                    x: int = 1
            """,
        },
        "import m",
        (
            {
                "m": """
                from enum import Enum
                from typing import NamedTuple
                from dataclasses import dataclass
                class A(Enum):
                    X=1
                    L=[]
                class B(NamedTuple):
                    X: int = 1
                    Y: str = 'y'
                @dataclass(slots=True)
                class C:
                    x: int = 1
            """
            },
            ["m.A.X", "m.A(1)", "m.B(2)", "m.B.X", "m.C()", "m.C(3).x"],
        ),
        (
            {
                "m": """
                class A:
                    X=1
                    L=[]
                class B:
                    X: int = 1
                    Y: str = 'y'
                class C:
                    x: int = 1
            """
            },
            ["m.A.X", "m.B.X", "m.C.x"],
        ),
    ),
}


@pytest.mark.parametrize("row", OBJECTS.values(), ids=OBJECTS)
def test_they_are_as_made_now(answers, row):
    """Whatever is held, and after every edit in turn."""
    answers(*row)
