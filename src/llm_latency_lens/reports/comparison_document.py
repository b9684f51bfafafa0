"""A comparison with a baseline as plain JSON values, for the report."""

from typing import Any

from llm_latency_lens.baselines import Comparison, Row

__all__ = ["describe_comparison"]


def describe_comparison(comparison: Comparison) -> dict[str, Any]:
    """Return the comparison as the report has it."""
    return {
        "baseline": comparison.name,
        "saved": comparison.saved,
        "median_ratio": comparison.ratio,
        "is_relative": comparison.is_relative,
        "new_tests": list(comparison.new),
        "warnings": list(comparison.warnings),
        "rows": [_row(row) for row in comparison.rows],
    }


def _row(row: Row) -> dict[str, Any]:
    return {
        "test": row.test,
        "provider": row.provider or None,
        "model": row.model or None,
        "budget": row.word,
        "margin": row.margin,
        "baseline_ms": row.before_ms,
        "now_ms": row.now_ms,
        "baseline_n": row.before_n,
        "n": row.n,
        "limit_ms": row.limit_ms,
        "over": row.over,
        "allowed": row.allowed,
        "p_value": row.p_value,
        "p_adjusted": row.p_adjusted,
        "gated": row.is_gated,
        "slower": row.is_slower,
    }
