"""``--lens-max-cost``: by the simulator's own count the session never spends more."""

from decimal import Decimal

import pytest

pytest.importorskip("openai")

# 6 tokens in and 4 out by the simulator's script; in dollars a token.
PRICES = """
[[price]]
model = "*"
input_usd_per_million = 1000
output_usd_per_million = 2000
"""
SUITE = """
import os
import openai
import pytest
from llm_latency_lens.errors import CostCapReached

HELLO = [{"role": "user", "content": "hi"}]
LIMIT = {"max_tokens": 4} if os.environ.get("LIMIT") else {}

@pytest.fixture(scope="module")
def client():
    with openai.OpenAI(base_url=os.environ["SIM"], api_key="k", max_retries=2) as client:
        yield client

@pytest.mark.parametrize("number", range(20))
def test_ten_calls(client, number):
    for _ in range(10):
        client.chat.completions.create(model=os.environ["MODEL"], messages=HELLO, **LIMIT)
"""


def _spent(simulator, model):
    """What the simulator sent, at the prices of the file."""
    used = [one.usage for one in simulator.records(model) if one.usage]
    return sum((Decimal(one.input_tokens) + 2 * Decimal(one.output_tokens)) / 1000 for one in used)


@pytest.fixture(scope="module")
def spend(run_inner, simulator):
    """Return a runner of 200 calls under a cap, which also returns what they cost."""

    def spend(cap, *options, **env):
        model = f"cap-{cap}-{'-'.join(options)}-{len(env)}"
        simulator.script(model, ttft=1, itl=0, input_tokens=6, output_tokens=4)
        env |= {"SIM": simulator.base_url, "MODEL": model}
        inner = run_inner(
            {"conftest": "", "test_inner": SUITE, "p.toml": PRICES},
            *options,
            *(f"--lens-max-cost={cap}", "--lens-report", "--lens-prices=p.toml"),
            env=env,
        )
        return inner, len(simulator.records(model)), _spent(simulator, model)

    return spend


@pytest.fixture(scope="module", params=[0, 4])
def capped(request, spend):
    """200 calls that cost $2.80, under a cap of $1, on no worker and on four."""
    if request.param:
        pytest.importorskip("xdist")
    return spend("$1", f"-n{request.param}" if request.param else "-pno:xdist", LIMIT="1")


def test_the_cap_is_never_crossed(capped):
    """Of 200 calls as many are sent as fit; the last ones leave room for their worst case."""
    inner, calls, spent = capped

    assert 0 < spent <= 1
    assert 40 < calls < 72
    assert 1 == inner.ret


def test_refused_calls_fail_their_tests(capped):
    """With our own exception, which the SDK neither retries nor wraps, and the way out."""
    text = capped[0].text

    assert "CostCapReached: --lens-max-cost: the call was not sent: it could cost $" in text
    assert "raise the sum, or limit the answer" in text


def test_the_report_counts_the_money(capped):
    """Spent is what the simulator counted, and refused calls make the report partial."""
    inner, calls, spent = capped
    spending = inner.report()["spending"]

    assert (1.0, float(spent), 0.0) == (
        spending["cap_usd"],
        pytest.approx(spending["spent_usd"]),
        spending["reserved_usd"],
    )
    assert spending["refused_calls"] >= 1
    assert calls == inner.report()["total"]["calls"]
    assert "calls were not sent" in inner.report()["partial"]["reasons"][0]
    assert any(line.startswith("cost cap: $") for line in inner.summary)


def test_under_the_cap_nothing_changes(spend):
    """All calls are sent."""
    inner, calls, spent = spend("$100", "-pno:xdist", LIMIT="1")

    assert (0, 200, Decimal("2.8")) == (inner.ret, calls, spent)
    assert 0 == inner.report()["spending"]["refused_calls"]


def test_without_max_tokens_the_worst_seen_counts(spend):
    """Only the first call is assumed to be long; its like are then reserved at what it cost."""
    inner, calls, _ = spend("$9", "-pno:xdist")

    assert (0, 200) == (inner.ret, calls)


def test_a_first_call_without_a_limit_may_be_too_long(spend):
    """Nothing is known of its answer, so 4096 tokens are assumed."""
    _, calls, spent = spend("$8", "-pno:xdist")

    assert (0, 0) == (calls, spent)


def test_the_lens_itself_keeps_to_the_cap(run_inner, simulator):
    """Its own calls are reserved and refused as those of the test are."""
    simulator.script("own", ttft=1, itl=0, input_tokens=6, output_tokens=4)
    suite = """
    import os
    import pytest
    from llm_latency_lens.errors import CostCapReached

    def test_own(lens):
        with pytest.raises(CostCapReached, match="the call was not sent: it could cost"):
            lens.profile(
                provider="openai", model="own", prompt="hi", max_tokens=4, iterations=100,
                concurrency=2, api_key="k", base_url=os.environ["SIM"],
            )
    """
    files = {"test_inner": suite, "p.toml": PRICES}
    options = ("--lens-max-cost=$1", "--lens-report", "--lens-prices=p.toml")
    inner = run_inner(files, *options, env={"SIM": simulator.base_url})

    assert ("passed", "") == (inner.outcome("test_own"), inner.failure("test_own"))
    assert 0 < _spent(simulator, "own") <= 1
    assert len(simulator.records("own")) == inner.report()["total"]["calls"]


def test_an_unknown_price_is_refused(run_inner):
    """What cannot be counted is not spent."""
    suite = """
    def test_unknown(ask):
        ask("no-such-model")
    """
    inner = run_inner(suite, "--lens-max-cost=$5")

    assert "no price is known for model 'no-such-model'" in inner.sentences("test_unknown")


def test_a_worker_without_the_ledger_sends_nothing(run_inner):
    """As on a machine that does not share the disk: the cap holds there too, and says why."""
    pytest.importorskip("xdist")
    far = """
    import pytest

    @pytest.hookimpl(trylast=True)
    def pytest_configure_node(node):
        node.workerinput["llm_latency_lens_folder"] = "/nowhere"
    """
    suite = """
    pytest_plugins = ["far"]

    def test_far(ask):
        ask()
    """
    inner = run_inner({"test_inner": suite, "far": far}, "-n1", "-pfar", "--lens-max-cost=$5")

    assert "runs on another machine" in inner.sentences("test_far")


@pytest.mark.parametrize(
    ("value", "message"), [("5", "money carries its sign"), ("$-5", "money carries its sign")]
)
def test_a_sum_that_cannot_be_read_ends_the_session(run_inner, value, message):
    """Exit status 4, before the first test."""
    inner = run_inner("def test_idle(): pass", f"--lens-max-cost={value}")

    assert (4, {}) == (inner.ret, inner.tests)
    assert message in str(inner.result.stderr)


def test_environment_and_ini_file_set_it(run_inner):
    """The environment wins over the ini file."""
    inner = run_inner(
        "def test_ask(ask): ask()",
        "--lens-report",
        ini="lens_max_cost = $7\n",
        env={"LENS_MAX_COST": "$6"},
    )

    assert 6.0 == inner.report()["spending"]["cap_usd"]
