"""
LLM-Test-Bench: its datasets as test parameters, its result files as report formats.

Written from the formats, without code of that project, which has no Python SDK.
"""

from llm_latency_lens.integrations.llm_test_bench.dataset import (
    Case,
    CaseConfig,
    Dataset,
    load_dataset,
)
from llm_latency_lens.integrations.llm_test_bench.naming import name_datasets
from llm_latency_lens.integrations.llm_test_bench.results_file import write_benchmark_results
from llm_latency_lens.integrations.llm_test_bench.run_file import write_benchmark_run

__all__ = [
    "Case",
    "CaseConfig",
    "Dataset",
    "load_dataset",
    "name_datasets",
    "write_benchmark_results",
    "write_benchmark_run",
]
