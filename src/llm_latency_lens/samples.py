"""
Samples: one provider call, measured.

Plain frozen values that everything above builds on. No arithmetic over several samples lives
here (that is ``metrics``), no parsing and no input or output.
"""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from llm_latency_lens.server_facts import RateLimit, ServerTime

__all__ = [
    "Attempt",
    "Cost",
    "Outcome",
    "Phase",
    "RateLimit",
    "Sample",
    "ServerTime",
    "Status",
    "Taint",
    "Timeline",
    "Usage",
]

_NS_PER_S = 1_000_000_000
_EMBEDDINGS = "embeddings"


class Status(StrEnum):
    """
    How a call ended.

    ``cut`` is a body that the connection broke off; ``cancelled`` one that its consumer closed or
    dropped before the end. A cancelled call counts in no percentile of latency.
    """

    OK = "ok"
    ERROR = "error"
    TIMEOUT = "timeout"
    CUT = "cut"
    CANCELLED = "cancelled"


class Phase(StrEnum):
    """In which part of a test the call was made."""

    SETUP = "setup"
    WARMUP = "warmup"
    CALL = "call"
    TEARDOWN = "teardown"


class Taint(StrEnum):
    """
    What is odd about a call.

    ``cold``: it had to open its connection. ``cached``: part of its prompt came from the
    provider's cache. ``retried``: its SDK sent it more than once. ``mocked``: a double or a
    recording answered, no network. ``late``: it ended after its test. ``cut-short``: its consumer
    closed it early. ``slow-consumer``: bytes had arrived before they were read, so its times
    are those of the reading.
    """

    COLD = "cold"
    CACHED = "cached"
    RETRIED = "retried"
    MOCKED = "mocked"
    LATE = "late"
    CUT_SHORT = "cut-short"
    SLOW_CONSUMER = "slow-consumer"


@dataclass(frozen=True, slots=True)
class Outcome:
    """
    The end of a call or of an attempt.

    Attributes:
        status: How it ended.
        error_type: The provider's own word for the error, or the exception's class name.
        error_code: The provider's finer code, where it gives one.
        http_status: Status of the HTTP answer; None when there was none.
    """

    status: Status
    error_type: str | None = None
    error_code: str | None = None
    http_status: int | None = None

    @property
    def failed(self) -> bool:
        """Whether the call counts as infinitely slow: error, timeout or cut."""
        return self.status in (Status.ERROR, Status.TIMEOUT, Status.CUT)


@dataclass(frozen=True, slots=True)
class Timeline:
    """
    When each step of a call happened, in monotonic nanoseconds of one clock.

    None means that the step did not happen or could not be seen: no connect on a reused
    connection, no tokens in an answer that was not streamed.

    Attributes:
        started_ns: Entry to the first attempt, as the caller saw it; where a schedule fixed
            when the call was to begin, that moment.
        connect_started_ns: A new connection was begun (last attempt).
        connected_ns: That connection was ready, TLS included.
        sent_ns: The last byte of the request body was handed to the socket (last attempt).
        headers_ns: The response headers had arrived.
        first_token_ns: First content, reasoning or tool-call token.
        first_output_ns: First content or tool-call token; reasoning does not count.
        last_token_ns: Last content, reasoning or tool-call token.
        ended_ns: Last byte of the last attempt, or the failure.
    """

    started_ns: int
    ended_ns: int
    connect_started_ns: int | None = None
    connected_ns: int | None = None
    sent_ns: int | None = None
    headers_ns: int | None = None
    first_token_ns: int | None = None
    first_output_ns: int | None = None
    last_token_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One HTTP exchange of a call; a call that was not retried has exactly one."""

    started_ns: int
    ended_ns: int
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Tokens as the provider counted them. None is unknown and is never read as zero.

    Attributes:
        input_tokens: All input, tokens read from or written to a prompt cache included.
        cached_input_tokens: The part of the input that came from the prompt cache.
        cache_write_tokens: The part of the input that was written to the prompt cache.
        output_tokens: All output, reasoning included.
        reasoning_tokens: The part of the output that is reasoning, shown or hidden.
        billed_input_tokens: The input that is charged for, where the provider tells it apart.
        billed_output_tokens: The output that is charged for, likewise.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    billed_input_tokens: int | None = None
    billed_output_tokens: int | None = None

    @property
    def billed(self) -> "Usage":
        """The tokens that are charged for: all, unless the provider tells them apart."""
        if self.billed_input_tokens is None or self.billed_output_tokens is None:
            return self
        return Usage(self.billed_input_tokens, self.billed_output_tokens)


@dataclass(frozen=True, slots=True)
class Cost:
    """Price of one call in USD, and the price book that says so."""

    input_usd: Decimal
    output_usd: Decimal
    total_usd: Decimal
    source: str


@dataclass(frozen=True, slots=True)
class Sample:
    """
    One provider call.

    It holds no prompt, no answer and no key; of the headers only ids, times and rate limits.

    Attributes:
        id: Unique over all processes of a session; merging drops a second sample of one id.
        provider: Name of the vendor, or ``host:port`` of a server that nobody named.
        protocol: Wire protocol that decoded the answer; one of embeddings ends in ``embeddings``.
        requested_model: Model as the request named it.
        model: Model as the answer named it, else the requested one.
        streamed: Whether the answer was asked for as a stream of events.
        wall_ns: Start of the call in nanoseconds since the Unix epoch.
        gaps_ns: Gaps between token-carrying events, where each carried one token; else empty.
        token_events: Number of events that carried content, reasoning or tool tokens.
        reasoning_events: Number of those that carried reasoning.
        node_id: Test that the call belongs to; empty outside pytest.
        run: Number of the execution of the test body or callable, counted from zero.
        label: Name given by ``lens.observe``; empty without one.
        taints: What is odd about this call.
        note: Why the answer could not be decoded; empty when it was.
        rate_limits: Limits that the last answer told.
        server_times: Times that its server measured itself.
        retry_after_ns: When it asked to be called again, from its arrival on.
    """

    id: str
    provider: str
    protocol: str
    requested_model: str
    model: str
    streamed: bool
    outcome: Outcome
    timeline: Timeline
    wall_ns: int
    usage: Usage = field(default_factory=Usage)
    finish_reason: str | None = None
    request_id: str | None = None
    response_id: str | None = None
    gaps_ns: tuple[int, ...] = ()
    token_events: int = 0
    reasoning_events: int = 0
    attempts: tuple[Attempt, ...] = ()
    cost: Cost | None = None
    node_id: str = ""
    run: int = 0
    phase: Phase = Phase.CALL
    label: str = ""
    taints: tuple[Taint, ...] = ()
    note: str = ""
    rate_limits: tuple[RateLimit, ...] = ()
    server_times: tuple[ServerTime, ...] = ()
    retry_after_ns: int | None = None

    @property
    def is_embedding(self) -> bool:
        """Whether the call asked for embeddings, of which no token is ever streamed."""
        return self.protocol.endswith(_EMBEDDINGS)

    @property
    def latency_ns(self) -> int:
        """Time from the start of the call to its end, retries and all."""
        return self.timeline.ended_ns - self.timeline.started_ns

    @property
    def send_delay_ns(self) -> int:
        """Time from the start that a schedule fixed to the first attempt; 0 without a schedule."""
        return self.attempts[0].started_ns - self.timeline.started_ns if self.attempts else 0

    @property
    def retry_ns(self) -> int:
        """Time from the start of the first attempt to that of the last: what retries cost."""
        if len(self.attempts) < 2:  # noqa: PLR2004 - the first attempt is no retry
            return 0
        return self.attempts[-1].started_ns - self.attempts[0].started_ns

    @property
    def ttft_ns(self) -> int | None:
        """Time from the start of the call to its first token; None when nothing was streamed."""
        return self._since_start(self.timeline.first_token_ns)

    @property
    def ttfo_ns(self) -> int | None:
        """Time from the start of the call to its first token that is not reasoning."""
        return self._since_start(self.timeline.first_output_ns)

    @property
    def wire_ttft_ns(self) -> int | None:
        """Time from the last byte of the request to the first token: network and server only."""
        first, sent = self.timeline.first_token_ns, self.timeline.sent_ns
        return None if first is None or sent is None else first - sent

    @property
    def visible_output_tokens(self) -> int | None:
        """
        Output tokens that were streamed.

        Reasoning that the provider counted but kept to itself is left out: it took its time
        before the first token and would make every later token look faster than it was.
        """
        if self.usage.output_tokens is None:
            return None
        hidden = 0 if self.reasoning_events else self.usage.reasoning_tokens or 0
        return self.usage.output_tokens - hidden

    @property
    def tpot_ns(self) -> float | None:
        """
        Time per output token, ``(last - first token) / (output tokens - 1)``.

        None for an answer that came in a single event, has fewer than two tokens or no usage.
        """
        first, last = self.timeline.first_token_ns, self.timeline.last_token_ns
        tokens = self.visible_output_tokens
        if first is None or last is None or tokens is None or tokens < 2 or self.token_events < 2:  # noqa: PLR2004 - two points make an interval
            return None
        return (last - first) / (tokens - 1)

    @property
    def tokens_per_second(self) -> float | None:
        """Output tokens a second after the first token: the inverse of ``tpot_ns``."""
        tpot = self.tpot_ns
        return _NS_PER_S / tpot if tpot else None

    def _since_start(self, stamp_ns: int | None) -> int | None:
        return None if stamp_ns is None else stamp_ns - self.timeline.started_ns
