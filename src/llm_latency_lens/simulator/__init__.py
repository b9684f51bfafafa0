"""
A scripted LLM provider on real loopback sockets: the oracle of latency tests.

It shares no decoder with the code it tests. ``start_simulator`` runs one in a process of its
own, ``serve_until_stopped`` in this one.
"""

from llm_latency_lens.simulator.answer import Usage
from llm_latency_lens.simulator.client import Simulator
from llm_latency_lens.simulator.fault import Fault
from llm_latency_lens.simulator.process import start_simulator
from llm_latency_lens.simulator.records import Record, SentEvent
from llm_latency_lens.simulator.replay import Replay
from llm_latency_lens.simulator.script import (
    ANY_MODEL,
    Script,
    ToolCall,
    read_script,
    read_script_file,
    read_scripts,
)
from llm_latency_lens.simulator.server import serve_until_stopped

__all__ = [
    "ANY_MODEL",
    "Fault",
    "Record",
    "Replay",
    "Script",
    "SentEvent",
    "Simulator",
    "ToolCall",
    "Usage",
    "read_script",
    "read_script_file",
    "read_scripts",
    "serve_until_stopped",
    "start_simulator",
]
