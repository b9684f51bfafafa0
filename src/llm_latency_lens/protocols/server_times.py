"""
Server times: durations that the server measured itself, read from response headers.

Nothing raises; what cannot be read is left out, and of a flood only the first are kept.
"""

import re
from collections.abc import Iterable, Iterator

from llm_latency_lens.protocols.waits import read_number
from llm_latency_lens.samples import ServerTime

__all__ = ["MOST_TIMES", "read_server_times"]

MOST_TIMES = 16

_NS_PER_MS = 1_000_000
_UNTIL_HEADERS = "until headers"
# All in milliseconds. The last five are those of Text Generation Inference, as Together sends
# them; its x-compute-time repeats x-total-time, but in seconds at some servers.
_COVERS = {
    "openai-processing-ms": _UNTIL_HEADERS,
    "x-envoy-upstream-service-time": _UNTIL_HEADERS,
    "x-kong-upstream-latency": _UNTIL_HEADERS,
    "x-inference-time": "inference",
    "x-queue-time": "queue",
    "x-time-per-token": "one token",
    "x-total-time": "whole call",
    "x-validation-time": "validation",
}
_TIMING = "server-timing"
_NAMES = frozenset({_TIMING, *_COVERS})
_LONGEST_TIMING = 2_048
# Between separators: anything but a quote, or a quoted string, which may lack its end: so no
# text makes the search start over.
_QUOTED = r'"(?:[^"\\]|\\.?)*+"?'
_METRICS = re.compile(rf'(?:[^",]|{_QUOTED})+', re.DOTALL)
_PARAMETERS = re.compile(rf'(?:[^";]|{_QUOTED})+', re.DOTALL)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}")


def read_server_times(headers: Iterable[tuple[str, str]]) -> tuple[ServerTime, ...]:
    """Return the durations that *headers* tell, in the order sent, the first of each name."""
    times: dict[str, ServerTime] = {}
    for name, value in headers:
        key = name.lower()
        if key in _NAMES:
            for time in _read(key, value):
                if len(times) < MOST_TIMES:
                    times.setdefault(time.name, time)
    return tuple(times.values())


def _read(name: str, value: str) -> Iterator[ServerTime]:
    if name == _TIMING:
        if len(value) <= _LONGEST_TIMING:
            yield from _read_timing(value)
    else:
        nanoseconds = read_number(value, _NS_PER_MS)
        if nanoseconds is not None:
            yield ServerTime(name, nanoseconds, _COVERS[name])


def _read_timing(value: str) -> Iterator[ServerTime]:
    for metric in _METRICS.findall(value):
        parts = [part.strip() for part in _PARAMETERS.findall(metric)]
        name, *parameters = parts or [""]
        nanoseconds = _duration(parameters)
        if nanoseconds is not None and _TOKEN.fullmatch(name):
            yield ServerTime(f"server-timing:{name}", nanoseconds, _UNTIL_HEADERS)


def _duration(parameters: list[str]) -> int | None:
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key.strip().lower() == "dur":
            return read_number(value.strip().strip('"'), _NS_PER_MS)
    return None
