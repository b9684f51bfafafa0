"""Calls on the HTML page: the slowest ones and where their time went, and the failed ones."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from llm_latency_lens.budgets import amount
from llm_latency_lens.reports.markup import Element, element

__all__ = ["list_failed_calls", "list_slowest_calls"]

_MOST = 12
_WIDTH = 240
_PHASES = {
    "retries": "failed attempts and pauses",
    "sending": "connecting and sending",
    "waiting": "waiting for the first token",
    "streaming": "streaming",
}
_FAILED = {"error", "timeout", "cut"}

Call = Mapping[str, Any]


def list_slowest_calls(document: Mapping[str, Any]) -> Element | None:
    """Return the section of the slowest calls that succeeded; None when none did."""
    calls = [call for call in _of_bodies(document) if call["status"] == "ok"]
    slowest = sorted(calls, key=lambda call: -(call.get("latency_ms") or 0))[:_MOST]
    if not slowest or not slowest[0].get("latency_ms"):
        return None
    longest = slowest[0]["latency_ms"]
    return element(
        "section",
        element("h2", "Slowest calls", id="slowest"),
        element("p", "And where their time went.", class_="quiet"),
        element("ul", *map(_key, _PHASES), class_="legend"),
        _table(
            ("Test", "Model", "Run", "Latency", "First token", "Time"),
            [_slow(call, longest) for call in slowest],
        ),
        aria_labelledby="slowest",
    )


def list_failed_calls(document: Mapping[str, Any]) -> Element | None:
    """Return the section of failed calls; None when there is none."""
    calls = [call for call in _of_bodies(document) if call["status"] in _FAILED]
    if not calls:
        return None
    more = len(calls) - _MOST
    return element(
        "section",
        element("h2", "Failed calls", id="failed"),
        element(
            "p", "Each counts as infinitely slow in percentiles and in budgets.", class_="quiet"
        ),
        _table(
            ("Test", "Model", "Run", "Failed after", "Ended as"),
            [_failed(call) for call in calls[:_MOST]],
        ),
        element("p", f"... and {more} more.", class_="quiet") if more > 0 else None,
        aria_labelledby="failed",
    )


def _of_bodies(document: Mapping[str, Any]) -> list[Call]:
    return [call for call in document["calls"] if call.get("phase", "call") == "call"]


def _slow(call: Call, longest: float) -> Element:
    return element(
        "tr",
        *_who(call),
        element("td", _ms(call.get("latency_ms"))),
        element("td", _ms(call.get("ttft_ms"))),
        element("td", _bar(call, longest), class_="phases"),
    )


def _failed(call: Call) -> Element:
    http = f"HTTP {call['http_status']}" if call.get("http_status") else None
    words = (call["status"], http, call.get("error_type"), call.get("error_code"))
    return element(
        "tr",
        *_who(call),
        element("td", _ms(call.get("latency_ms"))),
        element("td", " ".join(str(word) for word in words if word), class_="bad"),
    )


def _who(call: Call) -> Iterator[Element]:
    run = call.get("run", 0)
    yield element("td", str(call.get("node_id", "")), class_="test")
    yield element("td", str(call.get("requested_model") or call.get("model") or ""), class_="text")
    yield element("td", "-" if run < 0 else str(run))


def _bar(call: Call, longest: float) -> Element:
    parts = []
    x = 0.0
    for name, length_ms in _phases(call):
        width = length_ms / longest * _WIDTH
        label = element("title", f"{_PHASES[name]}: {amount(length_ms, 'ms')}")
        place = {"x": round(x, 2), "y": 1, "width": round(width, 2), "height": 12}
        parts.append(element("rect", label, **place, class_=name))
        x += width
    # The bar is stretched to its column: only lengths matter in it.
    stretched = {"viewBox": f"0 0 {_WIDTH} 14", "preserveAspectRatio": "none"}
    return element("svg", *parts, **stretched, class_="bar", role="img", aria_label=_spoken(call))


def _phases(call: Call) -> Iterator[tuple[str, float]]:
    """Yield the parts of a call that took any time, in their order."""
    end = call["latency_ms"]
    retried, sent = call.get("retry_ms") or 0.0, call.get("sent_ms") or 0.0
    first = call.get("ttft_ms") or end
    edges = {"retries": retried, "sending": sent, "waiting": first, "streaming": end}
    before = 0.0
    for name, edge in edges.items():
        length_ms = edge - before
        if length_ms > 0:
            yield name, length_ms
            before = edge


def _spoken(call: Call) -> str:
    return ", ".join(f"{_PHASES[name]} {amount(length, 'ms')}" for name, length in _phases(call))


def _key(name: str) -> Element:
    return element("li", element("span", class_=f"key {name}"), _PHASES[name])


def _table(heads: Sequence[str], rows: Sequence[Element]) -> Element:
    texts = {"Test", "Model", "Time"}
    cells = (
        element("th", head, scope="col", class_="text" if head in texts else None) for head in heads
    )
    table = element("table", element("thead", element("tr", *cells)), element("tbody", *rows))
    return element("div", table, class_="wide", tabindex=0, role="group", aria_label="Calls")


def _ms(value: float | None) -> str:
    return "-" if value is None else amount(value, "ms")
