"""Call rows: folded and unfolded, the calls of a report are the same."""

import json

from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.reports.call_rows import fold_calls, unfold_calls

_VALUES = st.sampled_from([None, 0, 0.0, 1, 1.0, True, False, "", "a", [], [1], {"b": None}])
_CALLS = st.lists(st.fixed_dictionaries(dict.fromkeys("abcd", _VALUES)), max_size=8)


@given(_CALLS)
def test_unfolding_undoes_folding(calls):
    """To the last type: 1, 1.0 and true are different values in JSON."""
    defaults, rows = fold_calls(calls)
    unfolded = unfold_calls({"call_defaults": defaults, "calls": list(rows)})["calls"]

    assert json.dumps(calls, sort_keys=True) == json.dumps(unfolded, sort_keys=True)


def test_what_half_of_the_calls_share_stands_once():
    """Rows hold the rest."""
    calls = [{"id": n, "model": "m" if n < 3 else "o", "note": ""} for n in range(4)]

    defaults, rows = fold_calls(calls)

    assert {"model": "m", "note": ""} == defaults
    assert [{"id": 0}, {"id": 1}, {"id": 2}, {"id": 3, "model": "o"}] == list(rows)


def test_one_call_shares_nothing():
    """It is complete as it stands."""
    assert [{"id": 1}] == list(fold_calls([{"id": 1}])[1])


def test_a_field_that_some_calls_lack_stays_in_the_rows():
    """A row cannot say that it has none."""
    calls = [{"id": 1, "x": 1}, {"id": 2, "x": 1}, {"id": 3}]

    assert "x" not in fold_calls(calls)[0]


def test_of_many_calls_some_are_asked():
    """Which of them does not change a call, not even one that alone lacks a field."""
    calls = [{"id": n, "model": "m" if n % 3 else "o", "note": ""} for n in range(1300)]
    del calls[1]["note"]

    defaults, rows = fold_calls(calls)
    rows = list(rows)

    assert {"model": "m"} == defaults
    assert {"id": 1, "model": "m"} == {**defaults, **rows[1]}
    assert calls == unfold_calls({"call_defaults": defaults, "calls": rows})["calls"]


def test_complete_calls_stay_as_they_are():
    """A report without defaults is read the same way."""
    assert [{"id": 1}] == unfold_calls({"calls": [{"id": 1}]})["calls"]


@given(st.lists(st.sampled_from([0, 0.0, False, "a", "b", [1], None]), min_size=2, max_size=12))
def test_every_value_of_half_of_the_calls_is_found(values):
    """By two counters a field, in whatever order the calls come."""
    spelled = [json.dumps(value) for value in values]
    defaults, _ = fold_calls([{"x": value} for value in values])
    most = max(spelled.count(one) for one in spelled)

    assert (most >= max(len(values) / 2, 2)) == ("x" in defaults)
    assert "x" not in defaults or most == spelled.count(json.dumps(defaults["x"]))
