"""Whatever is edited, in whatever order: the process equals one that starts now."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import HealthCheck, Phase, assume, event, given, note, settings
from hypothesis import strategies as st

KIT = """
    import functools
    def call(value): return value() if callable(value) else value
    def number(value): return value if type(value) is int else 7
    class Root: pass
    def base(value): return value if type(value) is type else Root
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args): return function(*args)
        return wrapper
"""
MODULES = ["m0", "m1", "m2", "m3"]
NAMES = ["A", "B", "C", "D"]
FORMS = {
    "constant": "{name} = {number}",
    "sum": "{name} = number({one}) + {number}",
    "test": "{name} = number({one}) > {number}",
    "alias": "{name} = {one}",
    "call": "{name} = call({one})",
    "list": "{name} = [{one}, {other}, {number}]",
    "lambda": "{name} = lambda: ({one}, {number})",
    "function": "def {name}():\n    return call({one})",
    "default": "def {name}(x={one}):\n    return call({other}), {number}",
    "decorated": "@logged\ndef {name}():\n    return {one}, {number}",
    "deferred": "def {name}():\n    import m0\n    return m0.A, {number}",
    "methods": "class {name}(Root):\n    def method(self):\n        return {one}, {number}",
    "attributes": "class {name}(Root):\n    number = {number}\n    held = {one}",
    "subclass": "class {name}(base({one})):\n    more = {other}",
    "override": "class {name}(base({one})):\n    def method(self):\n        return {other}",
    "branch": "if {one}:\n    {name} = {other}\nelse:\n    {name} = {number}",
    "augmented": "{name} = [{one}]\n{name} += [{number}]",
    "twice": "{name} = {one}\n{name} = [{name}, {other}, {number}]",
    "temporary": "tmp = {one}\n{name} = [tmp, {number}]\ndel tmp",
    "loop": "{name} = []\nfor one in [{one}, {number}]:\n    {name}.append(one)\ndel one",
    "remembered": "@functools.cache\ndef {name}():\n    return {one}, {number}",
    "maybe": "{name} = {other}\nif {one}:\n    {name} = {number}",
    "entry": "{name} = {{}}\n{name}[{number}] = {one}",
    "broken": "{name} = {one} / None",
}
WAYS = {
    "import": ("import {module}", "{module}.{name}"),
    "from": ("from {module} import {names}", "{name}_of_{module}"),
    "star": ("from {module} import *", "{name}"),
}

# Whether a fresh start succeeds → what a reload may come to.
POSSIBLE = {
    True: {"unchanged", "swapped", "reloaded", "restart"},
    False: {"rejected", "restart"},
}

#   m3
#   | \
#   m2 |        each imports all that are below it
#   | \|
#   m1 |
#   | /
#   m0


@dataclass(frozen=True)
class Binding:
    """What a name is bound to: a form, and the names that it reads."""

    form: str
    one: tuple[int, str]
    other: tuple[int, str]
    number: int

    def source(self, name: str, one: str, other: str) -> str:
        """Its source."""
        return FORMS[self.form].format(name=name, one=one, other=other, number=self.number)


@dataclass(frozen=True)
class Source:
    """A module: the names that it binds, in the order of the alphabet."""

    place: int
    way: str
    comment: str
    bindings: dict[str, Binding] = field(default_factory=dict)

    def text(self, below: list[Source]) -> str:
        """Its text, above these modules."""
        lines = ["from kit import Root, base, call, functools, logged, number", self.comment]
        lines += [self._import(other) for other in below]
        for name, binding in sorted(self.bindings.items()):
            one, other = (self._read(name, key, below) for key in (binding.one, binding.other))
            lines.append(binding.source(name, one, other))
        return "\n".join(lines)

    def _import(self, other: Source) -> str:
        module = MODULES[other.place]
        names = ", ".join(f"{name} as {name}_of_{module}" for name in sorted(other.bindings))
        statement, _ = WAYS[self.way if names else "import"]
        return statement.format(module=module, names=names)

    def _read(self, reader: str, key: tuple[int, str], below: list[Source]) -> str:
        """How a name is read; one that would not be there, or lead in a circle, is 0."""
        place, name = key
        if place >= self.place or self.way == "star":
            mine = name in self.bindings
            known = any(name in other.bindings for other in below) if self.way == "star" else mine
            return name if known and not (mine and name >= reader) else "0"
        known = name in below[place].bindings
        return WAYS[self.way][1].format(module=MODULES[place], name=name) if known else "0"


def write(project, sources):
    """Write the modules, and tell of them if the test fails."""
    for source in sources:
        text = source.text(sources[: source.place])
        project.write(MODULES[source.place], text)
        note(f"[{MODULES[source.place]}]\n{text}\n")


keys = st.tuples(st.integers(0, 3), st.sampled_from(NAMES))
forms = st.sampled_from([form for form in FORMS if form != "broken"])
bindings = st.builds(Binding, forms, keys, keys, st.integers(1, 3))
ways = st.sampled_from(list(WAYS))
programs = st.tuples(
    *(
        st.builds(
            Source,
            st.just(place),
            ways,
            st.just(""),
            st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, bindings)),
        )
        for place in range(4)
    )
)


def mended(source):
    """The module without what raises."""
    known = source.bindings
    whole = {name: known[name] for name in known if known[name].form != "broken"}
    return replace(source, bindings=whole)


@st.composite
def edits(draw, sources):
    """The same modules, mended if they were broken, and one or two of them edited."""
    sources = tuple(map(mended, sources))
    for place in draw(st.lists(st.integers(0, 3), min_size=1, max_size=2)):
        source, name = sources[place], draw(st.sampled_from(NAMES))
        kind = draw(
            st.sampled_from(["bind", "bind", "number", "delete", "way", "comment", "break"])
        )
        known = dict(source.bindings)
        if kind == "way":
            source = replace(source, way=draw(ways))
        elif kind == "comment":
            source = replace(source, comment=source.comment + "#\n")
        elif kind == "bind" or name not in known:
            known[name] = draw(bindings)
        elif kind == "number":
            known[name] = replace(known[name], number=known[name].number + 1)
        elif kind == "break":
            known[name] = replace(known[name], form="broken")
        else:
            del known[name]
        source = replace(source, bindings=known)
        sources = (*sources[:place], source, *sources[place + 1 :])
    return sources


@pytest.mark.timeout(600)  # many programs, on a machine that may be busy
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs, data=st.data())
def test_a_reload_equals_a_fresh_start(projects, program, data):
    """
    After each edit all modules are as if they were imported now, or, if that fails, as before.
    """
    with projects() as project:
        project.write("kit", KIT)
        write(project, program)
        assume(isinstance(project.fresh_here(*MODULES), dict))
        project.load(*MODULES)
        for _ in range(data.draw(st.integers(1, 4))):
            before = project.picture(*MODULES)
            program = data.draw(edits(program))
            write(project, program)
            report = project.reload()
            note(f"{report.outcome} {report.reason}\n{report.notes}\n")
            event(report.outcome)
            fresh = project.fresh_here(*MODULES)
            assert report.outcome in POSSIBLE[isinstance(fresh, dict)]
            assert project.picture(*MODULES) == (fresh if report.applied else before)


@pytest.mark.timeout(600)
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(program=programs, data=st.data())
def test_undo_leads_back_step_by_step(projects, program, data):
    """To what all modules were before each edit; then the files bring back what they say."""
    with projects() as project:
        project.write("kit", KIT)
        write(project, program)
        assume(isinstance(project.fresh_here(*MODULES), dict))
        project.load(*MODULES)
        pictures = [project.picture(*MODULES)]
        for _ in range(data.draw(st.integers(1, 3))):
            program = data.draw(edits(program))
            write(project, program)
            report = project.reload()
            note(f"{report.outcome} {report.reason}\n{report.notes}\n")
            if report.generation == len(pictures):
                pictures.append(project.picture(*MODULES))
                assume(pictures[-1] == project.fresh_here(*MODULES))  # which the test above is for
        *former, latest = pictures
        while former:
            undone = project.reloader.undo()
            note(f"undone: {undone.outcome} {undone.reason}\n{undone.notes}\n")
            event(f"undo {undone.applied}")
            if not undone.applied:
                break
            latest = former.pop()
            assert project.picture(*MODULES) == latest
        assert project.picture(*MODULES) == latest
        fresh, again = project.fresh_here(*MODULES), project.reload()
        assert again.outcome in POSSIBLE[isinstance(fresh, dict)]
        assert project.picture(*MODULES) == (fresh if again.applied else latest)


@pytest.mark.parametrize("form", [form for form in FORMS if form != "broken"])
def test_each_form_is_valid(project, form):
    """The programs above are programs."""
    project.write("kit", KIT)
    project.write("m0", "A = 1")
    source = FORMS[form].format(name="B", one="0", other="1", number=2)
    project.write("m1", f"from kit import *\n{source}")
    assert "B" in vars(project.load("m1"))
