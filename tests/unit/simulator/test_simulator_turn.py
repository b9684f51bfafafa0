"""Turns: the draws of one request."""

from itertools import islice

import pytest

from llm_latency_lens.simulator.fault import Fault
from llm_latency_lens.simulator.script import read_script
from llm_latency_lens.simulator.turn import Turn

RANDOM = {"lognormal": {"median": 20, "sigma": 1}}


def test_the_same_turn_draws_the_same():
    """Two runs of one script wait equally long."""
    script = read_script({"ttft": RANDOM, "itl": RANDOM})
    first, again = Turn(script, 3), Turn(script, 3)

    assert first.ttft_ns == again.ttft_ns
    assert list(islice(first.gaps_ns(), 9)) == list(islice(again.gaps_ns(), 9))


@pytest.mark.parametrize("other", [({"ttft": RANDOM}, 1), ({"ttft": RANDOM, "seed": 1}, 0)])
def test_another_turn_or_seed_draws_anew(other):
    """Turn and seed select the draws."""
    fields, number = other

    assert (
        Turn(read_script({"ttft": RANDOM}), 0).ttft_ns != Turn(read_script(fields), number).ttft_ns
    )


def test_a_list_moves_on_by_one_a_request():
    """Time to first token, latency and status take the element of the request's number."""
    turn = Turn(read_script({"ttft": {"list": [1, 2]}, "status": [429, 500, 200]}), 4)

    assert (1_000_000, 500) == (turn.ttft_ns, turn.status)


def test_a_list_of_gaps_is_walked_within_a_request():
    """Every request walks the list of gaps from its start."""
    script = read_script({"itl": {"list": [1, 2, 3]}})

    assert [1_000_000, 2_000_000] == list(islice(Turn(script, 7).gaps_ns(), 2))


def test_an_answer_in_one_piece_takes_as_long_as_its_stream():
    """Without a latency the wait is the time to first token and all gaps."""
    turn = Turn(read_script({"ttft": 10, "itl": {"list": [1, 2, 3]}}), 0)

    assert 13_000_000 == turn.whole_ns(3)


def test_a_latency_overrides_the_stream():
    """The scripted latency counts for an answer in one piece."""
    assert 5_000_000 == Turn(read_script({"latency": 5}), 0).whole_ns(100)


def test_an_answer_without_tokens_takes_the_time_to_first_token():
    """No events have no gaps."""
    assert 10_000_000 == Turn(read_script({"ttft": 10}), 0).whole_ns(0)


def test_faults_take_turns():
    """The fault of a request is that of its number."""
    script = read_script({"fault": [{"cut": 1}, None]})

    assert [Fault("cut", 1), None, Fault("cut", 1)] == [
        Turn(script, number).fault for number in range(3)
    ]


def test_the_delays_of_a_replay_are_walked_within_a_request(tmp_path):
    """Every replay has its delays from the start of the list."""
    path = tmp_path / "body"
    path.touch()
    script = read_script({"replay": {"path": path, "delays": {"list": [1, 2]}}})

    assert [1_000_000, 2_000_000, 1_000_000] == list(islice(Turn(script, 7).replay_gaps_ns(), 3))


def test_without_a_replay_there_are_no_delays_of_one():
    """A script without replay has nothing to wait for."""
    assert [] == list(Turn(read_script({}), 0).replay_gaps_ns())


@pytest.mark.parametrize(("in_progress", "stretch"), [(1, 1), (4, 1), (6, 1.5), (8, 2)])
def test_above_the_knee_delays_grow(in_progress, stretch):
    """All of them, in proportion, so that more requests get no more done."""
    turn = Turn(read_script({"ttft": 20, "itl": 4, "latency": 80, "knee": 4}), 0, in_progress)

    assert [20e6 * stretch, 80e6 * stretch, 4e6 * stretch] == [
        turn.ttft_ns,
        turn.latency_ns,
        next(turn.gaps_ns()),
    ]


def test_too_many_are_refused():
    """Whatever the script's own status is."""
    script = read_script({"at_most": 3, "status": [200, 500]})

    assert [200, 429] == [Turn(script, 0, count).status for count in (3, 4)]
