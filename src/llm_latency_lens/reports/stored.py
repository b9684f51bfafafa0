"""
Reports read back: the calls of a JSON report as samples, to be judged or compared again.

A report holds what a reader needs, so some of a sample is gone: the gaps between tokens, attempts
one by one, and the parts of a cost.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.reports.json_file import read_document
from llm_latency_lens.samples import (
    Cost,
    Outcome,
    Phase,
    Sample,
    Status,
    Taint,
    Timeline,
    Usage,
)

__all__ = ["StoredReport", "is_report", "read_report"]

_NS_PER_MS = 1_000_000
_NS_PER_S = 1_000_000_000
_PLAIN = (
    "id",
    "node_id",
    "run",
    "label",
    "provider",
    "protocol",
    "model",
    "requested_model",
    "streamed",
    "finish_reason",
    "request_id",
    "response_id",
    "note",
    "token_events",
    "reasoning_events",
)
# What is billed apart shows in the cost alone.
_USAGE = (
    "input_tokens",
    "output_tokens",
    "cached_input_tokens",
    "cache_write_tokens",
    "reasoning_tokens",
)


@dataclass(frozen=True, slots=True)
class StoredReport:
    """
    What a report says of a session, as far as it can be judged again.

    Attributes:
        samples: Every call; without gaps between tokens and without single attempts.
        run_ns: Wall time of each run, by the test's name.
        environment: Where the session ran.
        started: When it began, ISO 8601.
    """

    samples: tuple[Sample, ...]
    run_ns: Mapping[str, tuple[int, ...]]
    environment: Mapping[str, str]
    started: str


def is_report(path: Path) -> bool:
    """Whether the file looks like a report rather than anything else that is JSON."""
    try:
        document = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(document, dict) and "schema_version" in document


def read_report(path: Path) -> StoredReport:
    """
    Return what the report at *path* holds.

    Raises:
        ConfigurationError: There is no such file, or it is no report of this version.
    """
    document = read_document(path)
    try:
        return StoredReport(
            samples=tuple(_sample(call) for call in document["calls"]),
            run_ns={
                test["node_id"]: tuple(_ns(one) or 0 for one in test["run_ms"])
                for test in document["tests"]
            },
            environment=document["environment"],
            started=document["started"],
        )
    except (KeyError, TypeError, ValueError, ArithmeticError) as fault:
        raise ConfigurationError(
            f"report {path} does not follow its schema: {type(fault).__name__} {fault}"
        ) from fault


def _sample(call: Mapping[str, Any]) -> Sample:
    return Sample(
        **{name: call[name] for name in _PLAIN},
        outcome=Outcome(
            Status(call["status"]), call["error_type"], call["error_code"], call["http_status"]
        ),
        timeline=Timeline(
            started_ns=0,
            ended_ns=_ns(call["latency_ms"]) or 0,
            sent_ns=_ns(call["sent_ms"]),
            headers_ns=_ns(call["headers_ms"]),
            first_token_ns=_ns(call["ttft_ms"]),
            first_output_ns=_ns(call["ttfo_ms"]),
            last_token_ns=_ns(call["last_token_ms"]),
        ),
        wall_ns=round(datetime.fromisoformat(call["started"]).timestamp() * _NS_PER_S),
        usage=Usage(**{name: call[name] for name in _USAGE}),
        phase=Phase(call["phase"]),
        taints=tuple(map(Taint, call["taints"])),
        cost=_cost(call),
    )


def _cost(call: Mapping[str, Any]) -> Cost | None:
    if call["cost_usd"] is None:
        return None
    # The report has the total alone: it stands under output, and no budget asks for the parts.
    total = Decimal(str(call["cost_usd"]))
    return Cost(Decimal(0), total, total, call["price_source"])


def _ns(milliseconds: float | None) -> int | None:
    return None if milliseconds is None else round(milliseconds * _NS_PER_MS)
