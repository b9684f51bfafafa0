"""Plans: words of marks to budgets, and marks of several nodes to one plan."""

import pytest

from llm_latency_lens.budgets import Plan, merge_plans, read_plan
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS
from llm_latency_lens.errors import BudgetError
from llm_latency_lens.samples import Taint

_LIMITS = {"ms": "2s", "usd": "$1", "share": "1%", "calls": 3, "tokens/s": 30}


@pytest.mark.parametrize("name", [*WORDS, *ALIASES])
def test_every_word_is_read(name):
    """Each word of the vocabulary, aliases too, makes one budget."""
    word = WORDS[ALIASES.get(name, name)]

    (budget,) = read_plan({name: _LIMITS[word.unit.value]}).budgets

    assert word == budget.word


def test_options_are_read():
    """Options of a mark reach the plan and every budget of the mark."""
    plan = read_plan(
        {
            "p95": "2s",
            "iterations": 20,
            "warmup": 0,
            "provider": " openai ",
            "model": "gpt-4o-mini",
            "exclude": ("cold", "retried"),
            "allow_mocked": True,
        }
    )

    assert (20, 0) == (plan.iterations, plan.warmup)
    assert ("p95", "openai", "gpt-4o-mini") == plan.budgets[0].key
    assert (Taint.COLD, Taint.RETRIED) == plan.budgets[0].exclude
    assert plan.budgets[0].allow_mocked


def test_every_option_is_known():
    """The table of options lists what a mark takes beside budgets."""
    assert {
        "iterations",
        "warmup",
        "confidence",
        "tolerance",
        "on_inconclusive",
        "baseline",
        "margin",
        "provider",
        "model",
        "exclude",
        "allow_mocked",
    } == OPTIONS.keys()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"p59": "2s"}, "unknown budget word 'p59': did you mean 'p99'?"),
        ({"zzzzzz": "2s"}, "unknown budget word 'zzzzzz': known are p50, "),
        ({"ttft": "1s", "ttft_p95": "2s"}, "'ttft' and 'ttft_p95' are the same budget"),
        ({"ttft_p95": "1s", "ttft": "2s"}, "'ttft_p95' and 'ttft' are the same budget"),
        ({"iteration": 3}, "did you mean 'iterations'?"),
        ({"cost_per_cal": "$1"}, "did you mean 'cost_per_call'?"),
        ({"mean": "3s", "max": "2s"}, 'mean="3s" can never break before max="2s"'),
        ({"max": "2s", "ttft_max": "1s", "ttft_p50": "2s"}, 'ttft_p50="2s" can never break'),
        ({"p50": "3s", "p95": "2s"}, 'p50="3s" can never break before p95="2s"'),
        ({"iterations": 0}, "a whole number, 1 or more"),
        ({"iterations": True}, "a whole number, 1 or more"),
        ({"iterations": "5"}, "a whole number, 1 or more"),
        ({"warmup": -1}, "a whole number, 0 or more"),
        ({"provider": ""}, "is named by text, such as 'openai'"),
        ({"model": 4}, "is named by text, such as 'gpt-4o-mini'"),
        ({"exclude": "warm"}, "names of taints are expected: cold, "),
        ({"exclude": ()}, "names of taints are expected"),
        ({"exclude": ("late",)}, "names of taints are expected"),
        ({"exclude": 3}, "names of taints are expected"),
        ({"allow_mocked": "yes"}, "True or False is expected"),
    ],
)
def test_nonsense_is_refused(words, message):
    """A mark that cannot be meant is refused with the fix."""
    with pytest.raises(BudgetError) as caught:
        read_plan(words)

    assert message in str(caught.value)


@pytest.mark.parametrize(
    "words",
    [
        {"p50": "1s", "p95": "2s", "mean": "3s", "max": "4s"},
        {"p50": "3s", "ttft_p95": "2s"},
        {"mean": "3s", "p95": "2s"},
        {"cost": "$1", "cost_per_call": "$2"},
        {"min_tokens_per_second": 900_000_000_000, "tpot_p95": "1ms"},
        {"exclude": "cold"},
    ],
)
def test_possible_pairs_are_accepted(words):
    """Only limits that cannot hold together are a contradiction."""
    assert read_plan(words)


def test_the_closest_mark_wins():
    """Of two marks with one word the closest counts; other words add up."""
    own = read_plan({"p95": "1s", "iterations": 5})
    module = read_plan({"p95": "9s", "error_rate": "1%", "iterations": 3, "warmup": 1})

    plan = merge_plans([("test", own), ("module", module)])

    assert ["1s", "1%"] == [budget.written for budget in plan.budgets]
    assert (5, 1) == (plan.iterations, plan.warmup)


def test_marks_with_other_filters_stand_side_by_side():
    """The same word for two models is two budgets."""
    node = object()
    plans = [(node, read_plan({"p95": "1s", "model": name})) for name in ("a", "b")]

    assert 2 == len(merge_plans(plans).budgets)


@pytest.mark.parametrize("words", [{"p95": "1s"}, {"iterations": 3}])
def test_twice_on_one_node_is_refused(words):
    """One node may not say the same thing twice, whatever it says."""
    node = object()

    with pytest.raises(BudgetError, match="is given twice on object"):
        merge_plans([(node, read_plan(words)), (node, read_plan(words))])


def test_no_marks_make_an_empty_plan():
    """Without marks nothing is asked for."""
    assert Plan() == merge_plans([])


@pytest.mark.parametrize(
    ("wanted", "model", "covered"),
    [
        ("gpt-4o-mini", "gpt-4o-mini-2024-07-18", True),
        ("gpt-4o-mini-2024-07-18", "gpt-4o-mini-2024-07-18", True),
        ("gpt-4o", "gpt-4o-mini-2024-07-18", False),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("o", "gpt-4o-1", False),
        ("gpt-4", "gpt-4-0613", True),
        ("gemini-2.0-flash", "gemini-2.0-flash-001", True),
        ("command-a", "command-a-03-2025", True),
        ("claude-sonnet-4", "claude-sonnet-4-20250514", True),
        ("claude-sonnet-4", "claude-sonnet-4@20250514", True),
        ("claude-sonnet-4", "claude-sonnet-4-5-20250929", False),
        ("claude-opus-4", "claude-opus-4-1", False),
    ],
)
def test_model_filter_knows_dated_snapshots(make_sample, wanted, model, covered):
    """A model covers its dated snapshots, and no other model that begins alike."""
    (budget,) = read_plan({"p95": "1s", "model": wanted}).budgets

    assert covered == budget.covers(make_sample(model=model, requested_model=model))


def test_provider_filter_ignores_case(make_sample):
    """Providers are compared without regard to case."""
    openai, anthropic = (
        read_plan({"p95": "1s", "provider": name}).budgets[0] for name in ("OpenAI", "anthropic")
    )

    assert (True, False) == (openai.covers(make_sample()), anthropic.covers(make_sample()))


def test_model_filter_knows_what_was_asked_for(make_sample):
    """A model that the answer names otherwise is found by its name in the request."""
    (budget,) = read_plan({"p95": "1s", "model": "my-alias"}).budgets

    assert budget.covers(make_sample(model="gpt-4o", requested_model="my-alias"))


def test_impossible_pair_of_two_marks_of_one_node_is_refused():
    """Marks on one node are read together."""
    node = object()

    with pytest.raises(BudgetError, match="can never break before"):
        merge_plans([(node, read_plan({"p50": "3s"})), (node, read_plan({"p95": "2s"}))])


@pytest.mark.parametrize("option", [{"model": "a"}, {"exclude": "cold"}])
def test_limits_on_other_calls_do_not_contradict(option):
    """What is asked of other calls may be stricter."""
    node = object()
    plans = [(node, read_plan({"p50": "3s"})), (node, read_plan({"p95": "2s"} | option))]

    assert 2 == len(merge_plans(plans).budgets)


def test_marks_of_two_nodes_do_not_contradict():
    """A closer mark may be wider than that of its module; both are judged."""
    plans = [("test", read_plan({"p50": "3s"})), ("module", read_plan({"p95": "2s"}))]

    assert ["p50", "p95"] == [one.word.name for one in merge_plans(plans).budgets]


def test_one_budget_under_two_spellings_of_a_provider_is_refused():
    """Providers are compared without regard to case, also when marks are."""
    node = object()
    plans = [(node, read_plan({"p95": "1s", "provider": name})) for name in ("openai", "OpenAI")]

    with pytest.raises(BudgetError, match="is given twice"):
        merge_plans(plans)


def test_inherited_budget_knows_that_it_is():
    """A budget of a class or module says so."""
    (budget,) = read_plan({"p95": "1s"}, inherited=True).budgets

    assert budget.inherited


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"margin": "25%"}, "margin= has no meaning without baseline="),
        ({"baseline": ""}, "baseline='': the name of a saved session is expected"),
        ({"baseline": 3}, "baseline=3: the name of a saved session is expected"),
    ],
)
def test_a_baseline_has_a_name(words, message):
    """A margin without a baseline, and a baseline without a name, are refused."""
    with pytest.raises(BudgetError, match=message):
        read_plan(words)


def test_the_closest_baseline_wins():
    """Name and margin go together: those of the test, not half of those of its class."""
    close, far = read_plan({"baseline": "b"}), read_plan({"baseline": "a", "margin": "1%"})
    against = merge_plans([("test", close), ("class", far)]).against

    assert ("b", None) == (against.baseline, against.margin)


def test_two_baselines_of_one_test_are_refused():
    """One node names one baseline."""
    plan = read_plan({"baseline": "main"})
    node = object()

    with pytest.raises(BudgetError, match="'baseline' is given twice"):
        merge_plans([(node, plan), (node, plan)])
