"""Node ids: what a report may show of them."""

import re

import pytest

from llm_latency_lens.pytest_plugin.node_ids import public_node_id


@pytest.mark.parametrize(
    "node_id",
    [
        "test_a.py::test_plain",
        "test_a.py::TestB::test_c[gpt-4o-True]",
        "test_a.py::test_d[" + "x" * 59 + "]",
        "test_a.py::test_e[]",
    ],
)
def test_short_ids_stay(node_id):
    """Short, printable parameters are no prompts."""
    assert node_id == public_node_id(node_id)


@pytest.mark.parametrize(
    "parameters",
    ["x" * 60, "tell me\\nmore", "caf\\xe9", "a\x00b", "one[two] " * 8],
    ids=["long", "escaped", "latin", "unprintable", "brackets"],
)
def test_other_ids_are_hashed(parameters):
    """Long and unprintable ones become a hash; file and function stay."""
    found = public_node_id(f"test_a.py::test_b[{parameters}]")

    assert re.fullmatch(r"test_a\.py::test_b\[sha256:[0-9a-f]{12}\]", found)


def test_hashes_tell_tests_apart():
    """Two prompts have two hashes, and each always the same."""
    first, second = (f"test_a.py::test_b[{letter * 99}]" for letter in "xy")

    assert public_node_id(first) == public_node_id(first)
    assert public_node_id(first) != public_node_id(second)


def test_lone_surrogates_are_no_obstacle():
    """What a broken locale leaves in an id can be hashed too."""
    assert "\udcff" not in public_node_id("test_a.py::test_b[\udcff]")
