"""Held calls: which request continues which."""

import asyncio
from types import SimpleNamespace

import pytest

from llm_latency_lens.capture import Scope
from llm_latency_lens.capture.calls import Call, HeldCalls, Place, place_of


@pytest.fixture
def emitted():
    """Calls that were given out."""
    return []


@pytest.fixture
def held(emitted):
    """No call is held yet."""
    return HeldCalls(emitted.append)


def _request(content=b"body", retry=None):
    headers = {} if retry is None else {"x-stainless-retry-count": retry}
    return SimpleNamespace(method="POST", content=content, headers=headers)


def _held_call(held, place, *, http_status=503, content=b"body"):
    call = Call(place, 0, 0)
    call.last = SimpleNamespace(http_status=http_status, request=_request(content))
    held.hold(call)
    return call


@pytest.fixture
def place():
    """Where all calls of a test here are made."""
    return Place(Scope(), 0, None, (1, 1))


@pytest.mark.parametrize("count", ["1", "2", "10"])
def test_a_counted_retry_continues_the_call(held, emitted, place, count):
    """Same place, same body, and a header that counts."""
    call = _held_call(held, place)

    assert call is held.begin(_request(retry=count), place)
    assert [] == emitted


@pytest.mark.parametrize(
    "request_",
    [_request(), _request(retry="0"), _request(retry=""), _request(b"other", retry="1")],
    ids=["no header", "zero", "empty", "other body"],
)
def test_another_request_of_the_place_ends_the_call(held, emitted, place, request_):
    """It is a call of its own; the one before it is over."""
    call = _held_call(held, place)

    assert held.begin(request_, place) is None
    assert [call] == emitted


def test_a_redirect_is_continued_by_any_request(held, place):
    """The next request of the client follows it, whatever its body."""
    call = _held_call(held, place, http_status=307)

    assert call is held.begin(_request(b""), place)


def test_a_request_of_another_place_continues_nothing(held, emitted, place):
    """Another client, task or thread has its own calls."""
    _held_call(held, place)
    other = Place(place.scope, 0, None, (1, 2))

    assert held.begin(_request(retry="1"), other) is None
    assert [] == emitted


def test_release_gives_out_the_calls_of_a_scope(held, emitted, place):
    """No retry came; the calls of other scopes are kept."""
    call = _held_call(held, place)
    _held_call(held, Place(Scope(), 0, None, (2, 2)))
    held.release(lambda other: other.scope is place.scope)
    held.release(lambda other: other.scope is place.scope)

    assert [call] == emitted


def test_places_differ_by_client():
    """Two clients in one thread are two places."""
    scope, one, other = Scope(), object(), object()

    assert place_of(scope, 0, one) == place_of(scope, 0, one)
    assert place_of(scope, 0, one) != place_of(scope, 0, other)


def _places_of_two_tasks_in_asyncio(see):
    async def both():
        async def one():
            see()

        await asyncio.gather(one(), one())

    asyncio.run(both())


def _places_of_two_tasks_in_trio(see):
    trio = pytest.importorskip("trio", reason="needs trio")

    async def both():
        async def one():
            see()
            await trio.sleep(0)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(one)
            nursery.start_soon(one)

    trio.run(both)


@pytest.mark.parametrize("run", [_places_of_two_tasks_in_asyncio, _places_of_two_tasks_in_trio])
def test_places_differ_by_task(run):
    """Calls that one client makes at once are not each other's attempts."""
    scope, client, places = Scope(), object(), set()

    run(lambda: places.add(place_of(scope, 0, client)))

    assert 2 == len(places)
