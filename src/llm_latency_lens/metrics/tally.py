"""
Tally: what an :class:`~llm_latency_lens.metrics.Aggregate` holds, each part made when asked for.

Ten thousand samples take some milliseconds. So one comprehension makes all values of a metric, and
samples are looked at more closely only where there is something odd: a call that failed, a stamp
that is missing, an answer of one piece.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import chain
from operator import sub
from typing import Any

from llm_latency_lens.metrics.distribution import Distribution
from llm_latency_lens.metrics.sums import CostSum, TokenSum
from llm_latency_lens.samples import Sample, Status

__all__ = ["Tally"]

_FAILED = (Status.ERROR, Status.TIMEOUT, Status.CUT)
_OK = Status.OK
_Limits = Mapping[str, tuple[Fraction | int, ...]]


class Tally:
    """
    The parts of the aggregate of *calls*.

    *limits* are the limits of budgets by time metric, as for ``Aggregate.of``.

    Attributes:
        calls: The calls.
    """

    # Stamps and counts that may be None are Any here: what is not there raises, and is caught.

    def __init__(self, calls: Sequence[Sample], limits: _Limits | None = None) -> None:
        self.calls = calls
        self._limits = limits or {}
        self._times: dict[str, Distribution] = {}

    def times(self, name: str) -> Distribution:
        """Return the distribution of a time metric, such as ``latency``."""
        if name not in self._times:
            self._times[name] = self._make_times(name)
        return self._times[name]

    @cached_property
    def counts(self) -> dict[str, Any]:
        """The fields of the aggregate that are no distributions."""
        by_status = self._by_status
        tries = [one.attempts for one in self.calls]
        attempts = _counted([attempt.outcome.status for some in tries for attempt in some])
        all_attempts = sum(attempts.values())
        paces, no_usage = self._paces
        return {
            "calls": len(self.calls),
            "ok": by_status[_OK],
            "errors": by_status[Status.ERROR],
            "timeouts": by_status[Status.TIMEOUT],
            "cut": by_status[Status.CUT],
            "cancelled": by_status[Status.CANCELLED],
            "streamed": self._streamed,
            "single_event": len(self._answers) - len(paces) - no_usage,
            "no_usage": no_usage,
            "retries": all_attempts - (len(tries) if all(tries) else sum(map(bool, tries))),
            "attempts": all_attempts,
            "failed_attempts": sum(attempts[status] for status in _FAILED),
            "cancelled_attempts": attempts[Status.CANCELLED],
            "errors_by_type": _errors_by_type(self._failed),
            "tokens": TokenSum.of_usages(self._usages),
            "cost": CostSum.of_costs([one.cost for one in self.calls]),
        }

    def _make_times(self, name: str) -> Distribution:
        limits = self._limits.get(name, ())
        if name == "ttfo" and limits == self._limits.get("ttft", ()) and self._is_unreasoned:
            return self.times("ttft")
        values, infinite = _METRICS[name](self)
        return Distribution.of(values, infinite, limits)

    @property
    def _is_unreasoned(self) -> bool:
        """Whether every first token was a first output, so that both times are one."""
        return self._first_tokens == [line.first_output_ns for line in self._lines]

    def _latency(self) -> tuple[Iterable[int], int]:
        if len(self.succeeded) == len(self.calls):
            return list(map(sub, self._ends, self._starts)), 0
        return [one.latency_ns for one in self.succeeded], len(self._failed)

    def _ttft(self) -> tuple[Iterable[int], int]:
        try:
            return list(map(sub, self._first_tokens, self._starts)), 0
        except TypeError:
            return self._reached("ttft_ns", "first_token_ns")

    def _ttfo(self) -> tuple[Iterable[int], int]:
        return self._reached("ttfo_ns", "first_output_ns")

    def _wire_ttft(self) -> tuple[Iterable[int], int]:
        try:
            sent = [line.sent_ns for line in self._lines]
            return list(map(sub, self._first_tokens, sent)), 0
        except TypeError:
            return self._reached("wire_ttft_ns", "first_token_ns")

    def _reached(self, time: str, end: str) -> tuple[Iterable[int], int]:
        """Return the times that there are, and how many streamed calls failed before their end."""
        mute = sum(one.streamed and getattr(one.timeline, end) is None for one in self._failed)
        times = [getattr(one, time) for one in self.calls]
        return [one for one in times if one is not None], mute

    def _tpot(self) -> tuple[Iterable[int], int]:
        return self._paces[0], sum(one.streamed for one in self._failed)

    def _itl(self) -> tuple[Iterable[int], int]:
        return chain.from_iterable([one.gaps_ns for one in self.calls]), 0

    @cached_property
    def _lines(self) -> list[Any]:
        return [one.timeline for one in self.calls]

    @cached_property
    def _starts(self) -> list[int]:
        return [line.started_ns for line in self._lines]

    @cached_property
    def _ends(self) -> list[int]:
        return [line.ended_ns for line in self._lines]

    @cached_property
    def _first_tokens(self) -> list[Any]:
        return [line.first_token_ns for line in self._lines]

    @cached_property
    def _usages(self) -> list[Any]:
        return [one.usage for one in self.calls]

    @cached_property
    def _by_status(self) -> dict[Status, int]:
        return _counted([one.outcome.status for one in self.calls])

    @cached_property
    def _streamed(self) -> int:
        return [one.streamed for one in self.calls].count(True)

    @cached_property
    def span_ns(self) -> int:
        """From the start of the first call to the end of the last; 0 without a call."""
        return max(self._ends) - min(self._starts) if self.calls else 0

    @cached_property
    def succeeded(self) -> Sequence[Sample]:
        """The calls that succeeded."""
        if self._by_status[_OK] == len(self.calls):
            return self.calls
        return [one for one in self.calls if one.outcome.status is _OK]

    @cached_property
    def _failed(self) -> Sequence[Sample]:
        if not any(self._by_status[status] for status in _FAILED):
            return ()
        return [one for one in self.calls if one.outcome.failed]

    @cached_property
    def _answers(self) -> Sequence[Sample]:
        """The streamed calls that succeeded."""
        if len(self.succeeded) == len(self.calls) == self._streamed:
            return self.calls
        return [one for one in self.succeeded if one.streamed]

    @cached_property
    def _paces(self) -> tuple[list[int], int]:
        """Time per output token of the answers that have one; how many lack a token count."""
        answers = self._answers
        if answers is self.calls:
            lines, usages, firsts = self._lines, self._usages, self._first_tokens
        else:
            lines, usages = [one.timeline for one in answers], [one.usage for one in answers]
            firsts = [line.first_token_ns for line in lines]
        events = [one.token_events for one in answers]
        tokens = [told.output_tokens for told in usages]
        reasoning = [told.reasoning_tokens for told in usages]
        try:
            if min(events) > 1 and min(tokens) > 1 and not any(reasoning):
                # As Sample.tpot_ns has it, which looks at each.
                lasts = [line.last_token_ns for line in lines]
                return [
                    round((last - first) / (count - 1))
                    for first, last, count in zip(firsts, lasts, tokens, strict=True)
                ], 0
        except (TypeError, ValueError):
            pass  # a count or a stamp is missing, or there is no answer at all
        paces = [one.tpot_ns for one in answers]
        unknown = [told is None and count > 1 for told, count in zip(tokens, events, strict=True)]
        return [round(pace) for pace in paces if pace is not None], unknown.count(True)


_METRICS = {
    name: getattr(Tally, f"_{name}")
    for name in ("latency", "ttft", "ttfo", "itl", "tpot", "wire_ttft")
}


def _counted(statuses: list[Status]) -> dict[Status, int]:
    # Most often all are alike, and then this is faster than to hash each.
    counts = dict.fromkeys(Status, 0)
    left = len(statuses)
    for status in Status:
        if left:
            counts[status] = statuses.count(status)
            left -= counts[status]
    return counts


def _errors_by_type(failed: Iterable[Sample]) -> tuple[tuple[str, int], ...]:
    types = Counter(one.outcome.error_type or one.outcome.status.value for one in failed)
    return tuple(sorted(types.items()))
