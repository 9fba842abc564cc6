"""A module is split into statements, and old statements are aligned with new ones."""

from __future__ import annotations

import pytest

from hotswap.alignment import align
from hotswap.outlines import outline
from hotswap.syntax import Effect


def outlined(source, *, is_main=False):
    data = source if isinstance(source, bytes) else source.encode()
    return outline(data, "module.py", is_main=is_main)


def only(source, **options):
    """The one statement of a source."""
    (statement,) = outlined(source, **options).statements
    return statement


# -- splitting ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "places"),
    [
        ("", ""),
        ("# nothing", ""),
        ("a = 1", "1-1"),
        ("a = 1\nb = 2", "1-1 2-2"),
        ("\n\na = 1\n\n\nb = 2\n", "3-3 6-6"),
        ("a = 1; b = 2", "1-1"),
        ("a = 1; b = [\n2]\nc = 3", "1-2 3-3"),
        ("a = [\n1]; b = 2; c = [\n3]", "1-3"),
        ("a = '''\n\n'''", "1-3"),
        ("a = 1 + \\\n  2", "1-2"),
        ("@d\n# why\ndef f(): pass", "1-3"),
        ("@d(\n1)\n@e\nclass C:\n  x = 1", "1-5"),
        ("if a:\n  b\nelif c:\n  d\nelse:\n  e", "1-6"),
        ("try: a\nexcept E: b\nfinally: c", "1-3"),
        ("async def f():\n  pass", "1-2"),
        ("'says'\nfrom __future__ import annotations\na = 1", "1-1 2-2 3-3"),
        ("a = 1\r\nb = '''\r\n'''\r\nc = 3\r\n", "1-1 2-3 4-4"),
        ("a = 1\n\x0c\nb = 2", "1-1 3-3"),
        ("a = 1\n\x0cb = 2", "1-1 2-2"),
        (b"\xef\xbb\xbfa = 1\nb = 2", "1-1 2-2"),
        ("# coding: latin-1\na = 'ä'\nb = 1".encode("latin-1"), "2-2 3-3"),
        ("a = 'ä'; b = 'ö'\nc = 1", "1-1 2-2"),
        ("a = 1\\\n\nb = 2", "1-1 3-3"),
    ],
)
def test_a_module_is_split_into_statements(source, places):
    """Statements that share a line are one; decorators belong to what they decorate."""
    found = outlined(source).statements
    assert " ".join(f"{one.first}-{one.last}" for one in found) == places


@pytest.mark.parametrize(
    ("source", "texts"),
    [
        ("a = 1  # why\n@d\ndef f(): pass", ["a = 1  # why", "@d\ndef f(): pass"]),
        ("a = 1; b = 2", ["a = 1; b = 2"]),
        ("a = '''\n  x\n'''\nb = 1", ["a = '''\n  x\n'''", "b = 1"]),
        ("a = '''\r\n'''\r\n", ["a = '''\n'''"]),
        ("\x0ca = 1\n\x0cdef f():\n  pass", ["\x0ca = 1", "\x0cdef f():\n  pass"]),
        ("# coding: latin-1\na = 'ä'".encode("latin-1"), ["a = 'ä'"]),
    ],
)
def test_text_of_statements(source, texts):
    """Whole lines, decoded, with line ends as Python sees them."""
    assert [one.text for one in outlined(source).statements] == texts


def test_what_does_not_parse_is_told_with_its_file():
    """As by the compiler itself."""
    with pytest.raises(SyntaxError) as caught:
        outlined("a = 1\nb = (")
    assert (caught.value.filename, caught.value.lineno) == ("module.py", 2)


@pytest.mark.parametrize(
    ("line", "text"),
    [(1, "a = [\n1]"), (2, "a = [\n1]"), (3, None), (4, "b = 2"), (5, None), (0, None)],
)
def test_the_statement_at_a_line(line, text):
    """Between statements there is none."""
    found = outlined("a = [\n1]\n\nb = 2").at(line)
    assert (found and found.text) == text


# -- what a statement is --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "binds"),
    [
        ("a = 1", "a"),
        ("a = b = 1; c = 2", "a b c"),
        ("a, (b, *c) = d", "a b c"),
        ("a += 1", "a"),
        ("a: int = 1", "a"),
        ("a.b = c[d] = 1", ""),
        ("del a", "a"),
        ("import a.b, c as d", "a d"),
        ("from a import b as c, d", "c d"),
        ("from a import *", ""),
        ("def f(x=(y := 1)): z = 1", "f"),
        ("class C(B): x = 1", "C"),
        ("if (a := b): c = 1\nelse: d = 2", "a c d"),
        ("for a, b in c: d = 1", "a b d"),
        ("with a as b, c as (d, e): f = 1", "b d e f"),
        ("try: a = 1\nexcept E as b: c = 2", "a b c"),
        ("try: import a\nexcept ImportError: a = None", "a"),
        (
            "match a:\n  case [b, *c]: d = 1\n  case {'k': e, **f}: pass\n  case C(x=g) as h: pass",
            "b c d e f g h",
        ),
        ("x = [i for i in a]", "x"),
        ("x = lambda y: y", "x"),
        ("'says'", "__doc__"),
        ("f()", ""),
    ],
)
def test_names_that_a_statement_binds(source, binds):
    """In the module, not in functions and classes that it defines."""
    assert only(source).binds >= set(binds.split())
    assert only(source).binds <= {*binds.split(), "y"}


@pytest.mark.parametrize(
    ("source", "kinds"),
    [
        ("import a", "import"),
        ("import a; from b import c", "import"),
        ("import a; b = 1", ""),
        ("def f(): pass", "function definition"),
        ("async def f(): pass", "function definition"),
        ("@d\ndef f(): pass", "function definition decorated"),
        ("class C: pass", "class definition"),
        ("@d\nclass C: pass", "class definition decorated"),
        ("class C:\n  @d\n  def m(self): pass", "class definition decorated"),
        ("def f():\n  @d\n  def g(): pass", "function definition"),
        ("if a: pass", "compound"),
        ("try: pass\nfinally: pass", "compound"),
        ("for a in b:\n  @d\n  def f(): pass", "compound decorated"),
        ("a = 1", ""),
        ("if __name__ == '__main__': f()", "compound guard inert"),
        ("if '__main__' == __name__: f()", "compound guard inert"),
        ("if X != 1 and __name__ == '__main__': f()", "compound guard inert"),
        ("if f() and __name__ == '__main__': f()", "compound"),
        ("if X or __name__ == '__main__': f()", "compound"),
        ("if __name__ != '__main__': f()", "compound"),
        ("if __name__ == '__main__': f()\nelse: g()", "compound"),
        ("if TYPE_CHECKING: import a", "compound inert"),
        ("if typing.TYPE_CHECKING: import a", "compound inert"),
        ("if TYPE_CHECKING: import a\nelse: import b", "compound"),
        ("if not TYPE_CHECKING: import a", "compound"),
        ("...", "inert"),
        ("pass", "inert"),
        ("pass; a = 1", ""),
        ("'says'", "docstring"),
    ],
)
def test_kinds_of_statements(source, kinds):
    """What the syntax alone tells of a statement."""
    statement = only(source)
    found = {
        "import": statement.is_import,
        "function": statement.is_function,
        "class": statement.is_class,
        "definition": statement.is_definition,
        "compound": statement.is_compound,
        "decorated": statement.decorated,
        "guard": statement.is_guard,
        "inert": statement.inert,
        "docstring": statement.is_docstring,
    }
    assert {kind for kind, true in found.items() if true} == set(kinds.split())


def test_the_main_block_runs_in_the_main_module():
    """Elsewhere it never does."""
    assert not only("if __name__ == '__main__': f()", is_main=True).inert


def test_only_the_first_text_is_the_docstring():
    """A text further down does nothing."""
    first, second = outlined("'says'\n'does not'").statements
    assert (first.is_docstring, first.inert) == (True, False)
    assert (second.is_docstring, second.inert) == (False, True)


@pytest.mark.parametrize(
    ("source", "effects"),
    [
        ("a.b(c)", ["a.b call"]),
        ("f()", ["f call"]),
        ("a.b.c.d()", ["a.b.c.d call"]),
        ("a[0].b()", ["a.b call"]),
        ("f(x).b()", ["f call"]),
        ("a = f()", []),
        ("a.b = 1", ["a.b store"]),
        ("a[0] = 1", ["a store"]),
        ("a.b[0] += 1", ["a.b store"]),
        ("del a.b", ["a.b store"]),
        ("a.b: int = 1", ["a.b store"]),
        ("f(x).b = 1", ["f.b store"]),
        ("a = b.c = 1", ["b.c store"]),
        ("setattr(a, 'b', 1)", ["a store"]),
        ("setattr(a.b, 'c', 1)", ["a.b store"]),
        ("exec(code, a)", ["a store"]),
        ("[a.append(i) for i in b]", ["a.append call"]),
        ("@d.e(1)\ndef f(): pass", ["d.e decorator"]),
        ("@d\nclass C:\n  @e\n  def m(self): pass", ["d decorator", "e decorator"]),
        ("class C:\n  a.b = 1\n  f()", ["f call"]),
        ("def f(): g()", []),
        ("if a: f()\nelse: b.c = 1", ["f call", "b.c store"]),
        ("for a in b: f(a)", ["f call"]),
        ("try: f()\nexcept E: g()", ["f call", "g call"]),
        ("with a() as b: b.c()", ["b.c call"]),
        ("match a:\n  case 1: f()", ["f call"]),
        ("if __name__ == '__main__': f()", []),
        ("if TYPE_CHECKING: f()", []),
        ("'text'.join(a)", [" call"]),
    ],
)
def test_effects_on_what_is_not_the_statements_own(source, effects):
    """Calls for their own sake, stores through something, decorators."""
    found = [f"{'.'.join(effect.chain)} {effect.kind}" for effect in only(source).effects]
    assert found == effects


def test_names_entered_into_annotations():
    """Only plain names at the top level are."""
    statement = only("a: int; b: str = ''; c.d: int = 1")
    assert statement.annotates == {"a", "b"}


def test_names_bound_more_than_once():
    """By several statements, or bound and deleted."""
    found = outlined("a = 1\nb = a\na = 2\ndel b\nc = 3; c = 4")
    assert found.rebinds == {"a", "b"}
    assert found.binders("a") == [0, 2]
    assert found.binders("b") == [1, 3]


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("a = b = 1", "a, b"),
        ("@d\ndef f(): pass", "f"),
        ("f(1)\n", "f(1)"),
        ("if a:\n  f()", "if a:"),
    ],
)
def test_titles(source, title):
    """What it binds, or its first line."""
    assert only(source).title == title


# -- compiling ------------------------------------------------------------------------------------


def executed(source, index=-1):
    """The namespace after the last statement, and the functions that were born."""
    names, space = [], {"__name__": "module", "d": lambda function: function}

    def born(kind):
        return lambda function: (names.append(f"{function.__name__} {kind}"), function)[1]

    statement = outlined(source).statements[index]
    exec(statement.executable(born("bare"), born("decorated"), print), space)
    return space, names


@pytest.mark.parametrize(
    ("source", "born"),
    [
        ("def f(): pass", ["f bare"]),
        ("async def f(): pass", ["f bare"]),
        ("@d\ndef f(): pass", ["f decorated"]),
        ("x = lambda: 1", ["<lambda> bare"]),
        ("def f(x=lambda: 1): pass", ["<lambda> bare", "f bare"]),
        (
            "class C:\n  def m(self): pass\n  @property\n  def p(self): pass",
            ["m bare", "p decorated"],
        ),
        ("if d:\n  def f(): pass", ["f bare"]),
        ("def f():\n  def g(): pass", ["f bare"]),
        ("x = [lambda: i for i in (1, 2)]", ["<lambda> bare", "<lambda> bare"]),
        ("x = 1", []),
    ],
)
def test_functions_are_handed_over_at_birth(source, born):
    """Before their other decorators see them; functions made by calls are not."""
    assert executed(source)[1] == born


def test_what_executes_is_what_the_source_says():
    """Names, constants and line numbers are those of the file."""
    space, _ = executed("a = 1\n\n@d\ndef f(x=2):\n  '''says'''\n  return x, 'hotswap: other'")
    assert space["f"]() == (2, "hotswap: other")
    assert (space["f"].__code__.co_firstlineno, space["f"].__doc__) == (3, "says")
    assert space["f"].__code__.co_filename == "module.py"


def test_future_imports_hold_for_every_statement():
    """Each is compiled by itself, with the flags of the whole."""
    space, _ = executed("from __future__ import annotations\ndef f(x: missing): pass")
    assert space["f"].__annotations__ == {"x": "missing"}


def test_other_future_flags_do_not_leak_in():
    """That hotswap itself has annotations deferred means nothing to the program."""
    space, _ = executed("def f(x: int): pass")
    assert space["f"].__annotations__ == {"x": int}


# -- old against new ------------------------------------------------------------------------------


def aligned(old, new) -> str:
    """Each new statement by the number of its counterpart, "!" if changed; "-" is gone."""
    result = align(outlined(old), outlined(new))
    marks = []
    for statement in result.new:
        counterpart = result.counterpart.get(statement.index)
        mark = "+" if counterpart is None else str(counterpart.index)
        marks.append(mark + "!" * (statement.index in result.changed))
    gone = sorted(statement.index for statement in result.removed)
    return " ".join([*marks, *(f"-{index}" for index in gone)])


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a = 1\nb = 2", "a = 1\nb = 2", "0 1"),
        ("a = 1\nb = 2", "# why\n\na = 1\n\nb = 2", "0 1"),
        ("a = 1\nb = 2", "a = 1\nb = 3", "0 1!"),
        ("a = 1\nb = 2", "a  =  1\nb = (2)", "0 1"),
        ("a = 1\nb = 2", "a = 1\nc = 3\nb = 2", "0 + 1"),
        ("a = 1\nb = 2", "b = 2", "1 -0"),
        ("a = 1", "b = 1", "+ -0"),
        ("a = 1\nb = 2", "b = 2\na = 1", "1 0"),
        ("a = 1\nb = a", "b = a\na = 1", "1! 0"),
        ("a = 1\na = 2", "a = 2\na = 1", "1 0!"),
        ("f()\nf()", "f()\nf()\nf()", "0 1 +"),
        ("f(1)", "f(2)", "0!"),
        ("f(1)", "g(1)", "+ -0"),
    ],
    ids=str,
)
def test_alignment(old, new, expected):
    """By text, import-time code, names bound; to move past what one reads is a change."""
    assert aligned(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("def f(): return 1", "def f(): return 2", "0"),
        ("def f(): 'old'", "def f(): 'new'", "0"),
        ("def f(x): pass", "def f(y): pass", "0"),
        ("@d\ndef f(): return 1", "@d\ndef f(): return 2", "0"),
        ("@d\ndef f(): 'old'", "@d\ndef f(): 'new'", "0!"),
        ("@d\ndef f(x): pass", "@d\ndef f(y): pass", "0!"),
        ("def f(): pass", "@d\ndef f(): pass", "0!"),
        ("@d\ndef f(): pass", "@e\ndef f(): pass", "0!"),
        ("def f(x=1): pass", "def f(x=2): pass", "0!"),
        ("def f(): pass", "class f: pass", "0!"),
        ("def f(): pass", "f = 1", "0!"),
        ("def f(): pass", "def g(): pass", "+ -0"),
        ("def f(): pass\ndef g(): pass", "def g(): 1\ndef f(): pass", "1 0"),
        ("class C:\n  def m(self): return 1", "class C:\n  def m(self): return 2", "0"),
        ("class C: x = 1", "class C: x = 2", "0!"),
        ("class C: pass", "class C(B): pass", "0!"),
        ("@o\ndef f(x: int): ...\n@o\ndef f(x: str): ...\ndef f(x): return 1",
         "@o\ndef f(x: str): ...\ndef f(x): return 2", "1 2 -0"),
        ("@o\ndef f(x: int): ...\ndef f(x): return 1",
         "@o\ndef f(x: int): ...\n@o\ndef f(x: str): ...\ndef f(x): return 1", "0 + 1"),
        ("class C:\n  @p\n  def m(self): return 1", "class C:\n  @p\n  def m(self): 'new'", "0!"),
    ],
    ids=str,
)  # fmt: skip
def test_alignment_of_definitions(old, new, expected):
    """Bodies may differ; what a decorator may have looked at may not."""
    assert aligned(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("import a", "import a, b", "0!"),
        ("from a import b", "from a import b, c", "0!"),
        ("from a import b", "from a import c", "+ -0"),
        ("from a import b", "from c import b", "0!"),
        ("from a import b", "b = 1", "+ -0"),
        ("from a import *", "from a import *\nb = 1", "0 +"),
        ("import a\nimport b", "import b\nimport a", "1 0"),
    ],
    ids=str,
)
def test_alignment_of_imports(old, new, expected):
    """An import is the counterpart of one that binds one of its names."""
    assert aligned(old, new) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("'old'\na = 1", "'new'\na = 1", "0! 1"),
        ("a = 1", "'new'\na = 1", "+ 0"),
        ("'old'\na = 1", "a = 1", "1 -0"),
        ("if TYPE_CHECKING: import a", "if TYPE_CHECKING: import b as a", "0"),
        ("if __name__ == '__main__': f()", "if __name__ == '__main__': f()", "0"),
        ("a = 1; b = 2", "a = 1; b = 3", "0!"),
        ("a = 1; b = 2", "a = 1\nb = 2", "+ 0!"),
        ("a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n", "0 1"),
        ("a = 1\n\x0c\nb = 2", "a = 1\nb = 2", "0 1"),
        ("a = '''\r\n'''\r\n", "a = '''\n'''\n", "0"),
        ("def f(x: int): pass", "from __future__ import annotations\ndef f(x: int): pass", "+ 0!"),
        ("if a: b = 1", "if a: b = 2", "0!"),
        ("if a: b = 1", "if a:\n  b = 1", "0"),
    ],
    ids=str,
)
def test_alignment_of_the_rest(old, new, expected):
    """Docstrings, what never runs, lines that are shared, line ends, future imports."""
    assert aligned(old, new) == expected


def test_successor():
    """What an old statement has become, if it is there still."""
    old = outlined("a = 1\nb = 2")
    result = align(old, outlined("b = 3"))
    assert [result.successor(one) and result.successor(one).text for one in old.statements] == [
        None,
        "b = 3",
    ]


def test_an_effect_is_a_value():
    """Two are equal if they say the same."""
    assert Effect(("a", "b"), "call") == only("a.b()").effects[0]
