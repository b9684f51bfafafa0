"""
Waits: how long something takes or is still to wait for, as headers spell it.

Nothing here raises on text that a server can send; what cannot be read is None.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache

__all__ = ["read_number", "read_wait", "server_now_ns"]

_NS_PER_US = 1_000
_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_UNITS = {
    "ns": 1,
    "us": _NS_PER_US,
    "µs": _NS_PER_US,  # the micro sign and the Greek letter: Go writes one and reads both
    "\u03bcs": _NS_PER_US,
    "ms": _NS_PER_MS,
    "s": _NS_PER_S,
    "m": 60 * _NS_PER_S,
    "h": 3600 * _NS_PER_S,
}
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_PART = re.compile(rf"({_NUMBER.pattern})({'|'.join(_UNITS)})")
_DURATION = re.compile(rf"(?:{_PART.pattern})+")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_TEXT = 64
# Numbers from here on, which as seconds are 31 years, are moments: seconds since the epoch,
# then milliseconds since the epoch. What is larger still has no unit that we know.
_FIRST_EPOCH_S = 10**9
_FIRST_EPOCH_MS = 10**11
_FIRST_UNKNOWN = 10**14
_LONGEST_NS = _FIRST_EPOCH_S * _NS_PER_S


def read_number(text: str, unit_ns: int) -> int | None:
    """Return a plain number of units of *unit_ns* in nanoseconds."""
    text = text.strip()
    if len(text) > _LONGEST_TEXT or not _NUMBER.fullmatch(text):
        return None
    return _bounded(_scaled(text, unit_ns))


def read_wait(text: str, now_ns: int) -> int | None:
    """
    Return the nanoseconds from *now_ns*, on the wall clock, that a header says to wait.

    It may say so in plain seconds (``1.5``), as a Go duration (``6m0s``), or by the moment that
    is waited for: RFC 3339, HTTP date, seconds or milliseconds since the epoch. A moment that
    has passed is no wait: 0.
    """
    text = text.strip()
    if len(text) > _LONGEST_TEXT:
        return None
    if _NUMBER.fullmatch(text):
        return _wait_of_number(text, now_ns)
    if _DURATION.fullmatch(text):
        parts = _PART.findall(text)
        return _bounded(sum(_scaled(number, _UNITS[unit]) for number, unit in parts))
    return _until(_read_moment(text), now_ns)


def server_now_ns(headers: Iterable[tuple[str, str]], wall_ns: int) -> int:
    """Return the server's wall clock by its ``date`` header; *wall_ns* when it told none."""
    text = next((value for name, value in headers if name.lower() == "date"), "")
    moment = _read_moment(text) if len(text) <= _LONGEST_TEXT else None
    return wall_ns if moment is None else moment


def _scaled(number: str, unit: int) -> int:
    """Return *number*, a decimal, times *unit*, to the nearest whole."""
    whole, _, decimals = number.partition(".")
    scaled = int(whole) * unit
    if decimals:
        one = 10 ** len(decimals)
        scaled += (2 * int(decimals) * unit + one) // (2 * one)
    return scaled


def _wait_of_number(text: str, now_ns: int) -> int | None:
    whole = int(text.partition(".")[0])
    if whole >= _FIRST_UNKNOWN:
        return None
    if whole >= _FIRST_EPOCH_MS:
        return _until(_scaled(text, _NS_PER_MS), now_ns)
    if whole >= _FIRST_EPOCH_S:
        return _until(_scaled(text, _NS_PER_S), now_ns)
    return _scaled(text, _NS_PER_S)


# Several limits end at one moment, and the date of two calls is often the same.
@lru_cache(maxsize=64)
def _read_moment(text: str) -> int | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return (moment - _EPOCH) // timedelta(microseconds=1) * _NS_PER_US
    return None


def _until(moment_ns: int | None, now_ns: int) -> int | None:
    return None if moment_ns is None else _bounded(max(moment_ns - now_ns, 0))


def _bounded(nanoseconds: int) -> int | None:
    return nanoseconds if nanoseconds <= _LONGEST_NS else None
