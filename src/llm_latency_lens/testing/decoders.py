"""The conformance kit of wire protocols: one body, cut in every way that a network can."""

import random
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace

from llm_latency_lens.protocols import PROTOCOLS, Answer, WireProtocol, read_headers
from llm_latency_lens.testing.facts import KNOWN, Evidence, broken_facts, short

__all__ = ["check_decoder"]

_SEEDS = (1, 2, 3)
# What may stand between the data of an event and its end.
_EVENT_TAIL = re.compile(rb"(?:\s+(?:id|event|retry):[^\r\n]*)*\s*\Z")


def check_decoder(
    protocol: str | WireProtocol,
    body: bytes,
    expected: Mapping[str, object],
    *,
    headers: Iterable[tuple[str, str]] = (),
    http_status: int = 200,
    content_type: str | None = None,
) -> None:
    """
    Check that *protocol* reads *expected* from *body*, however the network cuts it.

    The body is fed whole, byte by byte, cut inside every multi-byte character, in random
    pieces and in large ones. Each time every fact must hold, all else that the answer tells
    must be the same, and each token must be dated by the piece with the last byte of its
    event. Cut short, the body must not make the decoder raise; and unless content is to be
    kept, no word of it may stay in the answer.

    Args:
        protocol: The protocol, or the name of one of ours.
        body: A response body, decompressed.
        expected: Facts by name; those that are not named are not checked.
        headers: Headers of the response.
        http_status: Its status.
        content_type: Its content type; by default that of *headers*.

    Facts about the events, counted from 0 without comments and end marks:
        ``data_events``, ``comments``, ``event_types`` (how often each type came),
        ``done_sentinel`` (``[DONE]`` was seen), ``text_deltas``, ``reasoning_deltas``,
        ``tool_deltas`` (events that carry each), ``first_output_event``,
        ``first_output_kind`` (``text``, ``reasoning``, ``refusal``, ``tool`` or ``media``),
        ``first_text_event``, ``last_output_event``, ``content_blocks`` (their types).

    Facts about the answer:
        ``text``, ``reasoning_text``, ``finish_reason`` (all of the first choice),
        ``incomplete_reason``, ``choices`` (by index as a string: ``text`` and
        ``finish_reason``), ``tool_calls`` (a list; of each the keys that you name: ``id``,
        ``name``, ``arguments``, ``kind``, ``choice``), ``model``, ``response_id``, ``usage``
        (as the provider counts: ``input_tokens``, ``output_tokens``,
        ``cached_input_tokens``, ``cache_write_tokens``, ``reasoning_tokens``,
        ``total_tokens``; None when not reported), ``billed_input_tokens``,
        ``billed_output_tokens``, ``usage_raw``, ``complete``, ``note``, ``framing`` (``sse``,
        ``ndjson``, ``json-array`` or ``json``).
        None for a text means that there is none, and a key of ``usage_raw`` that is None
        that it was not sent.

    Facts about a prediction (Replicate):
        ``prediction_status``, ``output_items`` (how many), ``metrics``, ``created_at``,
        ``started_at``, ``completed_at``, ``stream_url_present``, ``done_data`` (what came with
        the end of a stream).

    Facts about failures and headers:
        ``in_stream_error`` (the error object as sent), ``status``, ``error_type``,
        ``error_code``, ``message``, ``rate_limit_headers`` (sorted names),
        ``retry_after_headers``, ``server_time_headers`` (names and values).

    Raises:
        AssertionError: With the fact, what was expected, what was read, and how it was fed.
    """
    if isinstance(protocol, str):
        protocol = PROTOCOLS[protocol]
    unknown = sorted(expected.keys() - KNOWN)
    if unknown:
        known = ", ".join(sorted(KNOWN))
        raise AssertionError(f"{protocol.name}: no such fact: {unknown[0]}; there are {known}")
    headers = list(headers)
    if content_type is None:
        content_type = next((v for k, v in headers if k.lower() == "content-type"), "")
    trial = _Trial(protocol, body, content_type, http_status)
    header_facts = read_headers(headers, protocol.request_ids)
    by_byte = trial.decode("byte by byte", range(1, len(body) + 1))
    for feeding, ends in _feedings(body):
        answer = trial.decode(feeding, ends)
        trial.check_facts(feeding, Evidence(answer, header_facts, http_status), expected)
        trial.check_same(feeding, answer, by_byte, ends)
    trial.check_last_bytes(by_byte)
    trial.check_cutshort()
    trial.check_privacy(by_byte)


class _Trial:
    """One body under test."""

    def __init__(
        self, protocol: WireProtocol, body: bytes, content_type: str, http_status: int
    ) -> None:
        self._protocol = protocol
        self._body = body
        self._content_type = content_type
        self._http_status = http_status

    def decode(self, feeding: str, ends: Iterable[int], *, keep_content: bool = True) -> Answer:
        """Feed the body in pieces that end at *ends*; the time is the number of bytes fed."""
        try:
            decoder = self._protocol.decoder(
                content_type=self._content_type,
                http_status=self._http_status,
                keep_content=keep_content,
            )
            start = 0
            for end in ends:
                decoder.feed(self._body[start:end], end)
                start = end
            return decoder.finish()
        except Exception as fault:
            raise self._failure(f"the decoder raised {fault!r}", feeding) from fault

    def check_facts(self, feeding: str, evidence: Evidence, expected: Mapping[str, object]) -> None:
        """Check every expected fact; all that fail are named at once."""
        wrong = broken_facts(expected, evidence)
        if wrong:
            raise self._failure("; ".join(wrong), feeding)

    def check_same(
        self, feeding: str, answer: Answer, by_byte: Answer, ends: Sequence[int]
    ) -> None:
        """Check that only times differ from the answer fed byte by byte, and as they must."""
        for name, seen, expected in _differences(_timeless(answer), _timeless(by_byte)):
            raise self._failure(
                f"{name} depends on the cuts: {short(seen)}, but {short(expected)} byte by byte",
                feeding,
            )
        dates = [ends[bisect_left(ends, position)] for position in by_byte.token_at_ns]
        if list(answer.token_at_ns) != dates:
            raise self._failure(
                "token_at_ns: not the piece with each event's last byte: "
                f"expected {short(dates)}, got {short(list(answer.token_at_ns))}",
                feeding,
            )
        if answer.last_token_ns != (dates[-1] if dates else None):
            raise self._failure(
                f"last_token_ns: expected the last of token_at_ns, got {answer.last_token_ns}",
                feeding,
            )
        first = by_byte.first_output_ns
        date = None if first is None else ends[bisect_left(ends, first)]
        if answer.first_output_ns != date:
            raise self._failure(
                f"first_output_ns: expected {date}, got {answer.first_output_ns}", feeding
            )

    def check_last_bytes(self, by_byte: Answer) -> None:
        """Check on the first and last token that the dating byte is the one it takes."""
        dates = by_byte.token_at_ns
        for number in {1, len(dates)} if dates else ():
            end = dates[number - 1]
            enough = self._body[:end]
            short = _EVENT_TAIL.sub(b"", enough)[:-1]
            if self._tokens_of(enough) < number:
                raise self._failure(
                    f"token {number} is dated before its event was whole", f"{end} bytes"
                )
            if self._tokens_of(short) >= number:
                raise self._failure(
                    f"token {number} is dated after the last byte of its event, "
                    f"at byte {end}, though byte {len(short)} was enough",
                    "byte by byte",
                )

    def check_cutshort(self) -> None:
        """Check that a body which breaks off anywhere does not make the decoder raise."""
        chance = random.Random(_SEEDS[0])  # noqa: S311 - repeatable, not secret
        for _ in range(20):
            end = chance.randint(0, len(self._body))
            self.decode(f"cut short after {end} bytes", (end,))

    def check_privacy(self, by_byte: Answer) -> None:
        """Check that without *keep_content* the same is read and no content stays."""
        feeding = "without keeping content"
        answer = self.decode(feeding, range(1, len(self._body) + 1), keep_content=False)
        for name, seen, expected in _differences(answer, _bare(by_byte)):
            raise self._failure(f"{name}: expected {short(expected)}, got {short(seen)}", feeding)

    def _tokens_of(self, body: bytes) -> int:
        trial = _Trial(self._protocol, body, self._content_type, self._http_status)
        return trial.decode("cut short", (len(body),)).token_events

    def _failure(self, text: str, feeding: str) -> AssertionError:
        return AssertionError(f"{self._protocol.name}: {text} (fed {feeding})")


def _feedings(body: bytes) -> Iterator[tuple[str, Sequence[int]]]:
    size = len(body)
    yield "whole", (size,)
    yield "byte by byte", range(1, size + 1)
    # A continuation byte is 10xxxxxx: a cut before it lies inside a character.
    inside = [at for at, byte in enumerate(body) if byte & 0xC0 == 0x80]  # noqa: PLR2004 - UTF-8
    yield "cut inside characters", (*inside, size)
    for seed in _SEEDS:
        yield f"in random pieces, seed {seed}", _random_ends(size, seed, 60)
        yield f"in large pieces, seed {seed}", _random_ends(size, seed, 4000)


def _random_ends(size: int, seed: int, longest: int) -> Sequence[int]:
    chance = random.Random(seed)  # noqa: S311 - repeatable, not secret
    ends = []
    end = 0
    while end < size:
        # Now and then a piece is empty: transports do that.
        end = min(size, end + chance.randint(0, longest))
        ends.append(end)
    return ends


def _differences(answer: Answer, other: Answer) -> Iterator[tuple[str, object, object]]:
    for field in fields(Answer):
        values = getattr(answer, field.name), getattr(other, field.name)
        if values[0] != values[1]:
            yield field.name, *values


def _timeless(answer: Answer) -> Answer:
    return replace(answer, token_at_ns=(), first_output_ns=None, last_token_ns=None)


def _bare(answer: Answer) -> Answer:
    return replace(
        answer,
        text="",
        reasoning_text="",
        tool_calls=(),
        choices=tuple(replace(choice, text="", reasoning_text="") for choice in answer.choices),
        error=answer.error and replace(answer.error, message="", raw=None),
    )
