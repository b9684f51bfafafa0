"""Performances: the reply to one scene, as its script wants it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import islice

from llm_latency_lens.simulator.answer import Answer, Usage, compose
from llm_latency_lens.simulator.breaking import failing, halved, held, until
from llm_latency_lens.simulator.dialect import Headers
from llm_latency_lens.simulator.encoding import Encoding, compressed, flushed
from llm_latency_lens.simulator.exchange import JSON_TYPE, Reply, in_one_piece
from llm_latency_lens.simulator.fault import Fault
from llm_latency_lens.simulator.pacing import Part, schedule
from llm_latency_lens.simulator.replay import Replay
from llm_latency_lens.simulator.scene import Scene
from llm_latency_lens.simulator.stream_errors import stream_error

__all__ = ["perform"]

_OK = 200
_TEMPORARY_REDIRECT = 307
_NS_PER_MS = 1_000_000
_NS_PER_SECOND = 1_000_000_000
_BOOKKEEPING_EVENTS = 20
_PAGE = b"<!DOCTYPE html>\n<html><body><h1>Sign in to the network</h1></body></html>\n"


def perform(scene: Scene) -> Reply:
    """Return what to send for *scene*, with a new entry in its journal."""
    turn = scene.turn
    if turn.status != _OK:
        return _fail(scene)
    fault = turn.fault
    if fault and fault.breaks_off and fault.after is None:
        wait = Part(scene.call.received_ns + fault.lasts_ns, "", 0, b"")
        return Reply(_OK, [], iter([wait]), scene.open_entry(), "silent")
    reply = _answer(scene, fault)
    if turn.script.encoding:
        reply = _encoded(reply, turn.script.encoding)
    if fault and fault.breaks_off and reply.has_length:
        reply = halved(reply, scene.call.received_ns, fault.lasts_ns)
    return reply


def _answer(scene: Scene, fault: Fault | None) -> Reply:
    if fault and (replacement := _REPLACEMENTS.get(fault.kind)):
        return replacement(scene)
    if replay := scene.turn.script.replay:
        return _replay(scene, replay, fault)
    script, asked = scene.turn.script, scene.asked
    shows_reasoning = script.show_reasoning or asked.shows_reasoning
    answer = compose(script, asked.token_limit, show_reasoning=shows_reasoning)
    if asked.vectors:
        answer = answer.without_words()
    usage = answer.usage if script.usage and asked.wants_usage else None
    if asked.is_streamed:
        return _stream(scene, answer, usage, fault)
    return _send_whole(scene, answer, None if fault and fault.breaks_off else usage)


def _stream(scene: Scene, answer: Answer, usage: Usage | None, fault: Fault | None) -> Reply:
    ticket, turn, start_ns = scene.ticket(), scene.turn, scene.call.received_ns
    headers = [*scene.dialect.headers(ticket), *_stream_headers(scene)]
    expected = len(answer.steps) + _BOOKKEEPING_EVENTS
    events = scene.dialect.events(ticket, answer, usage)
    if fault:
        # The end of the answer is never reached, so its usage is not sent.
        usage = None
        events = until(events, min(fault.after or 0, answer.tokens))
        if fault.kind == "error_event":
            events = failing(events, partial(stream_error, scene.dialect, ticket, fault.shape))
    parts = schedule(events, start_ns, turn.ttft_ns, turn.gaps_ns())
    entry = scene.open_entry(usage=usage, expected_events=expected)
    return _broken(Reply(_OK, headers, parts, entry), start_ns, fault)


def _stream_headers(scene: Scene) -> Headers:
    return [("content-type", scene.dialect.stream_type), ("cache-control", "no-cache")]


def _broken(reply: Reply, start_ns: int, fault: Fault | None) -> Reply:
    if fault and fault.breaks_off:
        return replace(reply, parts=held(reply.parts, start_ns, fault.lasts_ns), ending="cut")
    return reply


def _encoded(reply: Reply, encoding: Encoding) -> Reply:
    headers = [*reply.headers, ("content-encoding", encoding)]
    if not reply.has_length:
        parts = flushed(reply.parts, encoding, is_whole=reply.ending == "whole")
        return replace(reply, headers=headers, parts=parts)
    (body,) = reply.parts
    body = body._replace(payload=compressed(body.payload, encoding))
    headers = [pair for pair in headers if pair[0] != "content-length"]
    return in_one_piece(reply.status, headers, body, reply.entry)


def _send_whole(scene: Scene, answer: Answer, usage: Usage | None) -> Reply:
    latency_ns = scene.turn.whole_ns(len(answer.steps))
    ticket = scene.ticket(latency_ns // _NS_PER_MS)
    payload = scene.dialect.body(ticket, answer, usage)
    body = Part(scene.call.received_ns + latency_ns, "body", answer.tokens, payload)
    headers = [*scene.dialect.headers(ticket), JSON_TYPE]
    return in_one_piece(_OK, headers, body, scene.open_entry(usage=usage, expected_events=1))


def _fail(scene: Scene) -> Reply:
    status, retry_after_ns = scene.turn.status, scene.turn.script.retry_after_ns
    extra = [JSON_TYPE]
    if retry_after_ns is not None:
        extra.append(("retry-after", str(-(-retry_after_ns // _NS_PER_SECOND))))
        extra.append(("retry-after-ms", str(retry_after_ns // _NS_PER_MS)))
    return _send_plain(scene, status, extra, scene.dialect.error(scene.ticket(), status))


def _send_plain(scene: Scene, status: int, extra: Headers, payload: bytes) -> Reply:
    latency_ns = scene.turn.latency_ns or 0
    headers = [*scene.dialect.headers(scene.ticket(latency_ns // _NS_PER_MS)), *extra]
    body = Part(scene.call.received_ns + latency_ns, "", 0, payload)
    return in_one_piece(status, headers, body, scene.open_entry(status=status))


def _send_page(scene: Scene) -> Reply:
    return _send_plain(scene, _OK, [("content-type", "text/html; charset=utf-8")], _PAGE)


def _redirect(scene: Scene) -> Reply:
    return _send_plain(scene, _TEMPORARY_REDIRECT, [("location", scene.call.target)], b"")


def _send_nothing(scene: Scene) -> Reply:
    if not scene.asked.is_streamed:
        return _send_plain(scene, _OK, [JSON_TYPE], b"")
    # A part without bytes, which the head goes with.
    parts = iter([Part(scene.call.received_ns, "", 0, b"")])
    headers = [*scene.dialect.headers(scene.ticket()), *_stream_headers(scene)]
    return Reply(_OK, headers, parts, scene.open_entry())


def _replay(scene: Scene, replay: Replay, fault: Fault | None) -> Reply:
    start_ns = scene.call.received_ns
    own = scene.dialect.headers(scene.ticket())
    ids = [pair for pair in own if pair[1] == scene.request_id]
    recorded = [pair for pair in replay.headers if pair[0] not in dict(ids)]
    headers = [*ids, *recorded] if replay.headers else own
    pieces = replay.pieces
    if fault:
        pieces = pieces[: fault.after]
    entry = scene.open_entry(status=replay.status, expected_events=len(pieces))
    parts = _pieces(pieces, start_ns, scene.turn.replay_gaps_ns())
    content_type = ("content-type", replay.content_type)
    reply = Reply(replay.status, [*headers, content_type], parts, entry)
    return _broken(reply, start_ns, fault)


def _pieces(pieces: tuple[bytes, ...], start_ns: int, gaps_ns: Iterator[int]) -> Iterator[Part]:
    # The head does not wait for the first piece.
    yield Part(start_ns, "", 0, b"")
    due_ns = start_ns
    for piece, gap_ns in zip(pieces, islice(gaps_ns, len(pieces)), strict=True):
        due_ns += gap_ns
        yield Part(due_ns, "piece", 0, piece)


_REPLACEMENTS: dict[str, Callable[[Scene], Reply]] = {
    "empty": _send_nothing,
    "not_json": _send_page,
    "redirect": _redirect,
}
