"""
Scripts: what the simulated provider does with one request of a model.

A script comes from outside, as a JSON object or as keywords, and is checked here; a value of
``Script`` needs no further check.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import Constant, Delay, read_delay, read_duration_ns
from llm_latency_lens.simulator.encoding import Encoding, read_encoding
from llm_latency_lens.simulator.fault import Fault, read_faults
from llm_latency_lens.simulator.replay import Replay, read_replay

__all__ = ["ANY_MODEL", "Script", "ToolCall", "read_script", "read_script_file", "read_scripts"]

ANY_MODEL = "*"
"""The name under which the script of every model without one of its own is kept."""

_MOST_TOKENS = 1_000_000
_DEFAULT_TOKENS = 16
_OK = 200
_NS_PER_SECOND = 1_000_000_000
_TTFT = Constant(20_000_000)
_ITL = Constant(2_000_000)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One call of a tool; the arguments are kept as the JSON text that goes out."""

    name: str
    arguments: str = "{}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """
    What one answer does. Every field has a default; ``read_script`` builds it from plain JSON.

    ``text`` or ``output_tokens`` is the answer, a word being a token; ``reasoning_tokens`` and
    the tokens of ``tool_call`` come on top. OpenAI hides reasoning unless ``show_reasoning``,
    Anthropic sends it as a thinking block. ``input_tokens`` counts all input, cached and
    written to the cache included.

    The first token is due ``ttft`` after the request was read, each later event ``itl`` after
    the one before; with ``tokens_per_event`` an event carries several tokens. An answer that is
    not streamed is due after ``latency``, or else when the stream would have sent its last
    token. ``status`` is a status or several, one a request in turn; a failing one is sent after
    ``latency``, at once without. A list of delays moves on by one a request (``ttft``,
    ``latency``) or an event (``itl``). ``seed`` selects the draws of random delays.

    Of more than ``at_most`` requests in progress at once the later ones get a 429. Above ``knee``
    in progress all delays of a request grow in proportion, so that more of them get no more done.

    A request whose status is 200 may go wrong all the same: ``fault`` has one fault, or several
    with None among them, one a request in turn. ``encoding`` compresses every answer whose
    status is 200, stream or not. A ``replay`` is sent in place of the scripted answer; it is
    not read, so its events count as no tokens, and a fault counts the events instead.
    """

    text: str | None = None
    output_tokens: int | None = None
    reasoning_tokens: int = 0
    show_reasoning: bool = False
    tool_call: ToolCall | None = None
    ttft: Delay = _TTFT
    itl: Delay = _ITL
    tokens_per_event: int = 1
    latency: Delay | None = None
    input_tokens: int = 12
    cached_input_tokens: int = 0
    cache_write_tokens: int = 0
    usage: bool = True
    status: tuple[int, ...] = (_OK,)
    retry_after_ns: int | None = None
    at_most: int | None = None
    knee: int | None = None
    fault: tuple[Fault | None, ...] = (None,)
    encoding: Encoding | None = None
    replay: Replay | None = None
    seed: int = 0

    @property
    def text_tokens(self) -> int:
        """The length of a generated text: none beside a tool call unless asked for."""
        if self.output_tokens is not None:
            return self.output_tokens
        return 0 if self.tool_call else _DEFAULT_TOKENS


def read_script(given: object, model: str = ANY_MODEL) -> Script:
    """
    Return the script that the mapping *given* spells; *model* is named in messages.

    Raises:
        ConfigurationError: A field is unknown or its value cannot be used.
    """
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"script of {model!r}: an object is expected, not {given!r}")
    read: dict[str, Any] = {}
    for word, value in given.items():
        if not isinstance(word, str) or word not in _READERS:
            raise ConfigurationError(f"script of {model!r}: {_unknown(word)}")
        if value is None:
            continue
        try:
            read[_FIELD_OF.get(word, word)] = _READERS[word](word, value)
        except ConfigurationError as refused:
            raise ConfigurationError(f"script of {model!r}: {refused}") from None
    script = Script(**read)
    if contradiction := _contradiction(script):
        raise ConfigurationError(f"script of {model!r}: {contradiction}")
    return script


def read_scripts(given: object) -> dict[str, Script]:
    """
    Return the scripts of an object ``{"model": {...}, "*": {...}}``, by model.

    Raises:
        ConfigurationError: As ``read_script``.
    """
    if not isinstance(given, Mapping):
        raise ConfigurationError('scripts: {"model name": {...}, "*": {...}} is expected')
    return {model: read_script(script, model) for model, script in given.items()}


def read_script_file(path: Path) -> dict[str, Script]:
    """
    Return the scripts of the JSON file at *path*, by model.

    Raises:
        ConfigurationError: The file cannot be read, is no JSON, or holds a bad script.
    """
    try:
        return read_scripts(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise ConfigurationError(f"script file {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"script file {path} is no JSON: {error}") from error
    except ConfigurationError as error:
        raise ConfigurationError(f"script file {path}: {error}") from None


def _contradiction(script: Script) -> str | None:
    if script.text is not None and script.output_tokens is not None:
        return "text and output_tokens both set the length; give one of them"
    if script.cached_input_tokens + script.cache_write_tokens > script.input_tokens:
        return (
            "cached_input_tokens and cache_write_tokens are part of "
            f"input_tokens ({script.input_tokens}); raise input_tokens"
        )
    told = {fault.kind for fault in script.fault if fault} & {"error_event", "no_end"}
    if script.replay and told:
        return f"a replay is sent as recorded, so it cannot have the fault {min(told)}"
    return None


def _unknown(word: object) -> str:
    near = get_close_matches(str(word), _READERS, n=1)
    meant = f", did you mean {near[0]!r}?" if near else ""
    return f"unknown field {word!r}{meant} (fields: {', '.join(_READERS)})"


def _read_flag(word: str, value: object) -> bool:
    if not isinstance(value, bool):
        raise ConfigurationError(f"{word}={value!r}: true or false is expected")
    return value


def _read_text(word: str, value: object) -> str:
    if not isinstance(value, str):
        raise ConfigurationError(f"{word}={value!r}: a text is expected")
    return value


def _count_from(lowest: int) -> Callable[[str, object], int]:
    def read(word: str, value: object) -> int:
        if (
            isinstance(value, bool)
            or not isinstance(value, int)
            or not lowest <= value <= _MOST_TOKENS
        ):
            raise ConfigurationError(
                f"{word}={value!r}: a whole number from {lowest} to {_MOST_TOKENS} is expected"
            )
        return value

    return read


def _read_tool_call(word: str, value: object) -> ToolCall:
    match value:
        case {"name": str(name), **rest} if name and rest.keys() <= {"arguments"}:
            arguments = rest.get("arguments", {})
            if isinstance(arguments, Mapping):
                with suppress(TypeError, ValueError):
                    return ToolCall(name, json.dumps(dict(arguments)))
    raise ConfigurationError(
        f'{word}={value!r}: {{"name": "lookup", "arguments": {{"city": "Oslo"}}}} is expected'
    )


def _read_status(word: str, value: object) -> tuple[int, ...]:
    listed = value if isinstance(value, list | tuple) else [value]
    for status in listed:
        if type(status) is not int or not (status == _OK or 400 <= status <= 599):  # noqa: PLR2004 - HTTP
            raise ConfigurationError(f"{word}={value!r}: 200 or an error from 400 to 599 is meant")
    if not listed:
        raise ConfigurationError(f"{word}={value!r}: at least one status is expected")
    return tuple(listed)


def _read_retry_after(word: str, value: object) -> int:
    # A bare number is in seconds, as in the header that it becomes.
    return read_duration_ns(word, value, bare_unit_ns=_NS_PER_SECOND)


_READERS: dict[str, Callable[[str, object], object]] = {
    "text": _read_text,
    "output_tokens": _count_from(0),
    "reasoning_tokens": _count_from(0),
    "show_reasoning": _read_flag,
    "tool_call": _read_tool_call,
    "ttft": read_delay,
    "itl": read_delay,
    "tokens_per_event": _count_from(1),
    "latency": read_delay,
    "input_tokens": _count_from(0),
    "cached_input_tokens": _count_from(0),
    "cache_write_tokens": _count_from(0),
    "usage": _read_flag,
    "status": _read_status,
    "retry_after": _read_retry_after,
    "at_most": _count_from(0),
    "knee": _count_from(1),
    "fault": read_faults,
    "encoding": read_encoding,
    "replay": read_replay,
    "seed": _count_from(0),
}
_FIELD_OF = {"retry_after": "retry_after_ns"}
assert {_FIELD_OF.get(word, word) for word in _READERS} == {each.name for each in fields(Script)}
