"""
The content of an answer, before any wire protocol: its tokens, how it ends, its usage.

An answer depends on the script and on the caller's token limit alone, never on the prompt.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Literal, NamedTuple

from llm_latency_lens.simulator.script import Script, ToolCall

__all__ = ["Answer", "Finish", "Step", "StepKind", "Usage", "compose"]

StepKind = Literal["reasoning", "text", "tool"]
Finish = Literal["stop", "length", "tool"]

_WORDS = (
    *("the", "clock", "starts", "when", "a", "request", "leaves", "and"),
    *("stops", "with", "its", "last", "byte", "so", "every", "token", "counts"),
)
_TEXT_TOKEN = re.compile(r"\s*\S+|\s+")
_ARGUMENT_TOKEN = re.compile(r".{1,4}", re.DOTALL)
_KEPT_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class Usage:
    """
    Tokens that are billed.

    Cached and written tokens are part of ``input_tokens``, reasoning is part of
    ``output_tokens``.
    """

    input_tokens: int
    output_tokens: int
    reasoning_tokens: int
    cached_input_tokens: int
    cache_write_tokens: int


class Step(NamedTuple):
    """
    What one streamed event adds to the answer.

    The first step of a tool call has no text: it carries the name, which counts one token.
    ``quoted`` is the text as a JSON string, made once because it is sent with every request.
    """

    kind: StepKind
    text: str
    tokens: int
    quoted: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """The steps in the order of sending, why they end, and what they cost."""

    steps: tuple[Step, ...]
    finish: Finish
    usage: Usage
    tool_call: ToolCall | None

    def without_words(self) -> "Answer":
        """Return the answer with its input alone, as one with embeddings has it."""
        usage = replace(self.usage, output_tokens=0, reasoning_tokens=0)
        return Answer((), "stop", usage, None)

    def joined(self, kind: StepKind) -> str:
        """Return the whole text of the steps of one kind; empty when there are none."""
        return "".join(step.text for step in self.steps if step.kind == kind)

    @property
    def tokens(self) -> int:
        """The tokens that are sent; hidden reasoning is not among them."""
        return sum(step.tokens for step in self.steps)


@lru_cache(maxsize=_KEPT_ANSWERS)
def compose(script: Script, limit: int | None, *, show_reasoning: bool) -> Answer:
    """
    Return the answer of *script*, cut after *limit* tokens (None: whole).

    Reasoning that is not shown counts against the limit, as providers have it.
    """
    hidden = 0 if show_reasoning else script.reasoning_tokens
    pieces: list[tuple[StepKind, str]] = []
    if show_reasoning:
        pieces.extend(("reasoning", word) for word in _words(script.reasoning_tokens))
    pieces.extend(("text", word) for word in _text(script))
    if script.tool_call:
        pieces.append(("tool", ""))
        pieces.extend(
            ("tool", part) for part in _ARGUMENT_TOKEN.findall(script.tool_call.arguments)
        )
    whole = hidden + len(pieces)
    is_cut = limit is not None and whole > limit
    if limit is not None:
        hidden = min(hidden, limit)
        pieces = pieces[: limit - hidden]
    reasoning = hidden + sum(kind == "reasoning" for kind, _ in pieces)
    has_tool = any(kind == "tool" for kind, _ in pieces)
    return Answer(
        steps=tuple(_steps(pieces, script.tokens_per_event)),
        finish="length" if is_cut else "tool" if has_tool else "stop",
        usage=Usage(
            input_tokens=script.input_tokens,
            output_tokens=hidden + len(pieces),
            reasoning_tokens=reasoning,
            cached_input_tokens=script.cached_input_tokens,
            cache_write_tokens=script.cache_write_tokens,
        ),
        tool_call=script.tool_call if has_tool else None,
    )


def _words(count: int) -> Iterator[str]:
    for index in range(count):
        word = _WORDS[index % len(_WORDS)]
        yield f" {word}" if index else word


def _text(script: Script) -> Iterator[str]:
    if script.text is not None:
        return iter(_TEXT_TOKEN.findall(script.text))
    return _words(script.text_tokens)


def _steps(pieces: list[tuple[StepKind, str]], size: int) -> Iterator[Step]:
    start = 0
    while start < len(pieces):
        kind, first = pieces[start]
        # The name of a tool travels alone, as in the recordings.
        most = 1 if kind == "tool" and not first else size
        same: list[str] = []
        for each, text in islice(pieces, start, start + most):
            if each != kind or (same and kind == "tool" and not text):
                break
            same.append(text)
        joined = "".join(same)
        yield Step(kind, joined, len(same), json.dumps(joined).encode())
        start += len(same)
