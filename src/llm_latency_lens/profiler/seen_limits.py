"""Seen limits: what each model last told of its rate limits, kept from one run to the next."""

from dataclasses import dataclass

from llm_latency_lens.profiler.allowance import Allowance
from llm_latency_lens.profiler.request import Target
from llm_latency_lens.samples import RateLimit, Sample

__all__ = ["RateLimits", "SeenLimits", "tokens_of"]


@dataclass(frozen=True, slots=True)
class RateLimits:
    """
    The rate limits of one model, as its provider last told them.

    Attributes:
        provider: Name of the vendor.
        model: Model that was asked.
        limits: One entry a resource; empty where the provider told none, or was not asked yet.
        told_ns: When they were told, in nanoseconds since the Unix epoch; None if they were not.
    """

    provider: str
    model: str
    limits: tuple[RateLimit, ...] = ()
    told_ns: int | None = None


class SeenLimits:
    """What was told of limits, and what a call used, for each target."""

    def __init__(self) -> None:
        self._limits: dict[Target, tuple[RateLimits, int]] = {}
        self._tokens: dict[Target, int] = {}

    def note(self, target: Target, sample: Sample, now_ns: int, wall_ns: int) -> None:
        """Take an ended call: its answer came just now."""
        tokens = tokens_of(sample)
        if tokens is not None:
            self._tokens[target] = tokens
        if sample.rate_limits:
            told = RateLimits(target.provider, target.model, sample.rate_limits, wall_ns)
            self._limits[target] = told, now_ns

    def of(self, target: Target) -> RateLimits:
        """Return what *target* last told."""
        told, _ = self._limits.get(target, (RateLimits(target.provider, target.model), 0))
        return told

    def allowance(self, target: Target) -> Allowance:
        """Return a new allowance that knows what *target* last told."""
        allowance = Allowance()
        allowance.spent(self._tokens.get(target))
        if target in self._limits:
            told, at_ns = self._limits[target]
            allowance.learn(told.limits, 0, at_ns)
        return allowance


def tokens_of(sample: Sample) -> int | None:
    """Return the tokens that a call used, both ways; None where it did not tell."""
    counted = (sample.usage.input_tokens, sample.usage.output_tokens)
    known = [count for count in counted if count is not None]
    return sum(known) if known else None
