"""A provider's failure, told from a fault of the code under test."""

import pytest

from llm_latency_lens.profiler.failures import failure_of, is_provider_failure, read_failure
from llm_latency_lens.providers import Vendor, known
from llm_latency_lens.samples import Outcome, RateLimit, Status


def _of(package):
    return type("Fault", (Exception,), {"__module__": package})()


@pytest.mark.parametrize(
    "package", ["openai", "openai._exceptions", "anthropic", "httpx", "httpx2._exceptions"]
)
def test_what_an_sdk_raises_is_a_providers(package):
    """The package of the exception's class tells."""
    assert is_provider_failure(_of(package))


@pytest.mark.parametrize("package", ["builtins", "openai_helpers", "tests"])
def test_other_exceptions_are_not(package):
    """Even of a package with a similar name."""
    assert not is_provider_failure(_of(package))


def test_a_wrapped_failure_is_a_providers():
    """Code under test may raise its own exception from the SDK's."""
    fault = RuntimeError()
    fault.__cause__ = _of("openai")

    assert is_provider_failure(fault)


def test_a_failure_in_the_context_is_a_providers():
    """Or while it handled it."""
    fault = RuntimeError()
    fault.__context__ = _of("httpx")

    assert is_provider_failure(fault)


def test_a_circle_of_causes_ends():
    """Exceptions that name each other are looked at once."""
    first, second = RuntimeError(), RuntimeError()
    first.__cause__, second.__cause__ = second, first

    assert not is_provider_failure(first)


def _sdk_fault(**fields):
    fault = _of("openai")
    for name, value in fields.items():
        setattr(fault, name, value)
    return fault


@pytest.mark.parametrize(
    ("fields", "kind"),
    [
        ({"status_code": 429}, "rate-limit"),
        ({"status_code": 429, "body": {"error": {"code": "insufficient_quota"}}}, "refused"),
        ({"status_code": 529}, "overload"),
        ({"status_code": 504}, "timeout"),
        ({"status_code": 502}, "server"),
        ({"status_code": 409}, "server"),
        ({"status_code": 404}, "refused"),
        ({"status_code": 200, "body": {"type": "error", "error": {"type": "x"}}}, "server"),
        ({"body": {"type": "rate_limit_error"}}, "rate-limit"),
        ({"body": {"error": {"type": "overloaded_error"}}}, "overload"),
        ({"body": "a page"}, "connection"),
        ({}, "connection"),
    ],
)
def test_a_failure_has_a_kind(fields, kind):
    """By its status, by its error inside a stream, or for want of an answer."""
    assert kind == read_failure(_sdk_fault(**fields), 0).kind


@pytest.mark.parametrize("name", ["APITimeoutError", "ReadTimeout"])
def test_a_timeout_is_known_by_its_class(name):
    """Or by that of its cause."""
    parent = type("TimeoutException", (Exception,), {"__module__": "httpx2"})
    inner = type(name, (parent,), {"__module__": "httpx2"})()
    fault = _of("openai")
    fault.__cause__ = inner

    assert "timeout" == read_failure(fault, 0).kind


def test_what_the_server_asks_for_is_read():
    """From the headers of its answer."""
    headers = {"retry-after": "3", "x-ratelimit-remaining-requests": "0"}
    response = type("Response", (), {"headers": headers})()
    failure = read_failure(_sdk_fault(status_code=429, response=response), 0)

    assert (3_000_000_000, [("requests", 0)]) == (
        failure.retry_after_ns,
        [(one.resource, one.remaining) for one in failure.rate_limits],
    )


def test_what_an_sdk_raises_of_pythons_own_is_a_providers():
    """The module that raised it tells."""
    code = compile("def fail(): raise RuntimeError", "replicate/stream.py", "exec")
    module = {"__name__": "replicate.stream"}
    exec(code, module)
    with pytest.raises(RuntimeError) as raised:
        module["fail"]()

    assert is_provider_failure(raised.value)


def test_packages_of_a_loaded_vendor_are_providers():
    """While it is known."""
    fault = _of("their_sdk.errors")
    with known.offered(Vendor("theirs", (), (), packages=("their_sdk",))):
        within = is_provider_failure(fault)

    assert (True, False) == (within, is_provider_failure(fault))


def _seen(make_sample, status, **fields):
    told = {"rate_limits": (RateLimit("requests", 10, 0),), "retry_after_ns": 3}
    return make_sample(outcome=Outcome(status, **fields), **told)


@pytest.mark.parametrize(
    ("status", "fields", "kind"),
    [
        (Status.ERROR, {"http_status": 429}, "rate-limit"),
        (Status.ERROR, {"http_status": 429, "error_code": "insufficient_quota"}, "refused"),
        (Status.ERROR, {"http_status": 500}, "server"),
        (Status.ERROR, {"http_status": 200, "error_type": "overloaded_error"}, "overload"),
        (Status.ERROR, {"http_status": 200, "error_type": "UNAVAILABLE"}, "overload"),
        (Status.ERROR, {"http_status": 200, "error_type": "RESOURCE_EXHAUSTED"}, "rate-limit"),
        (Status.ERROR, {"http_status": 200}, "server"),
        (Status.ERROR, {"error_type": "ConnectError"}, "connection"),
        (Status.CUT, {"http_status": 200}, "connection"),
        (Status.TIMEOUT, {"error_type": "ReadTimeout"}, "timeout"),
    ],
)
def test_what_an_exception_does_not_tell_is_read_from_the_call(make_sample, status, fields, kind):
    """With the wait and the limits that its answer told."""
    failure = read_failure(_of("their_sdk"), 0, _seen(make_sample, status, **fields))

    assert (kind, 3, 1) == (failure.kind, failure.retry_after_ns, len(failure.rate_limits))


def test_an_exception_without_headers_leaves_them_to_the_call(make_sample):
    """As that of Ollama, which has the status alone."""
    seen = _seen(make_sample, Status.ERROR, http_status=429)

    assert 3 == read_failure(_sdk_fault(status_code=429), 0, seen).retry_after_ns


def test_a_call_that_went_well_has_not_failed(make_sample):
    """Then the exception alone tells."""
    seen = make_sample()

    assert failure_of(seen) is None
    assert "connection" == read_failure(_of("their_sdk"), 0, seen).kind
    assert "refused" == read_failure(_sdk_fault(status_code=404), 0, seen).kind
