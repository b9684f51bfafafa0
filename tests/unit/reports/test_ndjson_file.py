"""The calls of a session, one JSON object a line."""

import json

import pytest

from llm_latency_lens.reports.ndjson_file import write_ndjson


def test_each_line_is_a_call_of_the_report(document, tmp_path):
    """The same calls, with the same fields, in the same order."""
    path = tmp_path / "calls.ndjson"

    write_ndjson(document, path)

    lines = path.read_text(encoding="utf-8").splitlines()
    assert document["calls"] == [json.loads(line) for line in lines]


def test_every_line_is_ended(document, tmp_path):
    """So that files can be put one behind another."""
    path = tmp_path / "calls.ndjson"

    write_ndjson(document, path)

    assert path.read_text(encoding="utf-8").endswith("}\n")


def test_line_break_in_a_value_breaks_no_line(tmp_path):
    """Whatever a provider's word holds."""
    path = tmp_path / "calls.ndjson"
    calls = [{"error_type": "a\nb\u2028c"}, {"error_type": "bad \ud800 word"}]

    write_ndjson({"calls": calls}, path)

    assert calls == [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n")[:-1]]


def test_session_without_a_call_is_an_empty_file(tmp_path):
    """Nothing to tell."""
    path = tmp_path / "calls.ndjson"

    write_ndjson({"calls": []}, path)

    assert "" == path.read_text(encoding="utf-8")


def test_infinity_is_refused(tmp_path):
    """A line never holds what is no JSON."""
    with pytest.raises(ValueError, match="JSON compliant"):
        write_ndjson({"calls": [{"latency_ms": float("inf")}]}, tmp_path / "calls.ndjson")
