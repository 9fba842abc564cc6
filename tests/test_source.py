"""Bytes and code are read past every cache, and believed unchanged only if that is sure."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import linecache
import os
import py_compile
from types import ModuleType

import pytest

from hotswap.source import Stamp, Unit, compile_source, forget_bytecode, read, show_lines

HOUR = 3600 * 10**9


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "m.py"
    path.write_text("X = 1\n")
    return str(path)


def unit(path, loader=None, name="m", **names):
    module = ModuleType(name)
    module.__dict__.update(names)
    return Unit(name, path, module, loader, b"", None)


# -- stamps ---------------------------------------------------------------------------------------


def settled(path):
    """A stamp as it is taken of a file that changed long ago."""
    status = Stamp.of(path).status
    return Stamp(status, status[0] / 1e9 + 60)


def test_a_file_that_was_not_touched_is_unchanged(path):
    """It need not be read."""
    assert settled(path).holds(path)


@pytest.mark.parametrize(
    ("changed", "seconds", "trusted"),
    [
        (1_700_000_000_000_000_000, 0, False),
        (1_700_000_000_000_000_000, 1, False),
        (1_700_000_000_000_000_000, -1, False),
        (1_700_000_000_000_000_000, 2.9, False),
        (1_700_000_000_000_000_000, 3.1, True),
        (1_700_000_000_120_000_000, 0.2, False),
        (1_700_000_000_123_456_789, 0, False),
        (1_700_000_000_123_456_789, 0.05, False),
        (1_700_000_000_123_456_789, -0.05, False),
        (1_700_000_000_123_456_789, 0.2, True),
    ],
)
def test_a_young_file_is_not_trusted(changed, seconds, trusted):
    """
    It may change again within what its clock can tell, which its digits show; a clock that
    goes wrong is met too.
    """
    assert Stamp((changed, changed, 6, 1), changed / 1e9 + seconds).settled is trusted


def write(path):
    with open(path, "w") as file:
        file.write("X = 2\n")


def replace(path):
    write(path + "~")
    os.replace(path + "~", path)


def write_in_the_past(path):
    before = os.stat(path)
    write(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns - HOUR))


def write_at_the_same_time(path):
    before = os.stat(path)
    write(path)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    "change", [write, replace, write_in_the_past, write_at_the_same_time, os.unlink]
)
def test_a_file_that_was_changed_is_looked_at(path, change):
    """Whatever its modification time says; the size is the same in all of these."""
    stamp = settled(path)
    wait_for_the_clock(path)
    change(path)
    assert not stamp.holds(path)


def wait_for_the_clock(path):
    """Let the file system's clock go on: it ticks every few milliseconds."""
    probe, before = path + ".probe", os.stat(path).st_ctime_ns
    write(probe)
    while os.stat(probe).st_ctime_ns <= before:
        write(probe)


def test_a_file_that_is_missing_is_never_unchanged(path):
    """Neither now nor when it comes back."""
    assert not Stamp.of(path + "x").holds(path + "x")
    assert not Stamp.of(path + "x").holds(path)


# -- reading and compiling ------------------------------------------------------------------------


def test_bytes_are_read_with_their_stamp(path):
    """The stamp is that of what was read."""
    data, stamp = read(path)
    assert data == b"X = 1\n"
    assert stamp.status == Stamp.of(path).status


def test_a_file_that_is_gone_is_an_error(path):
    """For the caller to judge."""
    with pytest.raises(FileNotFoundError):
        read(path + "x")


@pytest.mark.parametrize(
    "loader", [None, importlib.machinery.SourceFileLoader("m", "m.py")], ids=["none", "standard"]
)
def test_compiling(path, loader):
    """The file's name goes in; hotswap's own future imports do not."""
    code = compile_source(unit(path, loader), b"def f(x: int): pass\nX = f.__annotations__")
    space: dict = {}
    exec(code, space)
    assert space["X"] == {"x": int}
    assert code.co_filename == path


class Doubling(importlib.machinery.SourceFileLoader):
    """Stands for a loader that rewrites, as that of pytest."""

    def source_to_code(self, data, path, **options):
        return super().source_to_code(data.replace(b"1", b"2"), path, **options)


def test_loaders_that_rewrite_go_on_doing_so(path):
    """A module is compiled by its own loader."""
    space: dict = {}
    exec(compile_source(unit(path, Doubling("m", path)), b"X = 1"), space)
    assert space["X"] == 2


@pytest.mark.parametrize(
    "data", [b"X = (", b"X = 1\0", b"X = '\xff'", b"# coding: nonsense\n", b"\xff"]
)
def test_what_does_not_compile_is_a_syntax_error_with_a_place(path, data):
    """Null bytes and undecodable text too."""
    with pytest.raises(SyntaxError) as caught:
        compile_source(unit(path), data)
    assert caught.value.filename == path


# -- bytecode caches ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mode", "goes"),
    [
        (py_compile.PycInvalidationMode.TIMESTAMP, True),
        (py_compile.PycInvalidationMode.UNCHECKED_HASH, True),
        (py_compile.PycInvalidationMode.CHECKED_HASH, False),
    ],
)
def test_bytecode_that_a_new_process_would_take_for_the_source_goes(path, mode, goes):
    """A cache that is checked by hash cannot be stale."""
    cached = py_compile.compile(path, invalidation_mode=mode)
    write_at_the_same_time(path)
    forget_bytecode(path)
    assert os.path.exists(cached) is not goes


def test_bytecode_of_another_time_stays(path):
    """A new process sees by itself that it is old."""
    cached = py_compile.compile(path)
    write_in_the_past(path)
    forget_bytecode(path)
    assert os.path.exists(cached)


@pytest.mark.parametrize("content", [None, b"", b"short", b"\0" * 16])
def test_no_cache_or_a_broken_one_is_no_trouble(path, content):
    """Python will write a new one."""
    if content is not None:
        cached = importlib.util.cache_from_source(path)
        os.makedirs(os.path.dirname(cached))
        with open(cached, "wb") as file:
            file.write(content)
    forget_bytecode(path)


def test_tracebacks_show_the_file_as_it_is_now(path):
    """Lines that were read before an edit are forgotten."""
    assert linecache.getline(path, 1) == "X = 1\n"
    write(path)
    os.utime(path, (1, 1))
    show_lines(path)
    assert linecache.getline(path, 1) == "X = 2\n"


# -- units ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "names", "package"),
    [
        ("a", {}, ""),
        ("a.b", {}, "a"),
        ("a.b", {"__path__": ["a/b"]}, "a.b"),
        ("a.b", {"__package__": "c"}, "c"),
        ("__main__", {"__package__": "a"}, "a"),
        ("a", {"__package__": ""}, ""),
    ],
)
def test_the_package_that_relative_imports_start_from(name, names, package):
    """What the module says of itself, or what its name says."""
    one = unit("m.py", None, name)
    one.module.__dict__.pop("__package__", None)
    one.module.__dict__.update(names)
    assert one.package == package


def test_the_main_module_is_known_by_its_name():
    """Whatever file it is in."""
    assert unit("m.py", name="__main__").is_main
    assert not unit("__main__.py", name="a.__main__").is_main
