"""Sampling: an ended call to one Sample."""

from dataclasses import replace
from operator import sub

from llm_latency_lens.capture.calls import Call
from llm_latency_lens.capture.taints import taints_of
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.protocols import (
    Answer,
    read_headers,
    read_rate_limits,
    read_retry_after,
    read_server_times,
)
from llm_latency_lens.samples import Sample, ServerTime, Timeline, Usage

__all__ = ["sample_of"]

# Gaps between events are gaps between tokens only where each event carried one token. Recorded
# traffic of such servers still misses a token now and then (an end-of-text token has no event).
_LARGEST_DRIFT = 50


def sample_of(call: Call) -> Sample | None:
    """Return the sample of a call; None when its request was no call to a model after all."""
    watch = call.last
    if watch is None:
        return None
    destination = watch.destination
    first = call.first or watch
    protocol, path = destination.protocol, first.request.url.path
    request = protocol.read_body(_content_of(first))
    if not destination.is_named and not protocol.recognises(request):
        return None
    asked = protocol.read_request(request, path)
    answer = call.answer
    if first is not watch and not asked.streamed:
        # What was asked for in one piece may be fetched as a stream.
        again = protocol.read_body(_content_of(watch))
        fetched = protocol.read_request(again, watch.request.url.path)
        asked = replace(asked, streamed=fetched.streamed)
    model = (answer.model if answer else None) or call.model or asked.model
    return Sample(
        id=call.id,
        node_id=call.place.scope.node_id,
        label=call.place.scope.label,
        run=call.place.run,
        phase=call.place.phase,
        provider=destination.provider,
        protocol=protocol.name,
        requested_model=asked.model,
        model=model,
        streamed=asked.streamed,
        outcome=call.attempts[-1].outcome,
        timeline=_timeline(call, watch, answer if asked.streamed else None),
        wall_ns=call.wall_ns,
        usage=answer.usage if answer else Usage(),
        finish_reason=answer.finish_reason if answer else None,
        request_id=read_headers(watch.headers, protocol.request_ids).request_id,
        response_id=(answer.response_id if answer else None) or call.response_id,
        gaps_ns=_gaps(answer) if answer and asked.streamed else (),
        token_events=answer.token_events if answer else 0,
        reasoning_events=answer.reasoning_events if answer else 0,
        attempts=tuple(call.attempts),
        taints=taints_of(call, watch),
        note=call.note or (answer.note if answer else ""),
        rate_limits=read_rate_limits(watch.headers, _arrival_ns(watch)),
        server_times=_server_times(watch, answer),
        retry_after_ns=_retry_after_ns(watch, answer),
    )


def _server_times(watch: Watch, answer: Answer | None) -> tuple[ServerTime, ...]:
    return read_server_times(watch.headers) + (answer.server_times if answer else ())


def _content_of(watch: Watch) -> bytes:
    try:
        content: bytes = watch.request.content
    except Exception:
        return b""  # the body itself was a stream, and is gone
    return content


def _arrival_ns(watch: Watch) -> int:
    """Return when the headers arrived, on the wall clock."""
    arrived_ns = watch.started_ns if watch.headers_ns is None else watch.headers_ns
    return watch.wall_ns + arrived_ns - watch.started_ns


def _retry_after_ns(watch: Watch, answer: Answer | None) -> int | None:
    told_ns = read_retry_after(watch.headers, _arrival_ns(watch))
    if told_ns is None and answer is not None and answer.error is not None:
        return answer.error.retry_after_ns
    return told_ns


def _timeline(call: Call, watch: Watch, answer: Answer | None) -> Timeline:
    return Timeline(
        started_ns=call.started_ns,
        ended_ns=call.attempts[-1].ended_ns,
        connect_started_ns=watch.connect_started_ns,
        connected_ns=watch.connected_ns,
        sent_ns=watch.sent_ns,
        headers_ns=watch.headers_ns,
        first_token_ns=answer.first_token_ns if answer else None,
        first_output_ns=answer.first_output_ns if answer else None,
        last_token_ns=answer.last_token_ns if answer else None,
    )


def _gaps(answer: Answer) -> tuple[int, ...]:
    tokens = answer.usage.output_tokens
    if tokens is None:
        return ()
    if not answer.reasoning_events:
        tokens -= answer.usage.reasoning_tokens or 0
    events = answer.token_events
    if not 0 <= tokens - events <= max(1, events // _LARGEST_DRIFT):
        return ()
    # Of a very long answer only the first times were kept; a part says nothing of the whole.
    if len(answer.token_at_ns) < events:
        return ()
    return tuple(map(sub, answer.token_at_ns[1:], answer.token_at_ns))
