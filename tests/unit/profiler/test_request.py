"""Targets and requests: whom is asked, and what."""

import pytest

from llm_latency_lens.errors import UsageError
from llm_latency_lens.profiler import Configuration, Request, Target
from llm_latency_lens.profiler.runner import Job
from llm_latency_lens.providers import Prompt


def test_an_unknown_vendor_is_told():
    """The known ones are listed."""
    with pytest.raises(UsageError, match="'nobody' is unknown; known are openai, anthropic"):
        Target("nobody", "m")


@pytest.mark.parametrize("model", ["", 5])
def test_a_model_has_a_name(model):
    """A text."""
    with pytest.raises(UsageError, match="the name of a model is expected"):
        Target("openai", model)


def test_a_key_is_not_shown():
    """Not even by accident."""
    assert "sk-secret" not in repr(Target("openai", "m", api_key="sk-secret"))


@pytest.mark.parametrize("prompt", ["", None])
def test_a_request_has_a_prompt(prompt):
    """A text that is not empty."""
    with pytest.raises(UsageError, match="a request needs a prompt"):
        Request(prompt)


@pytest.mark.parametrize("word", ["model", "messages", "stream"])
def test_some_parameters_are_the_profilers(word):
    """They are said elsewhere."""
    with pytest.raises(UsageError, match=f"'{word}' is set by the profiler"):
        Request("hi", {word: 1})


def test_the_limit_of_a_request_comes_before_that_of_the_run():
    """And is known by one name for every provider."""
    configuration = Configuration(max_tokens=9, stream=False)
    request = Request("hi", {"max_tokens": 5, "temperature": 0})
    target = Target("openai", "m")

    asked = Prompt("hi", "m", stream=False, max_tokens=5, parameters={"temperature": 0})

    assert asked == Job(target, request).asked(configuration, None).prompt
    assert 9 == Job(target, Request("hi")).asked(configuration, None).prompt.max_tokens


def test_the_name_of_a_request_is_its_label():
    """Other metadata comes back as it is."""
    assert ("first", "") == (Request("hi", metadata={"name": "first"}).label, Request("hi").label)
