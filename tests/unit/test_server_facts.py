"""Server facts: values that a sample carries."""

from dataclasses import FrozenInstanceError

import pytest

from llm_latency_lens.server_facts import RateLimit, ServerTime


@pytest.mark.parametrize(
    ("value", "name"),
    [(RateLimit("tokens", 1, 1, 0), "limit"), (ServerTime("a", 1, "queue"), "nanoseconds")],
)
def test_facts_are_frozen(value, name):
    """What a server told cannot be changed."""
    with pytest.raises(FrozenInstanceError):
        setattr(value, name, 2)


def test_untold_parts_of_a_limit_are_unknown():
    """None is not zero: nothing is exhausted by not being told."""
    limit = RateLimit("tokens")

    assert (None, None, None) == (limit.limit, limit.remaining, limit.reset_ns)
