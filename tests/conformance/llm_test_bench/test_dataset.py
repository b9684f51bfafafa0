"""Datasets of LLM-Test-Bench: read from JSON and YAML, merged, filled in, refused with the fix."""

import json
import subprocess
import sys

import pytest

from llm_latency_lens.errors import ConfigurationError, MissingExtra
from llm_latency_lens.integrations.llm_test_bench import CaseConfig, load_dataset

FULL = {
    "name": "support",
    "description": "Questions of customers.",
    "version": "1.2.0",
    "defaults": {"temperature": 0.2, "max_tokens": 60, "stop": ["END"]},
    "metadata": {"owner": "desk"},
    "test_cases": [
        {
            "id": "refund",
            "category": "billing",
            "prompt": "A {{customer}} asks: may I return {{item}}? Answer the {{customer}}.",
            "variables": {"customer": "student", "item": "a lamp"},
            "expected": "Yes",
            "references": ["30 days", "receipt"],
            "config": {"model": "gpt-4.1-mini", "temperature": 1},
            "metadata": {"weight": 2},
        },
        {"id": "hours", "prompt": "When are you open?"},
    ],
}
YAML = """
name: support
version: "1.2.0"
defaults: {max_tokens: 60}
test_cases:
  - id: refund
    prompt: |
      May I return {{item}}?
    variables:
      item: a lamp
"""


@pytest.fixture
def load(tmp_path):
    """Return a loader of what is given as a value (written as JSON) or as text."""

    def load(content, name="dataset.json"):
        path = tmp_path / name
        text = content if isinstance(content, str) else json.dumps(content)
        path.write_text(text, encoding="utf-8")
        return load_dataset(path)

    return load


def _with(**fields):
    """Return the smallest dataset, its only case changed."""
    case = {"id": "a", "prompt": "hi"} | fields
    kept = {name: value for name, value in case.items() if value is not ...}
    return {"name": "d", "version": "1", "test_cases": [kept]}


def test_dataset_names_itself(load):
    """Name, version, description and metadata are those of the file."""
    dataset = load(FULL)

    assert ("support", "1.2.0", "Questions of customers.", {"owner": "desk"}) == (
        dataset.name,
        dataset.version,
        dataset.description,
        dict(dataset.metadata),
    )


def test_ids_are_those_of_the_cases(load):
    """In the order of the file, ready for ``ids=``."""
    assert ("refund", "hours") == load(FULL).ids


def test_prompt_is_filled_in(load):
    """Every placeholder is replaced by its variable, as often as it stands there."""
    assert "A student asks: may I return a lamp? Answer the student." == load(FULL).cases[0].prompt


def test_case_keeps_what_the_file_says(load):
    """Category, expectation, references, variables and metadata."""
    case = load(FULL).cases[0]

    assert (
        "billing",
        "Yes",
        ("30 days", "receipt"),
        {"customer": "student", "item": "a lamp"},
        {"weight": 2},
    ) == (case.category, case.expected, case.references, dict(case.variables), dict(case.metadata))


def test_what_a_case_says_wins_over_the_defaults(load):
    """Key by key; what the case leaves open is the default's."""
    assert (
        CaseConfig("gpt-4.1-mini", 1, 60, None, ("END",)),
        CaseConfig(None, 0.2, 60, None, ("END",)),
    ) == tuple(case.config for case in load(FULL).cases)


def test_null_in_a_case_leaves_the_default(load):
    """Null says nothing."""
    dataset = load(_with(config={"max_tokens": None}) | {"defaults": {"max_tokens": 7}})

    assert 7 == dataset.cases[0].config.max_tokens


def test_arguments_are_what_was_said(load):
    """Only what was said goes into the call of an SDK, as plain JSON values."""
    assert {"temperature": 0.2, "max_tokens": 60, "stop": ["END"]} == (
        load(FULL).cases[1].config.arguments()
    )


def test_nothing_said_is_no_argument(load):
    """Without defaults and config there is no argument."""
    assert {} == load(_with()).cases[0].config.arguments()


@pytest.mark.parametrize("name", ["dataset.yaml", "dataset.yml", "dataset.YAML"])
def test_suffix_names_yaml(load, name):
    """Both suffixes of YAML, in any case."""
    pytest.importorskip("yaml", reason="needs PyYAML")
    (case,) = load(YAML, name).cases

    assert ("May I return a lamp?\n", 60) == (case.prompt, case.config.max_tokens)


def test_any_other_suffix_is_json(load):
    """A file that is not named YAML is JSON."""
    assert ("a",) == load(_with(), "dataset.txt").ids


def test_byte_order_mark_is_no_text(tmp_path):
    """Editors on Windows put one there."""
    path = tmp_path / "dataset.json"
    path.write_text(json.dumps(_with()), encoding="utf-8-sig")

    assert ("a",) == load_dataset(str(path)).ids


def test_unknown_keys_are_ignored(load):
    """At every level, as LLM-Test-Bench ignores them."""
    content = _with(difficulty="hard", config={"seed": 1, "model": "m"}) | {"license": "MIT"}

    assert "m" == load(content).cases[0].config.model


@pytest.mark.parametrize(
    "prompt", ["{{ name }}", "{name}", "{{na me}}", "{{}}", "{{name", "{{a-b}}"]
)
def test_other_braces_are_text(load, prompt):
    """Only a word right between two pairs of braces is a placeholder."""
    assert prompt == load(_with(prompt=prompt)).cases[0].prompt


def test_value_is_not_looked_into(load):
    """A value that looks like a placeholder stays as it is."""
    content = _with(prompt="{{a}} {{b}}", variables={"a": "{{b}}", "b": "x"})

    assert "{{b}} x" == load(content).cases[0].prompt


def test_every_missing_variable_is_named_at_once(load):
    """All cases, all names, each once."""
    content = _with(prompt="{{b}} {{a}} {{b}}", variables={"c": "x"})
    content["test_cases"].append({"id": "b", "prompt": "{{d}}"})

    with pytest.raises(
        ConfigurationError,
        match=r"dataset .*dataset\.json: case 'a': no value for b, a: add it under `variables`; "
        r"case 'b': no value for d: add it",
    ):
        load(content)


def test_ids_must_differ(load):
    """Two cases of one id could not be told apart in a report."""
    content = _with()
    content["test_cases"] *= 2

    with pytest.raises(ConfigurationError, match="several cases have the id 'a': give each its"):
        load(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"version": "1", "test_cases": []}, "name: is missing; test_cases: is empty"),
        ([], "the file: a list where an object is expected"),
        (_with() | {"version": 1.0}, "version: a number where text is expected: write it in q"),
        (_with(id=...), "case 1, id: is missing"),
        (_with(id=""), "case 1 '', id: is empty"),
        (_with(prompt=None), "case 1 'a', prompt: null where text is expected: leave it out"),
        (_with(prompt=""), "case 1 'a', prompt: is empty"),
        (_with(prompt=["p"]), "case 1 'a', prompt: a list where text is expected"),
        (_with(variables={"n": 80}), "case 1 'a', variables.n: a number where text is expected"),
        (_with(variables={"n": True}), "variables.n: true or false where text is expected"),
        (_with(variables={"n": {}}), "variables.n: an object where text is expected"),
        (_with(variables=["n"]), "case 1 'a', variables: a list where an object is expected"),
        (_with(config="m"), "case 1 'a', config: text where an object is expected"),
        (_with(config={"max_tokens": -1}), "config.max_tokens: a number: input should be greater"),
        (_with(config={"max_tokens": 1.5}), "config.max_tokens: a number: input should be a val"),
        (_with(config={"temperature": "hot"}), "config.temperature: text: input should be a val"),
        (_with(references=[3]), "case 1 'a', references.0: a number where text is expected"),
        (_with() | {"test_cases": {"a": 1}}, "test_cases: an object: input should be a valid list"),
        (_with() | {"test_cases": [7]}, "case 1: a number where an object is expected"),
    ],
)
def test_mistake_names_file_case_and_fix(load, content, message):
    """What breaks the format is told by its place, and never by its value."""
    with pytest.raises(ConfigurationError) as refused:
        load(content)

    assert message in str(refused.value)
    assert str(refused.value).startswith("dataset ")


def test_no_message_quotes_a_prompt(load):
    """A prompt of the wrong kind is told by its kind."""
    with pytest.raises(ConfigurationError) as refused:
        load(_with(prompt=["zebrafinch"], variables={"zebra": ["finch"]}))

    assert "finch" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_many_mistakes_are_cut_short(load):
    """Ten are told, the others counted."""
    with pytest.raises(ConfigurationError, match=r"case 10: a number .*; and 3 more$"):
        load(_with() | {"test_cases": [7] * 13})


@pytest.mark.parametrize("content", ["{", "", "[" * 100_000], ids=["cut", "empty", "deep"])
def test_what_is_no_json_is_refused(load, content):
    """The message says where YAML is read."""
    with pytest.raises(ConfigurationError, match=r"is no JSON: .*files named \.yaml or \.yml"):
        load(content)


def test_what_is_no_yaml_is_refused_without_a_quote(load):
    """The message names the line, and quotes nothing of it."""
    pytest.importorskip("yaml", reason="needs PyYAML")
    with pytest.raises(ConfigurationError, match=r"is no YAML: .* \(line 2, column") as refused:
        load("name: zebrafinch\nprompt: [zebrafinch", "d.yaml")

    assert "zebrafinch" not in str(refused.value)


def test_deep_yaml_is_refused(load):
    """A file that nests too deep for the reader is told, too."""
    pytest.importorskip("yaml", reason="needs PyYAML")
    with pytest.raises(ConfigurationError, match=r"is no YAML: RecursionError$"):
        load("[" * 1_000, "d.yaml")


def test_empty_yaml_is_no_dataset(load):
    """A file without content is told."""
    pytest.importorskip("yaml", reason="needs PyYAML")
    with pytest.raises(ConfigurationError, match="the file: null where an object is expected"):
        load("", "d.yaml")


def test_missing_file_is_told(tmp_path):
    """By its path."""
    with pytest.raises(ConfigurationError, match=r"absent\.json cannot be read: "):
        load_dataset(tmp_path / "absent.json")


def test_file_that_is_no_text_is_told(tmp_path):
    """Not UTF-8."""
    (tmp_path / "d.json").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(ConfigurationError, match="cannot be read: "):
        load_dataset(tmp_path / "d.json")


def test_yaml_without_pyyaml_names_the_extra(load, monkeypatch):
    """The message gives the command, and the other way."""
    monkeypatch.setitem(sys.modules, "yaml", None)

    with pytest.raises(MissingExtra, match=r'pip install "llm-latency-lens\[yaml\]", or .* JSON'):
        load(YAML, "d.yaml")


def test_repr_of_a_case_holds_no_text(load):
    """A failed test prints its parameters; prompts, answers and variables are not in them."""
    told = repr(load(FULL).cases)

    assert "refund" in told
    assert [] == [word for word in ("student", "lamp", "Yes", "receipt", "open") if word in told]


def test_values_are_frozen_and_hashable(load):
    """They can be keys, and nobody changes them between two tests."""
    dataset = load(FULL)
    case = dataset.cases[0]

    assert 2 == len({dataset, load(FULL), case, load(FULL).cases[0]})
    with pytest.raises(AttributeError):
        case.prompt = "other"
    with pytest.raises(TypeError):
        case.variables["item"] = "other"


def test_importing_the_integration_loads_nothing_heavy():
    """Neither pydantic nor PyYAML, before a file is read."""
    code = (
        "import sys, llm_latency_lens.integrations.llm_test_bench;"
        "print([name for name in ('pydantic', 'yaml') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == done.stdout.strip()
