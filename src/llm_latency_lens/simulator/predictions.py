"""
Predictions: answers that are asked for with one request and fetched with others.

The answer goes on from its first request, whenever it is fetched; a stream that is fetched late
brings at once what was due before.
"""

import re
from dataclasses import replace

from llm_latency_lens.simulator.dialect import to_json
from llm_latency_lens.simulator.exchange import JSON_TYPE, Call, Reply, in_one_piece
from llm_latency_lens.simulator.pacing import Part
from llm_latency_lens.simulator.replicate import ReplicatePredictions
from llm_latency_lens.simulator.scene import Scene

__all__ = ["Predictions"]

_OK = 200
_CREATED = 201
_MOST_KEPT = 10_000
_FETCH = re.compile(r"/v1/(streams|predictions)/([0-9a-f]+)")
# These faults are met by whoever asks, not by whoever fetches.
_AT_ONCE = frozenset({"empty", "not_json", "redirect"})


class Predictions:
    """What was asked for and not yet fetched; of very much the oldest is forgotten."""

    __slots__ = ("_kept",)

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Scene, Reply, tuple[Part, ...]]] = {}

    def begin(self, scene: Scene, answer: Reply) -> Reply:
        """Return the reply to the first request of *scene*; *answer* is kept to be fetched."""
        dialect = scene.dialect
        assert isinstance(dialect, ReplicatePredictions)
        fault = scene.turn.fault
        if answer.status != _OK or answer.ending == "silent" or (fault and fault.kind in _AT_ONCE):
            return answer
        if dialect.is_waited_for:
            return replace(answer, status=_CREATED)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        state = dialect.state(scene.ticket(), "starting")
        # A stream has parts without number, and is paced as it is sent.
        parts = tuple(answer.parts) if answer.has_length else ()
        self._kept[state["id"]] = scene, answer, parts
        body = Part(scene.call.received_ns, "", 0, to_json(state))
        return in_one_piece(_CREATED, [*dialect.headers(scene.ticket()), JSON_TYPE], body)

    def fetch(self, call: Call) -> Reply | None:
        """Return the reply to a request that fetches; None when it is none, or of nothing."""
        path = call.target.partition("?")[0]
        match = _FETCH.fullmatch(path) if call.method == "GET" else None
        kept = self._kept.get(match[2]) if match else None
        if match is None or kept is None:
            return None
        scene, answer, parts = kept
        if match[1] == "streams":
            if parts:
                return None
            del self._kept[match[2]]
            return answer
        if parts and call.received_ns >= parts[0].due_ns:
            del self._kept[match[2]]
            return replace(answer, parts=iter(parts))
        assert isinstance(scene.dialect, ReplicatePredictions)
        state = to_json(scene.dialect.state(scene.ticket(), "processing"))
        return in_one_piece(_OK, [JSON_TYPE], Part(call.received_ns, "", 0, state))
