"""
The scenes: what the provider does with a call, and what its sample must say.

A scene is scripted for the simulator; ``scenes_of`` says which there are for an API.
"""

from dataclasses import dataclass, field

from llm_latency_lens.samples import Status

__all__ = ["Scene", "scenes_of"]

_STATUSES = (400, 401, 403, 404, 408, 409, 429, 500, 503, 529)
_TIMEOUTS = {408}
# Longer than the SDK waits, so that silence ends by its patience; a call that is answered
# takes some milliseconds of it.
_READ_TIMEOUT_S = 0.25
_PATIENCE_S = 10.0
_TOKENS = 4


@dataclass(frozen=True, slots=True)
class Scene:
    """
    One way that a call can go.

    Attributes:
        name: As the page names it.
        script: Fields of the simulator's script.
        status: How the sample of the call must end.
        http_status: And the HTTP status that it must tell.
        attempts: Its attempts, by an SDK that retries.
        retries: How often the SDK is allowed to retry.
        read_timeout_s: How long the SDK waits for bytes.
        body: Sent as it is in place of a scripted answer.
        pause_ms: How long the provider waits before each event of it.
        note: How the note of the sample must begin; empty where the body was read.
        given_up: How the sample ends where the SDK raises instead of reading on.
    """

    name: str
    script: dict = field(default_factory=dict)
    status: Status = Status.OK
    http_status: int | None = 200
    attempts: int = 1
    retries: int = 0
    read_timeout_s: float = _PATIENCE_S
    body: bytes | None = None
    pause_ms: int = 0
    note: str = ""
    given_up: Status | None = None

    def ending(self, raised):
        """Return how the sample must end."""
        return self.given_up if self.given_up and raised is not None else self.status


def scenes_of(api, *, streamed, retries):
    """Yield the scenes of an API, ``chat``, ``responses`` or ``messages``."""
    yield Scene("ok")
    yield Scene("ok, gzip", {"encoding": "gzip"})
    yield Scene("ok, a tool call", {"tool_call": {"name": "look_up", "arguments": {"id": 7}}})
    for status in _STATUSES:
        yield _refused(status)
    yield _refused(429, "429 with retry-after", {"retry_after": "1ms"})
    yield Scene("a redirect", {"fault": ["redirect", None]}, attempts=2)
    if retries:
        yield from _retried()
    yield from _broken_off(streamed=streamed)
    if streamed:
        yield from _broken_streams(api)
    else:
        yield from _broken_answers()


def _refused(status, name=None, script=None):
    return Scene(
        name or str(status),
        {"status": status, **(script or {})},
        status=Status.TIMEOUT if status in _TIMEOUTS else Status.ERROR,
        http_status=status,
    )


def _retried():
    promptly = {"retry_after": "1ms"}
    yield Scene("503, 429, then ok", {"status": [503, 429, 200], **promptly}, attempts=3, retries=2)
    yield Scene(
        "503 until the SDK gives up",
        {"status": 503, **promptly},
        status=Status.ERROR,
        http_status=503,
        attempts=3,
        retries=2,
    )


def _broken_off(*, streamed):
    where = "after two tokens" if streamed else "within the body"
    silence = {"status": Status.TIMEOUT, "read_timeout_s": _READ_TIMEOUT_S}
    yield Scene("stall before the headers", _fault(stall=None), http_status=None, **silence)
    half = "" if streamed else "not decoded: no JSON"
    yield Scene(f"stall {where}", _fault(stall=2), note=half, **silence)
    yield Scene("cut before the headers", _fault(cut=None), status=Status.ERROR, http_status=None)
    yield Scene(f"cut {where}", _fault(cut=2), status=Status.CUT, note=half)


def _broken_streams(api):
    if api == "responses":
        for shape, name in (
            ("both", "error event and response.failed"),
            ("error", "error event"),
            ("flat", "error event, flat"),
            ("failed", "response.failed"),
        ):
            yield Scene(name, _fault(error_event=2, shape=shape), status=Status.ERROR)
    else:
        yield Scene("error event", _fault(error_event=2), status=Status.ERROR)
        yield Scene("error event before a token", _fault(error_event=0), status=Status.ERROR)
    if api == "chat":
        yield from _chat_errors()
    yield Scene("no event at all", {"fault": "empty"}, note="not decoded: empty body")
    yield Scene("no end marker", {"fault": "no_end"})
    yield Scene(
        "a page of HTML",
        {"fault": "not_json"},
        note="not decoded: no event in the body (text/html)",
    )
    yield Scene(
        "events that are not JSON",
        body=b"data: {half\n\ndata: [DONE]\n\n",
        # Whoever raises at the first has done so before the second is there.
        pause_ms=20,
        note="not decoded: 1 of 1 events",
        given_up=Status.CANCELLED,
    )


def _chat_errors():
    """Yield errors as gateways and compatible servers put them into a stream of status 200."""
    head = b'data: {"id":"c1","object":"chat.completion.chunk","created":1,"model":"m","choices":'
    text = head + b'[{"index":0,"delta":{"role":"assistant","content":"hi"}}]}\n\n'
    yield Scene(
        "error event with a status of its own",
        body=text + b'data: {"error":{"message":"no such tool","type":"invalid_request_error",'
        b'"code":"tool_use_failed","status_code":400}}\n\n',
        status=Status.ERROR,
    )
    yield Scene(
        "error in a chunk without choices",
        body=text + head + b'[],"error":{"code":502,"message":"bad gateway"}}\n\ndata: [DONE]\n\n',
        status=Status.ERROR,
    )
    yield Scene(
        "error in a chunk that finishes",
        body=text
        + head
        + b'[{"index":0,"delta":{"content":""},"finish_reason":"length"}],'
        + b'"error":{"code":400,"message":"limit reached"}}\n\ndata: [DONE]\n\n',
        status=Status.ERROR,
    )


def _broken_answers():
    yield Scene("an empty body", {"fault": "empty"}, note="not decoded: empty body")
    yield Scene("a page of HTML", {"fault": "not_json"}, note="not decoded: no event in the body")
    yield Scene("half of a JSON object", body=b'{"id": "c1", "choi', note="not decoded: no JSON")
    yield Scene("JSON, but a list", body=b"[1, 2]", note="not decoded: the body is no JSON object")
    yield Scene("JSON of another shape", body=b'{"answer": 42}')


def _fault(**fields):
    return {"fault": fields}
