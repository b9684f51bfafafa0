"""
Clients of the real SDKs, aimed at a simulated provider that runs beside the tests.

Your own conftest.py has no such fixtures: your code makes its clients as ever, and the lens sees
their calls.
"""

import pytest
from anthropic import Anthropic, AsyncAnthropic
from openai import OpenAI


@pytest.fixture(autouse=True)
def usual_pace(lens_simulator):
    """Before each test both models answer at their usual pace."""
    lens_simulator.script("gpt-4o-mini", ttft="30ms", itl="1ms", input_tokens=40, output_tokens=24)
    lens_simulator.script(
        "claude-haiku-4-5", ttft="40ms", itl="2ms", input_tokens=60, output_tokens=20
    )


@pytest.fixture(scope="session")
def openai_client(lens_simulator):
    with OpenAI(base_url=lens_simulator.base_url, api_key="no-key-needed") as client:
        yield client


@pytest.fixture(scope="session")
def anthropic_client(lens_simulator):
    url = lens_simulator.anthropic_base_url
    with Anthropic(base_url=url, api_key="no-key-needed") as client:
        yield client


@pytest.fixture
async def async_anthropic_client(lens_simulator):
    url = lens_simulator.anthropic_base_url
    async with AsyncAnthropic(base_url=url, api_key="no-key-needed") as client:
        yield client


@pytest.fixture
def anyio_backend():
    """Async tests run by the pytest plugin of anyio, which comes with both SDKs."""
    return "asyncio"
