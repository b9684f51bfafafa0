"""
LLM Latency Lens: latency, time to first token and cost of LLM calls, made testable.

Names are resolved on first use, so that ``import llm_latency_lens`` costs nothing; pytest
imports this package at every start.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from llm_latency_lens.budgets import Budget, Verdict
    from llm_latency_lens.errors import BudgetBroken, BudgetError, LensError, LensWarning
    from llm_latency_lens.profiler import LatencyProfiler
    from llm_latency_lens.pytest_plugin.lens import Lens
    from llm_latency_lens.results import PairResult, ProfileResult, RunResult
    from llm_latency_lens.samples import Sample
    from llm_latency_lens.simulator import Simulator

__all__ = [
    "Budget",
    "BudgetBroken",
    "BudgetError",
    "LatencyProfiler",
    "Lens",
    "LensError",
    "LensWarning",
    "PairResult",
    "ProfileResult",
    "RunResult",
    "Sample",
    "Simulator",
    "Verdict",
]

# Lets a suite say ``pytest_plugins = ["llm_latency_lens"]``: naming the submodule that the
# entry point has already registered would be an error.
pytest_plugins = ("llm_latency_lens.pytest_plugin",)

_HOMES = {
    "Budget": "budgets",
    "BudgetBroken": "errors",
    "BudgetError": "errors",
    "LatencyProfiler": "profiler",
    "Lens": "pytest_plugin.lens",
    "LensError": "errors",
    "LensWarning": "errors",
    "PairResult": "results",
    "ProfileResult": "results",
    "RunResult": "results",
    "Sample": "samples",
    "Simulator": "simulator",
    "Verdict": "budgets",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
