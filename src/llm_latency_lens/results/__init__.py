"""Results: what was measured, in the units that leave the library."""

from llm_latency_lens.results.metadata import Ending, Level, Response, RunMetadata
from llm_latency_lens.results.profile import ProfileResult
from llm_latency_lens.results.reading import Reading
from llm_latency_lens.results.session import Group, RunResult, TestResult

__all__ = [
    "Ending",
    "Group",
    "Level",
    "ProfileResult",
    "Reading",
    "Response",
    "RunMetadata",
    "RunResult",
    "TestResult",
]
