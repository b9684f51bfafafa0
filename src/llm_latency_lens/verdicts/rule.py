"""
Rules: when a count is enough for an answer, as two arrays of integers.

A rule says for each number of calls n how many over the limit break the budget and how few
prove it kept; judging one more call is two comparisons. How the arrays come about is the matter
of those who make them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Count", "Rates", "Rule", "Side"]


class Side(StrEnum):
    """On which side of its limit a count has settled a budget."""

    PASS = "pass"  # noqa: S105 - no secret
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Count:
    """
    Where counting stopped.

    Attributes:
        n: Calls that were counted.
        k: Those over the limit.
        side: What they settle; None where they leave it open.
    """

    n: int = 0
    k: int = 0
    side: Side | None = None


@dataclass(frozen=True, slots=True)
class Rates:
    """
    What a rule does in the long run, for one true share of calls over the limit.

    Attributes:
        fails: Probability that it settles as fail.
        passes: Probability that it settles as pass.
        mean_n: Calls that it makes on average.
    """

    fails: float
    passes: float
    mean_n: float


@dataclass(frozen=True, slots=True)
class Rule:
    """
    Two arrays, indexed by the number of calls from 0 to ``n_max``.

    Attributes:
        fail_at: From how many calls over the limit on the budget is broken; more than n where
            no count breaks it.
        pass_at: Up to how many calls over the limit it is proven kept; -1 where no count does.
    """

    fail_at: tuple[int, ...]
    pass_at: tuple[int, ...]

    @property
    def n_max(self) -> int:
        """The most calls that the rule knows; what is open then stays open."""
        return len(self.fail_at) - 1

    def side(self, n: int, k: int) -> Side | None:
        """
        Return what *k* of *n* calls over the limit settle; None while it is open.

        Raises:
            IndexError: *n* is above ``n_max``.
        """
        if k >= self.fail_at[n]:
            return Side.FAIL
        return Side.PASS if k <= self.pass_at[n] else None

    def count(self, flags: Iterable[bool]) -> Count:
        """
        Return where counting *flags* stops: when they settle it, else after all or ``n_max``.

        Args:
            flags: Of each call, in the order of their start, whether it was over the limit.
        """
        n = k = 0
        for is_over in flags:
            if n == self.n_max:
                break
            n, k = n + 1, k + is_over
            if (side := self.side(n, k)) is not None:
                return Count(n, k, side)
        return Count(n, k)

    def first_pass(self, k: int = 0) -> int | None:
        """Return the first n at which *k* over the limit are a pass; None where none is."""
        return next((n for n, most in enumerate(self.pass_at) if most >= k), None)

    def rates(self, share: float) -> Rates:
        """
        Return what the rule does when each call is over with probability *share*, exactly.

        The calls are taken as independent of each other.
        """
        fails = passes = mean_n = 0.0
        for n, failed, passed, is_open in self._steps(share):
            fails += failed
            passes += passed
            mean_n += n * (failed + passed)
            if n == self.n_max:
                mean_n += n * is_open
        return Rates(fails, passes, mean_n)

    def _steps(self, share: float) -> Iterator[tuple[int, float, float, float]]:
        """Yield for each n what settles there as fail and as pass, and what is still open."""
        within = 1 - share
        # The probability of each k from *lowest* on, of being open with k over after n calls.
        lowest, chances = 0, [1.0]
        for n in range(1, self.n_max + 1):
            chances = [
                stay * within + come * share
                for stay, come in zip([*chances, 0.0], [0.0, *chances], strict=True)
            ]
            end = max(self.fail_at[n] - lowest, 0)
            failed, chances = sum(chances[end:]), chances[:end]
            begin = max(self.pass_at[n] + 1 - lowest, 0)
            passed, chances = sum(chances[:begin]), chances[begin:]
            lowest += begin
            yield n, failed, passed, sum(chances)
