"""Which files and objects are the project's own?"""

from __future__ import annotations

import sysconfig
from pathlib import Path

import pytest

from hotswap.ownership import Ownership

LIBRARY = sysconfig.get_paths()["stdlib"]
SITE = sysconfig.get_paths()["purelib"]


@pytest.mark.parametrize(
    ("paths", "path", "own"),
    [
        (["/work"], "/work/a.py", True),
        (["/work"], "/work/deep/down/a.py", True),
        (["/work/"], "/work/a.py", True),
        (["/work"], "/workshop/a.py", False),
        (["/work"], "/other/a.py", False),
        (["/one", "/two"], "/two/a.py", True),
        (["/"], "/any/a.py", True),
        ([], "/work/a.py", False),
        ([SITE], f"{SITE}/a.py", True),
        ("/work", "/work/a.py", True),
        ("/work", "/other/a.py", False),
        (Path("/work"), "/work/a.py", True),
        (None, "/work/a.py", True),
        (None, f"{LIBRARY}/json/__init__.py", False),
        (None, f"{SITE}/package/__init__.py", False),
        (None, "/work/.venv/lib/python3/site-packages/a.py", False),
        (None, "/usr/lib/python3/dist-packages/a.py", False),
    ],
)
def test_files(paths, path, own):
    """Those below the given places; without any, all but what is installed."""
    assert Ownership(paths).file(path) is own


def test_a_given_file_is_the_projects(tmp_path):
    """Those beside it are not."""
    (tmp_path / "a.py").touch()
    (tmp_path / "b.py").touch()
    owner = Ownership([tmp_path / "a.py"])
    assert owner.file(str(tmp_path / "a.py"))
    assert not owner.file(str(tmp_path / "b.py"))


@pytest.mark.parametrize(
    ("exclude", "path", "own"),
    [
        (["*_pb2.py"], "/work/a_pb2.py", False),
        (["*_pb2.py"], "/work/a.py", True),
        (["/work/generated/*"], "/work/generated/deep/a.py", False),
        (["a.py"], "/work/a.py", False),
        (["a.py"], "/work/a.pyw", True),
        ("*_pb2.py", "/work/a.py", True),
        ("*_pb2.py", "/work/a_pb2.py", False),
        (["x*", "a*"], "/work/a.py", False),
    ],
)
def test_excluded_files(exclude, path, own):
    """By name or by path, in both ways of telling what is the project's."""
    assert Ownership(["/work"], exclude).file(path) is own
    assert Ownership(None, exclude).file(path) is own


def test_links_are_followed(tmp_path):
    """To the file, and to the folder that was given."""
    real, link = tmp_path / "real", tmp_path / "link"
    real.mkdir()
    link.symlink_to(real)
    assert Ownership([link]).file(str(real / "a.py"))
    assert Ownership([real]).file(str(link / "a.py"))


def test_relative_paths_start_from_here(tmp_path, monkeypatch):
    """From where the process is when they are given."""
    monkeypatch.chdir(tmp_path)
    owner = Ownership(["sub"])
    monkeypatch.chdir("/")
    assert owner.file(str(tmp_path / "sub" / "a.py"))


@pytest.fixture
def module(project):
    project.write(
        "m",
        """
        import collections, functools, json
        class C:
            def m(self): pass
        def f(): pass
        one = C()
        lock = collections.OrderedDict()
        part = functools.partial(f)
        made = eval("lambda: 1")
        """,
    )
    return project.load("m")


@pytest.mark.parametrize(
    ("expression", "own"),
    [
        ("m", True),
        ("m.C", True),
        ("m.f", True),
        ("m.one", True),
        ("m.one.m", True),
        ("m.C.m", True),
        ("m.json", False),
        ("m.json.dumps", False),
        ("m.lock", False),
        ("m.part", False),
        ("m.made", False),
        ("len", False),
        ("1", False),
        ("None", False),
        ("[]", False),
        ("object()", False),
    ],
)
def test_objects(project, module, expression, own):
    """By the module that defines them, or their class."""
    value = eval(expression, {"m": module})
    assert Ownership([project.folder]).object(value) is own


def test_objects_of_the_users_are_not_asked(project):
    """Looking at one runs none of its code."""
    project.write(
        "m",
        """
        class Trap:
            def __getattribute__(self, name): raise RuntimeError(name)
        trap = Trap()
        """,
    )
    assert Ownership([project.folder]).object(project.load("m").trap)


# -- folders to watch -----------------------------------------------------------------------------


def test_given_places_are_watched(tmp_path):
    """A file by way of its folder."""
    (tmp_path / "a.py").touch()
    (tmp_path / "sub").mkdir()
    owner = Ownership([tmp_path / "a.py", tmp_path / "sub"])
    assert owner.folders([]) == {str(tmp_path), str(tmp_path / "sub")}
    assert owner.new_folders(str(tmp_path / "other" / "b.py")) == set()


def test_without_given_places_the_modules_tell(tmp_path):
    """The folder that a package's top level is in, each once."""
    for name in ("a.py", "pkg/__init__.py", "pkg/sub/__init__.py", "pkg/sub/b.py", "other/c.py"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    owner = Ownership(None)
    assert owner.folders([str(tmp_path / "pkg/sub/b.py")]) == {str(tmp_path)}
    assert owner.new_folders(str(tmp_path / "a.py")) == set()
    assert owner.new_folders(str(tmp_path / "other/c.py")) == {str(tmp_path / "other")}
    assert owner.new_folders(str(tmp_path / "other/d.py")) == set()
