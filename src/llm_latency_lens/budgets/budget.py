"""A budget: one limit on one statistic, and which calls it looks at."""

import re
from dataclasses import dataclass
from fractions import Fraction

from llm_latency_lens.budgets.units import Limit
from llm_latency_lens.budgets.words import Word
from llm_latency_lens.samples import Sample, Taint

__all__ = ["Budget"]


# Answers name a dated snapshot of the model that was asked for: gpt-4o-2024-07-18, gpt-4-0613,
# claude-sonnet-4-20250514, command-a-03-2025. claude-sonnet-4-5 is another model.
_SNAPSHOT = re.compile(r"[-@](\d{3,8}|\d{4}-\d\d-\d\d|\d\d-\d{4})")


@dataclass(frozen=True, slots=True)
class Budget:
    """
    One limit on one statistic.

    Attributes:
        word: What is limited.
        limit: The limit in exact units: see :func:`read_limit`.
        written: The limit as its author wrote it.
        provider: Judge only calls to this provider; empty for all.
        model: Judge only calls to this model; empty for all.
        exclude: Taints of calls to leave out; they are counted.
        allow_mocked: Calls that a double answered may keep it.
        inherited: Whether it stands on a class or module rather than on the test itself.
        baseline: Name of the baseline that set the limit; empty where its author did.
        chance_below: Break it only where so many calls over the limit have at most this
            probability if the true percentile were at it; None breaks it by the count alone.
    """

    word: Word
    limit: Limit
    written: str
    provider: str = ""
    model: str = ""
    exclude: tuple[Taint, ...] = ()
    allow_mocked: bool = False
    inherited: bool = False
    baseline: str = ""
    chance_below: Fraction | None = None

    @property
    def key(self) -> tuple[str, str, str]:
        """What a closer mark replaces: the word and the calls that it looks at."""
        return self.word.name, self.provider.casefold(), self.model

    @property
    def is_narrowed(self) -> bool:
        """Whether it looks at some of the calls only."""
        return bool(self.provider or self.model or self.exclude)

    def excludes(self, sample: Sample) -> bool:
        """Whether the call has a taint that this budget leaves out."""
        return any(taint in self.exclude for taint in sample.taints)

    def covers(self, sample: Sample) -> bool:
        """Whether the call is one that this budget looks at."""
        if self.provider and self.provider.casefold() != sample.provider.casefold():
            return False
        return not self.model or _is_model(self.model, sample)


def _is_model(wanted: str, sample: Sample) -> bool:
    if wanted in (sample.requested_model, sample.model):
        return True
    return sample.model.startswith(wanted) and bool(
        _SNAPSHOT.fullmatch(sample.model, pos=len(wanted))
    )
