"""Repeats: events that are told without being read give what reading them gives."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from llm_latency_lens.protocols import PROTOCOLS
from llm_latency_lens.protocols import decoding as module
from llm_latency_lens.protocols.draft import TEXT
from llm_latency_lens.protocols.repeats import PlainEvent, learn


def _event(payload, name=""):
    line = f"event: {name}\n" if name else ""
    return f"{line}data: {json.dumps(payload, ensure_ascii=False)}\n\n".encode()


def _chunk(delta, **more):
    choices = [{"index": 0, "delta": delta}]
    return _event({"object": "chat.completion.chunk", "model": "m", "choices": choices, **more})


def _chat(text, **more):
    return _chunk({"content": text}, **more)


def _anthropic(text, kind="text_delta", key="text"):
    delta = {"type": kind, key: text}
    return _event(
        {"type": "content_block_delta", "index": 0, "delta": delta}, "content_block_delta"
    )


def _responses(number, text, padding):
    return _event(
        {
            "type": "response.output_text.delta",
            "sequence_number": number,
            "delta": text,
            "obfuscation": padding,
        },
        "response.output_text.delta",
    )


def _decode(protocol, *chunks):
    decoder = PROTOCOLS[protocol].decoder(keep_content=True)
    for at_ns, chunk in enumerate(chunks):
        decoder.feed(chunk, at_ns)
    return decoder.finish()


@pytest.fixture
def reads(monkeypatch):
    """Count how many events are read as JSON."""
    counted = []
    read = module.parse_json

    def parse_json(data):
        counted.append(data)
        return read(data)

    monkeypatch.setattr(module, "parse_json", parse_json)
    return counted


@pytest.mark.parametrize(
    ("protocol", "events", "most_reads"),
    [
        ("openai_chat", [_chat(str(n)) for n in range(20)], 2),
        ("openai_chat", [_chat(str(n), obfuscation="x" * n) for n in range(20)], 2),
        ("anthropic", [_anthropic(str(n)) for n in range(20)], 1),
        ("anthropic", [_anthropic(str(n), "thinking_delta", "thinking") for n in range(20)], 1),
        ("openai_responses", [_responses(n, str(n), "x" * n) for n in range(20)], 1),
    ],
    ids=["chat", "chat, padded", "anthropic", "thinking", "responses"],
)
@pytest.mark.parametrize("together", [1, 7, 20])
def test_repeats_are_counted_without_being_read(reads, protocol, events, most_reads, together):
    """Each is dated by its chunk and brings its text, however many come at once."""
    chunks = [b"".join(events[at : at + together]) for at in range(0, len(events), together)]
    answer = _decode(protocol, *chunks)

    assert len(reads) <= most_reads + together - 1
    assert [at // together for at in range(20)] == list(answer.token_at_ns)
    assert "".join(map(str, range(20))) == answer.text + answer.reasoning_text
    assert (20, 19, 19 // together) == (
        answer.token_events,
        answer.last_output_event,
        answer.last_token_ns,
    )


@pytest.mark.parametrize(
    "text", ['a "quoted" word', "back\\slash", "line\nend", "", "é", "\u2028", "tab\t"]
)
def test_what_is_no_plain_repeat_is_read(text):
    """Escapes end no string, an empty text is no token, and nothing is lost."""
    events = [_chat("a"), _chat("b"), _chat(text), _chat("c")]
    answer = _decode("openai_chat", *events)

    assert f"ab{text}c" == answer.text
    assert 3 + bool(text) == answer.token_events


_PIECES = st.lists(
    st.one_of(
        st.text(max_size=6).map(_chat),
        st.sampled_from([_chat("a"), _chat("b"), _chat(" x"), b": ping\n\n", b"data: [DONE]\n\n"]),
        st.sampled_from(
            [
                _chunk({"role": "assistant", "content": ""}),
                _chat("a", error={"type": "overloaded"}),
                _chunk({"content": "a", "reasoning": "b"}),
                _chat("a", usage={"completion_tokens": 3}),
                _chat("a").replace(b"\n", b"\r\n"),
                _chat("a")[:-1],
            ]
        ),
    ),
    max_size=12,
)


@settings(max_examples=2 * settings().max_examples)
@given(_PIECES)
def test_repeats_change_nothing(pieces):
    """The answer is the one that reading each event gives."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "learn", lambda *_: None)
        read = _decode("openai_chat", *pieces)

    assert read == _decode("openai_chat", *pieces)


@pytest.mark.parametrize(
    ("text", "data"),
    [
        ("a", b'{"x":1}'),
        ("a", b'{"content":"a","and":{"content":"a"}}'),
        ("a", b'{"content":"b"}'),
        ("a", b'{"content":"\\u0061"}'),
        ("a", b'{"content":\n"a"}'),
        ("a", b'{"content":"a",\n"x":1}'),
        ("", b'{"content":""}'),
        ("a", b'{"content":"a","x":"' + b"y" * 65_536 + b'"}'),
    ],
    ids=["no key", "two keys", "other text", "escaped", "own line", "two lines", "empty", "long"],
)
def test_what_cannot_be_told_is_not_learned(text, data):
    """Where the text does not stand in the data as it is, the next event is read."""
    assert learn(PlainEvent(b"content", text, TEXT, ("x",)), "", data) is None


def test_a_long_answer_keeps_its_first_times():
    """Its tokens are all counted, its last one is dated; the times between are not kept."""
    number = 70_000
    chunk = b"".join(_chat("a") for _ in range(100))
    answer = _decode("openai_chat", *[chunk] * (number // 100))

    assert (number, 65_536, number // 100 - 1) == (
        answer.token_events,
        len(answer.token_at_ns),
        answer.last_token_ns,
    )
