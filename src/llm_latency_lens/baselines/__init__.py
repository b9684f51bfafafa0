"""
Baselines: what an earlier session measured, kept by test and model, and held against a later one.

A baseline is made of samples, lies in a small JSON file, and is compared with another one. No
pytest and no terminal lives here.
"""

from llm_latency_lens.baselines.baseline import KEPT, Baseline, Entry, baseline_of
from llm_latency_lens.baselines.budget import baseline_budgets
from llm_latency_lens.baselines.comparing import Comparison, Row, compare
from llm_latency_lens.baselines.file import read_baseline, write_baseline
from llm_latency_lens.baselines.folder import Folder
from llm_latency_lens.baselines.gates import SHOWN, Gate, read_gates, read_margin, read_margins

__all__ = [
    "KEPT",
    "SHOWN",
    "Baseline",
    "Comparison",
    "Entry",
    "Folder",
    "Gate",
    "Row",
    "baseline_budgets",
    "baseline_of",
    "compare",
    "read_baseline",
    "read_gates",
    "read_margin",
    "read_margins",
    "write_baseline",
]
