"""ThroughputView: tokens and requests per second, of single calls and of a run."""

import math

from llm_latency_lens.errors import EmptyAggregate
from llm_latency_lens.metrics import Tally, TokenSum
from llm_latency_lens.results.reading import Reading
from llm_latency_lens.results.views import TimesView

__all__ = ["ThroughputView"]

_MS_PER_S = 1_000
_NS_PER_S = 1_000_000_000


class ThroughputView:
    """
    How fast tokens came in single calls, and how much all calls together got through.

    The rates of a run count what calls that ended well brought, over the time from the start of
    the first call to the end of the last.
    """

    def __init__(self, tpot: TimesView, tally: Tally) -> None:
        self._tpot = tpot
        self._tally = tally

    @property
    def tokens_per_second(self) -> Reading:
        """Median over the calls of output tokens per second after the first token."""
        return self._pace("tokens_per_second", self._tpot.median)

    @property
    def min_tokens_per_second(self) -> Reading:
        """The rate that 90 % of the calls reach."""
        return self._pace("min_tokens_per_second", self._tpot.p90)

    @property
    def requests_per_second(self) -> Reading:
        """Calls that ended well, per second of the run."""
        return self._rate("requests_per_second", "calls/s", len(self._tally.succeeded))

    @property
    def input_tokens_per_second(self) -> Reading:
        """Input tokens per second of the run."""
        return self._rate("input_tokens_per_second", "tokens/s", self._tokens("input"))

    @property
    def output_tokens_per_second(self) -> Reading:
        """Output tokens per second of the run."""
        return self._rate("output_tokens_per_second", "tokens/s", self._tokens("output"))

    @property
    def total_tokens_per_second(self) -> Reading:
        """Input and output tokens per second of the run."""
        tokens = self._tokens("input") + self._tokens("output")
        return self._rate("total_tokens_per_second", "tokens/s", tokens)

    def _pace(self, name: str, tpot_ms: Reading) -> Reading:
        rate = math.inf if not tpot_ms else _MS_PER_S / tpot_ms
        return Reading(rate, f"throughput.{name}", "tokens/s", tpot_ms.evidence)

    def _rate(self, name: str, unit: str, count: int) -> Reading:
        calls, span_ns = len(self._tally.calls), self._tally.span_ns
        if not calls:
            raise EmptyAggregate(f"throughput.{name} has no value: no call was made")
        if span_ns <= 0:
            raise EmptyAggregate(f"throughput.{name} has no value: the calls took no time")
        return Reading(count * _NS_PER_S / span_ns, f"throughput.{name}", unit, f"n={calls}")

    def _tokens(self, kind: str) -> int:
        tally = self._tally
        tokens: TokenSum = tally.counts["tokens"]
        if tally.succeeded is tally.calls and not tokens.unknown:
            return int(getattr(tokens, kind))
        counts = [getattr(one.usage, f"{kind}_tokens") for one in tally.succeeded]
        if None in counts:
            unknown = counts.count(None)
            raise EmptyAggregate(
                f"throughput: {unknown} of {len(counts)} calls told no {kind}_tokens"
            )
        return sum(counts)
