"""Whose fault is an exception, and what of it does the user have to see?"""

from __future__ import annotations

import json
import os
import traceback

import pytest
from grpc_tools import protoc

from hotswap.effects import NeedsRestart
from hotswap.failures import describe, is_users_fault, trimmed
from hotswap.journal import refill
from hotswap.outlines import outline
from hotswap.steps import Step


def raised(source, path="mine.py"):
    """The exception that executing a source raises."""
    try:
        exec(compile(source, path, "exec"), {"json": json, "refill": refill})
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error


def own(path):
    return path.startswith("mine")


def step(status, source="x = 1"):
    (statement,) = outline(source.encode(), "mine.py", is_main=False).statements
    return Step(None, "execute", "", status, statement)


@pytest.mark.parametrize(
    ("source", "status", "fault"),
    [
        ("1 / 0", "changed", True),
        ("1 / 0", "repeated", True),
        ("import missing_module", "repeated", True),
        ("raise SystemExit", "repeated", True),
        ("raise KeyboardInterrupt", "repeated", True),
        ("json.loads('')", "repeated", False),
        ("json.loads('')", "changed", True),
        ("json.loads('')", "added", True),
        ("def f(): g()\ndef g(): 1 / 0\nf()", "repeated", True),
    ],
)
def test_whose_fault_it_is(source, status, fault):
    """A library may only have refused to be told the same thing twice."""
    assert is_users_fault(raised(source), own, step(status)) is fault


def test_a_frame_of_ours_is_passed_over():
    """What stands between the program and an error of its making is not to blame."""
    error = raised("refill(None, [])")
    assert traceback.extract_tb(error.__traceback__)[-1].filename.endswith("journal.py")
    assert is_users_fault(error, own, step("repeated"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    ONE = 1", "    ONE = 1\n    ONE = 2"),
        ("enum.Enum", "enum.Enum, abc.ABC"),
        ("enum.Enum", "enum.Enum, enum.Enum"),
    ],
)
def test_what_cannot_be_a_class_is_nobody_elses_fault(project, old, new):
    """Whoever makes classes keeps no books of them, though it may say "already"."""
    project.write("m", "import abc, enum\nclass C(enum.Enum):\n    ONE = 1")
    one = project.load("m").C.ONE
    project.edit("m", old, new)
    assert project.reload().outcome == "rejected"
    assert one.value == 1


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        ("1 / 0", "ZeroDivisionError: division by zero", 1),
        ("\nraise ValueError", "ValueError", 2),
        ("raise ValueError('two\\nlines')", "ValueError: two\nlines", 1),
        ("\njson.loads('')", "JSONDecodeError: Expecting value: line 1 column 1 (char 0)", 2),
        ("def f(): 1 / 0\n\nf()", "ZeroDivisionError: division by zero", 1),
        ("\n\nraise SystemExit(3)", "SystemExit: 3", 3),
    ],
)
def test_description(source, reason, line):
    """The exception in a line, and the innermost place in the project's own files."""
    found, location, error = describe(raised(source), own)
    assert (found, location) == (reason, ("mine.py", line))
    assert isinstance(error, BaseException)


def test_description_of_a_syntax_error():
    """Its place is where the compiler says."""
    reason, location, _ = describe(raised("\nx = (", "mine.py"), own)
    assert (reason, location) == ("SyntaxError: '(' was never closed", ("mine.py", 2))


def test_description_of_an_error_elsewhere():
    """There is no place of the project's."""
    assert describe(raised("1 / 0", "theirs.py"), own)[1] is None


def test_description_of_a_decision():
    """It is no exception of the program's."""
    decided = NeedsRestart("the layout of C changed", ("mine.py", 8))
    assert describe(decided, own) == ("the layout of C changed", ("mine.py", 8), None)


def test_tracebacks_show_the_programs_frames_only(project):
    """Neither the import system's nor ours."""
    project.write("low", "def f(): pass")
    project.write("a", "X = 1")
    project.load("a")
    project.edit("a", "X = 1", "import low\nlow.f(1)")
    error = project.reload().error
    names = [
        frame.filename.rpartition("/")[2] for frame in traceback.extract_tb(error.__traceback__)
    ]
    assert names == ["a.py"]


def test_causes_keep_their_traceback(project):
    """What was raised from what."""
    project.write("a", "X = 1")
    project.load("a")
    project.write("a", "try: 1 / 0\nexcept ArithmeticError as e: raise ValueError('x') from e")
    error = project.reload().error
    assert type(error.__cause__) is ZeroDivisionError
    shown = "".join(traceback.format_exception(type(error), error, error.__traceback__))
    assert "hotswap/" not in shown.replace(str(project.folder), "")


def test_an_empty_traceback():
    """Of an exception that was never raised, or by ours only."""
    assert trimmed(None) is None


def test_a_changed_message_schema_needs_a_restart(project):
    """Protobuf takes a file only once in a process: its pool, which has no frame, refuses."""
    name = f"schema_{os.getpid()}"
    proto = project.folder / f"{name}.proto"
    places = [f"-I{project.folder}", f"--python_out={project.folder}"]

    def generate(field: str) -> None:
        proto.write_text(f'syntax = "proto3"; package {name}; message M {{ {field} = 1; }}')
        assert protoc.main(["protoc", *places, proto.name]) == 0

    generate("string name")
    message = project.load(f"{name}_pb2").M
    generate("int32 name")
    report = project.reload()
    assert (report.outcome, report.location[0]) == ("restart", str(project.path(f"{name}_pb2")))
    assert report.reason.startswith(f"M of {name}.proto changed, and protobuf takes it only once")
    assert message(name="still as it was").name
