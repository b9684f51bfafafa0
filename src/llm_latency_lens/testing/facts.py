"""Facts that a conformance case can state about a decoded body, and when two values agree."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass

from llm_latency_lens.protocols import Answer, HeaderFacts

__all__ = ["KNOWN", "Evidence", "broken_facts", "short"]

_LONGEST_REPR = 300


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was decoded, and what is known without decoding."""

    answer: Answer
    headers: HeaderFacts
    http_status: int


def broken_facts(expected: Mapping[str, object], evidence: Evidence) -> list[str]:
    """Return a sentence for each expected fact that *evidence* does not bear out."""
    broken = []
    for fact, value in expected.items():
        got = _FACTS[fact](evidence)
        if not _MATCHES.get(fact, _is_equal)(value, got, evidence.answer):
            broken.append(f"{fact}: expected {short(value)}, got {short(got)}")
    return broken


def short(value: object) -> str:
    """Return the value's repr, cut to what a message can hold."""
    text = repr(value)
    return text if len(text) <= _LONGEST_REPR else f"{text[:_LONGEST_REPR]}..."


def _choices(evidence: Evidence) -> object:
    return {
        str(choice.index): {"text": choice.text, "finish_reason": choice.finish_reason}
        for choice in evidence.answer.choices
    }


def _tool_calls(evidence: Evidence) -> object:
    return [asdict(call) for call in evidence.answer.tool_calls]


def _usage(evidence: Evidence) -> object:
    counted = evidence.answer.usage_counted
    return None if counted is None else asdict(counted)


def _of_answer(name: str) -> Callable[[Evidence], object]:
    return lambda evidence: getattr(evidence.answer, name)


def _of_error(name: str) -> Callable[[Evidence], object]:
    return lambda evidence: getattr(evidence.answer.error, name, None)


def _of_counted(name: str) -> Callable[[Evidence], object]:
    return lambda evidence: getattr(evidence.answer.usage_counted, name, None)


def _of_prediction(name: str) -> Callable[[Evidence], object]:
    return lambda evidence: getattr(evidence.answer.prediction, name, None)


_FACTS: dict[str, Callable[[Evidence], object]] = {
    **{
        name: _of_answer(name)
        for name in (
            "data_events",
            "comments",
            "event_types",
            "done_sentinel",
            "text_deltas",
            "reasoning_deltas",
            "tool_deltas",
            "first_output_event",
            "first_output_kind",
            "first_text_event",
            "last_output_event",
            "text",
            "reasoning_text",
            "finish_reason",
            "incomplete_reason",
            "model",
            "response_id",
            "usage_raw",
            "complete",
            "note",
        )
    },
    "content_blocks": lambda evidence: list(evidence.answer.content_blocks),
    "choices": _choices,
    "tool_calls": _tool_calls,
    "usage": _usage,
    "in_stream_error": _of_error("raw"),
    "framing": _of_answer("framing"),
    "billed_input_tokens": _of_counted("billed_input_tokens"),
    "billed_output_tokens": _of_counted("billed_output_tokens"),
    "prediction_status": _of_prediction("status"),
    "stream_url_present": lambda evidence: bool(_of_prediction("stream_url")(evidence)),
    "output_items": _of_prediction("output_items"),
    "metrics": _of_prediction("metrics"),
    "created_at": _of_prediction("created_at"),
    "started_at": _of_prediction("started_at"),
    "completed_at": _of_prediction("completed_at"),
    "done_data": _of_prediction("end_data"),
    "status": lambda evidence: evidence.http_status,
    "error_type": _of_error("type"),
    "error_code": _of_error("code"),
    "message": _of_error("message"),
    "rate_limit_headers": lambda evidence: list(evidence.headers.rate_limits),
    "retry_after_headers": lambda evidence: dict(evidence.headers.retries),
    "server_time_headers": lambda evidence: dict(evidence.headers.server_times),
}


def _is_equal(expected: object, got: object, _: Answer) -> bool:
    return bool(expected == got)


def _is_same_text(expected: object, got: object, _: Answer) -> bool:
    return (expected or "") == (got or "")


def _is_same_word(expected: object, got: object, _: Answer) -> bool:
    # Codes are numbers at some servers and words at others; we keep words.
    return got is None if expected is None else str(expected) == got


def _has_keys(expected: object, got: object, _: Answer) -> bool:
    if not isinstance(expected, Mapping) or not isinstance(got, Mapping):
        return bool(expected == got)
    return all(got.get(key) == value for key, value in expected.items())


def _has_values(expected: object, got: object, _: Answer) -> bool:
    if not isinstance(expected, Mapping) or not isinstance(got, Mapping):
        return bool(expected == got)
    return {k: v for k, v in expected.items() if v is not None} == got


def _has_calls(expected: object, got: object, answer: Answer) -> bool:
    if not isinstance(expected, Sequence) or not isinstance(got, Sequence):
        return False
    return len(expected) == len(got) and all(
        _is_call(want, call, is_exact=answer.streamed)
        for want, call in zip(expected, got, strict=True)
    )


def _is_call(want: Mapping[str, object], call: Mapping[str, object], *, is_exact: bool) -> bool:
    for key, value in want.items():
        got = call.get(key)
        # Arguments that came as an object have no spelling of their own.
        if key == "arguments" and (not is_exact or not isinstance(value, str)):
            value, got = _parsed(value), _parsed(got)  # noqa: PLW2901 - the same value, read
        if value != got:
            return False
    return True


def _parsed(value: object) -> object:
    try:
        return json.loads(value) if isinstance(value, str) else value
    except ValueError:
        return value


_MATCHES: dict[str, Callable[[object, object, Answer], bool]] = {
    "choices": _has_keys,
    "error_code": _is_same_word,
    "error_type": _is_same_word,
    "message": _is_same_text,
    "model": _is_same_text,
    "reasoning_text": _is_same_text,
    "text": _is_same_text,
    "tool_calls": _has_calls,
    "usage": _has_keys,
    "usage_raw": _has_values,
}

KNOWN = frozenset(_FACTS)
