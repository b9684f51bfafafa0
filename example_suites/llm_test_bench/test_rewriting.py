"""Cases with a budget of their category."""

import pytest
from shop_datasets import REWRITING
from shop_writer import write

LONGEST = {"tone": "10s", "length": "6s"}

pytestmark = pytest.mark.latency(provider="openai", error_rate="0%", cost="$0.01")


def budgeted(case):
    mark = pytest.mark.latency(p50=LONGEST[case.category], ttft_p50="4s", iterations=3)
    return pytest.param(case, id=case.id, marks=mark)


@pytest.mark.parametrize("case", [budgeted(case) for case in REWRITING.cases])
def test_rewriting(test_bench_client, case):
    assert write(test_bench_client, case)
