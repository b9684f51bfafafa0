"""
Doubles of other people: respx, pytest-httpx, vcrpy and aioresponses stand in, in real sessions.

A call that they answered is seen, named ``mocked`` and keeps no budget unless that is allowed.
"""

import json
import subprocess
import sys
import textwrap

import pytest

from llm_latency_lens.reports import read_document

URL = "https://api.openai.com/v1/chat/completions"
ANSWER = {
    "id": "c1",
    "object": "chat.completion",
    "created": 1,
    "model": "gpt-4o-mini-2024-07-18",
    "choices": [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "hi"},
            "finish_reason": "stop",
        }
    ],
    "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4},
}
STREAM = "".join(
    f"data: {json.dumps(one)}\n\n"
    for one in (
        {"id": "c1", "model": "m", "choices": [{"index": 0, "delta": {"content": "hi"}}]},
        {"id": "c1", "model": "m", "choices": [], "usage": ANSWER["usage"]},
    )
)
BODY = {"model": "gpt-4o-mini", "messages": [{"role": "user", "content": "hello"}]}
FACTS = f"""
import json
import pytest

URL = {URL!r}
BODY = {BODY!r}
ANSWER = json.loads({json.dumps(ANSWER)!r})
STREAM = {(STREAM + "data: [DONE]" + chr(10) * 2)!r}
judged = pytest.mark.latency(p95="10s")
allowed = pytest.mark.latency(p95="10s", allow_mocked=True)
"""
# How each double answers a POST; the fixtures ``ask`` and ``stream`` make it.
RESPX = """
import httpx, respx
from facts import *

@pytest.fixture
def ask():
    with respx.mock:
        respx.post(URL).respond(json=ANSWER)
        yield lambda: httpx.post(URL, json=BODY)

@pytest.fixture
def stream():
    with respx.mock:
        respx.post(URL).respond(text=STREAM, content_type="text/event-stream")
        yield lambda: httpx.post(URL, json={**BODY, "stream": True})
"""
PYTEST_HTTPX = """
import httpx
from facts import *

@pytest.fixture
def ask(httpx_mock):
    httpx_mock.add_response(url=URL, json=ANSWER)
    return lambda: httpx.post(URL, json=BODY)

@pytest.fixture
def stream(httpx_mock):
    headers = {"content-type": "text/event-stream"}
    httpx_mock.add_response(url=URL, text=STREAM, headers=headers)
    return lambda: httpx.post(URL, json={**BODY, "stream": True})
"""
VCRPY = """
import LIBRARY as library
import vcr
import yaml
from facts import *

def cassette(tmp_path, body, content_type):
    answer = {
        "status": {"code": 200, "message": "OK"},
        "headers": {"content-type": [content_type]},
        "body": {"string": body},
    }
    asked = {"method": "POST", "uri": URL, "headers": {}, "body": ""}
    path = tmp_path / "cassette.yaml"
    tape = {"version": 1, "interactions": [{"request": asked, "response": answer}]}
    path.write_text(yaml.safe_dump(tape))
    return vcr.use_cassette(str(path), record_mode="none", match_on=["method", "uri"])

@pytest.fixture
def ask(tmp_path):
    with cassette(tmp_path, json.dumps(ANSWER), "application/json"):
        yield lambda: library.post(URL, json=BODY)

@pytest.fixture
def stream(tmp_path):
    with cassette(tmp_path, STREAM, "text/event-stream"):
        yield lambda: library.post(URL, json={**BODY, "stream": True})
"""
# Of aiohttp, whose sessions have a method taken out by both.
_AIOHTTP = """
import asyncio, types
import aiohttp
from facts import *

def post(body):
    async def call():
        async with aiohttp.ClientSession() as session, session.post(URL, json=body) as response:
            text = await response.text()
            return types.SimpleNamespace(text=text, json=lambda: json.loads(text))

    return asyncio.run(call())
"""
AIORESPONSES = (
    _AIOHTTP
    + """
from aioresponses import aioresponses

@pytest.fixture
def ask():
    with aioresponses() as double:
        double.post(URL, payload=ANSWER)
        yield lambda: post(BODY)

@pytest.fixture
def stream():
    with aioresponses() as double:
        double.post(URL, body=STREAM, content_type="text/event-stream")
        yield lambda: post({**BODY, "stream": True})
"""
)
VCRPY_AIOHTTP = _AIOHTTP + VCRPY.replace("import LIBRARY as library\n", "").replace(
    "library.post(URL, json=", "post("
)
TESTS = """
from facts import *

@judged
def test_judged(ask):
    assert ANSWER == ask().json()

@allowed
def test_allowed(ask):
    assert ANSWER == ask().json()

@allowed
def test_streamed(stream):
    assert STREAM == stream().text

def test_without_a_mark(ask):
    assert ANSWER == ask().json()
"""
# An SDK on httpx2, which respx does not know: it answers where httpx2 goes by the name of httpx.
ALIAS = """
import httpx2
httpx2.alias_httpx()
import openai, respx
from facts import *

@pytest.fixture
def ask():
    with respx.mock, openai.OpenAI(api_key="k") as client:
        respx.post(URL).respond(json=ANSWER)
        yield lambda: client.chat.completions.with_raw_response.create(**BODY).http_response

@pytest.fixture
def stream():
    with respx.mock, openai.OpenAI(api_key="k") as client:
        respx.post(URL).respond(text=STREAM, content_type="text/event-stream")
        made = client.chat.completions.with_streaming_response

        def read():
            with made.create(**BODY, stream=True) as raw:
                raw.read()
            return raw.http_response

        yield read
"""
# An SDK on a cassette that was recorded a moment ago, from a provider over the network.
RECORDED = """
import openai, vcr
from facts import *

def test_recorded(lens, lens_simulator, tmp_path):
    tape = str(tmp_path / "tape.yaml")
    lens_simulator.script("*", ttft=5, itl=30, output_tokens=8)

    def ask():
        with vcr.use_cassette(tape), openai.OpenAI(
            base_url=lens_simulator.base_url, api_key="k"
        ) as client:
            events = client.chat.completions.create(
                **BODY, stream=True, stream_options={"include_usage": True}
            )
            return [one.choices[0].delta.content for one in events if one.choices]

    with lens.observe("recording"):
        first = ask()
    with lens.observe("replay"):
        assert first == ask()
    assert 1 == len(lens_simulator.records())
"""
DOUBLES = {
    "respx": RESPX,
    "pytest-httpx": PYTEST_HTTPX,
    "vcrpy, httpx": VCRPY.replace("LIBRARY", "httpx"),
    "vcrpy, httpx2": VCRPY.replace("LIBRARY", "httpx2"),
    "vcrpy, aiohttp": VCRPY_AIOHTTP,
    "aioresponses": AIORESPONSES,
    "respx, httpx2 by the name of httpx": ALIAS,
}
# Plugins that import httpx before an alias can stand.
EARLY = ("-p", "no:respx", "-p", "no:pytest_httpx")
WITHOUT = ("anyio", "asyncio", "cacheprovider", "hypothesispytest", "langsmith_plugin")


def _run(folder, files, *arguments):
    """Run pytest on an inner suite in a process of its own; return its words and its report."""
    for name, text in files.items():
        (folder / f"{name}.py").write_text(textwrap.dedent(text), encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    without = [word for name in WITHOUT for word in ("-p", f"no:{name}")]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *without, "--lens-report", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = folder / "lens-report.json"
    assert report.exists(), done.stdout + done.stderr
    return done.stdout, read_document(report)


@pytest.fixture(scope="module", params=DOUBLES)
def session(request, tmp_path_factory):
    """One session of the inner suite with each double: what it printed, and its report."""
    files = {"facts": FACTS, "conftest": DOUBLES[request.param], "test_inner": TESTS}
    early = EARLY if DOUBLES[request.param] is ALIAS else ()
    return _run(tmp_path_factory.mktemp("inner"), files, *early)


def test_a_mocked_call_keeps_no_budget(session):
    """The body passes and its budget does not hold; where it is allowed, it does."""
    printed, _ = session

    assert "1 failed, 3 passed" in printed
    assert "FAILED test_inner.py::test_judged" in printed


def test_the_message_says_how_to_mean_it(session):
    """Whose answer it was, and the word that allows it."""
    printed, report = session
    verdicts = [one for test in report["tests"] for one in test["verdicts"]]
    (error,) = [one for one in verdicts if one["ruling"] == "error"]

    assert "answered by a double or a recording" in error["reason"]
    assert "say allow_mocked=True" in printed


def test_each_mocked_call_is_named(session):
    """All four are seen, each once, and read like any other."""
    _, report = session

    assert [(["mocked"], "ok", 3, 1)] * 4 == [
        (call["taints"], call["status"], call["input_tokens"], call["output_tokens"])
        for call in report["calls"]
    ]


def test_a_recording_is_no_double_until_it_is_replayed(tmp_path):
    """While vcrpy records, the network answers; from then on the tape does."""
    _, report = _run(tmp_path, {"facts": FACTS, "test_inner": RECORDED})

    assert [("recording", ["cold"]), ("replay", ["mocked"])] == [
        (call["label"], call["taints"]) for call in report["calls"]
    ]


def test_a_recording_has_all_its_tokens_at_the_end(tmp_path):
    """Vcrpy reads the whole answer before it hands it on; the documentation warns of it."""
    _, report = _run(tmp_path, {"facts": FACTS, "test_inner": RECORDED})
    recording = report["calls"][0]

    assert 7 * 30 <= recording["ttft_ms"] <= recording["latency_ms"]
