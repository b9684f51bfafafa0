"""
A suite over datasets of LLM-Test-Bench.

It needs llm-latency-lens[openai,yaml]. `pytest_plugins` loads the lens also where pytest does not
load plugins by itself (PYTEST_DISABLE_PLUGIN_AUTOLOAD=1). With OPENAI_API_KEY in the environment
these tests ask OpenAI and cost about a tenth of a cent; without, a simulated provider answers.
"""

import os

import pytest
from openai import OpenAI
from shop_datasets import REWRITING, SUPPORT

from llm_latency_lens.integrations.llm_test_bench import name_datasets

pytest_plugins = ["llm_latency_lens"]

HAS_KEY = bool(os.environ.get("OPENAI_API_KEY"))


@pytest.fixture(scope="session")
def test_bench_client(request):
    if HAS_KEY:
        with OpenAI() as client:
            yield client
    else:
        simulator = request.getfixturevalue("lens_simulator")
        simulator.script("gpt-4o-mini", ttft="40ms", itl="2ms", input_tokens=40, output_tokens=20)
        simulator.script("gpt-4.1-mini", ttft="30ms", itl="1ms", input_tokens=20, output_tokens=8)
        with OpenAI(base_url=simulator.base_url, api_key="no-key-needed") as client:
            yield client


def pytest_lens_report(document):
    """Let the files for LLM-Test-Bench name datasets and cases; no prompt goes in."""
    name_datasets(document, SUPPORT, REWRITING)
