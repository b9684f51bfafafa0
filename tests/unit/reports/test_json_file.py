"""The report as a JSON file."""

import json

import pytest

from llm_latency_lens.reports import write_json


def test_the_file_is_the_document(tmp_path):
    """What is read back is what was given."""
    path = tmp_path / "report.json"

    write_json({"calls": 1}, path)

    assert {"calls": 1} == json.loads(path.read_text(encoding="utf-8"))


def test_failed_write_leaves_the_old_report(tmp_path):
    """What cannot be written does not destroy what was there, and leaves no partial file."""
    path = tmp_path / "report.json"
    path.write_text("old", encoding="utf-8")

    with pytest.raises(TypeError):
        write_json({"calls": object()}, path)

    assert ["report.json"] == [path.name for path in tmp_path.iterdir()]
    assert "old" == path.read_text(encoding="utf-8")


def test_infinity_is_refused(tmp_path):
    """A report never holds what is no JSON."""
    with pytest.raises(ValueError, match="JSON compliant"):
        write_json({"p95": float("inf")}, tmp_path / "report.json")


def test_half_a_surrogate_pair_is_written(tmp_path):
    """A provider's word that is no Unicode does not cost the report."""
    path = tmp_path / "report.json"

    write_json({"error_type": "bad \ud800 word"}, path)

    assert {"error_type": "bad \ud800 word"} == json.loads(path.read_text(encoding="utf-8"))
