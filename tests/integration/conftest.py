"""One simulated provider for all integration tests, and a watch on the calls to it."""

from contextlib import contextmanager

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.simulator import start_simulator

_VENDORS = ("openai", "anthropic")


class Seen:
    """The calls of one scope, failed ones that wait for a retry included."""

    def __init__(self, scope, observer):
        self.scope = scope
        self.observer = observer

    @property
    def samples(self):
        """All calls so far."""
        self.observer.settle(self.scope)
        return tuple(self.scope.samples)

    @property
    def sample(self):
        """The one call that was made."""
        (only,) = self.samples
        return only


@pytest.fixture(scope="session")
def simulator():
    """A simulator in a process of its own; each test gives its model a script of its own."""
    with start_simulator({"*": {"ttft": 20, "itl": 2, "output_tokens": 6}}) as started:
        yield started


@pytest.fixture(scope="session")
def watching(simulator):
    """Open a scope and the hooks for a block; ``named=False`` leaves the host unknown."""

    @contextmanager
    def watch(*, named=True):
        observer = Observer(Directory({simulator.host: _VENDORS} if named else {}))
        scope = Scope("test")
        with hooks(observer.begin), open_scope(scope):
            try:
                yield Seen(scope, observer)
            finally:
                # A failed call is held for its retry, which must not come after the scope.
                observer.settle(scope)

    return watch


@pytest.fixture
def model(request):
    """A model of its own for every test, so that its records are its own."""
    return f"capture/{request.node.name}"
