"""
Mutations of response bodies: what a fault on the way, or an enemy at its end, makes of them.

Each is a function of a random source, so that a number names it and brings it back.
"""

import json
from functools import cache
from random import Random

_LONGEST = 6_000
_HOSTILE = (
    b"\0",
    b"\xff\xfe",
    b"\xc3",
    b"\xef\xbb\xbf",
    b"\r",
    b"\n",
    b"\n\n",
    b"data: ",
    b"data:[DONE]\n\n",
    b"event: error\n",
    b"error: {}\n\n",
    b": ping\n\n",
    b"{",
    b'"',
    b"\\",
    b"\\u",
    b"\\ud800",
    b"[" * 400,
    b'{"a":' * 1200,
    b"null",
    b"1e999",
    b"-1",
    b"9" * 5000,
    b"NaN",
    b'"error":{"code":[]},',
    b'"choices":5,',
    b'data: {"error":{"type":"\\u0000","message":null,"code":1e400}}\n\n',
    b'data: {"choices":[{"index":-1,"delta":{"content":[[]]}}]}\n\n',
)
_VALUES = (
    None,
    True,
    -1,
    0,
    2.5,
    float("nan"),
    float("inf"),
    10**15,
    10**400,
    "",
    "\ud800",
    "\x1b[31m\0",
    "x" * 5000,
    [],
    {},
    [None],
    [[]],
    [{}],
    {"a": None},
    {"": []},
    ["text", {"type": "text"}, {"type": "thinking", "thinking": [{"text": 5}]}],
    [{"index": 0}, {"index": "0"}, {"index": None, "function": []}],
)


def mutated(body: bytes, others: list[bytes], random: Random) -> bytes:
    """Return *body* after one to four mutations; of a long one only some events are left."""
    body = _shortened(body, random)
    for _ in range(random.choice((1, 1, 1, 2, 3, 4))):
        body = random.choice(_MUTATIONS)(body, others, random)
    return body


def pieces_of(body: bytes, random: Random) -> list[bytes]:
    """Return *body* cut as a network might: whole, byte by byte, or anywhere."""
    kind = random.random()
    if kind < 0.3:
        return [body]
    if kind < 0.4 and len(body) < 2_000:
        return [body[at : at + 1] for at in range(len(body))]
    ends = sorted(random.randrange(len(body) + 1) for _ in range(random.randint(1, 12)))
    return [body[start:end] for start, end in zip([0, *ends], [*ends, len(body)], strict=True)]


@cache
def _events(body: bytes) -> list[bytes]:
    return [event + b"\n\n" for event in body.replace(b"\r\n", b"\n").split(b"\n\n")]


def _shortened(body: bytes, random: Random) -> bytes:
    """Return the beginning, the end and something from the middle of a long stream."""
    if len(body) <= _LONGEST:
        return body
    events = _events(body)
    if len(events) < 8:
        return body if random.random() < 0.2 else body[:_LONGEST]
    start = random.randrange(len(events))
    return b"".join([*events[:3], *events[start : start + 12], *events[-4:]])[: 3 * _LONGEST]


def _span(body: bytes, random: Random, longest: int = 200) -> tuple[int, int]:
    start = random.randrange(len(body) + 1)
    return start, min(len(body), start + random.randint(1, longest))


def _flip(body: bytes, _: list[bytes], random: Random) -> bytes:
    flipped = bytearray(body)
    for _ in range(random.randint(1, 6) if body else 0):
        flipped[random.randrange(len(body))] ^= 1 << random.randrange(8)
    return bytes(flipped)


def _truncate(body: bytes, _: list[bytes], random: Random) -> bytes:
    return body[: random.randrange(len(body) + 1)]


def _remove(body: bytes, _: list[bytes], random: Random) -> bytes:
    start, end = _span(body, random)
    return body[:start] + body[end:]


def _repeat(body: bytes, _: list[bytes], random: Random) -> bytes:
    start, end = _span(body, random)
    return body[:end] + body[start:end] * random.randint(1, 5) + body[end:]


def _insert(body: bytes, _: list[bytes], random: Random) -> bytes:
    at = random.randrange(len(body) + 1)
    return body[:at] + random.choice(_HOSTILE) + body[at:]


def _splice(body: bytes, others: list[bytes], random: Random) -> bytes:
    other = random.choice(others)[:_LONGEST]
    return body[: random.randrange(len(body) + 1)] + other[random.randrange(len(other) + 1) :]


def _lines(body: bytes, _: list[bytes], random: Random) -> bytes:
    """Remove, double or swap a line."""
    lines = body.split(b"\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    kind = random.randrange(3)
    if kind == 0:
        del lines[at]
    elif kind == 1:
        lines.insert(other, lines[at])
    else:
        lines[at], lines[other] = lines[other], lines[at]
    return b"\n".join(lines)


def _ends(body: bytes, _: list[bytes], random: Random) -> bytes:
    return body.replace(b"\n", random.choice((b"\r\n", b"\r", b"\n\r")))


def _value(body: bytes, _: list[bytes], random: Random) -> bytes:
    """Put another value, often of another type, or another key, into the JSON of one line."""
    lines = body.split(b"\n")
    at = random.randrange(len(lines))
    head, brace, text = lines[at].partition(b"{")
    try:
        tree = json.loads(brace + text)
    except ValueError:
        return body
    places = [*_places(tree)]
    if not places:
        return body
    owner, key = random.choice(places)
    kind = random.random()
    if kind < 0.15:
        del owner[key]
    elif kind < 0.3 and isinstance(owner, dict):
        owner[random.choice(("type", "index", "delta", "usage", "error", "id"))] = owner[key]
    else:
        owner[key] = random.choice(_VALUES)
    text = json.dumps(tree, ensure_ascii=random.random() < 0.5)
    lines[at] = head + text.encode("utf-8", "surrogatepass")
    return b"\n".join(lines)


def _places(tree):
    inner = tree.items() if isinstance(tree, dict) else enumerate(tree)
    for key, value in [*inner]:
        yield tree, key
        if isinstance(value, dict | list):
            yield from _places(value)


# Values are where shapes meet readers: they come more often.
_MUTATIONS = (
    _flip,
    _truncate,
    _remove,
    _repeat,
    _insert,
    _splice,
    _lines,
    _ends,
    _value,
    _value,
    _value,
    _value,
)
