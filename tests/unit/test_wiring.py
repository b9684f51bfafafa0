"""Wiring: which writer a file name asks for."""

from pathlib import Path

import pytest

from llm_latency_lens import wiring
from llm_latency_lens.errors import ConfigurationError

WRITERS = {
    "lens.json": "write_json",
    "lens.JSON": "write_json",
    "lens.v2.json": "write_json",
    ".test-bench.json": "write_json",  # a hidden file without a name before its suffix
    "lens.test-bench.json": "write_benchmark_results",
    "lens.Test-Bench.json": "write_benchmark_results",
    "lens.v2.test-bench.json": "write_benchmark_results",
    "lens.test-bench-run.json": "write_benchmark_run",
    "lens.ndjson": "write_ndjson",
    "lens.md": "write_markdown",
    "lens.html": "write_html",
}


@pytest.mark.parametrize(("name", "writer"), WRITERS.items())
def test_end_of_the_name_names_the_format(name, writer):
    """The longer end goes first, in any case."""
    assert writer == wiring.find_writer(Path("folder") / name).__name__


@pytest.mark.parametrize("name", ["lens.doc", "lens", ".json", "lens.test-bench", "json"])
def test_other_names_are_refused(name):
    """The message lists what is known."""
    with pytest.raises(ConfigurationError, match=r"suffix names the format; known are \.json, "):
        wiring.find_writer(Path(name))


@pytest.mark.parametrize("suffix", wiring.REPORT_SUFFIXES)
def test_every_suffix_has_its_writer(suffix):
    """What the message lists can be written."""
    assert callable(wiring.find_writer(Path(f"lens{suffix}")))
