"""Sums of tokens and of money."""

from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.metrics import CostSum, TokenSum
from llm_latency_lens.samples import Cost, Outcome, Sample, Status, Timeline, Usage


def _sample(usage=None, cost=None):
    return Sample(
        id="1",
        provider="openai",
        protocol="openai-chat",
        requested_model="gpt",
        model="gpt-1",
        streamed=False,
        outcome=Outcome(Status.OK),
        timeline=Timeline(0, 1),
        wall_ns=0,
        usage=usage or Usage(),
        cost=cost,
    )


def _priced(usd):
    return _sample(cost=Cost(usd, usd, usd, "book"))


_amounts = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places),
    st.integers(0, 10**28 - 1),
    st.integers(0, 40),
)
_cost_sums = st.lists(st.none() | _amounts, max_size=4).map(
    lambda amounts: CostSum.of(_sample() if one is None else _priced(one) for one in amounts)
)
_token_sums = st.builds(TokenSum, *[st.integers(0)] * 5)


def test_tokens_are_added_by_kind():
    """Each kind of token has its own sum."""
    usage = Usage(input_tokens=10, output_tokens=20, cached_input_tokens=3, reasoning_tokens=4)

    assert TokenSum(20, 40, 6, 8, 0) == TokenSum.of([_sample(usage), _sample(usage)])


def test_half_known_usage_is_unknown():
    """A call that told only its input makes the sum of output too low, and is counted."""
    assert TokenSum(input=10, unknown=1) == TokenSum.of([_sample(Usage(input_tokens=10))])


def test_usage_without_input_is_unknown():
    """A call that told only its output makes the sum of input too low, and is counted."""
    assert TokenSum(output=10, unknown=1) == TokenSum.of([_sample(Usage(output_tokens=10))])


@given(_token_sums, _token_sums, _token_sums)
def test_tokens_merge_in_any_grouping(a, b, c):
    """Merging tokens is associative."""
    assert a.merge(b).merge(c) == a.merge(b.merge(c))


@given(_token_sums, _token_sums)
def test_tokens_merge_in_any_order(a, b):
    """Merging tokens is commutative."""
    assert a.merge(b) == b.merge(a)


def test_cost_is_added_by_part():
    """Input, output and total have their own sums."""
    cost = Cost(Decimal("0.1"), Decimal("0.2"), Decimal("0.3"), "book")
    expected = CostSum(Decimal("0.6"), Decimal("0.2"), Decimal("0.4"), priced=2, unpriced=0)

    assert expected == CostSum.of([_sample(cost=cost), _sample(cost=cost)])


def test_unknown_price_is_counted_not_read_as_zero():
    """A call without a price stands beside the sum."""
    assert CostSum(unpriced=1) == CostSum.of([_sample()])


@given(st.lists(_amounts, max_size=5))
def test_cost_is_never_rounded(amounts):
    """The sum of amounts of any size is exact."""
    expected = sum(map(Fraction, amounts), Fraction(0))

    assert expected == Fraction(CostSum.of(map(_priced, amounts)).total_usd)


def test_precision_of_the_caller_does_not_matter():
    """A narrow decimal context around the call rounds nothing."""
    with localcontext() as context:
        context.prec = 2
        total = CostSum.of([_priced(Decimal("100.01")), _priced(Decimal("0.001"))]).total_usd

    assert Decimal("100.011") == total


@given(_cost_sums, _cost_sums, _cost_sums)
def test_costs_merge_in_any_grouping(a, b, c):
    """Merging costs is associative, to the last digit shown."""
    assert repr(a.merge(b).merge(c)) == repr(a.merge(b.merge(c)))


@given(_cost_sums, _cost_sums)
def test_costs_merge_in_any_order(a, b):
    """Merging costs is commutative, to the last digit shown."""
    assert repr(a.merge(b)) == repr(b.merge(a))


@given(_cost_sums)
def test_no_cost_is_neutral(cost):
    """Merging nothing changes nothing."""
    assert repr(cost) == repr(cost.merge(CostSum()))
