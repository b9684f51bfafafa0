"""The profiler: runs callables again and again, under observation."""

from llm_latency_lens.profiler.active import ActiveCall
from llm_latency_lens.profiler.closed_loop import ClosedLoop, is_async, is_loop_running
from llm_latency_lens.profiler.failures import is_provider_failure
from llm_latency_lens.profiler.stopping import Stopping

__all__ = [
    "ActiveCall",
    "ClosedLoop",
    "Stopping",
    "is_async",
    "is_loop_running",
    "is_provider_failure",
]
