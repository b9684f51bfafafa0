"""The profiler: makes calls on a schedule, or runs callables, again and again, observed."""

from llm_latency_lens.profiler.active import ActiveCall
from llm_latency_lens.profiler.closed_loop import (
    ClosedLoop,
    atimed,
    is_async,
    is_loop_running,
    timed,
)
from llm_latency_lens.profiler.configuration import Configuration
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
from llm_latency_lens.profiler.schedules import (
    Adaptive,
    AtConcurrency,
    ConstantRate,
    PoissonArrivals,
    Ramp,
)
from llm_latency_lens.profiler.seen_limits import RateLimits
from llm_latency_lens.profiler.stopping import Stopping
from llm_latency_lens.profiler.timeouts import Timeouts

__all__ = [
    "ActiveCall",
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
    "LatencyProfiler",
    "PoissonArrivals",
    "Progress",
    "Ramp",
    "RateLimits",
    "Request",
    "RequestResult",
    "RetryPolicy",
    "Started",
    "Stopping",
    "Target",
    "Timeouts",
    "atimed",
    "is_async",
    "is_loop_running",
    "is_provider_failure",
    "take_turns",
    "timed",
]
