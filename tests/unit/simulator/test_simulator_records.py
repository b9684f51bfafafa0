"""Records: what the journal keeps and how it leaves."""


# ruff: noqa: D103 - makers and stand-ins say it by their names

import json

from llm_latency_lens.simulator.answer import Usage
from llm_latency_lens.simulator.records import Journal, Record, SentEvent, read_record

USAGE = Usage(12, 5, 1, 2, 3)
FACTS = {
    "id": "req_1",
    "api": "openai_chat",
    "model": "m",
    "is_streamed": True,
    "status": 200,
    "connection": 4,
    "retry_count": 0,
    "accepted_ns": 1,
    "received_ns": 2,
}


def opened(journal, model="m", events=0):
    return journal.open({**FACTS, "model": model}, None, events)


def models(journal, model=None):
    return [entry.model for entry in journal.entries(model)]


def test_a_record_survives_the_wire():
    """What an entry wrote reads as the same facts."""
    entry = Journal().open(FACTS, USAGE, 3)
    entry.saw_headers(5)
    entry.saw_event("role", 0, 2, 5)
    entry.saw_event("text", 1, 6, 7)
    entry.saw_end(9, is_complete=True)

    assert read_record(json.loads(json.dumps(entry.as_json()))) == Record(
        **FACTS,
        headers_ns=5,
        events=(SentEvent("role", 0, 2, 5), SentEvent("text", 1, 6, 7)),
        ended_ns=9,
        is_complete=True,
        usage=USAGE,
    )


def test_an_answer_under_way_has_no_end():
    """An entry is readable before its answer has ended."""
    record = read_record(Journal().open(FACTS, None, 3).as_json())

    assert (None, None, False, ()) == (
        record.headers_ns,
        record.ended_ns,
        record.is_complete,
        record.events,
    )


def test_first_and_last_token_skip_bookkeeping():
    """Only events that carry tokens are tokens, in the record and in its JSON."""
    entry = Journal().open(FACTS, None, 4)
    for kind, tokens, sent_ns in [("role", 0, 1), ("text", 1, 2), ("text", 2, 3), ("done", 0, 4)]:
        entry.saw_event(kind, tokens, 0, sent_ns)
    plain = entry.as_json()
    record = read_record(plain)

    assert (2, 3) == (record.first_token_ns, record.last_token_ns)
    assert (2, 3) == (plain["first_token_ns"], plain["last_token_ns"])


def test_no_tokens_no_token_times():
    """A record without tokens has neither a first nor a last."""
    record = read_record(Journal().open(FACTS, None, 0).as_json())

    assert (None, None) == (record.first_token_ns, record.last_token_ns)


def test_entries_are_found_by_model():
    """A journal lists all models or one, oldest first."""
    journal = Journal()
    for model in ("a", "b", "a"):
        opened(journal, model)

    assert ["a", "b", "a"] == models(journal)
    assert ["a", "a"] == models(journal, "a")


def test_one_model_can_be_forgotten():
    """Clearing a model leaves the records of others."""
    journal = Journal()
    opened(journal, "a")
    opened(journal, "b")
    journal.clear("a")

    assert ["b"] == models(journal)


def test_everything_can_be_forgotten():
    """Clearing without a model empties the journal."""
    journal = Journal()
    opened(journal)
    journal.clear()

    assert [] == models(journal)


def test_the_oldest_records_go_first():
    """A full journal forgets its oldest record."""
    journal = Journal(most_records=2)
    for model in ("a", "b", "c"):
        opened(journal, model)

    assert ["b", "c"] == models(journal)


def test_events_are_bounded_too():
    """Long answers push out old records before the count of records would."""
    journal = Journal(most_events=10)
    for model in ("a", "b", "c"):
        opened(journal, model, 4)

    assert ["b", "c"] == models(journal)


def test_one_long_answer_is_kept():
    """An answer longer than the whole bound is kept until the next."""
    journal = Journal(most_events=10)
    opened(journal, "long", 50)

    assert ["long"] == models(journal)


def test_a_cleared_journal_counts_anew():
    """Forgotten events no longer count against the bound."""
    journal = Journal(most_events=10)
    opened(journal, "a", 8)
    journal.clear("a")
    opened(journal, "b", 8)
    opened(journal, "c", 2)

    assert ["b", "c"] == models(journal)
