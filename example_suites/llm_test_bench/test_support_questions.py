"""Every case of a dataset is a test with its own budgets, named by the id of the case."""

import pytest
from shop_datasets import SUPPORT
from shop_writer import write

pytestmark = pytest.mark.latency(provider="openai", error_rate="0%", cost="$0.01")


@pytest.mark.latency(p50="8s", ttft_p50="4s", cost_per_call="$0.001", calls=1, iterations=3)
@pytest.mark.parametrize("case", SUPPORT.cases, ids=SUPPORT.ids)
def test_support_question(test_bench_client, case):
    assert write(test_bench_client, case)


def test_all_questions_together(lens, test_bench_client):
    """One profile over the whole dataset: figures that no single case has enough calls for."""
    with lens.observe("support questions") as seen:
        for case in SUPPORT.cases:
            assert write(test_bench_client, case)

    assert seen.calls == len(SUPPORT.cases)
    assert seen.ttft.p95 < 8000
    assert seen.cost.per_call < 0.001
