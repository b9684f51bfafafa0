"""The file of a batch: requests from outside."""

import pytest

from llm_latency_lens.cli.batch import read_batch_file
from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.profiler import Request

FULL = '{"prompt": "b", "parameters": {"temperature": 0}, "metadata": {"name": "second"}}'
EXPECTED = (Request("a"), Request("b", {"temperature": 0}, {"name": "second"}))


@pytest.mark.parametrize("text", [f'"a"\n\n{FULL}\n', f' ["a", {FULL}]'])
def test_requests_are_a_list_or_lines(tmp_path, text):
    """A text, or an object with the fields of a request."""
    path = tmp_path / "requests"
    path.write_text(text)

    assert EXPECTED == read_batch_file(path)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "holds no request"),
        ("[]", "holds no request"),
        ('["a", 5]', "requests: request 2: a value of type int; a request is a text or"),
        ('"a"\n{"promt": "b"}', "requests:2: prompt: Field required; a request is a text or"),
        ('"a"\n{"prompt": ""}', "requests:2: a request needs a prompt"),
        ('"a"\n{"prompt": "b", "parameters": {"model": "m"}}', "requests:2: parameters: 'model'"),
        ('"a"\n"b', "requests:2: not JSON"),
        ('["a",\n"b', "requests:2: not JSON"),
    ],
)
def test_a_wrong_request_is_told(tmp_path, text, message):
    """With the file and its place there."""
    path = tmp_path / "requests"
    path.write_text(text)

    with pytest.raises(ConfigurationError) as refused:
        read_batch_file(path)

    assert message in str(refused.value)


def test_a_missing_file_is_told(tmp_path):
    """By name."""
    with pytest.raises(ConfigurationError, match="none: cannot be read"):
        read_batch_file(tmp_path / "none")
