"""The answer: what a decoder hands over once a body has ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from llm_latency_lens.protocols.failures import ErrorFacts
from llm_latency_lens.protocols.prediction import Prediction
from llm_latency_lens.samples import ServerTime, Usage

__all__ = ["Answer", "Choice", "CountedUsage", "ToolCall"]


@dataclass(frozen=True, slots=True)
class CountedUsage:
    """
    Tokens under the provider's own reading of each word: the last value that it reported.

    What a word includes differs between providers; :class:`~llm_latency_lens.samples.Usage`
    has the numbers that can be compared and priced.
    """

    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_tokens: int | None = None
    reasoning_tokens: int | None = None
    total_tokens: int | None = None
    billed_input_tokens: int | None = None
    billed_output_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the answers that a request with ``n`` above 1 gets; text only if it is kept."""

    index: int
    finish_reason: str | None = None
    text: str = ""
    reasoning_text: str = ""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """
    One call of a tool, put together from its fragments.

    Attributes:
        choice: Index of the choice that it belongs to.
        kind: The protocol's word for it, ``function`` or ``server_tool_use`` for example.
        arguments: As sent; the JSON of an object that was sent whole.
    """

    choice: int
    kind: str
    id: str | None
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Answer:
    """
    What one response body said, and when.

    A *token event* is an event that carries output: non-empty text, reasoning or refusal, the
    start of a tool call with its name, a fragment of its arguments, a piece of audio or an
    image. Indices count data events from 0, without ``[DONE]`` and comments. An answer that
    was not streamed has no token events: its one moment says nothing about a first token.

    Attributes:
        framing: What held its parts together: ``sse``, ``ndjson``, ``json-array`` or, for one
            value, ``json``; empty for an empty body.
        streamed: Whether the body was a stream of events, whatever the request asked for.
        complete: The body ended as its protocol ends it. A connection that broke off, or a
            server that died quietly, leaves this False; so does an error inside the stream,
            unless the end still followed.
        note: Why something could not be decoded, ``not decoded: ...``; empty when all was.
        error: The error of a failed request or inside a stream.
        token_at_ns: Arrival of each token event, of 65 536 at most.
        token_events: Number of token events.
        last_token_ns: Arrival of the last token event; None without one.
        reasoning_events: Number of the token events that carried reasoning.
        first_output_ns: The first token event with anything other than reasoning.
        finish_reason: Why the first choice ended, in the provider's word.
        incomplete_reason: Why the answer is incomplete, where a protocol says so apart.
        usage: Tokens, comparable between providers.
        usage_counted: Tokens as the provider counts them; None when it did not say.
        usage_raw: The provider's own object, the last value of each key that was not null.
        server_times: Durations that the server measured itself and told in the body.
        prediction: The state of a prediction that others produce while it is fetched.
        done_sentinel: ``[DONE]`` was seen.
        tool_deltas: Events with a fragment of a tool call.
        event_types: How often each type of event came, in the protocol's words.
        content_blocks: Types of the content blocks, in order, where a protocol has them.
        text: Text of the first choice. This, ``reasoning_text``, ``tool_calls`` and the text
            in ``choices`` are empty unless content is kept.
    """

    framing: str = ""
    streamed: bool = False
    complete: bool = False
    note: str = ""
    error: ErrorFacts | None = None
    token_at_ns: tuple[int, ...] = ()
    token_events: int = 0
    last_token_ns: int | None = None
    reasoning_events: int = 0
    first_output_ns: int | None = None
    finish_reason: str | None = None
    incomplete_reason: str | None = None
    model: str = ""
    response_id: str | None = None
    usage: Usage = field(default_factory=Usage)
    usage_counted: CountedUsage | None = None
    usage_raw: Mapping[str, object] | None = None
    server_times: tuple[ServerTime, ...] = ()
    prediction: Prediction | None = None
    data_events: int = 0
    comments: int = 0
    done_sentinel: bool = False
    text_deltas: int = 0
    reasoning_deltas: int = 0
    tool_deltas: int = 0
    first_output_event: int | None = None
    first_output_kind: str | None = None
    first_text_event: int | None = None
    last_output_event: int | None = None
    event_types: Mapping[str, int] = field(default_factory=dict)
    content_blocks: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    text: str = ""
    reasoning_text: str = ""
    tool_calls: tuple[ToolCall, ...] = ()

    @property
    def first_token_ns(self) -> int | None:
        """Arrival of the first token event; None without one."""
        return self.token_at_ns[0] if self.token_at_ns else None
