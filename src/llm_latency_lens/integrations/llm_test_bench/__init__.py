"""
LLM-Test-Bench: its datasets as test parameters, its result files as report formats.

Written from the formats, without code of that project. It has no Python SDK.
"""

from llm_latency_lens.integrations.llm_test_bench.dataset import (
    Case,
    CaseConfig,
    Dataset,
    load_dataset,
)

__all__ = ["Case", "CaseConfig", "Dataset", "load_dataset"]
