"""Calls of a report document, made as they are read."""

import pytest

from llm_latency_lens.reports import make_document, read_document, write_json
from llm_latency_lens.reports.calls import Calls
from llm_latency_lens.reports.ndjson_file import write_ndjson
from llm_latency_lens.results import RunResult


@pytest.fixture
def documents(calls):
    """The same session, its calls in a list and made on demand."""
    result = RunResult(calls)
    return make_document(result), make_document(result, is_final=True)


def test_a_final_document_tells_the_same(documents):
    """Whatever reads its calls one by one sees those of the list."""
    listed, final = documents

    assert listed == {**final, "calls": list(final["calls"])}


def test_a_final_document_holds_no_calls(documents):
    """Each reading makes a call anew, so that none stays."""
    _, final = documents

    assert isinstance(final["calls"], Calls)
    assert final["calls"][0] is not final["calls"][0]


def test_a_part_of_the_calls(documents):
    """A slice is made on demand too."""
    listed, final = documents

    assert listed["calls"][1:3] == list(final["calls"][1:3])


def test_a_final_document_is_written_as_the_listed_one(documents, tmp_path):
    """To the last byte, as JSON and as lines."""
    for name, document in zip(("listed", "final"), documents, strict=True):
        write_json(document, tmp_path / f"{name}.json")
        write_ndjson(document, tmp_path / f"{name}.ndjson")

    for suffix in ("json", "ndjson"):
        assert (
            (tmp_path / f"listed.{suffix}").read_bytes()
            == (tmp_path / f"final.{suffix}").read_bytes()
        )  # fmt: skip
    assert documents[0] == read_document(tmp_path / "final.json")


def test_a_final_document_without_calls_is_written(tmp_path):
    """With an empty list."""
    write_json(make_document(RunResult(), is_final=True), tmp_path / "empty.json")

    assert [] == read_document(tmp_path / "empty.json")["calls"]
