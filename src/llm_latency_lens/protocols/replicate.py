"""
Replicate: predictions, and the stream of what they put out.

A prediction is asked for with one request and fetched with others, so an answer may be a part:
:class:`~llm_latency_lens.protocols.prediction.Prediction` says where it goes on.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols.answer import CountedUsage
from llm_latency_lens.protocols.contract import RequestFacts
from llm_latency_lens.protocols.draft import MEDIA, TEXT, Draft
from llm_latency_lens.protocols.names import name_of
from llm_latency_lens.protocols.posted import PostedProtocol
from llm_latency_lens.protocols.prediction import Prediction
from llm_latency_lens.protocols.reader import Reader, StreamForm
from llm_latency_lens.protocols.requests import read_facts
from llm_latency_lens.samples import Usage
from llm_latency_lens.wire import parse_json

__all__ = ["Replicate"]

_OWNERS = ("models", "deployments")
_STREAMS = ("/v1/streams/", "/v1/files/")
_ENDS = frozenset({"succeeded", "failed", "canceled", "aborted"})
_FILES = ("https://", "http://", "data:")
_MOST_METRICS = 32
_LONGEST_ADDRESS = 2_048
_NS_PER_S = 1_000_000_000
_NS_PER_US = 1_000
# As in headers: what is longer is no duration of a call.
_LONGEST_S = 10**9
_TIMES = {
    "predict_time": "generation",
    "total_time": "whole call",
    "time_to_first_token": "first token",
}


class Replicate(PostedProtocol):
    """The protocol; see :class:`~llm_latency_lens.protocols.WireProtocol`."""

    name = "replicate"
    paths = ("/predictions",)
    request_ids = ("x-request-id", "replicate-request-id")
    form = StreamForm(texts=frozenset({"output", "done"}))

    def is_call(self, method: str, path: str) -> bool:
        """Whether it asks for a prediction, or fetches the stream of one."""
        return super().is_call(method, path) or (method == "GET" and path.startswith(_STREAMS))

    def recognises(self, request: Mapping[str, Any]) -> bool:  # noqa: ARG002 - the contract's
        """No: only the host tells."""
        return False

    def read_request(self, request: Mapping[str, Any], path: str = "") -> RequestFacts:
        """Return the request's facts; the model is in the path, or a version in the body."""
        path = path.partition("?")[0]
        parts = path.rstrip("/").split("/")
        model = ""
        # .../models/OWNER/NAME/predictions
        if len(parts) > len(_OWNERS) + 1 and parts[-4] in _OWNERS:
            model = "/".join(parts[-3:-1])
        facts = read_facts(request, name_of(model) or "", model_word="version")
        return replace(facts, streamed=facts.streamed or path.startswith(_STREAMS))

    def reader(self, draft: Draft) -> Reader:
        """Return what writes one answer to *draft*."""
        return _PredictionReader(draft)


class _PredictionReader:
    """Writes the events of one stream, or the state of one prediction, to a draft."""

    __slots__ = ("_draft", "_has_ended")

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        draft.end_choice(0, None)
        self._has_ended = False

    def read_event(self, payload: dict[str, Any], name: str, at_ns: int) -> None:
        draft = self._draft
        draft.count_type(name or "?")
        if name == "output":
            kinds = self._read_output(payload["text"])
            if kinds:
                draft.carry(kinds, at_ns)
        elif name == "done":
            self._has_ended = True
            told = payload["text"]
            draft.end_choice(0, _reason(told) or name)
            draft.prediction = Prediction(end_data=name_of(told))

    def read_whole(self, payload: dict[str, Any]) -> None:
        draft = self._draft
        draft.response_id = name_of(payload.get("id"))
        draft.model = name_of(payload.get("model"))
        output = payload.get("output")
        pieces = output if isinstance(output, list) else [] if output is None else [output]
        for piece in pieces:
            self._read_output(piece)
        status = name_of(payload.get("status"))
        urls = payload.get("urls") or {}
        has_ended = status in _ENDS
        if has_ended:
            draft.end_choice(0, status)
        metrics = _numbers(payload.get("metrics"))
        draft.prediction = Prediction(
            status=status,
            goes_on_at=() if has_ended else _addresses(urls.get("get"), urls.get("stream")),
            stream_url=next(iter(_addresses(urls.get("stream"))), None),
            output_items=len(output) if isinstance(output, list) else None,
            metrics=metrics,
            created_at=name_of(payload.get("created_at")),
            started_at=name_of(payload.get("started_at")),
            completed_at=name_of(payload.get("completed_at")),
        )
        self._tell_times(draft.prediction, metrics or {})

    def has_ended(self) -> bool:
        return self._has_ended

    def usage(self) -> tuple[Usage, CountedUsage | None, dict[str, Any] | None]:
        """Return nothing: tokens are told nowhere."""
        return Usage(), None, None

    def _read_output(self, output: object) -> int:
        if not output or not isinstance(output, str):
            return MEDIA if output else 0
        # Pictures and sound are put out as the address of a file.
        if output.startswith(_FILES) and not any(map(str.isspace, output)):
            return MEDIA
        self._draft.keep_text(0, output)
        return TEXT

    def _tell_times(self, prediction: Prediction, metrics: dict[str, float]) -> None:
        draft = self._draft
        queue_ns = _between(prediction.created_at, prediction.started_at)
        draft.tell_time("created_at to started_at", queue_ns, "queue")
        for name, covers in _TIMES.items():
            seconds = metrics.get(name)
            if seconds is not None and 0 <= seconds < _LONGEST_S:
                draft.tell_time(name, round(seconds * _NS_PER_S), covers)


def _reason(told: str) -> str | None:
    """Return why a stream ended, where its end says so."""
    try:
        end = parse_json(told.encode("utf-8", "replace"))
    except DecodeError:
        return None
    return name_of(end.get("reason")) if isinstance(end, dict) else None


def _numbers(metrics: object) -> dict[str, float] | None:
    if not isinstance(metrics, dict):
        return None
    found = {
        key: value
        for key, value in metrics.items()
        if type(value) in (int, float) and abs(value) < _LONGEST_S and name_of(key) == key
    }
    return dict([*found.items()][:_MOST_METRICS])


def _addresses(*urls: object) -> tuple[str, ...]:
    return tuple(url for url in urls if isinstance(url, str) and 0 < len(url) <= _LONGEST_ADDRESS)


def _between(early: str | None, late: str | None) -> int | None:
    """Return the nanoseconds between two moments of RFC 3339, to the microsecond."""
    try:
        passed = datetime.fromisoformat(late or "") - datetime.fromisoformat(early or "")
    except (ValueError, TypeError):
        return None
    nanoseconds = round(passed.total_seconds() * 1_000_000) * _NS_PER_US
    return nanoseconds if 0 <= nanoseconds < _LONGEST_S * _NS_PER_S else None
