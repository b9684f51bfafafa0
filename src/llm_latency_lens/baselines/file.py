"""The file of a baseline: JSON for people and version control, one line a list of times."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from llm_latency_lens.atomic_file import write_whole
from llm_latency_lens.baselines.baseline import Baseline, Entry
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.metrics import Distribution, decode_times, encode_times

__all__ = ["VERSION", "baseline_from", "read_baseline", "write_baseline"]

VERSION = "baseline 1"

_NS_PER_MS = 1_000_000
_SHOWN = {"p50_ms": "0.5", "p95_ms": "0.95", "p99_ms": "0.99"}
# Lists of numbers, and of pairs of them, as json.dumps breaks them.
_NUMBERS = re.compile(r"\[[\s\d.,\-\[\]]*\]")


def write_baseline(baseline: Baseline, path: Path) -> None:
    """
    Write the baseline to *path*, replacing an older one.

    Raises:
        OSError: The folder cannot be made or the file cannot be written.
    """
    document = {
        "format": VERSION,
        "name": baseline.name,
        "saved": baseline.saved,
        "environment": dict(baseline.environment),
        "entries": [_entry(one) for one in baseline.entries],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False)
    text = _NUMBERS.sub(lambda found: " ".join(found[0].split()), text)
    # A session that is killed here leaves the older baseline whole.
    write_whole(text + "\n", path)


def read_baseline(path: Path) -> Baseline:
    """
    Return the baseline that lies at *path*.

    Raises:
        ConfigurationError: The file cannot be read, or is no baseline of this version.
    """
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as fault:
        raise ConfigurationError(f"baseline {path} cannot be read: {fault}") from fault
    return baseline_from(document, path)


def baseline_from(document: Any, path: Path) -> Baseline:
    """
    Return the baseline that a JSON document read from *path* holds.

    Raises:
        ConfigurationError: It is none, or of another version.
    """
    found = document.get("format") if isinstance(document, dict) else None
    if found != VERSION:
        raise ConfigurationError(
            f"baseline {path} has the format {found!r}, where {VERSION!r} is expected: "
            "save it again with --lens-save"
        )
    try:
        return Baseline(
            name=document["name"],
            saved=document["saved"],
            environment=document["environment"],
            entries=tuple(_read_entry(one) for one in document["entries"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ConfigurationError(
            f"baseline {path} is damaged ({type(fault).__name__} {fault}): "
            "save it again with --lens-save"
        ) from fault


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "test": entry.test,
        "provider": entry.provider,
        "model": entry.model,
        "calls": entry.calls,
        "times": {name: _times(one) for name, one in entry.times.items()},
    }


def _times(times: Distribution) -> dict[str, Any]:
    value: dict[str, Any] = {"n": times.n, "failed": times.infinite}
    value |= {name: _ms(times.quantile(q)) for name, q in _SHOWN.items()}
    if times.table is not None:
        return {**value, "table": encode_times(times)}
    return {**value, "values_ms": [_ms(one) for one in times.values]}


def _read_entry(value: Mapping[str, Any]) -> Entry:
    return Entry(
        test=value["test"],
        provider=value["provider"],
        model=value["model"],
        calls=value["calls"],
        times={name: _read_times(one) for name, one in value["times"].items()},
    )


def _read_times(value: Mapping[str, Any]) -> Distribution:
    if "table" in value:
        return decode_times(value["table"])
    values = (round(one * _NS_PER_MS) for one in value["values_ms"])
    return Distribution.of(values, value["failed"])


def _ms(nanoseconds: int | None) -> float | None:
    return None if nanoseconds is None else round(nanoseconds / _NS_PER_MS, 3)
