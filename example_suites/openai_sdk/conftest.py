"""
One client for all tests: OpenAI's own server if there is a key, else a simulated one.

With OPENAI_API_KEY in the environment these tests cost about a tenth of a cent.
"""

import os

import pytest
from openai import OpenAI
from openai_app import ANSWERER, PLANNER


@pytest.fixture(scope="session")
def openai_sdk_client(request):
    if os.environ.get("OPENAI_API_KEY"):
        with OpenAI() as client:
            yield client
    else:
        simulator = request.getfixturevalue("lens_simulator")
        with OpenAI(base_url=simulator.base_url, api_key="no-key-needed") as client:
            yield client


@pytest.fixture(autouse=True)
def scripts(request):
    """What the simulated models do; with a key there is nothing to script."""
    if not os.environ.get("OPENAI_API_KEY"):
        simulator = request.getfixturevalue("lens_simulator")
        simulator.script(
            PLANNER,
            latency="60ms",
            input_tokens=80,
            tool_call={"name": "opening_hours", "arguments": {"day": "sunday"}},
        )
        simulator.script(ANSWERER, ttft="40ms", itl="2ms", input_tokens=50, output_tokens=30)
