"""What protoc makes of a file that it made something of before is taken up where that can be."""

from __future__ import annotations

import itertools
import os
from pathlib import Path

import grpc_tools
import pytest
from grpc_tools import protoc

FIRST = """
syntax = "proto3"; package {name};
enum Kind {{ PLAIN = 0; BOLD = 1; }}
message Text {{ string text = 1; Kind kind = 2; message Part {{ int32 at = 1; }} }}
service Echo {{ rpc Say(Text) returns (Text); }}
"""
TAIL = "rpc Tail(Text) returns (stream Text); "
MORE = "message More {{ repeated Text texts = 1; }}\nservice"
_numbers = itertools.count()


@pytest.fixture
def generate(project):
    """Have protoc write the modules of a file; gives the name of the one with the messages."""
    name = f"taken_{os.getpid()}_{next(_numbers)}"
    standard = Path(grpc_tools.__file__).parent / "_proto"

    def generate(source=FIRST):
        (project.folder / f"{name}.proto").write_text(source.format(name=name))
        places = [f"-I{project.folder}", f"-I{standard}"]
        out = [f"--python_out={project.folder}", f"--grpc_python_out={project.folder}"]
        assert protoc.main(["protoc", *places, *out, f"{name}.proto"]) == 0
        return f"{name}_pb2"

    return generate


TAKEN = {
    "an RPC": ("rpc", f"{TAIL}rpc"),
    "an RPC less": ("rpc Say(Text) returns (Text);", ""),
    "a type of another file": ("enum Kind", 'import "google/protobuf/empty.proto";\nenum Kind'),
    "an RPC of another kind": ("returns (Text)", "returns (stream Text)"),
    "another service": ("service", "service Other {{ rpc Say(Text) returns (Text); }}\nservice"),
    "a service under another name": ("service Echo", "service Repeat"),
    "a message": ("service", MORE),
    "an enumeration": ("service", "enum Size {{ SMALL = 0; }}\nservice"),
    "a comment": ("service", "// It answers.\nservice"),
}
REFUSED = {
    "a field more": ("string text = 1;", "string text = 1; string more = 3;"),
    "a field of another type": ("string text", "bytes text"),
    "a field less": ("Kind kind = 2;", ""),
    "a field of a message that came": (
        "Kind kind = 2; message Part {{ int32 at = 1; }} }}",
        "Kind kind = 2; message Part {{ int32 at = 1; }} More more = 3; }} message More {{}}",
    ),
    "a message less": ("enum Kind", "message Gone {{}}\nenum Kind"),
    "a value of an enumeration": ("BOLD = 1;", "BOLD = 1; WIDE = 2;"),
    "a part of a message": ("int32 at", "int64 at"),
    "an option": ("package", "option deprecated = true; package"),
}


@pytest.mark.parametrize(("old", "new"), TAKEN.values(), ids=TAKEN)
def test_what_comes_to_a_file(project, generate, old, new):
    """All that was there stays the same, and the modules have what fresh ones would."""
    name = generate()
    module = project.load(name, f"{name}_grpc")
    text, kind = module.Text, module.Kind
    generate(FIRST.replace(old, new))
    assert project.reloader.plan(project.path(name)).outcome in ("reloaded", "unchanged")
    report = project.reload()
    assert report.outcome in ("reloaded", "unchanged"), report.reason
    assert (module.Text, module.Kind) == (text, kind)
    assert project.picture(name)[name].keys() == project.fresh(name)[name].keys()


@pytest.mark.parametrize(("old", "new"), REFUSED.values(), ids=REFUSED)
def test_what_was_in_a_file_cannot_change(project, generate, old, new):
    """The pool takes a message only once."""
    sources = [FIRST, FIRST.replace(old, new)]
    name = generate(sources.pop("less" in new or "Gone" in new))
    module = project.load(name)
    text = module.Text
    generate(*sources)
    assert project.reloader.plan(project.path(name)).outcome == "restart"
    report = project.reload()
    assert (report.outcome, module.Text) == ("restart", text)
    assert "and protobuf takes it only once in a process" in report.reason


def test_services_are_told_as_they_are(project, generate):
    """By the descriptor of the file, and by that of the service."""
    module = project.load(name := generate())
    generate(FIRST.replace("rpc", f"{TAIL}rpc"))
    assert project.reload().outcome == "reloaded"
    service = module.DESCRIPTOR.services_by_name["Echo"]
    assert sorted(service.methods_by_name) == ["Say", "Tail"]
    assert module._ECHO is service
    assert module.DESCRIPTOR.package == name.removesuffix("_pb2")


def test_messages_that_came_have_the_old_ones_in_them(project, generate):
    """They are in the same pool, and stay the same from version to version."""
    module = project.load(generate())
    first = FIRST.replace("service", MORE)
    generate(first)
    assert project.reload().outcome == "reloaded"
    more = module.More
    assert more(texts=[module.Text(text="x")]).texts[0].text == "x"
    generate(first.replace("service", "message Most {{ More more = 1; }}\nservice"))
    assert project.reload().outcome == "reloaded"
    assert module.More is more
    assert module.Most(more=more(texts=[module.Text(text="y")])).more.texts[0].text == "y"


def test_a_message_that_came_may_go_and_come_back(project, generate):
    """As it was: nothing else may have its name in this process."""
    module = project.load(name := generate())
    generate(FIRST.replace("service", MORE))
    project.reload()
    more = module.More
    generate()
    assert project.reload().outcome == "reloaded"
    assert project.picture(name)[name].keys() == project.fresh(name)[name].keys()
    generate(FIRST.replace("service", MORE))
    assert (project.reload().outcome, module.More) == ("reloaded", more)
    generate(FIRST.replace("service", MORE.replace("repeated Text texts", "int32 at")))
    assert project.reload().outcome == "restart"


def test_what_came_is_gone_if_the_rest_of_the_edit_fails(project, generate):
    """And comes with the next one."""
    module = project.load(name := generate())
    project.write("m", f"import {name}\nN = 1\n")
    project.load("m")
    generate(FIRST.replace("service", MORE))
    project.write("m", f"import {name}\nN = {name}.More and 1 / 0\n")
    assert project.reload().outcome == "rejected"
    assert not hasattr(module, "More")
    project.write("m", f"import {name}\nN = {name}.More and 1\n")
    assert project.reload().outcome == "reloaded"
