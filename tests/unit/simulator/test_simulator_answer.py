"""Answers: tokens, endings, usage."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import pytest

from llm_latency_lens.simulator.answer import compose
from llm_latency_lens.simulator.script import read_script

TOOL = {"name": "look", "arguments": {"city": "Oslo"}}


def answer(limit=None, *, show_reasoning=False, **fields):
    return compose(read_script(fields), limit, show_reasoning=show_reasoning)


def test_a_generated_text_has_the_tokens_asked_for():
    """One word is one token, one token one step."""
    made = answer(output_tokens=40)

    assert 40 == len(made.steps) == made.tokens == made.usage.output_tokens
    assert 40 == len(made.joined("text").split())


@pytest.mark.parametrize("text", ["Hello there, world", " padded  text \n", "", " ", "one"])
def test_a_given_text_is_sent_letter_for_letter(text):
    """Cutting a text into tokens loses nothing."""
    assert text == answer(text=text).joined("text")


def test_the_words_of_a_text_are_its_tokens():
    """Spaces belong to the word that follows."""
    assert ["Hello", " there,", " world"] == [
        step.text for step in answer(text="Hello there, world").steps
    ]


def test_an_event_may_carry_several_tokens():
    """Tokens are grouped, the last event takes what is left."""
    assert [4, 4, 2] == [step.tokens for step in answer(output_tokens=10, tokens_per_event=4).steps]


def test_kinds_are_never_grouped_together():
    """An event holds reasoning, text or tool arguments, and the name of a tool travels alone."""
    made = answer(
        show_reasoning=True,
        reasoning_tokens=3,
        text="a b c",
        tool_call=TOOL,
        tokens_per_event=2,
    )

    assert [
        ("reasoning", 2),
        ("reasoning", 1),
        ("text", 2),
        ("text", 1),
        ("tool", 1),
        ("tool", 2),
        ("tool", 2),
    ] == [(step.kind, step.tokens) for step in made.steps]


def test_hidden_reasoning_is_billed_and_not_sent():
    """Reasoning that is not shown is in the usage only."""
    made = answer(output_tokens=5, reasoning_tokens=7)

    assert (5, 12, 7) == (made.tokens, made.usage.output_tokens, made.usage.reasoning_tokens)


def test_the_arguments_of_a_tool_are_sent_whole():
    """The fragments of the arguments add up to their JSON."""
    made = answer(tool_call=TOOL)

    assert '{"city": "Oslo"}' == made.joined("tool")
    assert "tool" == made.finish


def test_the_input_is_billed_as_scripted():
    """The input side of the usage is that of the script."""
    usage = answer(input_tokens=100, cached_input_tokens=40, cache_write_tokens=5).usage

    assert (100, 40, 5) == (
        usage.input_tokens,
        usage.cached_input_tokens,
        usage.cache_write_tokens,
    )


@pytest.mark.parametrize(
    ("limit", "tokens", "finish"), [(3, 3, "length"), (5, 5, "stop"), (9, 5, "stop")]
)
def test_a_limit_cuts_a_longer_answer(limit, tokens, finish):
    """The token limit of the caller cuts, and the answer says so."""
    made = answer(limit, output_tokens=5)

    assert (tokens, finish) == (made.tokens, made.finish)


def test_hidden_reasoning_counts_against_the_limit():
    """Reasoning is thought before the text, so it uses up the limit first."""
    made = answer(6, output_tokens=5, reasoning_tokens=4)

    assert (2, 6, 4) == (made.tokens, made.usage.output_tokens, made.usage.reasoning_tokens)


def test_a_limit_can_leave_nothing_to_send():
    """A limit that reasoning uses up leaves an empty answer, cut."""
    made = answer(3, output_tokens=5, reasoning_tokens=4)

    assert ((), "length", 3) == (made.steps, made.finish, made.usage.output_tokens)


def test_a_tool_behind_the_limit_is_not_called():
    """What the limit cuts off was never said."""
    made = answer(2, text="a b", tool_call=TOOL)

    assert (None, "length") == (made.tool_call, made.finish)
