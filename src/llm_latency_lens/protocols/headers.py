"""Response headers: request ids, rate limits, when to retry, the server's own time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from llm_latency_lens.protocols.names import name_of

__all__ = ["HeaderFacts", "read_headers"]

_SERVER_TIMES = frozenset(
    {
        "openai-processing-ms",
        "server-timing",
        "x-compute-time",
        "x-envoy-upstream-service-time",
        "x-inference-time",
        "x-kong-upstream-latency",
        "x-queue-time",
        "x-total-time",
    }
)
# Cohere's.
_CALL_LIMITS = frozenset(
    {
        "x-endpoint-monthly-call-limit",
        "x-trial-endpoint-call-limit",
        "x-trial-endpoint-call-remaining",
    }
)
_RETRIES = frozenset({"retry-after", "retry-after-ms", "x-should-retry"})


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """
    What response headers tell about a call.

    Attributes:
        request_id: The provider's id of the request; None without one.
        found: All headers, by name in lower case; the last of each name.
    """

    request_id: str | None = None
    found: Mapping[str, str] = field(default_factory=dict, compare=False)

    @property
    def rate_limits(self) -> tuple[str, ...]:
        """Names of the rate-limit headers, sorted; ``read_rate_limits`` reads their values."""
        return tuple(
            sorted(name for name in self.found if "ratelimit" in name or name in _CALL_LIMITS)
        )

    @property
    def retries(self) -> Mapping[str, str]:
        """The headers that say whether and when to retry, by name."""
        return {name: self.found[name] for name in sorted(_RETRIES & self.found.keys())}

    @property
    def server_times(self) -> Mapping[str, str]:
        """
        The headers that tell the server's own time, by name, as sent.

        For a stream most of them measure until the headers, not the whole answer;
        ``read_server_times`` reads them.
        """
        return {name: self.found[name] for name in sorted(_SERVER_TIMES & self.found.keys())}


def read_headers(
    headers: Iterable[tuple[str, str]], request_id_names: tuple[str, ...]
) -> HeaderFacts:
    """Return the facts of *headers*; the first of *request_id_names* that was sent is the id."""
    found = {name.lower(): value for name, value in headers}
    for name in request_id_names:
        if found.get(name):
            return HeaderFacts(name_of(found[name]), found)
    return HeaderFacts(None, found)
