"""The datasets of this suite: one is JSON, one is YAML."""

from pathlib import Path

from llm_latency_lens.integrations.llm_test_bench import load_dataset

SUPPORT = load_dataset(Path(__file__).with_name("support_questions.json"))
REWRITING = load_dataset(Path(__file__).with_name("rewriting.yaml"))
