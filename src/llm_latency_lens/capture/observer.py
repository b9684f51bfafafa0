"""
The observer: requests to watches, ended watches to samples.

It does no input or output of its own and never touches what the user's code gets.
"""

import itertools
import secrets
from typing import Any

from llm_latency_lens.capture.calls import Call, HeldCalls, Place, place_of
from llm_latency_lens.capture.outcomes import outcome_of
from llm_latency_lens.capture.reading import BodyReading
from llm_latency_lens.capture.sampling import sample_of
from llm_latency_lens.capture.scope import Scope, current_run, current_scope
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import Answer
from llm_latency_lens.providers import Directory

__all__ = ["Observer"]

_METHODS = frozenset({"POST", "GET"})
_REDIRECTS = range(300, 400)


class Observer:
    """
    Makes samples of the calls that begin in an open scope.

    Attributes:
        directory: Which hosts are whose; may be replaced between calls.
    """

    def __init__(self, directory: Directory) -> None:
        self.directory = directory
        self._held = HeldCalls(self._emit)
        # Random, so that the samples of many processes never share an id.
        self._process = secrets.token_hex(6)
        self._numbers = itertools.count()

    def begin(self, client: object, request: Any) -> Watch | None:
        """Return the watch on a request; None when it is no call to a model, or nobody asks."""
        scope = current_scope()
        if scope is None or request.method not in _METHODS:
            return None
        url = request.url
        destination = self.directory.find(request.method, url.host, url.port, url.path)
        # The rest of an answer is fetched from wherever its beginning said.
        if destination is None and (request.method == "POST" or not self._held):
            return None
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
        return watch

    def settle(self, scope: Scope, run: int | None = None) -> None:
        """Give *scope* its failed calls that were held for a retry, of one run or of all."""
        self._held.release(
            lambda place: run in (None, place.run) and _is_within(place.scope, scope)
        )

    def _ended(self, watch: Watch) -> None:
        call = watch.place
        if isinstance(call, Place):
            call = Call(call, watch.started_ns, watch.wall_ns)
        # Whatever goes wrong below, it does not go on.
        call.place.scope.underway.pop(id(call.place), None)
        call.answer, call.note = _read(watch)
        # The bytes have been read; a held call must not keep them.
        watch.chunks = []
        outcome = outcome_of(watch, call.answer)
        call.end_attempt(watch, outcome)
        if outcome.failed or watch.http_status in _REDIRECTS or call.goes_on_at:
            call.place.scope.underway[id(call.place)] = call.place.run, call.started_ns
            self._held.hold(call)
        else:
            self._emit(call)

    def _emit(self, call: Call) -> None:
        call.place.scope.underway.pop(id(call.place), None)
        sample = sample_of(call, f"{self._process}-{next(self._numbers)}")
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
