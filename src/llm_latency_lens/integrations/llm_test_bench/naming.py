"""Which dataset a report is about: told to the report by the suite, read by the writers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.integrations.llm_test_bench.dataset import Dataset

__all__ = ["Naming", "name_datasets", "read_naming"]

_KEY = "llm_test_bench"
# What a session is called whose suite names no dataset.
_NO_DATASET = "pytest"


@dataclass(frozen=True, slots=True)
class Naming:
    """
    What tests are called in the files for LLM-Test-Bench.

    Attributes:
        dataset: Name of the dataset; of several, one after another.
        categories: The category of each case, by its id; None where it has none.
    """

    dataset: str
    categories: Mapping[str, str | None]

    def test_id(self, node_id: str) -> str:
        """Return the id of the case that a test was parametrised with, else its node id."""
        parameters = node_id.partition("[")[2].rpartition("]")[0]
        # pytest joins the ids of several parameters with dashes; the longest id is the surest.
        spelled = f"-{parameters}-"
        found = (case for case in self.categories if f"-{case}-" in spelled)
        return max(found, key=len, default=node_id)


def name_datasets(document: dict[str, Any], *datasets: Dataset) -> None:
    """
    Tell the report which datasets the session ran: names and versions, ids and categories.

    No prompt goes into the report. With this the files for LLM-Test-Bench carry the names of
    datasets and cases; without it they carry pytest's.

    Example::

        def pytest_lens_report(config, document):
            name_datasets(document, DATASET)
    """
    document.setdefault("extra", {})[_KEY] = [
        {
            "name": dataset.name,
            "version": dataset.version,
            "cases": [{"id": case.id, "category": case.category} for case in dataset.cases],
        }
        for dataset in datasets
    ]


def read_naming(document: Mapping[str, Any]) -> Naming:
    """Return what :func:`name_datasets` told the report; pytest's own names without it."""
    told = document.get("extra", {}).get(_KEY, [])
    # Of two datasets with a case of one id the first names it.
    categories: dict[str, str | None] = {}
    for case in (case for dataset in told for case in dataset["cases"]):
        categories.setdefault(case["id"], case["category"])
    return Naming(", ".join(dataset["name"] for dataset in told) or _NO_DATASET, categories)
