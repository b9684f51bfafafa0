"""Results: what was measured, in the units that leave the library."""

from llm_latency_lens.results.profile import ProfileResult
from llm_latency_lens.results.reading import Reading
from llm_latency_lens.results.session import Group, RunResult, Spending, TestResult

__all__ = ["Group", "ProfileResult", "Reading", "RunResult", "Spending", "TestResult"]
