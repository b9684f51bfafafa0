"""CostView: what calls cost, and what they would cost a month."""

from decimal import Decimal

from llm_latency_lens.errors import EmptyAggregate, PriceUnknown, UsageError
from llm_latency_lens.metrics import Aggregate
from llm_latency_lens.results.reading import Reading

__all__ = ["CostView"]


class CostView:
    """
    Cost in USD.

    A sum over calls of which one has no known price would be too low, so it raises
    :class:`PriceUnknown` with the way to give a price; ``known`` is the sum of the others.
    """

    def __init__(
        self, aggregate: Aggregate, why_unpriced: str, monthly_requests: int | None = None
    ) -> None:
        self._aggregate = aggregate
        self._why_unpriced = why_unpriced
        self._monthly_requests = monthly_requests

    @property
    def total(self) -> Reading:
        """Cost of all calls."""
        return self._reading("total", self._aggregate.cost.total_usd)

    @property
    def input(self) -> Reading:
        """The part of it for input tokens."""
        return self._reading("input", self._aggregate.cost.input_usd)

    @property
    def output(self) -> Reading:
        """The part of it for output tokens."""
        return self._reading("output", self._aggregate.cost.output_usd)

    @property
    def per_call(self) -> Reading:
        """Mean cost of a call."""
        if not self._aggregate.calls:
            raise EmptyAggregate("cost.per_call has no value: no call was made")
        return self._reading("per_call", self._aggregate.cost.total_usd / self._aggregate.calls)

    @property
    def per_token(self) -> Reading:
        """Cost of a token, input and output together."""
        tokens = self._aggregate.tokens.input + self._aggregate.tokens.output
        if not tokens:
            raise EmptyAggregate("cost.per_token has no value: no call told its tokens")
        return self._reading("per_token", self._aggregate.cost.total_usd / tokens)

    @property
    def projected_monthly(self) -> Reading | None:
        """Cost of a month at ``monthly_requests`` of the configuration; None without it."""
        return None if self._monthly_requests is None else self.monthly(self._monthly_requests)

    def monthly(self, requests: int) -> Reading:
        """
        Return the cost of a month with as many requests, at the mean cost of these calls.

        Raises:
            UsageError: *requests* is no number of requests.
            EmptyAggregate: No call was made.
            PriceUnknown: The cost of a call is unknown.
        """
        if requests < 0:
            raise UsageError(f"monthly_requests={requests!r}: a number of requests is expected")
        if not self._aggregate.calls:
            raise EmptyAggregate("cost.projected_monthly has no value: no call was made")
        per_call = self._aggregate.cost.total_usd / self._aggregate.calls
        return self._reading("projected_monthly", per_call * requests)

    @property
    def known(self) -> Decimal:
        """Cost of the calls whose price is known, exact."""
        return self._aggregate.cost.total_usd

    @property
    def unpriced(self) -> int:
        """Number of calls whose cost is unknown."""
        return self._aggregate.cost.unpriced

    def _reading(self, name: str, usd: Decimal) -> Reading:
        calls = self._aggregate.calls
        if self.unpriced:
            raise PriceUnknown(
                f"cost.{name}: the cost of {self.unpriced} of {calls} calls is unknown: "
                f"{self._why_unpriced}"
            )
        return Reading(float(usd), f"cost.{name}", "USD", f"n={calls}")
