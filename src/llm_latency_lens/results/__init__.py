"""Results: what was measured, in the units that leave the library."""

from llm_latency_lens.results.metadata import Ending, Level, Response, RunMetadata
from llm_latency_lens.results.pair import PairResult
from llm_latency_lens.results.profile import ProfileResult
from llm_latency_lens.results.reading import Reading
from llm_latency_lens.results.saving import NOTHING_SAVED, Saving
from llm_latency_lens.results.session import Group, RunResult, Spending, TestResult

__all__ = [
    "NOTHING_SAVED",
    "Ending",
    "Group",
    "Level",
    "PairResult",
    "ProfileResult",
    "Reading",
    "Response",
    "RunMetadata",
    "RunResult",
    "Saving",
    "Spending",
    "TestResult",
]
