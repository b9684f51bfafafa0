"""
Faults: how an answer that began well goes wrong, as a script spells it.

What a fault does to an answer is the business of ``breaking``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import read_duration_ns

__all__ = ["ErrorShape", "Fault", "FaultKind", "read_faults"]

FaultKind = Literal["error_event", "stall", "cut", "no_end", "empty", "not_json", "redirect"]
ErrorShape = Literal["both", "error", "flat", "failed"]

_MOST_TOKENS = 1_000_000
_STALL_NS = 60_000_000_000
_EXPECTED = (
    'expected {"error_event": 3}, {"stall": 3}, {"stall": null}, {"cut": 3}, {"cut": null}, '
    '"no_end", "empty", "not_json", "redirect", or a list of these and null, one a request in turn'
)


@dataclass(frozen=True, slots=True)
class Fault:
    """
    One way to go wrong; at most *after* tokens are sent before it.

    ``error_event`` sends an error inside the stream, ``cut`` closes the connection, ``stall``
    sends nothing more and closes the connection after ``lasts_ns``; the two come before the
    headers when ``after`` is None. ``no_end`` leaves out all that follows the last token,
    ``empty`` has no event at all, ``not_json`` is a page of HTML, ``redirect`` a 307 to the same
    address. ``shape`` is that of the error in OpenAI Responses: the event ``error`` with its
    fields nested, as recorded, or ``flat``, as documented; ``failed`` for ``response.failed``.
    """

    kind: FaultKind
    after: int | None = 0
    shape: ErrorShape = "both"
    lasts_ns: int = 0

    @property
    def breaks_off(self) -> bool:
        """Whether the connection ends in the middle of the answer, or before it."""
        return self.kind in {"stall", "cut"}


_PLAIN = (Fault("no_end", _MOST_TOKENS), Fault("empty"), Fault("not_json"), Fault("redirect"))


def read_faults(word: str, value: object) -> tuple[Fault | None, ...]:
    """
    Return the faults that *value* spells, one a request in turn; None is a sound answer.

    Raises:
        ConfigurationError: The spelling is none of the known ones.
    """
    listed = value if isinstance(value, list | tuple) else [value]
    if not listed:
        raise ConfigurationError(f"{word}={value!r}: at least one fault is expected")
    return tuple(None if each is None else _read_fault(word, each) for each in listed)


def _read_fault(word: str, value: object) -> Fault:
    if isinstance(value, Mapping):
        match dict(value):
            case {"error_event": after, **rest} if rest.keys() <= {"shape"}:
                shape = _read_shape(word, rest.get("shape", "both"))
                return Fault("error_event", _read_after(f"{word}.error_event", after), shape)
            case {"cut": after, **rest} if not rest:
                return Fault("cut", _read_place(f"{word}.cut", after))
            case {"stall": after, **rest} if rest.keys() <= {"lasts"}:
                lasts_ns = _STALL_NS
                if "lasts" in rest:
                    lasts_ns = read_duration_ns(f"{word}.lasts", rest["lasts"])
                return Fault("stall", _read_place(f"{word}.stall", after), lasts_ns=lasts_ns)
    for fault in _PLAIN:
        if value == fault.kind:
            return fault
    raise ConfigurationError(f"{word}={value!r}: {_EXPECTED}")


def _read_place(word: str, value: object) -> int | None:
    return None if value is None else _read_after(word, value)


def _read_after(word: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST_TOKENS:
        raise ConfigurationError(f"{word}={value!r}: the tokens sent before it are expected, or 0")
    return value


def _read_shape(word: str, value: object) -> ErrorShape:
    for shape in get_args(ErrorShape):
        if value == shape:
            return shape  # type: ignore[no-any-return]
    raise ConfigurationError(
        f"{word}.shape={value!r}: one of {', '.join(get_args(ErrorShape))} is expected"
    )
