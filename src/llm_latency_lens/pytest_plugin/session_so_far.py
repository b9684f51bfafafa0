"""SessionSoFar: what this process has seen of the session, for tests that want to look."""

from collections.abc import Sequence
from decimal import Decimal

from llm_latency_lens.budgets import Evidence
from llm_latency_lens.results import ProfileResult
from llm_latency_lens.samples import Phase, Sample

__all__ = ["SessionSoFar"]


class SessionSoFar:
    """
    The provider calls of the tests that this process has run, as ``lens_session`` hands them out.

    Read-only. A worker of pytest-xdist sees its own calls alone, and calls of the test in
    progress join when its setup, its body or a repetition of it ends.
    """

    def __init__(self, samples: Sequence[Sample]) -> None:
        self._samples = samples

    @property
    def samples(self) -> tuple[Sample, ...]:
        """Every call so far: fixtures, warm-up and test bodies."""
        return tuple(self._samples)

    @property
    def spent_usd(self) -> Decimal:
        """Cost of the calls whose price is known, in US dollars."""
        return Evidence(self.samples).spent_usd

    @property
    def result(self) -> ProfileResult:
        """The numbers of the calls of test bodies so far; later calls do not change it."""
        return ProfileResult(one for one in self._samples if one.phase is Phase.CALL)
