"""P-values of many comparisons, adjusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.verdicts import benjamini_hochberg, holm

_p_values = st.lists(st.floats(0, 1), max_size=12)
_adjustments = pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])


def test_holm_raises_the_smallest_most():
    """The smallest of three is tripled, the next doubled, the last left, none below another."""
    assert [0.03, 0.06, 0.06] == pytest.approx(holm([0.01, 0.04, 0.03]))


def test_benjamini_hochberg_raises_less():
    """The smallest of three is tripled, the next taken times 3/2, none above a later one."""
    assert [0.03, 0.04, 0.04] == pytest.approx(benjamini_hochberg([0.01, 0.04, 0.03]))


@_adjustments
def test_one_comparison_needs_no_adjustment(adjust):
    """A single question is what it is."""
    assert [0.04] == adjust([0.04])


@_adjustments
def test_none_has_none(adjust):
    """Nothing compared, nothing found."""
    assert [] == adjust([])


@_adjustments
@given(_p_values)
def test_no_p_value_sinks(adjust, p_values):
    """Adjusting only ever raises, and stays a probability."""
    adjusted = adjust(p_values)

    assert all(
        before - 1e-12 <= after <= 1 for before, after in zip(p_values, adjusted, strict=True)
    )


@_adjustments
@given(_p_values, st.randoms())
def test_order_stays(adjust, p_values, random):
    """A comparison keeps its adjusted value wherever it stands in the table."""
    shuffled = random.sample(range(len(p_values)), len(p_values))
    adjusted = adjust(p_values)

    assert [adjusted[at] for at in shuffled] == adjust([p_values[at] for at in shuffled])


@given(_p_values)
def test_showing_finds_what_gating_finds(p_values):
    """Benjamini and Hochberg never raise more than Holm."""
    pairs = zip(benjamini_hochberg(p_values), holm(p_values), strict=True)

    assert all(shown <= gated + 1e-12 for shown, gated in pairs)
