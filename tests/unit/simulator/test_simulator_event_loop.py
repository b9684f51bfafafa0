"""The event loop with fine timers."""

import asyncio
import gc
import socket

import pytest

from llm_latency_lens.simulator.event_loop import new_event_loop, run_finely


def test_timers_fire_in_order():
    """Timers below a millisecond apart fire in the order of their moments."""
    fired = []

    async def wait():
        loop = asyncio.get_running_loop()
        loop.call_later(0.0006, fired.append, "later")
        loop.call_later(0.0002, fired.append, "sooner")
        await asyncio.sleep(0.002)

    run_finely(wait())

    assert ["sooner", "later"] == fired


def test_sockets_wake_the_loop_before_its_timers():
    """A byte that arrives ends the wait for a timer."""
    ours, theirs = socket.socketpair()

    async def wait():
        arrived = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(ours.fileno(), arrived.set)
        loop.call_soon(theirs.send, b"x")
        await asyncio.wait_for(arrived.wait(), timeout=60)
        loop.remove_reader(ours.fileno())

    with ours, theirs:
        run_finely(wait())


def test_a_machine_without_epoll_gets_the_plain_loop(monkeypatch):
    """Where there is no epoll the loop of asyncio is used as it is."""
    monkeypatch.delattr("selectors.EpollSelector", raising=False)
    loop = new_event_loop()
    loop.close()

    assert "FineSelector" not in repr(getattr(loop, "_selector", None))


def test_the_collector_is_given_back():
    """After the run, failed or not, objects are tracked by the collector again."""

    async def fail():
        raise RuntimeError("on purpose")

    with pytest.raises(RuntimeError, match="on purpose"):
        run_finely(fail())

    assert 0 == gc.get_freeze_count()
