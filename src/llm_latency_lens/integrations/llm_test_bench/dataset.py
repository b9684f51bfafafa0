"""Datasets of LLM-Test-Bench as frozen values, ready for ``pytest.mark.parametrize``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import MappingProxyType
from typing import Any

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.integrations.llm_test_bench.dataset_file import read_dataset_file
from llm_latency_lens.integrations.llm_test_bench.template import fill, unfilled

__all__ = ["Case", "CaseConfig", "Dataset", "load_dataset"]


@dataclass(frozen=True, slots=True)
class CaseConfig:
    """
    How a case wants to be asked: its own ``config`` over the ``defaults`` of its dataset.

    None is what neither of them says.
    """

    model: str | None = None
    temperature: float | None = None
    max_tokens: int | None = None
    top_p: float | None = None
    stop: tuple[str, ...] | None = None

    def arguments(self) -> dict[str, Any]:
        """Return what is said, by name, for the call of an SDK; ``stop`` as a list."""
        told = {each.name: getattr(self, each.name) for each in fields(self)}
        told = {name: value for name, value in told.items() if value is not None}
        return told if self.stop is None else {**told, "stop": list(self.stop)}


@dataclass(frozen=True, slots=True)
class Case:
    """
    One case of a dataset.

    Its repr names the case and holds no prompt and no answer, so that a failed test prints none.

    Attributes:
        id: Unique in its dataset.
        prompt: The prompt, every ``{{variable}}`` filled in.
        category: What it belongs to; None when the file does not say.
        variables: What was filled in.
        expected: The answer that is hoped for.
        references: Texts to compare an answer with.
        config: How it wants to be asked.
        metadata: Whatever else the file says about it.
    """

    id: str
    prompt: str = field(repr=False)
    category: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, hash=False)
    expected: str | None = field(default=None, repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    config: CaseConfig = field(default_factory=CaseConfig)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)


@dataclass(frozen=True, slots=True)
class Dataset:
    """
    One dataset file.

    Attributes:
        name: Its name.
        version: Its version, as its author writes versions.
        cases: Its cases in the order of the file, at least one.
        description: What it is for; None when the file does not say.
        metadata: Whatever else the file says.
    """

    name: str
    version: str
    cases: tuple[Case, ...]
    description: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False, hash=False)

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of the cases, in their order."""
        return tuple(case.id for case in self.cases)


def load_dataset(path: str | Path) -> Dataset:
    """
    Return the dataset in a file: YAML where its name ends in .yaml or .yml, else JSON.

    A relative path starts at the working directory; to load a file beside a test, write
    ``Path(__file__).with_name("questions.yaml")``. Keys that the format does not know are
    ignored, as LLM-Test-Bench does.

    Raises:
        ConfigurationError: The file cannot be read or holds no dataset, two cases share an id, or
            a variable has no value; the message names the file and every such place at once.
        MissingExtra: The file is YAML and PyYAML is not installed.

    Example::

        DATASET = load_dataset(Path(__file__).with_name("questions.json"))

        @pytest.mark.parametrize("case", DATASET.cases, ids=DATASET.ids)
        def test_answer(case): ...
    """
    path = Path(path)
    file = read_dataset_file(path)
    cases = file["test_cases"]
    if mistakes := [*_repeated_ids(cases), *_missing_variables(cases)]:
        raise ConfigurationError(f"dataset {path}: {'; '.join(mistakes)}")
    return Dataset(
        name=file["name"],
        version=file["version"],
        cases=tuple(_case(case, file["defaults"]) for case in cases),
        description=file["description"],
        metadata=MappingProxyType(file["metadata"] or {}),
    )


def _case(case: Mapping[str, Any], defaults: Mapping[str, Any] | None) -> Case:
    variables = case["variables"] or {}
    return Case(
        id=case["id"],
        prompt=fill(case["prompt"], variables),
        category=case["category"],
        variables=MappingProxyType(variables),
        expected=case["expected"],
        references=tuple(case["references"] or ()),
        config=_config(defaults or {}, case["config"] or {}),
        metadata=MappingProxyType(case["metadata"] or {}),
    )


def _config(defaults: Mapping[str, Any], own: Mapping[str, Any]) -> CaseConfig:
    # What the case does not say leaves the default alone.
    told = {**defaults, **{name: value for name, value in own.items() if value is not None}}
    stop = told.pop("stop", None)
    return CaseConfig(**told, stop=None if stop is None else tuple(stop))


def _repeated_ids(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    seen = Counter(case["id"] for case in cases)
    repeated = [name for name, count in seen.items() if count > 1]
    return [f"several cases have the id {name!r}: give each its own" for name in repeated]


def _missing_variables(cases: Sequence[Mapping[str, Any]]) -> list[str]:
    missing = ((case["id"], unfilled(case["prompt"], case["variables"] or {})) for case in cases)
    return [
        f"case {name!r}: no value for {', '.join(names)}: add it under `variables`"
        for name, names in missing
        if names
    ]
