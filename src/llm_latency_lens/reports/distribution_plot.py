"""
The distributions of latency and TTFT, as SVG: a lane for each model and metric, one axis for all.

Bars count calls in steps of the axis; the marks are the percentiles of the document. A failed call
has no place on the axis and is counted at its right end.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.budgets import amount
from llm_latency_lens.reports.figures import read_failed, say_count
from llm_latency_lens.reports.markup import Element, element

__all__ = ["MOST_MODELS", "draw_distributions"]

MOST_MODELS = 12

_WIDTH = 1040
_LEFT, _RIGHT = 100, 930
_BAR, _LEAST_BAR = 6, 2.0
_HEAD, _LANE, _BARS, _GAP, _TOP, _FOOT = 20, 58, 32, 18, 4, 30
# Below it a lane of few calls would look as full as one of many.
_LEAST_SCALE = 4
_LOG_FROM = 15
_MOST_TICKS = 9
_LANES = {"ttft": "first token", "latency": "latency"}


@dataclass(frozen=True, slots=True)
class _Axis:
    """A time axis in milliseconds, linear or by powers of ten."""

    low: float
    high: float
    is_log: bool

    @classmethod
    def over(cls, values: Sequence[float]) -> "_Axis":
        """Return an axis that holds all *values* (above zero) and ends on round numbers."""
        low, high = min(values), max(values)
        if high / low < _LOG_FROM:
            step = _step(high)
            return cls(0.0, math.ceil(high / step) * step, is_log=False)
        steps = [mark * 10.0**power for power in range(-4, 9) for mark in (1, 2, 5)]
        return cls(
            max((one for one in steps if one <= low), default=low),
            min((one for one in steps if one >= high), default=high),
            is_log=True,
        )

    def at(self, value: float) -> float:
        """Return the x of a value."""
        return _LEFT + self.share(value) * (_RIGHT - _LEFT)

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies, from 0 to 1."""
        if self.is_log:
            share = math.log(max(value, self.low) / self.low) / math.log(self.high / self.low)
        else:
            share = value / self.high
        return min(max(share, 0.0), 1.0)

    def value(self, x: float) -> float:
        """Return the value at an x."""
        share = (x - _LEFT) / (_RIGHT - _LEFT)
        return self.low * (self.high / self.low) ** share if self.is_log else self.high * share

    def ticks(self) -> list[float]:
        """Return round values along the axis."""
        if not self.is_log:
            step = _step(self.high)
            return [step * count for count in range(round(self.high / step) + 1)]
        powers = range(math.floor(math.log10(self.low)), math.ceil(math.log10(self.high)) + 1)
        marks = [mark * 10.0**power for power in powers for mark in (1, 2, 5)]
        inside = [one for one in marks if self.low <= one * 1.0001 and one <= self.high * 1.0001]
        if len(inside) <= _MOST_TICKS:
            return inside
        return [one for one in inside if math.log10(one) % 1 < 1e-9]  # noqa: PLR2004 - tens alone


def draw_distributions(document: Mapping[str, Any]) -> Element | None:
    """Return the plot of the models with most calls; None when there is no time to show."""
    groups = sorted(document["models"], key=lambda group: -int(group["calls"]))[:MOST_MODELS]
    lanes = [(group, _lanes(group, document)) for group in groups]
    values = [one for _, each in lanes for times in each.values() for one in times]
    if not values:
        return None
    axis = _Axis.over(values)
    parts: list[Element] = []
    y = _TOP
    for group, each in lanes:
        parts += _model(group, each, axis, y)
        y += _HEAD + _LANE * len(each) + _GAP
    bottom = y - _GAP + 6
    return element(
        "svg",
        element("title", "Distribution of time to first token and latency by model"),
        element("desc", "The percentiles are in the table of models, too."),
        *_grid(axis, bottom),
        *parts,
        viewBox=f"0 0 {_WIDTH} {bottom + _FOOT}",
        role="img",
        class_="plot",
    )


def _lanes(group: Mapping[str, Any], document: Mapping[str, Any]) -> dict[str, list[float]]:
    """Return the times of a model by metric; a metric without any has no lane."""
    key = (group["provider"], group["model"])
    calls = [
        call
        for call in document["calls"]
        if call.get("phase", "call") == "call"
        and (call["provider"], call.get("requested_model", "")) == key
    ]
    found = {
        "ttft": [call.get("ttft_ms") for call in calls],
        "latency": [call.get("latency_ms") for call in calls if call["status"] == "ok"],
    }
    times = {name: [one for one in values if one] for name, values in found.items()}
    return {name: values for name, values in times.items() if values}


def _model(
    group: Mapping[str, Any], lanes: Mapping[str, Sequence[float]], axis: _Axis, y: int
) -> Iterator[Element]:
    aside = f"{_short(group['provider'], 40)}, {say_count(group['calls'], 'call')}"
    yield element(
        "text",
        element("tspan", _short(group["model"], 60), class_="model"),
        element("tspan", aside, dx=10, class_="quiet"),
        x=0,
        y=y + 14,
        class_="head",
    )
    if failed := read_failed(group):
        told = f"\N{MULTIPLICATION X} {failed} failed"
        yield element("text", told, x=_RIGHT + 14, y=y + 14, class_="bad")
    y += _HEAD
    for name, times in lanes.items():
        yield element("g", *_lane(name, times, group, axis, y), class_=name)
        y += _LANE


def _lane(
    name: str, times: Sequence[float], group: Mapping[str, Any], axis: _Axis, y: int
) -> Iterator[Element]:
    ground = y + _LANE - 8
    steps = Counter(int((axis.at(one) - _LEFT) // _BAR) for one in times)
    scale = _BARS / max(*steps.values(), _LEAST_SCALE)
    for step, count in sorted(steps.items()):
        x, height = _LEFT + step * _BAR, max(round(count * scale, 1), _LEAST_BAR)
        edges = (amount(axis.value(edge), "ms") for edge in (x, x + _BAR))
        yield element(
            "rect",
            element("title", f"{say_count(count, 'call')} of {' to '.join(edges)}"),
            x=x,
            y=ground - height,
            width=_BAR - 1,
            height=height,
        )
    yield element("line", x1=_LEFT, x2=_RIGHT, y1=ground + 0.5, y2=ground + 0.5, class_="ground")
    yield element("text", _LANES[name], x=_LEFT - 10, y=ground - 2, class_="lane")
    known = group.get(f"{name}_ms") or {}
    for q, anchor in (("p50", "end"), ("p95", "start")):
        value = known.get(q)
        if value is not None:
            yield from _mark(q, value, axis, ground, anchor)
        elif q == "p95":
            place = {"x": _RIGHT + 14, "y": ground - _BARS // 2 - 5}
            yield element("text", "p95 failed", **place, class_="bad")


def _mark(q: str, value: float, axis: _Axis, ground: int, anchor: str) -> Iterator[Element]:
    x = round(axis.at(value), 1)
    # Each label keeps to its own side of its mark, so that the two never meet.
    yield element("line", x1=x, x2=x, y1=ground - _BARS - 14, y2=ground, class_=f"mark {q}")
    yield element(
        "text",
        f"{q} {amount(value, 'ms')}",
        x=x + (4 if anchor == "start" else -4),
        y=ground - _BARS - 5,
        text_anchor=anchor,
        class_="figure",
    )


def _grid(axis: _Axis, bottom: int) -> Iterator[Element]:
    for tick in axis.ticks():
        x = round(axis.at(tick), 1)
        yield element("line", x1=x, x2=x, y1=0, y2=bottom, class_="grid")
        label = amount(tick, "ms") if tick else "0"
        yield element("text", label, x=x, y=bottom + 17, text_anchor="middle", class_="quiet")
    if axis.is_log:
        yield element("text", "log scale", x=_WIDTH, y=bottom + 17, class_="quiet scale")


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}\N{HORIZONTAL ELLIPSIS}"


def _step(most: float) -> float:
    """Return a round step that divides *most* into a handful of parts."""
    raw = most / 6
    power = 10.0 ** math.floor(math.log10(raw))
    return next(mark * power for mark in (1, 2, 5, 10) if mark * power >= raw)
