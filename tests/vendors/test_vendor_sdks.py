"""Calls of each vendor's own SDK, compared with what the simulator says that it sent."""

from importlib.util import find_spec
from itertools import count

import pytest
from vendor_calls import CALLS

from llm_latency_lens.samples import Status

# The SDK of Google inherits from a class whose library would not have it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"
)

_NUMBERS = count()
MS = 1_000_000
TTFT_MS = 40
SLACK_MS = 250
TOKENS = 7
VENDORS = {"vertex": "google"}
PROTOCOLS = {"cohere": "cohere_v2", "google": "gemini", "ollama": "ollama"}
SDKS = {"google": "google.genai", "mistral": "mistralai", "vertex": "google.genai"}
# Its SDK does not ask for usage in a stream, and the simulator is as strict as OpenAI.
UNASKED = {"mistral", "mistral-async"}


def _vendor(caller):
    name = caller.partition("-")[0]
    return VENDORS.get(name, name)


def _need_sdk(caller):
    name = caller.partition("-")[0]
    module = SDKS.get(name, name)
    if not _is_installed(module):
        pytest.skip(f"needs the SDK {module}")


def _is_installed(module):
    parent = module.rpartition(".")[0]
    return (not parent or _is_installed(parent)) and find_spec(module) is not None


def _made(caller, simulator, watching, *, stream, named=True):
    vendor = _vendor(caller)
    _need_sdk(caller)
    model = f"{caller}-{next(_NUMBERS)}"
    simulator.script(model, ttft=TTFT_MS, itl=3, output_tokens=TOKENS, input_tokens=19)
    with watching(*([vendor] if named else [])) as samples:
        CALLS[caller](simulator, model, stream=stream)
    (sample,), (record,) = samples, simulator.records(model)
    return sample, record


@pytest.fixture(scope="module", params=CALLS)
def streamed(request, simulator, watching):
    """A streamed call: who made it, its sample, and the simulator's record of it."""
    return (request.param, *_made(request.param, simulator, watching, stream=True))


@pytest.fixture(scope="module", params=CALLS)
def whole(request, simulator, watching):
    """A call whose answer came in one piece: the same of it."""
    return (request.param, *_made(request.param, simulator, watching, stream=False))


def test_a_stream_is_known(streamed):
    """Whose it is, in which protocol, of which model, and that it went well."""
    caller, sample, record = streamed
    vendor = _vendor(caller)

    assert (vendor, PROTOCOLS.get(vendor, "openai_chat")) == (sample.provider, sample.protocol)
    assert (record.model, record.model, True) == (
        sample.requested_model,
        sample.model,
        sample.streamed,
    )
    assert (Status.OK, "", 1) == (sample.outcome.status, sample.note, len(sample.attempts))


def test_a_stream_has_the_tokens_that_were_sent(streamed):
    """By event and by the provider's usage."""
    caller, sample, _ = streamed
    told = (None, None) if caller in UNASKED else (19, TOKENS)

    assert TOKENS == sample.token_events
    assert told == (sample.usage.input_tokens, sample.usage.output_tokens)


def test_a_stream_has_the_times_of_the_simulator(streamed):
    """The first token no sooner than it was sent, and soon after; likewise the last."""
    _, sample, record = streamed
    sent = [event.sent_ns - record.received_ns for event in record.events if event.tokens]
    timeline = sample.timeline
    first, last = (
        at_ns - timeline.started_ns for at_ns in (timeline.first_token_ns, timeline.last_token_ns)
    )

    assert sent[0] <= first <= sent[0] + SLACK_MS * MS
    assert sent[-1] <= last <= sent[-1] + SLACK_MS * MS
    assert first >= TTFT_MS * MS


def test_a_whole_answer_is_known(whole):
    """It has usage and a latency, and no first token."""
    caller, sample, record = whole

    assert (_vendor(caller), record.model, False) == (
        sample.provider,
        sample.model,
        sample.streamed,
    )
    assert (19, TOKENS, None) == (
        sample.usage.input_tokens,
        sample.usage.output_tokens,
        sample.timeline.first_token_ns,
    )
    assert (Status.OK, "") == (sample.outcome.status, sample.note)


def test_a_whole_answer_tells_why_it_ended(whole):
    """In the provider's own word."""
    _, sample, _ = whole

    assert sample.finish_reason in {"stop", "STOP", "COMPLETE"}


@pytest.mark.parametrize("caller", ["ollama", "cohere", "google", "groq"])
def test_a_server_that_nobody_named_is_an_address(caller, simulator, watching):
    """Its protocol is told by path and body."""
    sample, _ = _made(caller, simulator, watching, stream=True, named=False)

    assert (simulator.host, PROTOCOLS.get(caller, "openai_chat"), TOKENS) == (
        sample.provider,
        sample.protocol,
        sample.token_events,
    )


def test_ollama_tells_its_own_times(simulator, watching):
    """Of loading, of the prompt, of the answer, and of all."""
    sample, _ = _made("ollama", simulator, watching, stream=True)

    assert {"load": 1, "prompt": 2, "generation": 21, "whole call": 24} == {
        time.covers: time.nanoseconds // MS for time in sample.server_times
    }


def test_cohere_is_billed_for_less_than_it_counts(simulator, watching):
    """Both are on the sample."""
    sample, _ = _made("cohere", simulator, watching, stream=True)

    assert (19, 15) == (sample.usage.input_tokens, sample.usage.billed.input_tokens)


@pytest.mark.parametrize(
    ("caller", "error_type"),
    [("google", "RESOURCE_EXHAUSTED"), ("ollama", None), ("groq", "tokens")],
)
def test_a_refusal_is_one_failed_call(caller, error_type, simulator, watching):
    """The exception is the SDK's own, and the sample says what was refused."""
    vendor = _vendor(caller)
    _need_sdk(caller)
    model = f"refused-{caller}"
    simulator.script(model, status=429, retry_after="0s")
    with watching(vendor) as samples, pytest.raises(Exception, match=r"(?i)limit|quota|internal"):
        CALLS[caller](simulator, model, stream=False)
    (sample,) = samples

    assert (Status.ERROR, 429, error_type) == (
        sample.outcome.status,
        sample.outcome.http_status,
        sample.outcome.error_type,
    )
    assert len(simulator.records(model)) == len(sample.attempts)
