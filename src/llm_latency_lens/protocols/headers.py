"""Response headers: request ids, rate limits, when to retry, the server's own time."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

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
_RETRIES = frozenset({"retry-after", "retry-after-ms", "x-should-retry"})


@dataclass(frozen=True, slots=True)
class HeaderFacts:
    """
    What response headers tell about a call.

    Attributes:
        request_id: The provider's id of the request; None without one.
        rate_limits: Names of the rate-limit headers, sorted; ``read_rate_limits`` reads
            their values.
        retries: The headers that say whether and when to retry, by name.
        server_times: The headers that tell the server's own time, by name, as sent. For a
            stream most of them measure until the headers, not the whole answer;
            ``read_server_times`` reads them.
    """

    request_id: str | None = None
    rate_limits: tuple[str, ...] = ()
    retries: Mapping[str, str] = field(default_factory=dict)
    server_times: Mapping[str, str] = field(default_factory=dict)


def read_headers(
    headers: Iterable[tuple[str, str]], request_id_names: tuple[str, ...]
) -> HeaderFacts:
    """Return the facts of *headers*; the first of *request_id_names* that was sent is the id."""
    found = {name.lower(): value for name, value in headers}
    return HeaderFacts(
        request_id=next((found[name] for name in request_id_names if found.get(name)), None),
        rate_limits=tuple(sorted(name for name in found if "ratelimit" in name)),
        retries={name: found[name] for name in sorted(_RETRIES & found.keys())},
        server_times={name: found[name] for name in sorted(_SERVER_TIMES & found.keys())},
    )
