"""Request bodies: what they limit, in the words of each protocol."""

import pytest

from llm_latency_lens.protocols.requests import read_facts


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (None, 1)),
        ({"max_tokens": 8}, (8, 1)),
        ({"max_completion_tokens": 9, "n": 3}, (9, 3)),
        ({"max_output_tokens": 7}, (7, 1)),
        ({"max_tokens": 8, "max_completion_tokens": 9}, (9, 1)),
        ({"max_tokens": True, "n": "many"}, (None, 1)),
        ({"max_tokens": 0, "n": 0}, (None, 1)),
        ({"max_tokens": None}, (None, 1)),
    ],
)
def test_limits_of_the_answer_are_read(body, expected):
    """The most tokens of one answer and the number of answers; what is no count is no limit."""
    facts = read_facts(body)

    assert expected == (facts.max_output_tokens, facts.choices)
