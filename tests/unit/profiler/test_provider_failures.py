"""A provider's failure, told from a fault of the code under test."""

import pytest

from llm_latency_lens.profiler.failures import is_provider_failure


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
