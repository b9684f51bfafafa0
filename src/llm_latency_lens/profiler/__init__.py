"""The profiler: makes calls on a schedule, or runs callables, again and again, observed."""

from llm_latency_lens.profiler.closed_loop import (
    ClosedLoop,
    atimed,
    is_async,
    is_loop_running,
    timed,
)
from llm_latency_lens.profiler.configuration import SCHEDULING, WORDS, Configuration
from llm_latency_lens.profiler.events import (
    CallEnded,
    CallFailed,
    Completed,
    Progress,
    Started,
)
from llm_latency_lens.profiler.failures import FailureKind, is_provider_failure
from llm_latency_lens.profiler.interleaved import take_turns
from llm_latency_lens.profiler.latency_profiler import LatencyProfiler
from llm_latency_lens.profiler.outcome import BatchResult, RequestResult
from llm_latency_lens.profiler.request import Request, Target
from llm_latency_lens.profiler.retrying import RetryPolicy
from llm_latency_lens.profiler.runner import Job
from llm_latency_lens.profiler.schedules import (
    Adaptive,
    AtConcurrency,
    ConstantRate,
    PoissonArrivals,
    Ramp,
)
from llm_latency_lens.profiler.seen_limits import RateLimits
from llm_latency_lens.profiler.single_calls import SendCall, open_calls
from llm_latency_lens.profiler.stopping import Stopping
from llm_latency_lens.profiler.timeouts import Timeouts
from llm_latency_lens.profiler.turns import Stop

__all__ = [
    "SCHEDULING",
    "WORDS",
    "Adaptive",
    "AtConcurrency",
    "BatchResult",
    "CallEnded",
    "CallFailed",
    "ClosedLoop",
    "Completed",
    "Configuration",
    "ConstantRate",
    "FailureKind",
    "Job",
    "LatencyProfiler",
    "PoissonArrivals",
    "Progress",
    "Ramp",
    "RateLimits",
    "Request",
    "RequestResult",
    "RetryPolicy",
    "SendCall",
    "Started",
    "Stop",
    "Stopping",
    "Target",
    "Timeouts",
    "atimed",
    "is_async",
    "is_loop_running",
    "is_provider_failure",
    "open_calls",
    "take_turns",
    "timed",
]
