"""
The session as one HTML file: no script, nothing fetched, light and dark.

The content security policy allows the one style sheet that is in the file, by its hash, and
nothing else; so whatever text a report holds, a browser runs and loads nothing.
"""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.reports.distribution_plot import MOST_MODELS, draw_distributions
from llm_latency_lens.reports.figures import (
    count_words,
    named_values,
    notices,
    read_cost,
    read_failed,
    read_moment,
    read_rate,
    read_time,
    say_count,
)
from llm_latency_lens.reports.html_calls import list_failed_calls, list_slowest_calls
from llm_latency_lens.reports.html_comparison import show_comparison
from llm_latency_lens.reports.html_verdicts import list_verdicts
from llm_latency_lens.reports.markup import Element, element, serialise

__all__ = ["write_html"]


def write_html(document: dict[str, Any], path: Path) -> None:
    """
    Write the document to *path* as an HTML page, whole or not at all.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    write_whole(serialise(_page(document)), path)


def _page(document: Mapping[str, Any]) -> Element:
    return element(
        "html",
        _head(document),
        element(
            "body",
            _header(document),
            element(
                "main",
                _tiles(document),
                _models(document),
                _plot(document),
                list_verdicts(document),
                show_comparison(document),
                list_slowest_calls(document),
                list_failed_calls(document),
                _environment(document),
            ),
            _footer(),
        ),
        lang="en",
    )


def _head(document: Mapping[str, Any]) -> Element:
    style = files("llm_latency_lens.reports").joinpath("page.css").read_text("utf-8")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="referrer", content="no-referrer"),
        element("title", f"{_headline(document['budgets'])[1]} - LLM Latency Lens"),
        element("style", style),
    )


def _headline(budgets: Mapping[str, int]) -> tuple[str, str]:
    """Return the kind of the page, ``good``, ``bad``, ``warn`` or ``quiet``, and its headline."""
    total = sum(budgets.values())
    broken, errors = budgets.get("broken", 0), budgets.get("error", 0)
    of_all = say_count(total, "budget")
    if broken:
        return "bad", f"{broken} of {of_all} broken"
    if errors:
        return "warn", f"{errors} of {of_all} could not be judged"
    if unsettled := budgets.get("not_settled", 0):
        return "warn", f"{unsettled} of {of_all} not settled"
    if not total:
        return "quiet", "No budgets in this session"
    if budgets.get("kept", 0) == total:
        return "good", "Every budget kept" if total > 1 else "The budget is kept"
    return "good", f"{budgets.get('kept', 0)} of {of_all} kept"


def _header(document: Mapping[str, Any]) -> Element:
    kind, headline = _headline(document["budgets"])
    workers = document.get("workers", 1)
    facts = [
        count_words(document["budgets"]),
        read_moment(document["started"]),
        say_count(workers, "worker") if workers > 1 else "",
        *(f"{name} {value}" for name, value in named_values(document.get("extra", {}))),
    ]
    return element(
        "header",
        element("div", "LLM Latency Lens", class_="eyebrow"),
        element("h1", headline),
        element("div", " \N{MIDDLE DOT} ".join(filter(None, facts)), class_="quiet"),
        *(element("p", notice, class_="warn") for notice in notices(document)),
        class_=kind,
    )


def _tiles(document: Mapping[str, Any]) -> Element:
    total = document["total"]
    tokens, failed, retries = total["tokens"], read_failed(total), total.get("retries", 0)
    unpriced = total["cost"].get("unpriced_calls", 0)
    tests = document.get("tests", ())
    failing = sum(test.get("outcome") == "failed" for test in tests)
    return element(
        "dl",
        _tile("Calls", f"{total['calls']:,}", f"{total.get('streamed', 0):,} streamed"),
        _tile(
            "Failed calls",
            f"{failed:,}",
            f"{retries:,} retried",
            kind="bad" if failed else None,
        ),
        _tile(
            "Tokens in", f"{tokens['input']:,}", f"{tokens.get('cached_input', 0):,} from a cache"
        ),
        _tile("Tokens out", f"{tokens['output']:,}", f"{tokens.get('reasoning', 0):,} reasoning"),
        _tile(
            "Cost",
            read_cost(total["cost"]),
            f"{say_count(unpriced, 'call')} without a price" if unpriced else "every call priced",
        ),
        _tile("Tests", f"{len(tests):,}", f"{failing:,} failed"),
        class_="tiles",
    )


def _tile(name: str, value: str, more: str, kind: str | None = None) -> Element:
    return element(
        "div", element("dt", name), element("dd", value, class_=kind), element("dd", more)
    )


def _models(document: Mapping[str, Any]) -> Element | None:
    if not document["models"]:
        return None
    groups = element(
        "tr",
        *(element("th", name, scope="col", rowspan=2) for name in ("Model", "Calls", "Failed")),
        element("th", "Time to first token", scope="colgroup", colspan=2),
        element("th", "Latency", scope="colgroup", colspan=3),
        *(element("th", name, scope="col", rowspan=2) for name in ("Tokens/s", "Cost")),
    )
    heads = element(
        "tr",
        *(element("th", q, scope="col") for q in ("p50", "p95", "p50", "p95", "p99")),
    )
    table = element(
        "table",
        element("caption", "Calls of test bodies. Percentiles by nearest rank."),
        element("thead", groups, heads),
        element("tbody", *map(_model, document["models"])),
    )
    scrolled = {"tabindex": 0, "role": "group", "aria_labelledby": "models"}
    return element(
        "section",
        element("h2", "Models", id="models"),
        element("div", table, class_="wide", **scrolled),
        aria_labelledby="models",
    )


def _model(group: Mapping[str, Any]) -> Element:
    failed = read_failed(group)
    name = element("th", str(group["model"]), element("span", str(group["provider"])), scope="row")
    return element(
        "tr",
        name,
        element("td", f"{group['calls']:,}"),
        element("td", f"{failed:,}", class_="bad" if failed else None),
        *(_time(group.get("ttft_ms"), q) for q in ("p50", "p95")),
        *(_time(group.get("latency_ms"), q) for q in ("p50", "p95", "p99")),
        element("td", read_rate(group.get("tokens_per_second"))),
        element("td", read_cost(group["cost"])),
    )


def _time(times: Mapping[str, Any] | None, name: str) -> Element:
    text = read_time(times, name)
    return element("td", text, class_="bad" if text == "failed" else None)


def _plot(document: Mapping[str, Any]) -> Element | None:
    plot = draw_distributions(document)
    if plot is None:
        return None
    more = len(document["models"]) - MOST_MODELS
    aside = f" Shown are the {MOST_MODELS} models with most calls." if more > 0 else ""
    keys = {"ttft": "time to first token", "latency": "latency, the whole call"}
    legend = (
        element("li", element("span", class_=f"key {key}"), text) for key, text in keys.items()
    )
    scrolled = {"tabindex": 0, "role": "group", "aria_labelledby": "times"}
    return element(
        "section",
        element("h2", "How long calls took", id="times"),
        element("p", f"Each bar counts the calls that took that long.{aside}", class_="quiet"),
        element("ul", *legend, class_="legend"),
        element("div", plot, class_="wide", **scrolled),
        aria_labelledby="times",
    )


def _environment(document: Mapping[str, Any]) -> Element:
    return element(
        "section",
        element("h2", "Environment", id="environment"),
        element("dl", *_pairs(document.get("environment", {})), class_="environment"),
        aria_labelledby="environment",
    )


def _pairs(values: Mapping[str, Any]) -> Iterator[Element]:
    for name, value in named_values(values):
        yield element("dt", name)
        yield element("dd", value)


def _footer() -> Element:
    return element(
        "footer",
        element(
            "p",
            "A failed call is infinitely slow: a percentile that falls on one says "
            "\N{LEFT DOUBLE QUOTATION MARK}failed\N{RIGHT DOUBLE QUOTATION MARK}. "
            "No prompt and no answer is in this file.",
        ),
    )
