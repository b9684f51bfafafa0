"""Hooks that the plugin offers."""

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from llm_latency_lens.budgets import Verdict
    from llm_latency_lens.results import RunResult
    from llm_latency_lens.samples import Cost, Sample

__all__ = [
    "pytest_lens_price",
    "pytest_lens_report",
    "pytest_lens_sample",
    "pytest_lens_summary",
    "pytest_lens_verdict",
]


@pytest.hookspec
def pytest_lens_sample(config: pytest.Config, sample: "Sample") -> None:
    """
    Hear of a provider call, once it has ended and is priced.

    Called in the process that ran the test (a worker of pytest-xdist), once a call, not while
    the call goes on. What a worker left behind when it died is told on the process that reports.

    Args:
        config: pytest's configuration.
        sample: The call; it cannot be changed.

    Example::

        def pytest_lens_sample(config, sample):
            if sample.outcome.failed:
                print(f"{sample.node_id}: {sample.provider} answered {sample.outcome.status}")
    """


@pytest.hookspec(firstresult=True)
def pytest_lens_price(config: pytest.Config, sample: "Sample") -> "Decimal | Cost | None":
    """
    Say what a call costs, before the price file and the price book are asked.

    The first hook that does not return None has the word. It can be asked more than once about
    one call, and with ``--lens-max-cost`` about calls that have not been made (``id`` is empty).

    Args:
        config: pytest's configuration.
        sample: The call, with its usage.

    Returns:
        US dollars as a ``Decimal``, or a ``Cost``; None leaves it to the next.

    Example::

        from decimal import Decimal

        def pytest_lens_price(config, sample):
            if sample.provider == "localhost:8000":
                return Decimal("0.0001") * (sample.usage.output_tokens or 0)
    """


@pytest.hookspec
def pytest_lens_verdict(config: pytest.Config, node_id: str, verdict: "Verdict") -> None:
    """
    Hear of a budget that has been judged.

    Called in the process that ran the test; for the budgets of a session on the one that reports.

    Args:
        config: pytest's configuration.
        node_id: The test, as reports name it; empty for a budget of the session.
        verdict: The ruling and its evidence; it cannot be changed.

    Example::

        def pytest_lens_verdict(config, node_id, verdict):
            if verdict.failed:
                print(f"{node_id}: {verdict.word} is {verdict.ruling}")
    """


@pytest.hookspec
def pytest_lens_report(config: pytest.Config, document: dict[str, Any]) -> None:
    """
    Change the report before it is written.

    Called once, on the process that reports, with every worker's calls merged.

    Args:
        config: pytest's configuration.
        document: The report as plain JSON values; change it in place. Keys that the schema does
            not know belong under ``document["extra"]``.

    Example::

        def pytest_lens_report(config, document):
            document.setdefault("extra", {})["commit"] = os.environ.get("GIT_COMMIT")
    """


@pytest.hookspec
def pytest_lens_summary(config: pytest.Config, result: "RunResult") -> str | list[str] | None:
    """
    Add lines to the summary at the end of the session.

    Called once, on the process that reports, where a summary is shown.

    Args:
        config: pytest's configuration.
        result: The session, with every worker's calls merged.

    Returns:
        A line or a list of lines; None adds nothing.

    Example::

        def pytest_lens_summary(config, result):
            slow = sum(one.latency_ns > 5_000_000_000 for one in result.judged)
            return f"{slow} calls took more than 5 s"
    """
