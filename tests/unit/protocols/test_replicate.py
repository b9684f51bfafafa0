"""Replicate: predictions and their streams."""

import json

import pytest

from llm_latency_lens.protocols import PROTOCOLS, read_headers
from llm_latency_lens.samples import ServerTime, Usage

_PROTOCOL = PROTOCOLS["replicate"]
_URLS = {"get": "https://api.replicate.com/v1/predictions/p1", "stream": "https://stream/p1"}


def _decode(body, **options):
    decoder = _PROTOCOL.decoder(keep_content=True, **options)
    decoder.feed(body if isinstance(body, bytes) else json.dumps(body).encode(), 7)
    return decoder.finish()


def test_output_is_text_whatever_it_looks_like():
    """Numbers and objects are words of the answer; several lines are line feeds."""
    answer = _decode(
        b"event: output\ndata: \n\n"
        b"event: output\ndata: 4\n\n"
        b'event: output\ndata: {"error":1}\n\n'
        b"event: output\ndata: \ndata:  x\n\n"
        b"event: done\ndata: {}\n\n"
    )

    assert ('4{"error":1}\n x', 3, 1) == (
        answer.text,
        answer.token_events,
        answer.first_output_event,
    )
    assert ("done", True, None, "{}") == (
        answer.finish_reason,
        answer.complete,
        answer.error,
        answer.prediction.end_data,
    )


def test_output_that_broke_off_inside_an_event_is_not_counted():
    """Nobody can tell whether it was whole."""
    assert 1 == _decode(b"event: output\ndata: a\n\nevent: output\ndata: b").token_events


@pytest.mark.parametrize(
    ("data", "reason"),
    [('{"reason": "canceled"}', "canceled"), ("{}", "done"), ("bye", "done"), ("[]", "done")],
)
def test_a_stream_may_end_for_a_reason(data, reason):
    """As when the prediction was canceled."""
    answer = _decode(f"event: done\ndata: {data}\n\n".encode())

    assert (reason, data) == (answer.finish_reason, answer.prediction.end_data)


@pytest.mark.parametrize("data", [b"out of memory", b'{"detail":"out of memory"}'])
def test_an_error_in_a_stream_is_one(data):
    """As text or as an object."""
    assert "out of memory" == _decode(b"event: error\ndata: " + data + b"\n\n").error.message


def test_a_prediction_that_was_made_tells_its_times():
    """How long it waited in the queue, and how long the model ran."""
    answer = _decode(
        {
            "id": "p1",
            "model": "meta/llama",
            "status": "succeeded",
            "output": ["a", "b"],
            "metrics": {"predict_time": 11.859389, "total_time": 17, "picture": "x"},
            "created_at": "2023-11-16T11:47:22.720243Z",
            "started_at": "2023-11-16T11:47:27.656051Z",
            "completed_at": "2023-11-16T11:47:39.51544Z",
            "urls": _URLS,
        }
    )

    assert ("ab", "succeeded", "p1", "meta/llama", Usage()) == (
        answer.text,
        answer.finish_reason,
        answer.response_id,
        answer.model,
        answer.usage,
    )
    assert (
        ServerTime("created_at to started_at", 4_935_808_000, "queue"),
        ServerTime("predict_time", 11_859_389_000, "generation"),
        ServerTime("total_time", 17_000_000_000, "whole call"),
    ) == answer.server_times
    assert ((), 2, {"predict_time": 11.859389, "total_time": 17}) == (
        answer.prediction.goes_on_at,
        answer.prediction.output_items,
        answer.prediction.metrics,
    )


def test_a_prediction_under_way_says_where_it_goes_on():
    """The state and the stream are to be had at addresses of their own."""
    answer = _decode({"id": "p1", "status": "starting", "urls": _URLS, "error": None})

    assert (tuple(_URLS.values()), None, None) == (
        answer.prediction.goes_on_at,
        answer.finish_reason,
        answer.prediction.output_items,
    )


def test_a_failed_prediction_is_an_error_with_times():
    """With status 200: what failed is the model."""
    answer = _decode(
        {"id": "p1", "status": "failed", "error": "bad", "metrics": {"predict_time": 1}}
    )

    assert ("failed", "bad", "failed") == (
        answer.error.type,
        answer.error.message,
        answer.finish_reason,
    )
    assert (ServerTime("predict_time", 1_000_000_000, "generation"),) == answer.server_times


@pytest.mark.parametrize(
    ("output", "text"),
    [
        ("hello", "hello"),
        (["https://replicate.delivery/out.png"], ""),
        ("data:audio/wav;base64,AA", ""),
        ("https://example.org is an address", "https://example.org is an address"),
        ({"boxes": []}, ""),
    ],
)
def test_files_are_no_text(output, text):
    """Pictures and sound are put out as addresses."""
    assert text == _decode({"status": "succeeded", "output": output}).text


@pytest.mark.parametrize(
    "told",
    [
        {"created_at": "soon", "started_at": "later"},
        {"created_at": "2026-01-01T00:00:00Z", "started_at": "2026-01-01T00:00:01"},
        {"created_at": "2026-01-01T00:00:02Z", "started_at": "2026-01-01T00:00:01Z"},
        {"metrics": {"predict_time": -1, "total_time": True}},
        {"metrics": 5},
    ],
)
def test_what_is_no_time_is_left_out(told):
    """A server may say anything."""
    assert () == _decode({"status": "succeeded", **told}).server_times


@pytest.mark.parametrize(
    ("path", "body", "model", "is_streamed"),
    [
        ("/v1/models/meta/llama/predictions", {"stream": True}, "meta/llama", True),
        ("/v1/deployments/me/mine/predictions", {}, "me/mine", False),
        ("/v1/predictions", {"version": "39ed52"}, "39ed52", False),
        ("/v1/streams/abc", None, "", True),
    ],
)
def test_the_path_names_the_model_or_the_body_a_version(
    path, body, model, is_streamed, read_request
):
    """What is fetched as a stream is one."""
    asked = read_request(_PROTOCOL, b"" if body is None else json.dumps(body).encode(), path)

    assert (model, is_streamed) == (asked.model, asked.streamed)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("POST", "/v1/predictions", True),
        ("POST", "/v1/models/meta/llama/predictions", True),
        ("GET", "/v1/streams/abc", True),
        ("GET", "/v1/predictions", False),
        ("GET", "/v1/predictions/p1", False),
        ("POST", "/v1/predictions/p1/cancel", False),
        ("GET", "/v1/models/meta/llama", False),
    ],
)
def test_calls_ask_for_a_prediction_or_for_a_stream(method, path, expected):
    """The state of a prediction is no call of its own."""
    assert expected == _PROTOCOL.is_call(method, path)


def test_an_unknown_host_is_never_meant(recognises):
    """Predictions are asked for in many places."""
    assert not recognises(_PROTOCOL, "/v1/predictions", b'{"version":"a","input":{}}')


def test_limits_come_without_their_size():
    """What is left, and when it is whole again."""
    told = read_headers(
        [("ratelimit-remaining", "599"), ("ratelimit-reset", "1")], _PROTOCOL.request_ids
    )

    assert ("ratelimit-remaining", "ratelimit-reset") == told.rate_limits
