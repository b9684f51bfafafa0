"""
Timeouts: how long a call may take, step by step.

Each has an error type of its own, so that a report tells a provider that cannot be reached from
one that starts late, one that stalls and one that is slow.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from llm_latency_lens.budgets.units import Unit, read_limit
from llm_latency_lens.errors import UsageError

if TYPE_CHECKING:
    from anyio import CancelScope

__all__ = ["Countdown", "Timeouts", "read_timeouts"]

_NS_PER_S = 1_000_000_000
_WORDS = ("connect", "first_token", "between_tokens", "total")


@dataclass(frozen=True, slots=True)
class Timeouts:
    """
    Limits on the steps of a call; None is no limit.

    Attributes:
        connect_ns: For each connection, ``ConnectTimeout``.
        first_token_ns: From the start of an attempt to the first token of a stream,
            ``FirstTokenTimeout``.
        between_tokens_ns: From one token of a stream to the next, ``BetweenTokensTimeout``.
        total_ns: For the whole call, all attempts and the pauses between them,
            ``TotalTimeout``.
    """

    connect_ns: int | None = 10 * _NS_PER_S
    first_token_ns: int | None = None
    between_tokens_ns: int | None = None
    total_ns: int | None = 600 * _NS_PER_S

    @property
    def connect_s(self) -> float | None:
        """The limit on connecting, in seconds."""
        return _seconds(self.connect_ns)

    def describe(self) -> dict[str, float | None]:
        """Return the limits in seconds, by their words."""
        return {word: _seconds(getattr(self, f"{word}_ns")) for word in _WORDS}


def read_timeouts(given: object) -> Timeouts:
    """
    Return the limits that *given* spells: ``"30s"`` for the total, or a mapping of words.

    The words are ``connect``, ``first_token``, ``between_tokens`` and ``total``. What is left
    out keeps its default; ``None`` takes a limit away.

    Raises:
        UsageError: A word is unknown, or a time has no unit.
    """
    if isinstance(given, Timeouts):
        return given
    words: Mapping[Any, Any] = given if isinstance(given, Mapping) else {"total": given}
    if unknown := [word for word in words if word not in _WORDS]:
        raise UsageError(f"timeout: {unknown[0]!r} is unknown; known are {', '.join(_WORDS)}")
    return Timeouts(
        **{
            f"{word}_ns": None
            if value is None
            else int(read_limit(f"timeout.{word}", Unit.TIME, value))
            for word, value in words.items()
        }
    )


class Countdown:
    """The limits on one call as it goes on, kept by cancelling it."""

    __slots__ = ("_attempt", "_has_token", "_timeouts", "_total")

    def __init__(self, timeouts: Timeouts) -> None:
        self._timeouts = timeouts
        self._total: CancelScope | None = None
        self._attempt: CancelScope | None = None
        self._has_token = False

    @property
    def has_token(self) -> bool:
        """Whether the attempt in progress, or the last one, has brought a token."""
        return self._has_token

    @property
    def attempt_is_cut(self) -> bool:
        """Whether the last attempt was ended by its own limit."""
        return self._attempt is not None and self._attempt.cancelled_caught

    @property
    def call_is_cut(self) -> bool:
        """Whether the call was ended by its total limit."""
        return self._total is not None and self._total.cancelled_caught

    def expired(self) -> str:
        """Return the error type of the limit that ends the call just now; empty when none does."""
        if self._total is not None and self._total.cancel_called:
            return "TotalTimeout"
        if self._attempt is not None and self._attempt.cancel_called:
            return "BetweenTokensTimeout" if self._has_token else "FirstTokenTimeout"
        return ""

    @contextmanager
    def call(self) -> Iterator[None]:
        """Give the call in the block its total time, and leave the block when that runs out."""
        with _limited(self._timeouts.total_ns) as self._total:
            yield

    @contextmanager
    def attempt(self, *, is_streamed: bool) -> Iterator[Callable[[], None]]:
        """
        Give one attempt its time; yield what is to be called at each token.

        When its time runs out the block is left, and ``expired`` says so.
        """
        from anyio import current_time  # noqa: PLC0415 - see runner

        first_ns = self._timeouts.first_token_ns if is_streamed else None
        between_s = _seconds(self._timeouts.between_tokens_ns)
        self._has_token = False
        with _limited(first_ns) as scope:
            self._attempt = scope

            def token() -> None:
                if between_s is not None:
                    scope.deadline = current_time() + between_s
                elif not self._has_token:
                    scope.deadline = float("inf")
                self._has_token = True

            yield token


def _limited(limit_ns: int | None) -> "CancelScope":
    from anyio import CancelScope, current_time  # noqa: PLC0415 - see runner

    if limit_ns is None:
        return CancelScope()
    return CancelScope(deadline=current_time() + limit_ns / _NS_PER_S)


def _seconds(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else nanoseconds / _NS_PER_S
