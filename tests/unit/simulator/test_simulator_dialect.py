"""What both APIs read of a request."""

import pytest

from llm_latency_lens.simulator.dialect import Asked, read_asked, read_fields

GOOD = {"model": "m", "messages": []}


def test_only_the_model_and_flags_are_kept():
    """The prompt goes no further than this function."""
    fields = {**GOOD, "messages": [{"role": "user", "content": "secret"}], "max": 4}

    assert Asked(model="m", is_streamed=False, token_limit=4, wants_usage=True) == read_asked(
        fields, ("max",), wants_usage=True
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"model": None},
        {"model": ""},
        {"model": 3},
        {"model": "m" * 257},
        {"messages": None},
        {"messages": "hi"},
        {"stream": "yes"},
        {"max": 0},
        {"max": "5"},
        {"max": True},
    ],
)
def test_a_request_that_the_api_would_refuse_is_refused(wrong):
    """A missing model, missing messages or a wrong type is no valid request."""
    with pytest.raises(ValueError, match=r"'messages'|'stream'|'max'|model"):
        read_asked({**GOOD, **wrong}, ("max",), wants_usage=True)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"\xff", b"[" * 100_000])
def test_a_body_is_a_json_object(body):
    """Anything else is refused, however deep it is nested."""
    with pytest.raises(ValueError, match="The body of the request is no"):
        read_fields(body)


def test_an_api_may_have_its_prompt_elsewhere():
    """Where messages are not the prompt they may be missing."""
    asked = read_asked(
        {"model": "m"}, (), wants_usage=True, shows_reasoning=True, has_messages=False
    )

    assert (
        Asked(
            model="m", is_streamed=False, token_limit=None, wants_usage=True, shows_reasoning=True
        )
        == asked
    )
