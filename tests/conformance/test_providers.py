"""Each provider whose SDK is installed, through the public kit."""

import importlib
import os

import pytest

from llm_latency_lens.providers import VENDORS
from llm_latency_lens.simulator import start_simulator
from llm_latency_lens.testing import check_provider

SDKS = {"google": "google.genai", **dict.fromkeys(("anthropic", "cohere", "ollama", "replicate"))}


@pytest.fixture(scope="module")
def simulator():
    """One for all of them."""
    with start_simulator() as started:
        yield started


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch):
    """No key, address or cloud of this machine."""
    for name in tuple(os.environ):
        if name.startswith(("GOOGLE_", "GEMINI_", "OLLAMA_", "REPLICATE_", "CO_API", "OPENAI_")):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_provider_conforms(vendor, simulator):
    """It streams, is one call each time, never retries, and closes what it opened."""
    module = SDKS.get(vendor, "openai") or vendor
    try:
        importlib.import_module(module)
    except ImportError:
        pytest.skip(f"needs the SDK {module}")

    check_provider(vendor, simulator=simulator)
