"""``lens_session``: what this process has seen so far, to look at."""

import pytest

pytest.importorskip("openai")

SUITE = """
import pytest

@pytest.fixture(scope="session", autouse=True)
def at_the_end(lens_session):
    yield
    assert 3 == len(lens_session.samples)
    with open("end.txt", "w") as file:
        print(lens_session.spent_usd, file=file)

@pytest.fixture
def warmed(ask):
    ask()

@pytest.mark.latency(p95="20s")
def test_first(ask):
    ask()

@pytest.mark.latency(p95="20s")
def test_second(warmed, ask, lens_session):
    assert 2 == len(lens_session.samples)
    ask()

def test_look(lens_session):
    assert 3 == len(lens_session.samples)
    assert 2 == lens_session.result.calls
    assert lens_session.result.latency.p95 < 20_000
    with pytest.raises(AttributeError):
        lens_session.samples = ()
"""


def test_it_shows_what_was_seen(run_inner):
    """Calls of fixtures and bodies, their numbers, and the money, up to the end of the session."""
    inner = run_inner(SUITE)

    assert (0, "0.0000126") == (inner.ret, (inner.folder / "end.txt").read_text().strip())
