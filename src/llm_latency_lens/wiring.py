"""Wiring: settings to objects, each adapter named here alone and imported when asked for."""

from collections.abc import Callable, Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llm_latency_lens.errors import ConfigurationError

if TYPE_CHECKING:
    from llm_latency_lens.baselines import Baseline
    from llm_latency_lens.capture import Observer
    from llm_latency_lens.pricing import PriceBook

__all__ = ["REPORT_SUFFIXES", "find_writer", "make_observer", "make_price_book", "read_side"]

Writer = Callable[[dict[str, Any], Path], None]

# The module and name of what writes a format, by the end of a file name. A longer end goes first.
_WRITERS = {
    ".json": ("llm_latency_lens.reports.json_file", "write_json"),
    ".ndjson": ("llm_latency_lens.reports.ndjson_file", "write_ndjson"),
    ".md": ("llm_latency_lens.reports.markdown_file", "write_markdown"),
    ".html": ("llm_latency_lens.reports.html_file", "write_html"),
    ".test-bench.json": (
        "llm_latency_lens.integrations.llm_test_bench",
        "write_benchmark_results",
    ),
    ".test-bench-run.json": (
        "llm_latency_lens.integrations.llm_test_bench",
        "write_benchmark_run",
    ),
}

REPORT_SUFFIXES = tuple(_WRITERS)


def make_observer(hosts: Iterable[str]) -> "Observer":
    """
    Return an observer that knows the vendors and the project's own hosts.

    Raises:
        ConfigurationError: A line of *hosts* cannot be read.
    """
    from llm_latency_lens.capture import Observer  # noqa: PLC0415 - only when a test asks
    from llm_latency_lens.providers import Directory, read_hosts  # noqa: PLC0415

    return Observer(Directory(read_hosts(list(hosts))))


def make_price_book(price_file: Path | None) -> "PriceBook":
    """
    Return the price book, the project's own prices first.

    Raises:
        ConfigurationError: The price file cannot be read.
    """
    from llm_latency_lens.pricing import PriceBook, read_price_file  # noqa: PLC0415

    return PriceBook(read_price_file(price_file) if price_file else ())


def find_writer(path: Path) -> Writer:
    """
    Return what writes a report to *path*; the suffix names the format.

    Raises:
        ConfigurationError: No format has that suffix.
    """
    endings = ("".join(path.suffixes[-2:]).lower(), path.suffix.lower())
    for ending in endings:
        if ending in _WRITERS:
            module, name = _WRITERS[ending]
            writer: Writer = getattr(import_module(module), name)
            return writer
    known = ", ".join(REPORT_SUFFIXES)
    raise ConfigurationError(f"report {path}: the suffix names the format; known are {known}")


def read_side(name: str, folder: Path) -> "Baseline":
    """
    Return one side of a comparison: a baseline by name or file, or a report by file.

    Raises:
        ConfigurationError: There is no such file, or it is neither.
    """
    from llm_latency_lens.baselines import Folder, baseline_of, read_baseline  # noqa: PLC0415
    from llm_latency_lens.reports import is_report, read_report  # noqa: PLC0415

    path = Path(name)
    if path.suffix.lower() != ".json":
        return Folder(folder).read(name)
    if not is_report(path):
        return read_baseline(path)
    stored = read_report(path)
    return baseline_of(
        name,
        stored.samples,
        stored.run_ns,
        saved=stored.started,
        environment=stored.environment,
    )
