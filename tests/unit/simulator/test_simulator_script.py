"""Scripts: reading them from plain values and from files."""

import json

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import Constant, Listed
from llm_latency_lens.simulator.fault import Fault
from llm_latency_lens.simulator.script import (
    Script,
    ToolCall,
    read_script,
    read_script_file,
    read_scripts,
)


def test_an_empty_script_is_the_default():
    """Every field has a default."""
    assert Script() == read_script({})


def test_fields_are_read():
    """Plain JSON values become the fields of a script."""
    script = read_script(
        {
            "text": "Hello there",
            "tool_call": {"name": "look", "arguments": {"city": "Oslo"}},
            "ttft": "30ms",
            "itl": {"list": [1, 2]},
            "status": [429, 200],
            "retry_after": 2,
            "fault": [{"cut": 3}, None],
            "encoding": "gzip",
            "usage": False,
        }
    )

    assert script == Script(
        text="Hello there",
        tool_call=ToolCall("look", '{"city": "Oslo"}'),
        ttft=Constant(30_000_000),
        itl=Listed((1_000_000, 2_000_000)),
        status=(429, 200),
        retry_after_ns=2_000_000_000,
        fault=(Fault("cut", 3), None),
        encoding="gzip",
        usage=False,
    )


def test_null_means_the_default():
    """A field that is null is as good as left out."""
    assert Script() == read_script({"text": None, "latency": None})


def test_one_status_is_a_list_of_one():
    """A single status holds for every request."""
    assert (503,) == read_script({"status": 503}).status


def test_a_tool_call_may_have_no_arguments():
    """A tool call without arguments sends an empty object."""
    assert ToolCall("look", "{}") == read_script({"tool_call": {"name": "look"}}).tool_call


def test_a_misspelled_field_is_corrected():
    """The message of an unknown field names the nearest one and the model."""
    with pytest.raises(ConfigurationError, match=r"'m'.*'ttfs', did you mean 'ttft'\?"):
        read_script({"ttfs": 3}, "m")


@pytest.mark.parametrize(
    "fields",
    [
        {3: 4},
        {"text": 3},
        {"output_tokens": -1},
        {"output_tokens": 1.5},
        {"output_tokens": True},
        {"output_tokens": 2_000_000},
        {"tokens_per_event": 0},
        {"usage": "yes"},
        {"status": 302},
        {"status": []},
        {"status": "429"},
        {"retry_after": "soon"},
        {"tool_call": {"arguments": {}}},
        {"tool_call": {"name": "look", "arguments": [1]}},
        {"tool_call": {"name": "look", "arguments": {"a": {1}}}},
        {"tool_call": {"name": "look", "args": {}}},
        {"fault": "fire"},
        {"encoding": "br"},
        {"replay": {"path": "/nowhere/at/all"}},
        {"replay": {"path": __file__}, "fault": ["no_end", {"error_event": 2}]},
        {"text": "a", "output_tokens": 3},
        {"input_tokens": 10, "cached_input_tokens": 6, "cache_write_tokens": 5},
    ],
)
def test_a_value_that_cannot_be_used_is_refused(fields):
    """A wrong value or an impossible pair names the model in its message."""
    with pytest.raises(ConfigurationError, match="script of 'm'"):
        read_script(fields, "m")


def test_a_script_is_an_object():
    """A script that is no object is refused."""
    with pytest.raises(ConfigurationError, match="an object is expected"):
        read_script([1])


def test_scripts_are_an_object_of_scripts():
    """A list of scripts is refused: it names no models."""
    with pytest.raises(ConfigurationError, match="model name"):
        read_scripts([{}])


def test_a_file_holds_scripts_by_model(tmp_path):
    """A script file maps models to scripts, the star to all others."""
    path = tmp_path / "scripts.json"
    path.write_text(json.dumps({"a/b": {"output_tokens": 3}, "*": {}}))

    assert {"a/b": Script(output_tokens=3), "*": Script()} == read_script_file(path)


def test_a_missing_file_is_named(tmp_path):
    """A file that is not there is a configuration error with its path."""
    with pytest.raises(ConfigurationError, match=r"none\.json: No such file"):
        read_script_file(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("text", "words"),
    [("{", "is no JSON"), ('{"m": {"ttf": 1}}', "unknown field 'ttf'")],
)
def test_a_bad_file_is_named(tmp_path, text, words):
    """What is wrong inside a file is told with its path."""
    path = tmp_path / "scripts.json"
    path.write_text(text)

    with pytest.raises(ConfigurationError, match=rf"scripts\.json.*{words}"):
        read_script_file(path)


def test_a_tool_call_replaces_the_generated_text():
    """Beside a tool call no text is made up, unless its length is asked for."""
    tool = {"name": "look"}

    assert 0 == read_script({"tool_call": tool}).text_tokens
    assert 3 == read_script({"tool_call": tool, "output_tokens": 3}).text_tokens


def test_a_replay_is_read_with_its_body(tmp_path):
    """The body is part of the script from the moment that it is read."""
    path = tmp_path / "body"
    path.write_bytes(b"data: 1\n\n")

    assert (b"data: 1\n\n",) == read_script({"replay": {"path": str(path)}}).replay.pieces
