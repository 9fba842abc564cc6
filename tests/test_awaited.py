"""Functions that ran in threads while a module was imported: what they gave is made again."""

from __future__ import annotations

import pytest

A = "def g(x): return x * 2\ndef f(x): return g(x)\n"
POOL = "from concurrent.futures import ThreadPoolExecutor\nimport threading, asyncio\nimport a\n"
WAYS = {
    "map": "with ThreadPoolExecutor(2) as pool:\n    V = list(pool.map(a.f, [1, 2]))\n",
    "submit": "with ThreadPoolExecutor(2) as pool:\n    V = pool.submit(a.f, 1).result()\n",
    "lines": "P = ThreadPoolExecutor(2)\nT = P.submit(a.f, 1)\nV = T.result()\nP.shutdown()\ndel P, T\n",
    "a pool that is there": (
        "P = ThreadPoolExecutor(1)\nP.submit(int, 1).result()\nV = P.submit(a.f, 1).result()\n"
        "P.shutdown()\ndel P\n"
    ),
    "in a function": (
        "def go():\n    with ThreadPoolExecutor(2) as pool:\n        return list(pool.map(a.f, [1]))\n"
        "V = go()\n"
    ),
    "asyncio": "async def go(): return await asyncio.to_thread(a.f, 1)\nV = asyncio.run(go())\n",
    "a thread": (
        "def go():\n    out = []\n    thread = threading.Thread(target=lambda: out.append(a.f(1)))\n"
        "    thread.start()\n    thread.join()\n    return out\nV = go()\n"
    ),
}


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_what_a_thread_has_given_is_made_again(project, way):
    """If the module has waited for that."""
    project.write("a", A)
    project.write("use", POOL + way)
    project.load("use")
    project.edit("a", "x * 2", "x * 3")
    assert project.reload().outcome == "reloaded"
    assert project.picture("use") == project.fresh("use")


def test_who_waits_for_a_thread_by_a_list_needs_a_restart(project):
    """What the thread has entered there stays."""
    project.write("a", A)
    way = "V = []\nT = threading.Thread(target=lambda: V.append(a.f(1)))\nT.start()\nT.join()\n"
    project.write("use", POOL + way)
    project.load("use")
    project.edit("a", "x * 2", "x * 3")
    assert project.reload().outcome == "restart"


def test_a_thread_that_goes_on_is_not_started_again(project):
    """Its functions get their new code where they are."""
    project.write("a", A)
    project.write(
        "use",
        POOL
        + """
stop, told = threading.Event(), threading.Event()
def loop():
    while not stop.wait(0.001):
        a.f(1)
        told.set()
STARTED = []
STARTED.append(threading.Thread(target=loop, daemon=True))
STARTED[0].start()
told.wait()
""",
    )
    module = project.load("use")
    try:
        project.edit("a", "x * 2", "x * 3")
        assert project.reload().outcome == "swapped"
        assert module.a.f(1) == 3
    finally:
        module.stop.set()
        module.STARTED[0].join()


def test_what_a_pool_does_later_is_nobodys(project):
    """Once the module has been imported, it is the program that uses it."""
    project.write("a", A)
    project.write("use", POOL + "P = ThreadPoolExecutor(1)\nP.submit(int).result()\nSTATE = []\n")
    module = project.load("use")
    assert module.P.submit(module.a.f, 1).result() == 2
    project.write("other", "import use\nV = use.P.submit(int).result()\n")
    project.load("other")
    project.edit("a", "x * 2", "x * 3")
    assert project.reload().outcome == "swapped"
    module.P.shutdown()
