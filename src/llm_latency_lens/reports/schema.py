"""The JSON Schemas of what is written, shipped in the package."""

import json
from importlib.resources import files
from typing import Any

__all__ = ["read_profile_schema", "read_schema"]


def read_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every report fulfils."""
    return _read("report")


def read_profile_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) that every result of a profile fulfils."""
    return _read("profile")


def _read(name: str) -> dict[str, Any]:
    text = files("llm_latency_lens.reports").joinpath(f"{name}.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema
