"""A simulator and a watch on the calls to it, as the integration tests have them."""

from contextlib import contextmanager

import pytest

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.simulator import start_simulator


@pytest.fixture(scope="session")
def simulator():
    """A simulator in a process of its own."""
    with start_simulator({"*": {"ttft": 20, "itl": 2, "output_tokens": 6}}) as started:
        yield started


@pytest.fixture(scope="session")
def watching(simulator):
    """Open a scope and the hooks for a block; the host is named for one vendor, or for none."""

    @contextmanager
    def watch(*vendors, host=simulator.host):
        observer = Observer(Directory({host: vendors} if vendors else {}))
        scope = Scope("test")
        samples = []
        with hooks(observer.begin), open_scope(scope):
            yield samples
            observer.settle(scope)
            samples.extend(scope.samples)

    return watch
