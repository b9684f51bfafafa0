"""
Calls: the attempts that the user of an SDK sees as one.

An SDK retries by sending again: same client, same task or thread, same body, and a header that
counts. A failed attempt is therefore held until its retry begins or its scope ends. So is one
whose answer was a prediction: the same client and task fetch the rest, with requests that are no
attempts of their own.
"""

import asyncio
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from llm_latency_lens.capture.scope import Scope
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import Answer
from llm_latency_lens.samples import Attempt, Outcome, Phase

__all__ = ["Call", "HeldCalls", "Place", "place_of"]

_RETRY_COUNT = "x-stainless-retry-count"
_REDIRECTS = range(300, 400)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a call began: its scope, run and phase, and the client and task that make it."""

    scope: Scope
    run: int
    phase: Phase
    key: tuple[int, int]


@dataclass(slots=True)
class Call:
    """
    A call under way.

    Attributes:
        place: Where its first attempt began.
        started_ns: When its first attempt began, monotonic.
        wall_ns: The same on the wall clock.
        attempts: The attempts that have ended.
        last: The last of them, with its stamps.
        answer: What its body said; None when there was none or it could not be read.
        note: Why its body could not be read.
        first: The first watch: later requests may fetch what it asked for.
        model: The last model that an answer named.
        response_id: The last id that an answer had.
        id: Unique over all processes of a session.
    """

    place: Place
    started_ns: int
    wall_ns: int
    attempts: list[Attempt] = field(default_factory=list)
    last: Watch | None = None
    answer: Answer | None = None
    note: str = ""
    id: str = ""
    first: Watch | None = None
    model: str = ""
    response_id: str | None = None

    def end_attempt(self, watch: Watch, outcome: Outcome) -> None:
        """Note how the request of *watch* ended, whose answer was read."""
        started_ns = watch.started_ns
        if self.last is not None and _fetches(self.last, watch):
            started_ns = self.attempts.pop().started_ns
        self.attempts.append(Attempt(started_ns, watch.ended_ns, outcome))
        self.first = self.first or watch
        self.last = watch
        if self.answer is not None:
            self.model = self.answer.model or self.model
            self.response_id = self.answer.response_id or self.response_id

    @property
    def goes_on_at(self) -> tuple[str, ...]:
        """Addresses at which the rest of the answer is to be had."""
        prediction = self.answer.prediction if self.answer is not None else None
        return () if prediction is None else prediction.goes_on_at


def _fetches(last: Watch, watch: Watch) -> bool:
    """Whether *watch* is not another attempt, but fetches what *last* was told of."""
    return watch.request.method == "GET" and last.http_status not in _REDIRECTS


def place_of(scope: Scope, run: int, client: object) -> Place:
    """Return the place of a request that begins now."""
    return Place(scope, run, scope.phase, (id(client), _task_or_thread()))


def _task_or_thread() -> int:
    task: object | None
    try:
        task = asyncio.current_task()
    except RuntimeError:
        task = None
    trio = sys.modules.get("trio")
    if task is None and trio is not None and trio.lowlevel.in_trio_task():
        task = trio.lowlevel.current_task()
    return threading.get_ident() if task is None else id(task)


class HeldCalls:
    """Calls whose last attempt failed or was redirected, and may go on."""

    def __init__(self, emit: Callable[[Call], None]) -> None:
        self._emit = emit
        self._held: dict[tuple[int, int], Call] = {}

    def begin(self, request: Any, place: Place) -> Call | None:
        """Return the held call that this request continues; others of its place are over."""
        call = self._held.get(place.key)
        if call is None:
            return None
        is_continued = _continues(call, request)
        # What else is fetched in between says nothing about the call.
        if (is_continued or request.method == "POST") and self._held.pop(place.key, None) is call:
            if is_continued:
                return call
            self._emit(call)
        return None

    def __bool__(self) -> bool:
        return bool(self._held)

    def hold(self, call: Call) -> None:
        """Keep a call whose last attempt did not succeed."""
        self._held[call.place.key] = call

    def release(self, is_over: Callable[[Place], bool]) -> None:
        """Give out the calls of the places that *is_over* accepts: no retry came."""
        for key, call in list(self._held.items()):
            if is_over(call.place) and self._held.pop(key, None) is not None:
                self._emit(call)


def _continues(call: Call, request: Any) -> bool:
    last = call.last
    if last is None:
        return False
    if request.method == "GET":
        return any(urlsplit(url).path == request.url.path for url in call.goes_on_at)
    if last.http_status in _REDIRECTS:
        return True
    count = request.headers.get(_RETRY_COUNT, "0")
    return count not in ("", "0") and request.content == last.request.content
