"""Calls that the lens makes itself, through the SDK of each vendor, against the simulator."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import count

import pytest

from llm_latency_lens.capture import hooks
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.profiler import LatencyProfiler, Request
from llm_latency_lens.samples import RateLimit

# Trio tells of generators of the SDKs that are not run to their end; their sockets are closed.
pytestmark = pytest.mark.filterwarnings("ignore:Async generator:ResourceWarning")

VENDORS = ("google", "cohere", "ollama", "replicate")
KEYS = {"google": "GOOGLE_API_KEY", "cohere": "CO_API_KEY", "replicate": "REPLICATE_API_TOKEN"}
COMMAND = "from llm_latency_lens.cli import main; main(prog_name='llm-latency-lens')"
QUICK = {"attempts": 3, "first_wait": "5ms"}
MS = 1_000_000
_NUMBERS = count()


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """No key, address or cloud of this machine."""
    for name in tuple(os.environ):
        if name.startswith(("GOOGLE_", "GEMINI_", "OLLAMA_", "REPLICATE_", "CO_API")):
            monkeypatch.delenv(name)


@pytest.fixture(params=VENDORS)
def vendor(request):
    """The name of a vendor whose SDK is installed."""
    module = {"google": "google.genai"}.get(request.param, request.param)
    try:
        importlib.import_module(module)
    except ImportError:
        pytest.skip(f"needs the SDK {module}")
    return request.param


@pytest.fixture
def model(vendor):
    """A model of its own for every test; Replicate names models by their owner."""
    name = f"active-{next(_NUMBERS)}"
    return f"owner/{name}" if vendor == "replicate" else name


@pytest.fixture
def profiler(simulator, vendor, model):
    """Make a profiler of that model; first its script, then words."""

    def make(script, **words):
        simulator.script(model, **script)
        return LatencyProfiler(vendor, model, api_key="k", base_url=simulator.root_url, **words)

    return make


@pytest.fixture
def run(request):
    """Run an async function to its end, in asyncio unless a test says otherwise."""
    if getattr(request, "param", "asyncio") == "asyncio":
        return lambda function: asyncio.run(function())
    return pytest.importorskip("trio").run


@pytest.mark.parametrize("run", ["asyncio", "trio"], indirect=True)
def test_answers_are_measured_as_they_were_sent(run, profiler, simulator, vendor, model):
    """Tokens and times of each are those of the simulator."""
    made = profiler({"ttft": 30, "itl": 1, "output_tokens": 8}, iterations=4, concurrency=2)
    result = run(lambda: made.profile("hello"))
    records = simulator.records(model)

    assert (1, 4, {vendor}, {8}) == (
        result.reliability.success_rate,
        len(records),
        {one.provider for one in result.samples},
        {one.token_events for one in result.samples},
    )
    least = min(one.first_token_ns - one.received_ns for one in records)
    assert all(one.ttft_ns >= least for one in result.samples)


def test_answers_in_one_piece_are_measured(run, profiler):
    """With their text, where it is asked for."""
    script = {"latency": 10, "text": "one two"}
    made = profiler(script, iterations=2, stream=False, raw=True)
    result = run(lambda: made.profile("hello"))

    assert (2, 0, {"one two"}) == (
        result.latency.n,
        result.ttft.n,
        {one.content for one in result.raw},
    )


def test_a_refusal_is_retried_within_its_call(run, profiler, simulator, model):
    """Both attempts are kept, and the wait of the server's is in the call's time."""
    script = {"status": [429, 200], "retry_after": "80ms"}
    made = profiler(script, iterations=2, retry=QUICK)
    result = run(lambda: made.profile("hello"))

    assert [2, 2] == [len(one.attempts) for one in result.samples]
    assert [0, 1, 0, 1] == [one.retry_count or 0 for one in simulator.records(model)]
    assert all(one.retry_ns >= 80 * MS for one in result.samples)


def test_an_error_inside_a_stream_is_a_failed_call(run, profiler):
    """Whether its SDK raises what it was told, something of Python's own, or nothing."""
    made = profiler({"fault": {"error_event": 2}, "output_tokens": 5}, iterations=2, retry=1)
    heard = []
    made.on("error", heard.append)
    result = run(lambda: made.profile("hello"))

    assert (2, 2, 0) == (len(heard), result.latency.failed, result.reliability.success_rate)


def test_a_stream_that_stalls_is_given_up(run, profiler):
    """By the caller's limit: the SDK has none."""
    script = {"output_tokens": 9, "fault": {"stall": 3, "lasts": "20s"}}
    made = profiler(script, iterations=1, timeout={"between_tokens": "200ms"})
    result = run(lambda: made.profile("hello"))

    assert {"BetweenTokensTimeout": 1} == result.reliability.errors_by_type


def test_a_server_that_cannot_be_connected(run, vendor, model):
    """A port that nobody listens on refuses; the error is the connection's."""
    made = LatencyProfiler(
        vendor, model, api_key="k", base_url="http://127.0.0.1:9", iterations=1, retry=QUICK
    )
    result = run(lambda: made.profile("hello"))

    assert {"ConnectError": 1} == result.reliability.errors_by_type
    assert 3 == len(result.samples[0].attempts)


def test_rate_limits_are_as_they_were_told(profiler, vendor):
    """In the headers of the last answer, where the vendor has any."""
    made = profiler({"ttft": 5}, iterations=1)
    made.sync.profile("hello")
    (told,) = made.get_rate_limits()

    assert {
        "cohere": (RateLimit("requests-trial", 40, 39, None),),
        "replicate": (RateLimit("requests", None, 599, 1_000 * MS),),
    }.get(vendor, ()) == told.limits


def _sent(profiler, request):
    """Return the body of the last request of a run; before it an SDK may have been warmed."""
    bodies = []
    with hooks(lambda _, request: bodies.append(request.content)):
        profiler.sync.profile(request)
    return json.loads([body for body in bodies if body][-1])


def test_a_limit_and_parameters_are_where_the_vendor_has_them(profiler, vendor):
    """Under its own words; what is not known to the SDK is sent as well."""
    given = {"temperature": 0.5, "max_tokens": 3, "novelty": 1}
    body = _sent(profiler({"ttft": 5}, iterations=1), Request("hello", parameters=given))

    assert {
        "google": {"temperature": 0.5, "maxOutputTokens": 3, "novelty": 1},
        "cohere": {"temperature": 0.5, "max_tokens": 3, "novelty": 1},
        "ollama": {"temperature": 0.5, "num_predict": 3, "novelty": 1},
        "replicate": {"prompt": "hello", "temperature": 0.5, "max_tokens": 3, "novelty": 1},
    }[vendor] == {
        "google": lambda: {**body.get("generationConfig", {}), "novelty": body.get("novelty")},
        "cohere": lambda: {name: body[name] for name in given},
        "ollama": lambda: body["options"],
        "replicate": lambda: body["input"],
    }[vendor]()


@pytest.mark.parametrize("vendor", KEYS, indirect=True)
def test_a_missing_key_is_told(vendor, model):
    """Before a request is sent."""
    made = LatencyProfiler(vendor, model, base_url="http://127.0.0.1:9", iterations=1)

    with pytest.raises(ConfigurationError, match=rf"^{vendor}: .*(API_KEY|API key|API_TOKEN)"):
        made.sync.profile("hello")


class _Tokens(BaseHTTPRequestHandler):
    """Gives tokens to whoever asks, as the server of Google's accounts does."""

    def do_POST(self):
        body = json.dumps({"access_token": "t", "expires_in": 3600}).encode()
        self.rfile.read(int(self.headers["content-length"]))
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def _private_key():
    from cryptography.hazmat.primitives import serialization  # noqa: PLC0415 - of google-auth
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415 - as above

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()


@pytest.fixture
def cloud(tmp_path, monkeypatch):
    """A project, a location and credentials in the environment."""
    server = HTTPServer(("127.0.0.1", 0), _Tokens)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    path = tmp_path / "credentials.json"
    path.write_text(
        json.dumps(
            {
                "type": "service_account",
                "client_email": "tests@example.invalid",
                "private_key": _private_key(),
                "token_uri": f"http://127.0.0.1:{server.server_port}/token",
            }
        )
    )
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "a-project")
    monkeypatch.setenv("GOOGLE_CLOUD_LOCATION", "europe-west1")
    yield
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.usefixtures("cloud")
@pytest.mark.parametrize("vendor", ["google"], indirect=True)
def test_a_project_and_a_location_mean_vertex(simulator, vendor, model):
    """Without a key; the token comes from the credentials, and is no call of anybody's."""
    simulator.script(model, ttft=5, output_tokens=3)
    made = LatencyProfiler(vendor, model, base_url=simulator.root_url, iterations=1)
    paths = []

    with hooks(lambda _, request: paths.append(request.url.path)):
        result = made.sync.profile("hello")

    assert (1, {3}) == (
        result.reliability.success_rate,
        {one.token_events for one in result.samples},
    )
    place = "/v1beta1/projects/a-project/locations/europe-west1/publishers/google"

    assert [f"{place}/models/{model}:streamGenerateContent"] == paths[-1:]


def test_the_command_asks_each_vendor(simulator, vendor, model, tmp_path):
    """With the key of its own variable."""
    simulator.script(model, ttft=5, output_tokens=3)
    words = ("--provider", vendor, "--model", model, "--base-url", simulator.root_url)
    done = subprocess.run(
        [sys.executable, "-c", COMMAND, "profile", "hello", *words, "--iterations", "2", "--json"],
        cwd=tmp_path,
        env={**os.environ, **({KEYS[vendor]: "k"} if vendor in KEYS else {})},
        capture_output=True,
        text=True,
        check=False,
    )
    told = json.loads(done.stdout)

    assert (0, "", 2, 2) == (
        done.returncode,
        done.stderr,
        told["metrics"]["latency_ms"]["n"],
        told["metrics"]["ttft_ms"]["n"],
    )


TEST = """
def test_it(lens, lens_simulator):
    lens_simulator.script({model!r}, ttft=20, output_tokens=3)
    result = lens.profile(
        provider={vendor!r}, model={model!r}, prompt="hello", iterations=3, concurrency=2,
        api_key="k", base_url=lens_simulator.root_url,
    )

    assert result.ttft.n == 3
    assert result.ttft.min >= 20
    assert {{one.provider for one in result.samples}} == {{{vendor!r}}}


def test_it_without_a_name(lens, lens_simulator):
    from llm_latency_lens.simulator import start_simulator

    with start_simulator() as other:
        result = lens.profile(
            provider={vendor!r}, model={model!r}, prompt="hello", iterations=1, stream=False,
            api_key="k", base_url=other.root_url,
        )

    assert result.calls == 1
"""


def test_the_fixture_asks_each_vendor(pytester, vendor, model):
    """At the simulator of the session, and at a server that nobody named."""
    pytester.makepyfile(TEST.format(vendor=vendor, model=model))

    pytester.runpytest_subprocess("-p", "no:randomly").assert_outcomes(passed=2)
