"""Faults: how a script spells them."""

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.fault import Fault, read_faults


@pytest.mark.parametrize(
    ("spelled", "fault"),
    [
        ({"error_event": 3}, Fault("error_event", 3)),
        ({"error_event": 0, "shape": "flat"}, Fault("error_event", 0, "flat")),
        ({"cut": 3}, Fault("cut", 3)),
        ({"cut": None}, Fault("cut", None)),
        ({"stall": 3}, Fault("stall", 3, lasts_ns=60_000_000_000)),
        ({"stall": None, "lasts": "2s"}, Fault("stall", None, lasts_ns=2_000_000_000)),
        ("empty", Fault("empty")),
        ("not_json", Fault("not_json")),
        ("redirect", Fault("redirect")),
        (None, None),
    ],
)
def test_a_fault_is_read(spelled, fault):
    """Every spelling has its value; one fault is a list of one."""
    assert (fault,) == read_faults("fault", spelled)


def test_a_list_is_one_fault_a_request():
    """A list keeps its order, and null is a sound answer."""
    assert (Fault("cut", 1), None) == read_faults("fault", [{"cut": 1}, None])


def test_no_end_comes_after_all_tokens():
    """However long the answer is, its end alone is missing."""
    (fault,) = read_faults("fault", "no_end")

    assert 1_000_000 == fault.after


@pytest.mark.parametrize(
    "spelled",
    [
        [],
        3,
        "cut",
        "stal",
        {},
        {"cut": -1},
        {"cut": True},
        {"cut": 1.5},
        {"cut": 1, "stall": 2},
        {"cut": 1, "lasts": "1s"},
        {"error_event": None},
        {"error_event": 1, "shape": "round"},
        {"error_event": 1, "shape": ["flat"]},
        {"stall": 1, "lasts": "long"},
        {"empty": 1},
    ],
)
def test_what_is_no_fault_is_refused(spelled):
    """A wrong spelling is named with its field."""
    with pytest.raises(ConfigurationError, match="fault"):
        read_faults("fault", spelled)


def test_only_cuts_and_stalls_break_off():
    """The other faults end as HTTP wants it."""
    assert [True, True, False, False] == [
        Fault(kind).breaks_off for kind in ("cut", "stall", "error_event", "no_end")
    ]
