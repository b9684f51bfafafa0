"""
Spending: whether a call may be sent under ``--lens-max-cost``.

Before a call its worst case is reserved in the ledger that all workers share; a call that could
bring the session above the cap is refused. This is the one case in which the lens stops a call.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from llm_latency_lens.clock import SystemClock
from llm_latency_lens.errors import CostCapReached
from llm_latency_lens.providers import Destination
from llm_latency_lens.pytest_plugin.ledger import Ledger
from llm_latency_lens.samples import Cost, Outcome, Sample, Status, Timeline, Usage

__all__ = ["Spending"]

# Of a request that limits its answer nowhere, before any answer of its model was seen.
_ASSUMED_OUTPUT_TOKENS = 4096
_UNSURE = (Status.CUT, Status.CANCELLED, Status.TIMEOUT)


class Spending:
    """
    The gate of one process.

    Args:
        cap_usd: What the session may spend.
        ledger: Shared with the other processes; None where this one cannot reach it.
        price: Returns what a call costs, None where that is unknown.
    """

    def __init__(
        self, cap_usd: Decimal, ledger: Ledger | None, price: Callable[[Sample], Cost | None]
    ) -> None:
        self._cap_usd = cap_usd
        self._ledger = ledger
        self._price = price

    def reserve(self, destination: Destination, request: Any) -> str | None:
        """
        Return the reservation of a request that may be sent; None when it is no call to a model.

        Raises:
            CostCapReached: It could bring the session above the cap.
        """
        try:
            content = request.content
        except Exception as fault:
            raise self._refused("its body is a stream, so its worst case is unknown") from fault
        protocol = destination.protocol
        body = protocol.read_body(content)
        if not destination.is_named and not protocol.recognises(body):
            return None
        if self._ledger is None:
            raise self._refused(
                "this worker runs on another machine than the session and cannot reach its ledger"
            )
        try:
            asked = protocol.read_request(body, request.url.path)
            model = f"{destination.provider}/{asked.model}"
            worst_usd = self._worst_case(destination, asked, content, self._ledger, model)
            entry = self._ledger.reserve(worst_usd, self._cap_usd)
            balance = self._ledger.balance()
        except (OSError, ValueError) as fault:
            raise self._refused(f"the ledger cannot be read or written: {fault}") from fault
        if entry is None:
            raise self._refused(
                f"it could cost ${worst_usd:f}, and of ${self._cap_usd} there are "
                f"${balance.spent_usd:f} spent and ${balance.reserved_usd:f} reserved for calls "
                "under way; raise the sum, or limit the answer (max_tokens)"
            )
        return entry

    def settle(self, entry: str, sample: Sample | None, *, was_sent: bool) -> None:
        """Replace a reservation by what its request has cost; by its worst case where unsure."""
        if self._ledger is None:
            return
        if sample is None or not was_sent:
            self._ledger.settle(entry, Decimal(0))
            return
        status = sample.outcome.status
        cost = None if status in _UNSURE else self._price(sample)
        model = f"{sample.provider}/{sample.requested_model}" if status is Status.OK else ""
        self._ledger.settle(entry, None if cost is None else cost.total_usd, model)

    def _worst_case(
        self, destination: Destination, asked: Any, content: bytes, ledger: Ledger, model: str
    ) -> Decimal:
        # A token is a byte at least.
        tokens_in = len(content)
        if asked.max_output_tokens is not None:
            return self._priced(destination, asked, tokens_in, asked.max_output_tokens)
        seen = ledger.worst_seen(model)
        if seen is None:
            return self._priced(destination, asked, tokens_in, _ASSUMED_OUTPUT_TOKENS)
        return max(seen, self._priced(destination, asked, tokens_in, 0))

    def _priced(
        self, destination: Destination, asked: Any, tokens_in: int, tokens_out: int
    ) -> Decimal:
        tokens_out *= asked.choices
        # Writing a prompt to a cache costs more than reading it.
        usages = [
            Usage(input_tokens=tokens_in, output_tokens=tokens_out, cache_write_tokens=written)
            for written in (0, tokens_in)
        ]
        costs = [self._price(_imagined(destination, asked, usage)) for usage in usages]
        known = [cost.total_usd for cost in costs if cost is not None]
        if not known:
            raise self._refused(
                f"no price is known for model {asked.model!r} of {destination.provider}; give "
                "one in a file with --lens-prices"
            )
        return max(known)

    def _refused(self, reason: str) -> CostCapReached:
        return CostCapReached(f"--lens-max-cost: the call was not sent: {reason}")


def _imagined(destination: Destination, asked: Any, usage: Usage) -> Sample:
    return Sample(
        id="",
        provider=destination.provider,
        protocol=destination.protocol.name,
        requested_model=asked.model,
        model=asked.model,
        streamed=asked.streamed,
        outcome=Outcome(Status.OK, http_status=200),
        timeline=Timeline(0, 0),
        wall_ns=SystemClock.wall_ns(),
        usage=usage,
    )
