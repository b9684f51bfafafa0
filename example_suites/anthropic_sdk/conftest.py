"""
One client for all tests: Anthropic's own server if there is a key, else a simulated one.

With ANTHROPIC_API_KEY in the environment these tests cost about two cents.
"""

import os

import pytest
from anthropic import AsyncAnthropic
from anthropic_app import MODEL, ROUTER


@pytest.fixture
async def anthropic_sdk_client(request):
    if os.environ.get("ANTHROPIC_API_KEY"):
        async with AsyncAnthropic() as client:
            yield client
    else:
        simulator = request.getfixturevalue("lens_simulator")
        url = simulator.anthropic_base_url
        async with AsyncAnthropic(base_url=url, api_key="no-key-needed") as client:
            yield client


@pytest.fixture(autouse=True)
def scripts(request):
    """What the simulated models do; with a key there is nothing to script."""
    if not os.environ.get("ANTHROPIC_API_KEY"):
        simulator = request.getfixturevalue("lens_simulator")
        simulator.script(MODEL, ttft="40ms", itl="2ms", input_tokens=60, output_tokens=30)
        simulator.script(
            ROUTER,
            latency="60ms",
            input_tokens=400,
            tool_call={"name": "file_ticket", "arguments": {"team": "billing"}},
        )


@pytest.fixture
def anyio_backend():
    """Async tests run by the pytest plugin of anyio, which comes with the SDK."""
    return "asyncio"
