"""Bodies to mutate: those of the simulator's own renderers, and recorded ones where they are."""

import json
import os
from pathlib import Path
from typing import get_args

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.anthropic import AnthropicMessages
from llm_latency_lens.simulator.dialect import Ticket
from llm_latency_lens.simulator.fault import ErrorShape
from llm_latency_lens.simulator.openai_chat import OpenAIChat
from llm_latency_lens.simulator.openai_responses import OpenAIResponses
from llm_latency_lens.simulator.script import read_script
from llm_latency_lens.simulator.stream_errors import stream_error

_SHARED = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared") / "streams"
_TICKET = Ticket("req_1", "some-model", 1_700_000_000, 40)
_TOOL = {"name": "look", "arguments": {"city": "Oslo"}}
_SCRIPTS = (
    {"text": "one two three \N{GRINNING FACE}"},
    {"text": "one two", "reasoning_tokens": 3, "show_reasoning": True},
    {"text": "one", "tool_call": _TOOL},
    {"output_tokens": 9, "input_tokens": 30, "cached_input_tokens": 10, "tokens_per_event": 2},
)
_DIALECTS = {
    "openai_chat": OpenAIChat(),
    "openai_responses": OpenAIResponses(),
    "anthropic": AnthropicMessages(),
}


def seed_bodies(protocol):
    """Return the bodies of a protocol by name."""
    return {**_written(protocol), **_recorded(protocol)}


def _written(protocol):
    dialect = _DIALECTS[protocol]
    bodies = {}
    for number, fields in enumerate(_SCRIPTS):
        made = compose(read_script(fields), None, show_reasoning=True)
        events = dialect.events(_TICKET, made, made.usage)
        bodies[f"stream {number}"] = b"".join(event.payload for event in events)
        bodies[f"whole {number}"] = dialect.body(_TICKET, made, made.usage)
    for shape in get_args(ErrorShape):
        broken = stream_error(dialect, _TICKET, shape, 4)
        bodies[f"{shape} in a stream"] = b"".join(event.payload for event in broken)
    bodies["error"] = dialect.error(_TICKET, 429)
    return bodies


def _recorded(protocol):
    index = _SHARED / "index.json"
    entries = json.loads(index.read_bytes())["entries"] if index.is_file() else ()
    return {
        entry["id"]: (_SHARED / entry["body"]).read_bytes()
        for entry in entries
        if entry["id"].partition("/")[0] in (protocol, "errors")
    }
