"""Profilers of a vendor without a network, in trio's own time: hours pass at once."""

import pytest

trio = pytest.importorskip("trio", reason="needs trio, whose clock can be set")

from fake_vendor import FakeVendor, NoPrices, TrioClock  # noqa: E402 - it needs trio
from trio.testing import MockClock  # noqa: E402 - as above

from llm_latency_lens.profiler import LatencyProfiler, Target  # noqa: E402 - as above
from llm_latency_lens.providers import directory  # noqa: E402 - as above


@pytest.fixture
def vendor(monkeypatch):
    """The vendor ``fake``."""
    fake = FakeVendor()
    monkeypatch.setitem(directory.VENDORS, "fake", fake)
    return fake


@pytest.fixture
def in_trio():
    """Run an async function in trio's own time."""

    def run(function, *arguments):
        return trio.run(function, *arguments, clock=MockClock(autojump_threshold=0))

    return run


@pytest.fixture
def profiler(vendor, monkeypatch):
    """Make a profiler of the fake vendor; its words are those of a configuration."""

    def make(*, models=("m",), **words):
        targets = [Target("fake", model) for model in models]
        made = LatencyProfiler(targets=targets, clock=TrioClock(), **words)
        monkeypatch.setattr(made, "_prices", NoPrices())
        return made

    return make
