"""Delays: their spellings and their draws."""

from random import Random
from statistics import median

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.delays import (
    Bimodal,
    Constant,
    Listed,
    Lognormal,
    read_delay,
    read_duration_ns,
)

MS = 1_000_000


@pytest.mark.parametrize(
    ("spelling", "delay"),
    [
        (20, Constant(20 * MS)),
        (0.5, Constant(MS // 2)),
        ("20ms", Constant(20 * MS)),
        ("0.5s", Constant(500 * MS)),
        ("250us", Constant(250_000)),
        ({"constant": 20}, Constant(20 * MS)),
        ({"lognormal": {"median": "20ms", "sigma": 0.5}}, Lognormal(20 * MS, 0.5)),
        (
            {"bimodal": {"fast": 20, "slow": "2s", "slow_share": 0.1}},
            Bimodal(20 * MS, 2000 * MS, 0.1),
        ),
        ({"list": [10, "20ms"]}, Listed((10 * MS, 20 * MS))),
    ],
)
def test_a_delay_reads_as_spelled(spelling, delay):
    """Every documented spelling gives its delay, a bare number being milliseconds."""
    assert delay == read_delay("ttft", spelling)


@pytest.mark.parametrize(
    "spelling",
    [
        None,
        True,
        [],
        {},
        {"constant": 20, "list": [1]},
        {"constant": {"fast": 1}},
        {"list": []},
        {"list": "20"},
        {"uniform": [1, 2]},
        {"lognormal": {"median": 20}},
        {"lognormal": {"median": 20, "sigma": -1}},
        {"lognormal": {"median": 20, "sigma": 1, "mean": 3}},
        {"bimodal": {"fast": 20, "slow": 30, "slow_share": 1.5}},
        {"bimodal": {"fast": 20, "slow": 30, "slow_share": True}},
        -1,
        float("nan"),
        float("inf"),
        "20",
        "20 parsecs",
        "-20ms",
    ],
)
def test_a_delay_that_cannot_be_read_is_refused_by_name(spelling):
    """A wrong spelling is refused with the field that it was given for."""
    with pytest.raises(ConfigurationError, match="ttft"):
        read_delay("ttft", spelling)


def test_a_refusal_shows_the_spellings():
    """The message of a refused delay names every shape."""
    with pytest.raises(ConfigurationError) as refused:
        read_delay("itl", {"normal": 3})

    assert all(
        shape in str(refused.value) for shape in ("constant", "lognormal", "bimodal", "list")
    )


def test_a_bare_duration_takes_the_unit_of_its_field():
    """A bare number is counted in the unit that the field has by nature."""
    assert 2_000 * MS == read_duration_ns("retry_after", 2, bare_unit_ns=1_000 * MS)


def test_a_constant_is_always_the_same():
    """A constant delay depends on neither position nor random source."""
    assert {7} == {Constant(7).draw_ns(position, Random(position)) for position in range(5)}


def test_a_list_is_walked_and_begins_again():
    """The list is used in order and cycled."""
    drawn = [Listed((1, 2, 3)).draw_ns(position, Random(0)) for position in range(5)]

    assert [1, 2, 3, 1, 2] == drawn


def test_lognormal_draws_lie_around_their_median():
    """Half of the draws lie below the median, within what 2000 draws can show."""
    random = Random(1)
    drawn = [Lognormal(20 * MS, 0.5).draw_ns(0, random) for _ in range(2000)]

    assert 20 * MS == pytest.approx(median(drawn), rel=0.05)


def test_a_lognormal_without_spread_is_constant():
    """With sigma 0 every draw is the median."""
    assert 20 * MS == Lognormal(20 * MS, 0.0).draw_ns(0, Random(3))


def test_no_draw_is_longer_than_a_day():
    """The tail of the widest lognormal ends at a day."""
    day_ns = 24 * 3600 * 1000 * MS
    random = Random(2)
    drawn = [Lognormal(day_ns, 5.0).draw_ns(0, random) for _ in range(100)]

    assert day_ns == max(drawn)


def test_bimodal_draws_are_slow_in_their_share():
    """The slow share of 2000 draws is the share that was asked for, within three sigmas."""
    random = Random(4)
    drawn = [Bimodal(1, 9, 0.25).draw_ns(0, random) for _ in range(2000)]

    assert 0.25 == pytest.approx(drawn.count(9) / 2000, abs=0.03)
    assert {1, 9} == set(drawn)
