"""
Sums of tokens and of money that know what they could not count.

A token count or a price that is not known is never read as zero: the sums here stand beside
the number of calls that they are short of.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from itertools import repeat
from operator import is_
from typing import Any

from llm_latency_lens.samples import Cost, Sample, Usage

__all__ = ["CostSum", "TokenSum"]

# An amount has at most 28 digits; with this many, sums of them are never rounded, and what is
# not rounded does not depend on the order of adding.
_EXACT = Context(prec=200)


@dataclass(frozen=True, slots=True)
class TokenSum:
    """
    Tokens of many calls, as far as their providers told them.

    Attributes:
        input: All input, cached included.
        output: All output, reasoning included.
        cached: The part of the input that came from a prompt cache.
        reasoning: The part of the output that is reasoning.
        unknown: Number of calls whose input or output is not known in full.
    """

    input: int = 0
    output: int = 0
    cached: int = 0
    reasoning: int = 0
    unknown: int = 0

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> "TokenSum":
        """Return the tokens of *samples*, whatever became of the calls."""
        return cls.of_usages([sample.usage for sample in samples])

    @classmethod
    def of_usages(cls, usages: Sequence[Usage]) -> "TokenSum":
        """Return the tokens of all *usages*."""
        inputs: list[Any] = [one.input_tokens for one in usages]
        outputs: list[Any] = [one.output_tokens for one in usages]
        unknown = 0
        try:
            known = sum(inputs), sum(outputs)
        except TypeError:
            # One is unknown. Zeros are left out with it, and add nothing.
            known = sum(filter(None, inputs)), sum(filter(None, outputs))
            pairs = zip(inputs, outputs, strict=True)
            unknown = sum(one is None or other is None for one, other in pairs)
        return cls(
            input=known[0],
            output=known[1],
            cached=sum(filter(None, [one.cached_input_tokens for one in usages])),
            reasoning=sum(filter(None, [one.reasoning_tokens for one in usages])),
            unknown=unknown,
        )

    def merge(self, other: "TokenSum") -> "TokenSum":
        """Return the tokens of both."""
        return TokenSum(
            input=self.input + other.input,
            output=self.output + other.output,
            cached=self.cached + other.cached,
            reasoning=self.reasoning + other.reasoning,
            unknown=self.unknown + other.unknown,
        )


@dataclass(frozen=True, slots=True)
class CostSum:
    """
    Cost of many calls in USD, exact.

    Attributes:
        total_usd: Price of the calls with a known price.
        input_usd: The part paid for input.
        output_usd: The part paid for output.
        priced: Number of calls with a known price.
        unpriced: Number of calls without one.
    """

    total_usd: Decimal = Decimal(0)
    input_usd: Decimal = Decimal(0)
    output_usd: Decimal = Decimal(0)
    priced: int = 0
    unpriced: int = 0

    @classmethod
    def of(cls, samples: Iterable[Sample]) -> "CostSum":
        """Return the cost of *samples*, whatever became of the calls."""
        return cls.of_costs([sample.cost for sample in samples])

    @classmethod
    def of_costs(cls, costs: Sequence[Cost | None]) -> "CostSum":
        """Return the sum of *costs*; None is a call without one."""
        times = [(cost, n) for cost, n in _counted(costs) if cost is not None]
        unpriced = len(costs) - sum(n for _, n in times)
        with localcontext(_EXACT):
            return cls(
                total_usd=sum((cost.total_usd * n for cost, n in times), Decimal(0)),
                input_usd=sum((cost.input_usd * n for cost, n in times), Decimal(0)),
                output_usd=sum((cost.output_usd * n for cost, n in times), Decimal(0)),
                priced=len(costs) - unpriced,
                unpriced=unpriced,
            )

    def merge(self, other: "CostSum") -> "CostSum":
        """Return the cost of both."""
        with localcontext(_EXACT):
            return CostSum(
                total_usd=self.total_usd + other.total_usd,
                input_usd=self.input_usd + other.input_usd,
                output_usd=self.output_usd + other.output_usd,
                priced=self.priced + other.priced,
                unpriced=self.unpriced + other.unpriced,
            )


def _counted(costs: Sequence[Cost | None]) -> list[tuple[Cost | None, int]]:
    """Return each cost and how often it is there: calls that used the same share theirs."""
    if costs and all(map(is_, costs, repeat(costs[0]))):
        return [(costs[0], len(costs))]
    known = dict(zip(map(id, costs), costs, strict=True))
    return [(known[key], n) for key, n in Counter(map(id, costs)).items()]
