"""A spec that is found sooner is the one that Python finds."""

from __future__ import annotations

import os
import sys
from importlib.machinery import EXTENSION_SUFFIXES, FileFinder, PathFinder, SourceFileLoader

import pytest

from hotswap.specs import Specs


@pytest.fixture
def package(tmp_path):
    """A folder, and the path of a package that is there."""
    for name in ("a.py", "c.py", "_.py", "py.py", "both.py", "__init__.py"):
        (tmp_path / name).touch()
    (tmp_path / "both").mkdir()
    (tmp_path / "folder.py").mkdir()
    os.utime(tmp_path, (1_000_000_000, 1_000_000_000))
    yield [str(tmp_path)]
    sys.path_importer_cache.pop(str(tmp_path), None)


def found(package, stem, specs):
    """What is found sooner, if anything is, and what Python finds."""
    PathFinder.find_spec(f"p.{stem}", package)
    sooner, python = specs.find(f"p.{stem}", package), PathFinder.find_spec(f"p.{stem}", package)
    return sooner, python


@pytest.mark.parametrize("stem", ["a", "c", "_", "py", "__init__"])
def test_it_is_what_python_finds(package, stem):
    """In every respect."""
    specs = Specs()
    sooner, python = found(package, stem, specs)
    assert sooner == python
    assert vars(sooner).keys() == vars(python).keys()
    assert found(package, stem, specs)[0] == python


@pytest.mark.parametrize("stem", ["both", "folder", "nowhere"])
def test_what_may_be_something_else_is_left_to_python(package, stem):
    """A package of that name comes first."""
    assert found(package, stem, Specs())[0] is None


def test_a_folder_with_an_extension_module_is_left_to_python(package, tmp_path):
    """That comes first, too; also if it is new."""
    specs = Specs()
    assert found(package, "a", specs)[0] is not None
    (tmp_path / f"a{EXTENSION_SUFFIXES[0]}").touch()
    sooner, python = found(package, "a", specs)
    assert sooner is None
    assert python.origin.endswith(EXTENSION_SUFFIXES[0])


def test_what_is_gone_or_new_is_left_to_python(package, tmp_path):
    """Until it has looked at the folder again."""
    specs = Specs()
    found(package, "a", specs)
    (tmp_path / "a.py").unlink()
    (tmp_path / "new.py").touch()
    assert specs.find("p.a", package) is None
    assert specs.find("p.new", package) is None
    assert found(package, "new", specs)[0] == PathFinder.find_spec("p.new", package)


def test_other_ways_to_load_are_left_to_python(package):
    """As those of tools that rewrite modules as they are imported."""

    class Rewrites(SourceFileLoader):
        pass

    finder = FileFinder(package[0], (Rewrites, [".py"]))
    sys.path_importer_cache[package[0]] = finder
    sooner, python = found(package, "a", Specs())
    assert sooner is None
    assert type(python.loader) is Rewrites


def test_where_bytecode_is_cached_may_change(package, monkeypatch, tmp_path):
    """As the program says."""
    specs = Specs()
    for prefix in (None, str(tmp_path / "other"), None):
        monkeypatch.setattr(sys, "pycache_prefix", prefix)
        sooner, python = found(package, "a", specs)
        assert sooner.cached == python.cached


def test_several_folders_are_left_to_python(package):
    """As those of a namespace package."""
    assert Specs().find("p.a", [*package, *package]) is None
    assert Specs().find("a", None) is None
