"""
The table of traffic: each client that is installed, each scene, one row.

``LENS_WRITE_TRAFFIC=1`` writes what was measured into the page of the reference; without it the
page is compared with what was measured.
"""

import os

import pytest
from traffic_calls import Stage
from traffic_clients import Asking, known_sections
from traffic_endings import SDKS, make_twice
from traffic_page import write_rows
from traffic_rows import Row, all_rows, cells_of, key_of, keys_of_sections

from llm_latency_lens.simulator import start_simulator

_SECTIONS = known_sections()
_MEASURED = pytest.StashKey()


def _id(name):
    return name.replace(",", "").replace(" ", "_")


def _row_id(row):
    name, scene, streamed = row
    return _id(f"{name}-{scene.name}-{'streamed' if streamed else 'whole'}")


def pytest_generate_tests(metafunc):
    """Let the tests of a row follow each other, so that its calls are made once; so of an SDK."""
    for name, values, identify in (("row", list(all_rows()), _row_id), ("sdk", SDKS, _id)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, values, ids=identify, indirect=True, scope="module")


def pytest_configure(config):
    """Make room for what is measured."""
    config.stash[_MEASURED] = {}


@pytest.fixture(scope="session")
def provider():
    """The simulated provider."""
    with start_simulator() as simulator:
        yield simulator


@pytest.fixture(scope="session")
def stage(provider):
    """The provider behind a tap, and the clients."""
    with Stage(provider) as opened:
        yield opened


@pytest.fixture(scope="module")
def sdk(request, provider):
    """Each API of each vendor's own SDK that is installed."""
    return SDKS[request.param](request.param, provider.host)


@pytest.fixture
def twice(provider):
    """Do something without the lens and with it: what each came to, and the samples."""
    return make_twice(provider)


@pytest.fixture(scope="module")
def row(request, stage):
    """Play one scene, synchronously and in an event loop."""
    name, scene, streamed = request.param
    section = stage.section(name, _SECTIONS[name][0])
    asking = Asking(streamed, scene.retries, scene.read_timeout_s)
    played = Row(
        name,
        scene,
        streamed,
        stage.play(section, scene, asking, is_async=False),
        stage.play(section, scene, asking, is_async=True),
    )
    measured = request.config.stash[_MEASURED].setdefault(name, {})
    measured[key_of(scene, streamed=streamed)] = cells_of(played)
    return played


def pytest_sessionfinish(session):
    """Write the page where that is asked for."""
    measured = session.config.stash[_MEASURED]
    if measured and os.environ.get("LENS_WRITE_TRAFFIC"):
        write_rows(measured, keys_of_sections())
