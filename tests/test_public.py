import subprocess
import sys

import pytest

import hotswap

HEAVY = {"asyncio", "grpc", "inspect", "rich", "typing_extensions", "watchdog", "wrapt"}


def told(code):
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


def test_importing_hotswap_imports_next_to_nothing():
    """Free in production: no library, no file, no thread."""
    code = (
        "import sys, threading; before = set(sys.modules); import hotswap;"
        "print(threading.active_count(), *set(sys.modules) - before)"
    )
    threads, *modules = told(code)
    assert threads == "1"
    assert not HEAVY & set(modules)
    assert [name for name in modules if name.startswith("hotswap.")] == []


def test_asking_whether_hotswap_runs_costs_nothing_either():
    """It is what programs do in production."""
    code = "import sys, hotswap; print(hotswap.is_running_from_reloader(), *sys.modules)"
    answer, *modules = told(code)
    assert answer == "False"
    assert not {"grpc", "rich", "watchdog", "wrapt"} & set(modules)


def test_the_decorator_returns_the_class_as_it_is():
    """Without a reloader nothing happens to a servicer."""
    code = (
        "import sys, hotswap\n"
        "class C: pass\n"
        "print(hotswap.servicer(C) is C, *vars(C), 'grpc' in sys.modules)"
    )
    same, *attributes, grpc = told(code)
    assert (same, grpc) == ("True", "False")
    assert set(attributes) <= {
        "__module__", "__dict__", "__weakref__", "__doc__",
        "__static_attributes__", "__firstlineno__",
    }  # fmt: skip


METADATA = """
import hotswap, sys
reloader = hotswap.Reloader()
if {early}: import importlib.metadata
import grpc
print("wrapt" in sys.modules, "importlib.metadata" in sys.modules, end=" ")
import wrapt
wrapt.discover_post_import_hooks("nobody's")
from importlib import metadata
import importlib.metadata
print(metadata is sys.modules["importlib.metadata"] is importlib.metadata, end=" ")
print(metadata.version("wrapt") == wrapt.__version__, hasattr(importlib, "nonsense"))
"""


@pytest.mark.parametrize("early", [True, False])
def test_metadata_is_there_for_whoever_asks(early):
    """Following gRPC imports wrapt, but not all that wrapt imports."""
    assert told(METADATA.format(early=early)) == ["True", str(early), "True", "True", "False"]


@pytest.mark.parametrize("name", hotswap.__all__)
def test_each_public_name_is_there(name):
    """All that is promised can be imported."""
    assert callable(getattr(hotswap, name))


def test_no_other_name_is():
    """A wrong name is an AttributeError, as with any module."""
    with pytest.raises(AttributeError, match="has no attribute 'relaod'"):
        hotswap.relaod  # noqa: B018
    assert set(hotswap.__all__) <= set(dir(hotswap))


def test_the_version_comes_from_the_metadata():
    """There is one place where it is written."""
    assert hotswap.__version__.count(".") == 2


def test_watch_and_reload_share_one_reloader():
    """A prompt has one, whoever asks first."""
    code = (
        "import hotswap\n"
        "first = hotswap.watch()\n"
        "print(hotswap.watch() is first, hotswap.reload().outcome)\n"
        "first.close()"
    )
    assert told(code) == ["True", "unchanged"]
