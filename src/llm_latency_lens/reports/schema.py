"""The JSON Schema of the report, shipped in the package."""

import json
from importlib.resources import files
from typing import Any

__all__ = ["read_schema"]


def read_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every report fulfils."""
    text = files("llm_latency_lens.reports").joinpath("report.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
