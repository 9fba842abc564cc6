"""How is a program edited: names, files and imports that come, go, move and change?"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from .programs import EXPORTS, FORMS, KEYS, KIT_EDITS, NAMES, PACKAGE, PLACES, Binding, Source

keys = st.sampled_from(KEYS)
forms = st.sampled_from([form for form in FORMS if form != "broken"])
bindings = st.builds(Binding, forms, keys, keys, keys, st.integers(1, 3))
ways = st.tuples(*[st.sampled_from(["from", "import", "star", "relative", "no"])] * len(PLACES))
aboves = st.none() | st.tuples(st.integers(1, len(PLACES) - 1), st.just("import"))
several = st.lists(
    st.tuples(st.sampled_from(NAMES), bindings), max_size=4, unique_by=lambda b: b[0]
)
programs = st.tuples(
    *(
        st.builds(
            Source,
            st.just(place),
            ways,
            st.none() | aboves,
            several.map(tuple),
            st.sampled_from(["unsaid", *EXPORTS]),
            there=st.just(value=True) if place == PACKAGE else st.sampled_from([True, True, False]),
        )
        for place in range(len(PLACES))
    )
)


def broken(binding):
    """Whether it raises."""
    return binding.form == "broken"


def bound(source, name, binding):
    """The module with a name bound otherwise, where it was or at its end; `None`: not at all."""
    known = dict(source.bindings)
    known[name] = binding
    left = [(one, what) for one, what in known.items() if what is not None]
    return replace(source, bindings=tuple(left))


def bind(draw, program, place, name):
    """A name is bound to something else, or for the first time."""
    return {place: bound(program[place], name, draw(bindings))}


def adjust(draw, program, place, name):
    """Of what a name is bound to, a detail changes."""
    known = dict(program[place].bindings)
    if name not in known:
        return bind(draw, program, place, name)
    what = draw(st.sampled_from(["number", "number", "form", "one", "late"]))
    value = {"number": known[name].number + 1, "form": draw(forms)}.get(what) or draw(keys)
    return {place: bound(program[place], name, replace(known[name], **{what: value}))}


def spoil(draw, program, place, name):
    """What a name is bound to raises."""
    known = dict(program[place].bindings).get(name) or draw(bindings)
    return {place: bound(program[place], name, replace(known, form="broken"))}


def drop(draw, program, place, name):
    """A name is gone."""
    return {place: bound(program[place], name, None)}


def move(draw, program, place, name):
    """A name moves to another module, and who reads it follows."""
    binding = dict(program[place].bindings).get(name)
    target = draw(st.sampled_from(range(len(PLACES))))
    if binding is None:
        return {}
    moved = list(program)
    moved[place] = bound(moved[place], name, None)
    moved[target] = bound(moved[target], name, binding)
    return dict(enumerate(retargeted(one, (place, name), (target, name)) for one in moved))


def rename(draw, program, place, name):
    """A name has another one from now on, everywhere."""
    new = draw(st.sampled_from(NAMES))
    if new in program[place].names or name not in program[place].names:
        return {}
    known = tuple((new if one == name else one, what) for one, what in program[place].bindings)
    renamed = [*program[:place], replace(program[place], bindings=known), *program[place + 1 :]]
    return dict(enumerate(retargeted(one, (place, name), (place, new)) for one in renamed))


def retargeted(source, old, new):
    """The module, reading the one where it read the other."""

    def retarget(binding):
        read = {one: getattr(binding, one) for one in ("one", "other", "late")}
        return replace(binding, **{one: new if key == old else key for one, key in read.items()})

    return replace(
        source, bindings=tuple((name, retarget(binding)) for name, binding in source.bindings)
    )


def reorder(draw, program, place, name):
    """Its names are bound in another order."""
    order = draw(st.permutations(program[place].bindings))
    return {place: replace(program[place], bindings=tuple(order))}


def field(name, values):
    """Another property of the module."""

    def change(draw, program, place, _):
        return {place: replace(program[place], **{name: draw(values)})}

    return change


EDITS = {
    "bind": bind,
    "adjust": adjust,
    "adjust more": adjust,
    "spoil": spoil,
    "drop": drop,
    "move": move,
    "rename": rename,
    "reorder": reorder,
    "ways": field("ways", ways),
    "above": field("above", st.none() | aboves),
    "exports": field("exports", st.sampled_from([*EXPORTS])),
    "comment": field("comment", st.sampled_from(["", "#", "#\n#"])),
    "there": field("there", st.booleans()),
    "renamed": field("renamed", st.booleans()),
}


@st.composite
def edited(draw, program):
    """The same modules, mended if they were broken, and some of them edited."""
    program = [
        replace(one, bindings=tuple(b for b in one.bindings if not broken(b[1]))) for one in program
    ]
    for kind in draw(st.lists(st.sampled_from([*EDITS]), min_size=1, max_size=3)):
        place, name = draw(keys)
        for at, source in EDITS[kind](draw, tuple(program), place, name).items():
            always = at == PACKAGE
            program[at] = replace(source, there=True, renamed=False) if always else source
    return tuple(program)


@st.composite
def saved(draw, batch):
    """What is saved of a batch by now: most often all."""
    if draw(st.integers(0, 3)) or not batch:
        return batch
    later = draw(st.sets(st.sampled_from(sorted(batch))))
    return {name: text for name, text in batch.items() if name not in later}


kit_edits = st.sampled_from([None] * 6 + ["", *KIT_EDITS])
"""None: the kit stays as it is; the edit that makes it what it is, or none."""
