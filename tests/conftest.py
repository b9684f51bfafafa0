"""What all tests share: a cache, the number of examples of a property, samples, a table."""

import os
import signal
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import settings
from tabulate import tabulate

from llm_latency_lens.samples import Attempt, Cost, Outcome, Sample, Status, Timeline, Usage

MS = 1_000_000
_HEADERS = ("scenario", "workers", "calls made", "calls reported", "exit status")

# Few where a person waits. CI says ``--hypothesis-profile thorough``.
settings.register_profile("quick", max_examples=8, deadline=None)
settings.register_profile("thorough", max_examples=100, deadline=None, derandomize=True)
settings.load_profile("quick")

# What a shell runs in the background ignores Ctrl-C, and so would every session of a test.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    before = os.environ.get("XDG_CACHE_HOME")
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    yield
    if before is None:
        del os.environ["XDG_CACHE_HOME"]
    else:
        os.environ["XDG_CACHE_HOME"] = before


@pytest.fixture(scope="session")
def make_sample():
    """Return a maker: latency and TTFT in milliseconds, cost in USD; the rest by field name."""

    def make(latency=1000, ttft=200, *, status=Status.OK, http_status=200, usd="0.001", **fields):
        outcome = Outcome(status, http_status=http_status)
        streamed = fields.setdefault("streamed", True)
        has_token = streamed and ttft is not None
        first = ttft * MS if has_token else None
        timeline = Timeline(
            started_ns=0,
            ended_ns=latency * MS,
            sent_ns=MS,
            headers_ns=2 * MS,
            first_token_ns=first,
            first_output_ns=first,
            last_token_ns=latency * MS if has_token else None,
        )
        sample = Sample(
            id="s",
            provider="openai",
            protocol="openai_chat",
            requested_model="gpt-4o-mini",
            model="gpt-4o-mini-2024-07-18",
            streamed=streamed,
            outcome=outcome,
            timeline=timeline,
            wall_ns=1_790_000_000_000_000_000,
            usage=Usage(input_tokens=10, output_tokens=11),
            token_events=11 if has_token else 0,
            attempts=(Attempt(0, latency * MS, outcome),),
            cost=None if usd is None else Cost(Decimal(0), Decimal(usd), Decimal(usd), "test"),
        )
        return replace(sample, **fields)

    return make


def pytest_terminal_summary(terminalreporter):
    """Print a row for each session that a test has run and counted."""
    rows = [
        value
        for reports in terminalreporter.stats.values()
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "lens table" and report.when == "call"
    ]
    if rows:
        terminalreporter.section("calls made and calls reported")
        terminalreporter.write_line(tabulate(sorted(rows), headers=_HEADERS))
