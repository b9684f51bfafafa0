"""
Executions: the calls of a session as LLM-Test-Bench counts them.

An execution is a provider call of a test body. Calls of fixtures and of warm-up runs are none,
nor are calls that their own consumer closed early: LLM-Test-Bench reads the duration of every
result, and they have none.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from llm_latency_lens.integrations.llm_test_bench.naming import Naming, read_naming

__all__ = ["Execution", "Session", "moment", "read_session"]

_MS_PER_S = 1_000
_STATUS = {"ok": "success", "timeout": "timeout"}


@dataclass(frozen=True, slots=True)
class Execution:
    """
    One provider call.

    Attributes:
        test_id: Id of the case, or of the test.
        category: Category of the case.
        iteration: How many calls of this test to this model began before it.
        provider: Vendor, or ``host:port``.
        model: Model that was asked for.
        status: ``success``, ``failure`` or ``timeout``.
        error: Type and code of the error; None for a success.
        started: When it began.
        duration_ms: From its start to its end or failure.
        facts: The call as the report has it.
    """

    test_id: str
    category: str | None
    iteration: int
    provider: str
    model: str
    status: str
    error: str | None
    started: datetime
    duration_ms: float
    facts: Mapping[str, Any]

    @property
    def is_success(self) -> bool:
        """Whether the call ended well."""
        return self.status == "success"

    @property
    def ended(self) -> datetime:
        """When it ended."""
        return self.started + timedelta(milliseconds=self.duration_ms)

    @property
    def total_tokens(self) -> int | None:
        """Input and output tokens; None where the provider did not tell both."""
        read, written = self.facts.get("input_tokens"), self.facts.get("output_tokens")
        return None if read is None or written is None else read + written

    @property
    def tokens_per_second(self) -> float | None:
        """Speed after the first token; None where it is not known."""
        tpot_ms = self.facts.get("tpot_ms")
        return _MS_PER_S / tpot_ms if tpot_ms else None


@dataclass(frozen=True, slots=True)
class Session:
    """A session as both formats tell it: its dataset, when it was, its executions by start."""

    dataset: str
    started: datetime
    executions: tuple[Execution, ...]

    @property
    def ended(self) -> datetime:
        """When its last call ended."""
        return max((one.ended for one in self.executions), default=self.started)

    @property
    def duration_ms(self) -> float:
        """From its start to the end of its last call."""
        return max((self.ended - self.started) / timedelta(milliseconds=1), 0.0)


def read_session(document: Mapping[str, Any]) -> Session:
    """Return the session that a report document tells about."""
    naming = read_naming(document)
    executions = tuple(_executions(document.get("calls", ()), naming))
    return Session(naming.dataset, datetime.fromisoformat(document["started"]), executions)


def moment(when: datetime) -> str:
    """Return *when* in RFC 3339 with a ``Z``, the one spelling that both formats take."""
    return when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _executions(calls: Iterable[Mapping[str, Any]], naming: Naming) -> Iterator[Execution]:
    before: Counter[tuple[str, str, str]] = Counter()
    name_of = cache(naming.test_id)
    for call in sorted(calls, key=lambda call: str(call["started"])):
        if call.get("phase", "call") != "call" or call["status"] == "cancelled":
            continue
        test_id = name_of(call.get("node_id") or "")
        model = call.get("requested_model") or call.get("model") or ""
        key = (test_id, call["provider"], model)
        status = _STATUS.get(call["status"], "failure")
        yield Execution(
            test_id=test_id,
            category=naming.categories.get(test_id),
            iteration=before[key],
            provider=call["provider"],
            model=model,
            status=status,
            error=None if status == "success" else _error(call),
            started=datetime.fromisoformat(call["started"]),
            duration_ms=call.get("latency_ms") or 0.0,
            facts=call,
        )
        before[key] += 1


def _error(call: Mapping[str, Any]) -> str:
    http = f"HTTP {call['http_status']}" if call.get("http_status") else None
    words = (call["status"], http, call.get("error_type"), call.get("error_code"))
    return " ".join(dict.fromkeys(word for word in words if word))
