"""What are the programs that are edited: packages, what their modules import, and what they bind?"""

from __future__ import annotations

from dataclasses import dataclass

KIT = """
    import contextlib
    import dataclasses
    import enum
    import functools
    HANDLERS = []
    TABLE = {}
    def call(value): return value() if callable(value) else value
    def number(value): return value if type(value) is int else 7
    class Root: pass
    def base(value): return value if type(value) is type else Root
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args): return function(*args)
        return wrapper
    def handler(thing):
        HANDLERS.append(thing)
        return thing
    def entry(key):
        def enter(thing):
            TABLE[key] = thing
            return thing
        return enter
    class Hooked:
        heirs = []
        def __init_subclass__(cls, name=None, **options):
            super().__init_subclass__(**options)
            cls.name = name
            Hooked.heirs.append(cls)
    class Command:
        def __init__(self, function): self.function = function
        def __call__(self): return self.function()
    def make(*values):
        def inner(): return values
        return inner
"""
KITS = (
    "HANDLERS, TABLE, Command, Hooked, Root, base, call, contextlib, dataclasses, entry, enum,"
    " functools, handler, logged, make, number"
)
KIT_EDITS = {
    "another wrapper": ("return function(*args)", "return function(*args) if args else function()"),
    "another constant": ("else 7", "else 8"),
    "more is entered": ("HANDLERS = []", "HANDLERS = [Ellipsis]"),
    "a method more": ("class Root: pass", "class Root:\n        def top(self): return 1"),
}

#   app imports all that there are, in this order; each imports what is below it, and m0 to pkg may
#   import, at their end, what is above them
PLACES = [
    ("m0", "n0"),
    ("pkg.one", "pkg.uno"),
    ("pkg.two", "pkg.dos"),
    ("pkg",),
    ("m4", "n4"),
]
PACKAGE = 3
NAMES = ["A", "B", "C", "D"]
FORMS = {
    "constant": "{name} = {number}",
    "annotated": "{name}: int = {number}",
    "sum": "{name} = number({one}) + {number}",
    "alias": "{name} = {one}",
    "call": "{name} = call({one})",
    "list": "{name} = [{one}, {other}, {number}]",
    "pair": "{name}, {name}_too = {one}, {number}",
    "lambda": "{name} = lambda: ({late}, {number})",
    "function": "def {name}():\n    return call({late})",
    "default": "def {name}(x={one}):\n    return call({late}), {number}",
    "inner": "def {name}():\n    def inner(): return {late}, {number}\n    return inner",
    "decorated": "@logged\ndef {name}():\n    return {late}, {number}",
    "deferred": "def {name}():\n    import app\n    return app.__name__, {number}",
    "methods": "class {name}(Root):\n    def method(self):\n        return {late}, {number}",
    "attributes": "class {name}(Root):\n    number = {number}\n    held = {one}",
    "subclass": "class {name}(base({one})):\n    more = {other}",
    "override": (
        "class {name}(base({one})):\n    def method(self):\n        return super(), {late}, {number}"
    ),
    "two bases": "class {name}(Root, make({one}, {number}) and object):\n    pass",
    "kinds": (
        "class {name}(Root):\n    @property\n    def one(self): return {late}, {number}\n"
        "    @staticmethod\n    def two(): return {number}\n"
        "    @classmethod\n    def three(cls): return cls, {late}"
    ),
    "dataclass": (
        "@dataclasses.dataclass\nclass {name}:\n    one: object = number({one})\n"
        "    def method(self): return {late}, {number}"
    ),
    "enum": "class {name}(enum.Enum):\n    ONE = (number({one}), {number})\n    TWO = {number}",
    "instance": (
        "class {name}_kind:\n    def __init__(self): self.one = {one}\n"
        "    def method(self): return {number}\n{name} = {name}_kind()"
    ),
    "command": "@Command\ndef {name}(): return {late}, {number}",
    "branch": "if {one}:\n    {name} = {other}\nelse:\n    {name} = {number}",
    "fork": (
        "if number({one}) > 2:\n    def {name}(): return {late}\n"
        "else:\n    def {name}(): return {number}"
    ),
    "attempt": "try:\n    from nowhere import {name}\nexcept ImportError:\n    {name} = {one}",
    "suppress": "with contextlib.suppress(TypeError):\n    {name} = {one}",
    "augmented": "{name} = [{one}]\n{name} += [{number}]",
    "temporary": "tmp = {one}\n{name} = [tmp, {number}]\ndel tmp",
    "loop": "{name} = []\nfor one in [{one}, {number}]:\n    {name}.append(one)\ndel one",
    "comprehension": "{name} = [one for one in ({one}, {other}, {number}) if one]",
    "remembered": "@functools.cache\ndef {name}():\n    return {late}, {number}",
    "made": "{name} = make({one}, {number})",
    "handler": "@handler\ndef {name}(): return {late}, {number}",
    "handler class": "@handler\nclass {name}(Root):\n    held = {one}",
    "entry": "@entry('{key}')\ndef {name}(): return {late}, {number}",
    "entry class": "@entry('{key}')\nclass {name}(Root):\n    def method(self): return {late}",
    "heir": "class {name}(Hooked):\n    number = {number}\n    def method(self): return {late}",
    "option": "class {name}(Hooked, name={number}):\n    held = {one}",
    "append": "{name} = []\n{name}.append({one})\n{name}.append({other})",
    "config": (
        "{name} = make()\n{name}.number = {number}\n{name}.one = {one}\n"
        "{name}.__dict__.update(other={other})"
    ),
    "own table": "{name} = {{}}\n{name}[{number}] = {one}\n{name}.update(more={other})",
    "broken": "{name} = {one} / None",
}
WAYS = {
    "no": ("", "0"),
    "import": ("import {module}", "{module}.{name}"),
    "from": ("from {module} import {names}", "{name}_of_{flat}"),
    "star": ("from {module} import *", "{name}"),
    "relative": ("from {relative} import {names}", "{name}_of_{flat}"),
}
EXPORTS = {
    "unsaid": lambda names: None,
    "ends": lambda names: [*names[:1], *names[1:][-1:]],
    "none": lambda names: [],
}
KEYS = [(place, name) for place in range(len(PLACES)) for name in NAMES]


@dataclass(frozen=True)
class Binding:
    """What a name is bound to: a form, and what it reads, at once or later."""

    form: str
    one: tuple[int, str]
    other: tuple[int, str]
    late: tuple[int, str]
    number: int


@dataclass(frozen=True)
class Source:
    """A module: where it is, what it imports, and the names that it binds, in their order."""

    place: int
    ways: tuple[str, ...]
    above: tuple[int, str] | None = None
    bindings: tuple[tuple[str, Binding], ...] = ()
    exports: str = "unsaid"
    comment: str = ""
    there: bool = True
    renamed: bool = False

    @property
    def module(self) -> str:
        """Its name."""
        return PLACES[self.place][self.renamed]

    @property
    def names(self) -> list[str]:
        """What it binds."""
        return [name for name, _ in self.bindings]

    @property
    def offered(self) -> list[str]:
        """What a star-import brings of that."""
        said = EXPORTS[self.exports](self.names)
        return self.names if said is None else said


@dataclass(frozen=True)
class Text:
    """The text of a module among others."""

    source: Source
    program: tuple[Source, ...]

    def __str__(self) -> str:
        source, said = self.source, EXPORTS[self.source.exports](self.source.names)
        lines = [source.comment, f"from kit import {KITS}"]
        lines += [self._import(one, self._way(one.place)) for one in self.program[: source.place]]
        lines += [self._bind(*binding) for binding in source.bindings]
        lines += [] if said is None else [f"__all__ = {said}"]
        if source.above is not None and source.above[0] > source.place:
            place, way = source.above
            lines.append(self._import(self.program[place], way))
        return "\n".join(filter(None, lines)) + "\n"

    def _way(self, place: int) -> str:
        """How the module imports another one."""
        other, way = self.program[place], self.source.ways[place]
        if not other.there:
            return "no"
        if way == "relative" and not (1 <= self.source.place <= PACKAGE > place >= 1):
            return "from"
        return way

    def _import(self, other: Source, way: str) -> str:
        if not other.there:
            return ""
        flat = other.module.replace(".", "_")
        names = ", ".join(f"{name} as {name}_of_{flat}" for name in sorted(other.names))
        way = way if names or way in {"no", "star"} else "import"
        relative = "." + other.module.rpartition(".")[2]
        return WAYS[way][0].format(module=other.module, names=names, relative=relative)

    def _bind(self, name: str, binding: Binding) -> str:
        return FORMS[binding.form].format(
            name=name,
            one=self._read(binding.one, name),
            other=self._read(binding.other, name),
            late=self._read(binding.late),
            number=binding.number,
            key=f"{self.source.module}.{name}{binding.number % 2}",
        )

    def _read(self, key: tuple[int, str], reader: str | None = None) -> str:
        """How a name is read, at once by a reader or later; 0 if it would not be there."""
        place, name = key
        other = self.program[place]
        if place == self.source.place:
            names = self.source.names
            return name if name in names[: names.index(reader) if reader else None] else "0"
        if place > self.source.place or name not in other.names:
            return "0"
        way = self._way(place)
        if way == "star" and name not in other.offered:
            return "0"
        flat = other.module.replace(".", "_")
        return WAYS[way][1].format(module=other.module, name=name, flat=flat)


def texts(program, kit):
    """The files of a program: module → text."""
    there = [one for one in program if one.there]
    files = {one.module: str(Text(one, program)) for one in there}
    files["pkg.__init__"] = files.pop("pkg")
    return {"kit": kit, **files, "app": "".join(f"import {one.module}\n" for one in there)}
