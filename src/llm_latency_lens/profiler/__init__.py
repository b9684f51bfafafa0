"""The profiler: runs callables again and again, under observation."""

from llm_latency_lens.profiler.active import ActiveCall
from llm_latency_lens.profiler.closed_loop import (
    ClosedLoop,
    atimed,
    is_async,
    is_loop_running,
    timed,
)
from llm_latency_lens.profiler.failures import is_provider_failure
from llm_latency_lens.profiler.interleaved import take_turns
from llm_latency_lens.profiler.stopping import Stopping

__all__ = [
    "ActiveCall",
    "ClosedLoop",
    "Stopping",
    "atimed",
    "is_async",
    "is_loop_running",
    "is_provider_failure",
    "take_turns",
    "timed",
]
