"""A closed gate holds back what arrives and waits a while for what is running."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue

import pytest

from hotswap.gate import STEP, Gate

LIMIT = 20.0
NEVER = 1000.0


@pytest.fixture
def gate():
    return Gate()


@pytest.fixture
def pool():
    with ThreadPoolExecutor(8) as executor:
        yield executor


def inside(gate, entered, leave, **patience):
    """Be in a call from when `entered` is set until `leave` is."""
    token = gate.enter(**patience)
    entered.set()
    assert leave.wait(LIMIT)
    gate.leave(token)


def test_call_that_arrives_at_a_closed_gate_starts_when_it_opens(gate, pool):
    """No call starts while a swap is in progress."""
    order = SimpleQueue()

    def call():
        order.put("arrives")
        token = gate.enter()
        order.put("starts")
        gate.leave(token)

    with gate.closed(0):
        done = pool.submit(call)
        assert order.get(timeout=LIMIT) == "arrives"
        wait_until(lambda: blocked(gate))
        order.put("opens")
    done.result(LIMIT)
    assert [order.get_nowait(), order.get_nowait()] == ["opens", "starts"]


def blocked(gate):
    """Whether somebody waits for this gate to open."""
    return bool(gate._opened._cond._waiters)


def wait_until(condition):
    deadline = time.monotonic() + LIMIT
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_running_call_is_waited_for(gate, pool):
    """A call in flight may end on the old code."""
    entered, leave = threading.Event(), threading.Event()
    call = pool.submit(inside, gate, entered, leave)
    assert entered.wait(LIMIT)
    threading.Timer(0.01, leave.set).start()
    with gate.closed(LIMIT) as drained:
        assert drained
        assert leave.is_set()
    call.result(LIMIT)


def test_call_that_does_not_end_is_not_waited_for_longer(gate, pool):
    """After the time is over the swap goes on, and knows it."""
    entered, leave = threading.Event(), threading.Event()
    call = pool.submit(inside, gate, entered, leave)
    assert entered.wait(LIMIT)
    with gate.closed(0.01) as drained:
        assert not drained
    leave.set()
    call.result(LIMIT)


def test_step_of_a_stream_that_waits_for_something_is_not_waited_for(gate, pool):
    """A stream that has been silent for a while does not delay a swap."""
    entered, leave = threading.Event(), threading.Event()
    call = pool.submit(inside, gate, entered, leave, patience=STEP)
    assert entered.wait(LIMIT)
    began = time.monotonic()
    with gate.closed(NEVER) as drained:
        assert not drained
    assert time.monotonic() - began < LIMIT
    leave.set()
    call.result(LIMIT)


def test_call_within_a_call_does_not_wait(gate, pool):
    """A handler that calls another one while the gate closes is not held up by itself."""
    entered, go_on = threading.Event(), threading.Event()

    def outer():
        token = gate.enter()
        entered.set()
        assert go_on.wait(LIMIT)
        gate.leave(gate.enter())
        gate.leave(token)

    call = pool.submit(outer)
    assert entered.wait(LIMIT)
    with gate.closed(0):
        go_on.set()
        call.result(LIMIT)


def test_call_may_ask_for_a_swap(gate):
    """A reload from within a handler does not wait for that handler, nor for what it calls."""
    token = gate.enter()
    with gate.closed(NEVER) as drained:
        assert drained
        gate.leave(gate.enter())
    gate.leave(token)


def test_swap_within_a_swap_is_part_of_it(gate):
    """Closing a gate one has closed oneself changes nothing."""
    with gate.closed(0):
        with gate.closed(0) as drained:
            assert drained
        assert gate.is_closed
    assert not gate.is_closed


def test_gate_opens_when_a_swap_fails(gate):
    """An error in a swap does not stop the service."""
    with pytest.raises(ZeroDivisionError), gate.closed(0):
        raise ZeroDivisionError
    gate.leave(gate.enter())


def test_only_one_swap_at_a_time(gate, pool):
    """A second swap waits until the first is over."""
    running = threading.Lock()

    def swap():
        for _ in range(50):
            with gate.closed(0):
                assert running.acquire(blocking=False)
                running.release()

    for future in [pool.submit(swap) for _ in range(4)]:
        future.result(LIMIT)


async def coroutine(gate, log):
    while (token := gate.arrive()) is None:
        log.append("waits")
        await gate.opened()
    log.append("starts")
    gate.leave(token)


def test_coroutine_awaits_while_the_loop_goes_on(gate, pool):
    """A closed gate holds up a task, never its event loop."""
    closed, open_again = threading.Event(), threading.Event()

    def swap():
        with gate.closed(0):
            closed.set()
            assert open_again.wait(LIMIT)

    async def main():
        log = []
        swapping = pool.submit(swap)
        assert closed.wait(LIMIT)
        task = asyncio.create_task(coroutine(gate, log))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        log.append("loop goes on")
        open_again.set()
        await task
        swapping.result(LIMIT)
        return log

    assert asyncio.run(main()) == ["waits", "loop goes on", "starts"]


def test_swap_on_the_event_loop_does_not_wait_for_its_own_coroutines(gate):
    """Coroutines of a loop cannot end while it is busy with the swap."""

    async def main():
        token = gate.arrive()
        with gate.closed(NEVER) as drained:
            assert drained
        gate.leave(token)

    asyncio.run(main())


def test_coroutine_within_a_coroutine_does_not_wait(gate, pool):
    """A task that is in a call may make another one while the gate is closed; others may not."""
    closed, open_again = threading.Event(), threading.Event()

    def swap():
        with gate.closed(0):
            closed.set()
            assert open_again.wait(LIMIT)

    async def stranger():
        return gate.arrive()

    async def main():
        token = gate.arrive()
        swapping = pool.submit(swap)
        assert closed.wait(LIMIT)
        inner = gate.arrive()
        assert inner is not None
        gate.leave(gate.enter())
        assert await asyncio.create_task(stranger()) is None
        gate.leave(inner)
        gate.leave(token)
        open_again.set()
        swapping.result(LIMIT)

    asyncio.run(main())


def test_loop_that_ended_while_waiting_is_passed_over(gate):
    """Opening the gate survives event loops that are gone."""
    loop = asyncio.new_event_loop()
    with gate.closed(0):
        task = loop.create_task(gate.opened())
        loop.call_soon(loop.stop)
        loop.run_forever()
        task.cancel()
        loop.run_until_complete(asyncio.gather(task, return_exceptions=True))
        loop.close()
    assert not gate.is_closed


def test_opened_returns_at_once_when_open(gate):
    """There is nothing to wait for at an open gate."""
    asyncio.run(asyncio.wait_for(gate.opened(), LIMIT))


def test_no_call_sees_half_a_swap(gate, pool):
    """Threads that read two values under the gate always read a pair."""
    values, ended = {"a": 0, "b": 0}, threading.Event()

    def call():
        torn = calls = 0
        while not ended.is_set():
            token = gate.enter()
            a = values["a"]
            time.sleep(0)
            torn += a != values["b"]
            gate.leave(token)
            calls += 1
        return torn, calls

    calls = [pool.submit(call) for _ in range(6)]
    for number in range(200):
        with gate.closed(LIMIT) as drained:
            assert drained
            values["a"] = number
            time.sleep(0)
            values["b"] = number
    ended.set()
    assert [call.result(LIMIT)[0] for call in calls] == [0] * 6


def test_no_call_is_held_back_for_ever(monkeypatch):
    """A swap that itself waits for the answer to a call gets it: the server goes on."""
    monkeypatch.setattr("hotswap.gate.LONGEST", 0.05)
    gate, entered = Gate(), threading.Event()

    def call():
        gate.leave(gate.enter())
        entered.set()

    with gate.closed(0):
        thread = threading.Thread(target=call)
        thread.start()
        assert entered.wait(10)
    thread.join(10)


def test_no_coroutine_is_held_back_for_ever(monkeypatch):
    """The same on an event loop."""
    monkeypatch.setattr("hotswap.gate.LONGEST", 0.05)
    gate = Gate()

    async def call():
        while (token := gate.arrive()) is None:
            await gate.opened()
        gate.leave(token)
        return True

    with gate.closed(0):
        thread = threading.Thread(target=lambda: results.append(asyncio.run(call())))
        results: list[bool] = []
        thread.start()
        thread.join(10)
    assert results == [True]


def test_the_garbage_collector_waits_too(gate):
    """Its passes hold calls back; afterwards it does as it did before."""
    before, passes = gc.get_threshold(), []
    gc.callbacks.append(lambda phase, info: passes.append(phase))
    try:
        with gate.closed(0):
            assert len([[] for _ in range(100_000)]) - len(passes) == 100_000
    finally:
        gc.callbacks.pop()
    assert gc.get_threshold() == before


def test_a_threshold_that_reloaded_code_sets_stays(gate):
    """It is the program's to say when garbage is collected."""
    before = gc.get_threshold()
    try:
        with gate.closed(0):
            gc.set_threshold(123, 4, 5)
        assert gc.get_threshold()[:2] == (123, 4)
    finally:
        gc.set_threshold(*before)
