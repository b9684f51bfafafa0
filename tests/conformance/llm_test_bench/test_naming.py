"""Names of datasets and cases in the result files, and what of a dataset enters a report."""

import json

import jsonschema
import pytest

from llm_latency_lens.integrations.llm_test_bench import (
    Case,
    Dataset,
    name_datasets,
    write_benchmark_results,
    write_benchmark_run,
)
from llm_latency_lens.reports import read_schema

SUPPORT = Dataset(
    "support",
    "1.0",
    (
        Case("refund", "zebrafinch", "billing", expected="zebrafinch"),
        Case("refund-late", "zebrafinch"),
        Case("hours", "zebrafinch", "shop"),
    ),
)
OTHER = Dataset("other", "2.0", (Case("refund", "p", "other"), Case("more", "p")))


@pytest.fixture
def results(document, written):
    """Return the results of one call of a test, with some datasets named."""

    def write(node_id, *datasets):
        session = document({}, node_id=node_id)
        name_datasets(session, *datasets)
        return written(write_benchmark_results, session)

    return write


@pytest.mark.parametrize(
    ("node_id", "test_id", "category"),
    [
        ("t.py::test_answer[refund]", "refund", "billing"),
        ("t.py::test_answer[refund-late]", "refund-late", None),
        ("t.py::test_answer[gpt-4o-refund]", "refund", "billing"),
        ("t.py::test_answer[hours-gpt-4o]", "hours", "shop"),
        ("t.py::test_answer[a-hours-b]@group", "hours", "shop"),
        ("t.py::test_answer[refunds]", "t.py::test_answer[refunds]", None),
        ("t.py::test_hours", "t.py::test_hours", None),
    ],
)
def test_test_is_named_by_its_case(results, node_id, test_id, category):
    """By the id among its parameters; a test without one keeps its own name."""
    (result,) = results(node_id, SUPPORT)["results"]

    assert (test_id, category) == (result["test_id"], result["category"])


def test_session_is_named_by_its_dataset(results):
    """Several are all named; the first one names a case that both have."""
    file = results("t.py::test_answer[refund]", SUPPORT, OTHER)

    assert ("support, other", "billing") == (file["dataset_name"], file["results"][0]["category"])


def test_runner_output_has_the_same_names(document, written):
    """Suite and test."""
    session = document({})
    name_datasets(session, SUPPORT)
    file = written(write_benchmark_run, session)

    assert ("support", "support", "refund") == (
        file["suite_id"],
        file["suite_name"],
        file["results"][0]["test_id"],
    )


def test_session_without_a_dataset_is_pytests(document, written):
    """Then tests have their own names."""
    assert "pytest" == written(write_benchmark_results, document({}))["dataset_name"]


def test_no_text_of_a_case_enters_the_report(document):
    """Ids and categories only, and the report keeps to its schema."""
    session = document({})
    name_datasets(session, SUPPORT)

    assert "zebrafinch" not in json.dumps(session)
    jsonschema.validate(session, read_schema())
