"""The ledger: money that several processes reserve and spend, and what a death leaves."""

import os
import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llm_latency_lens.pytest_plugin.ledger import Balance, Ledger

CAP = Decimal(1)


@pytest.fixture
def path(tmp_path):
    """Where the ledger is."""
    return tmp_path / "ledger"


def test_a_reservation_that_fits_is_given(path):
    """Up to the cap itself."""
    ledger = Ledger(path)

    assert ledger.reserve(Decimal("0.6"), CAP)
    assert ledger.reserve(Decimal("0.4"), CAP)
    assert Balance(Decimal(0), CAP, 0) == ledger.balance()


def test_one_that_could_cross_is_refused(path):
    """And counted."""
    ledger = Ledger(path)
    ledger.reserve(Decimal("0.6"), CAP)

    assert ledger.reserve(Decimal("0.5"), CAP) is None
    assert Balance(Decimal(0), Decimal("0.6"), 1) == ledger.balance()


def test_a_settlement_frees_what_was_not_spent(path):
    """The rest can be reserved again."""
    ledger = Ledger(path)
    ledger.settle(ledger.reserve(CAP, CAP), Decimal("0.1"), "m")

    assert Balance(Decimal("0.1"), Decimal(0), 0) == ledger.balance()
    assert ledger.reserve(Decimal("0.9"), CAP)


def test_an_unknown_cost_is_the_worst_case(path):
    """What may have been billed counts as billed, and says nothing of the model's calls."""
    ledger = Ledger(path)
    ledger.settle(ledger.reserve(Decimal("0.7"), CAP), None, "m")

    assert Decimal("0.7") == ledger.balance().spent_usd
    assert ledger.worst_seen("m") is None


def test_the_worst_seen_is_kept_by_model(path):
    """Of all calls that were priced."""
    ledger = Ledger(path)
    for cost, model in (("0.1", "a"), ("0.3", "a"), ("0.2", "a"), ("0.5", "b")):
        ledger.settle(ledger.reserve(Decimal("0.01"), Decimal(9)), Decimal(cost), model)

    assert [Decimal("0.3"), Decimal("0.5"), None] == [ledger.worst_seen(one) for one in "abc"]


def test_processes_see_each_other(path):
    """Each reads what the other has appended before it decides."""
    one, other = Ledger(path), Ledger(path)
    entry = one.reserve(Decimal("0.8"), CAP)

    assert other.reserve(Decimal("0.8"), CAP) is None
    one.settle(entry, Decimal("0.1"), "m")
    assert other.reserve(Decimal("0.8"), CAP)
    assert one.balance() == other.balance()


# Less than its end of line alone.
@pytest.mark.parametrize("cut", range(2, 40))
def test_a_torn_line_is_safe(path, cut):
    """A reservation that a death tore was never used; later lines stand on their own."""
    one = Ledger(path)
    one.reserve(Decimal("0.1"), CAP)
    one.reserve(Decimal("0.2"), CAP)
    os.truncate(path, path.stat().st_size - cut)
    other = Ledger(path)
    other.reserve(Decimal("0.4"), CAP)

    assert Decimal("0.5") == Ledger(path).balance().reserved_usd
    assert Decimal("0.5") == other.balance().reserved_usd


def test_a_fork_has_a_lock_of_its_own(path, monkeypatch):
    """It opens the file itself, and both see what either wrote."""
    ledger = Ledger(path)
    descriptor = ledger._descriptor
    monkeypatch.setattr("os.getpid", lambda: 0)
    ledger.reserve(Decimal("0.1"), CAP)

    assert descriptor != ledger._descriptor
    assert Decimal("0.1") == Ledger(path).balance().reserved_usd


def test_without_flock_the_message_says_so(path, monkeypatch):
    """As on Windows."""
    monkeypatch.setitem(__import__("sys").modules, "fcntl", None)

    with pytest.raises(Exception, match="needs flock"):
        Ledger(path)


def test_threads_take_turns(path):
    """Of many that want the last of the money, as many get it as it is enough for."""
    ledgers = [Ledger(path), Ledger(path)]
    given_out = []

    def want(number):
        given_out.append(ledgers[number % 2].reserve(Decimal("0.1"), CAP))

    threads = [threading.Thread(target=want, args=(number,)) for number in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 10 == sum(entry is not None for entry in given_out)
    assert 14 == ledgers[0].balance().refused


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(1, 60), st.integers(0, 100)), max_size=30))
def test_never_more_than_the_cap(tmp_path_factory, steps):
    """Whoever reserves and settles in whatever order, spent and reserved stay below the cap."""
    path = tmp_path_factory.mktemp("ledger") / "ledger"
    ledgers, entries = (Ledger(path), Ledger(path)), []
    for who, worst, share in steps:
        entry = ledgers[who].reserve(Decimal(worst) / 100, CAP)
        if entry:
            entries.append((entry, Decimal(worst) / 100))
        if share > 50 and entries:
            entry, most = entries.pop(0)
            ledgers[1 - who].settle(entry, most * share / 100, "m")
        balance = ledgers[0].balance()

        assert balance == ledgers[1].balance()
        assert balance.spent_usd + balance.reserved_usd <= CAP
