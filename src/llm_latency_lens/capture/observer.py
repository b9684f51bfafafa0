"""
The observer: requests to watches, ended watches to samples.

It does no input or output of its own and never touches what the user's code gets.
"""

import itertools
import secrets
from contextlib import suppress
from typing import Any, Protocol

from llm_latency_lens.capture.calls import Call, HeldCalls, Place, place_of
from llm_latency_lens.capture.outcomes import outcome_of
from llm_latency_lens.capture.reading import BodyReading
from llm_latency_lens.capture.sampling import sample_of
from llm_latency_lens.capture.scope import Scope, current_run, current_scope
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import Answer
from llm_latency_lens.providers import Destination, Directory
from llm_latency_lens.samples import Sample

__all__ = ["Gate", "Observer"]

_METHODS = frozenset({"POST", "GET"})
_REDIRECTS = range(300, 400)


class Gate(Protocol):
    """Decides whether a request may be sent, by what it may cost."""

    def reserve(self, destination: Destination, request: Any) -> str | None:
        """Return the reservation of a request that may be sent; raises to stop it."""
        ...

    def settle(self, entry: str, sample: Sample | None, *, was_sent: bool) -> None:
        """Take what an attempt with a reservation came to."""
        ...


class Observer:
    """
    Makes samples of the calls that begin in an open scope.

    Attributes:
        directory: Which hosts are whose; may be replaced between calls.
        gate: Asked before each attempt; None lets all pass.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self.gate: Gate | None = None
        self._held = HeldCalls(self._emit)
        # Random, so that the samples of many processes never share an id.
        self._process = secrets.token_hex(6)
        self._numbers = itertools.count()

    def begin(self, client: object, request: Any) -> Watch | None:
        """Return the watch on a request; None when it is no call to a model, or nobody asks."""
        scope = current_scope(client)
        if scope is None or request.method not in _METHODS:
            return None
        if scope.observer is not None and scope.observer is not self:
            return None
        url = request.url
        destination = self.directory.find(request.method, url.host, url.port, url.path)
        # The rest of an answer is fetched from wherever its beginning said.
        if destination is None and (request.method == "POST" or not self._held):
            return None
        reservation = None
        if self.gate is not None and destination is not None and request.method == "POST":
            reservation = self.gate.reserve(destination, request)
        run = current_run(scope)
        place = place_of(scope, run, client)
        call = self._held.begin(request, place)
        if call is not None and call.last is not None:
            destination = destination or call.last.destination
        if destination is None:
            return None
        scope.begun.add(run)
        watch = Watch(request, destination, call or place, self._ended, _read_on)
        if call is None:
            scope.underway[id(place)] = run, watch.started_ns
        watch.reservation = reservation
        return watch

    def settle(self, scope: Scope, run: int | None = None) -> None:
        """Give *scope* its failed calls that were held for a retry, of one run or of all."""
        self._held.release(
            lambda place: run in (None, place.run) and _is_within(place.scope, scope)
        )

    def _ended(self, watch: Watch) -> None:
        call = watch.place
        if isinstance(call, Place):
            number = next(self._numbers)
            call = Call(call, watch.started_ns, watch.wall_ns, id=f"{self._process}-{number}")
        # Whatever goes wrong below, it does not go on.
        call.place.scope.underway.pop(id(call.place), None)
        call.answer, call.note = _read(watch)
        # The bytes have been read; a held call must not keep them.
        watch.chunks = []
        outcome = outcome_of(watch, call.answer)
        call.end_attempt(watch, outcome)
        is_held = outcome.failed or watch.http_status in _REDIRECTS or bool(call.goes_on_at)
        sample = sample_of(call) if is_held or watch.reservation else None
        if self.gate is not None and watch.reservation is not None:
            # Without a settlement the worst case stands.
            with suppress(Exception):
                self.gate.settle(watch.reservation, sample, was_sent=watch.sent_ns is not None)
        if not is_held:
            self._emit(call)
            return
        call.place.scope.underway[id(call.place)] = call.place.run, call.started_ns
        self._held.hold(call)
        if sample is not None:
            call.place.scope.show(sample)

    def _emit(self, call: Call) -> None:
        call.place.scope.underway.pop(id(call.place), None)
        sample = sample_of(call)
        if sample is not None:
            call.place.scope.add(sample, run=call.place.run, phase=call.place.phase)


def _read_on(watch: Watch) -> None:
    """Read what is there of a body that still goes on."""
    if watch.reading is None:
        watch.reading = BodyReading(
            watch.destination.protocol, watch.http_status or 0, watch.headers
        )
    watch.reading.take(watch.chunks)


def _read(watch: Watch) -> tuple[Answer | None, str]:
    if watch.http_status is None:
        return None, ""
    _read_on(watch)
    answer, trouble = watch.reading.outcome()
    watch.reading = None
    return answer, trouble


def _is_within(scope: Scope | None, outer: Scope) -> bool:
    while scope is not None:
        if scope is outer:
            return True
        scope = scope.parent
    return False
