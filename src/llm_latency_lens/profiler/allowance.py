"""
The allowance: how soon another call may start without breaking a rate limit.

One token bucket for the caller's own rate and one for each limit that the provider tells in its
headers. No clock and no waiting here: the caller says what time it is.
"""

from collections.abc import Iterable

from llm_latency_lens.errors import UsageError
from llm_latency_lens.samples import RateLimit

__all__ = ["Allowance"]

_NS_PER_S = 1_000_000_000
_REQUESTS = "requests"


class _Bucket:
    """Holds what may be used, and fills with time."""

    __slots__ = ("_at_ns", "_level", "_per_ns", "_size")

    def __init__(self, size: float, level: float, per_ns: float, at_ns: int) -> None:
        self._size = size
        self._level = level
        self._per_ns = per_ns
        self._at_ns = at_ns

    def wait_ns(self, amount: float, now_ns: int) -> int:
        """Return the time until *amount* is there."""
        lacking = min(amount, self._size) - self._fill(now_ns)
        if lacking <= 0 or not self._per_ns:
            return 0
        return max(1, round(lacking / self._per_ns))

    def take(self, amount: float, now_ns: int) -> None:
        self._level = self._fill(now_ns) - amount

    def _fill(self, now_ns: int) -> float:
        if now_ns > self._at_ns:
            self._level = min(self._size, self._level + (now_ns - self._at_ns) * self._per_ns)
            self._at_ns = now_ns
        return self._level


class Allowance:
    """
    What the caller and the provider allow together.

    *per_second* is the caller's own limit on starts; None for none. The provider's limits are
    learned from its answers: each tells how much is left of a resource and when it will be
    whole again, which gives the rate at which it fills.
    """

    __slots__ = ("_buckets", "_closed_until_ns", "_own", "_tokens", "_used")

    def __init__(self, per_second: float | None = None) -> None:
        if per_second is not None and (isinstance(per_second, bool) or not per_second > 0):
            raise UsageError(f"max_requests_per_second={per_second!r}: a number above 0 is meant")
        self._own = _Bucket(1, 1, per_second / _NS_PER_S, 0) if per_second else None
        self._buckets: dict[str, _Bucket] = {}
        self._closed_until_ns = 0
        self._tokens = 0
        self._used = 0

    def close(self, until_ns: int) -> None:
        """Start nothing before *until_ns*: the provider said so."""
        self._closed_until_ns = max(self._closed_until_ns, until_ns)

    def learn(self, limits: Iterable[RateLimit], under_way: int, now_ns: int) -> None:
        """
        Take what an answer told of its limits.

        *under_way* calls started since, and are not yet counted in what it says is left.
        """
        for limit in limits:
            if limit.limit is None or limit.remaining is None or not limit.reset_ns:
                continue
            used = limit.limit - limit.remaining
            cost = self._cost(limit.resource)
            if used > 0 and cost is not None:
                level = limit.remaining - under_way * cost
                per_ns = used / limit.reset_ns
                bucket = _Bucket(limit.limit, level, per_ns, now_ns)
                self._buckets[limit.resource] = bucket

    def spent(self, tokens: int | None) -> None:
        """Take how many tokens a call used; the next ones are expected to use as many."""
        if tokens is not None:
            self._tokens += tokens
            self._used += 1

    def wait_ns(self, now_ns: int) -> int:
        """Return the time from *now_ns* until another call may start; 0 for at once."""
        waits = [self._closed_until_ns - now_ns, 0]
        if self._own is not None:
            waits.append(self._own.wait_ns(1, now_ns))
        for resource, bucket in self._buckets.items():
            waits.append(bucket.wait_ns(self._cost(resource) or 0, now_ns))
        return max(waits)

    def take(self, now_ns: int) -> None:
        """Count a call that starts."""
        if self._own is not None:
            self._own.take(1, now_ns)
        for resource, bucket in self._buckets.items():
            bucket.take(self._cost(resource) or 0, now_ns)

    def _cost(self, resource: str) -> float | None:
        """Return what one call is expected to use; None where that is not known."""
        if resource.startswith(_REQUESTS):
            return 1
        return self._tokens / self._used if "tokens" in resource and self._used else None
