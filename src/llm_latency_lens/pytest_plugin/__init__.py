"""
The pytest plugin: options, marker, fixtures and hooks.

Every pytest start imports this module, so it imports nothing heavier than pytest; the rest
loads when a test asks for the lens.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from llm_latency_lens.pytest_plugin import options

if TYPE_CHECKING:
    from llm_latency_lens.pytest_plugin.item_run import ItemRun
    from llm_latency_lens.pytest_plugin.lens import Lens
    from llm_latency_lens.pytest_plugin.recorder import Recorder
    from llm_latency_lens.pytest_plugin.session_so_far import SessionSoFar
    from llm_latency_lens.simulator import Simulator

__all__ = ["lens", "lens_session", "lens_simulator"]

# Whose APIs the simulator speaks; the first that fits a path counts.
_SIMULATED = ("openai", "anthropic", "google", "cohere", "ollama", "replicate")
_RUN = pytest.StashKey["ItemRun"]()
_OPEN_RUNS = pytest.StashKey[list["ItemRun"]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ``--lens-*`` options and ``lens_*`` settings."""
    options.add_options(parser)


def pytest_addhooks(pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the ``pytest_lens_*`` hooks."""
    from llm_latency_lens.pytest_plugin import hookspecs  # noqa: PLC0415

    pluginmanager.add_hookspecs(hookspecs)


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; make sure that every file and host that is named can be used."""
    config.addinivalue_line(
        "markers",
        "latency(**budgets): fail when provider calls of the test are too slow, too expensive or "
        'too unreliable, as in latency(p95="2s", ttft="800ms", cost_per_call="$0.002", '
        "iterations=20)",
    )
    is_worker = hasattr(config, "workerinput")
    if is_worker:
        from llm_latency_lens.pytest_plugin.shared_folder import claim_spool  # noqa: PLC0415

        claim_spool(config)
    else:
        from llm_latency_lens.pytest_plugin.reporting import Reporting  # noqa: PLC0415

        config.pluginmanager.register(Reporting(config), Reporting.name)
    if options.names_files(config):
        _check(config, is_worker=is_worker)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Keep the calls of this process where a test will want to look at them."""
    if any("lens_session" in getattr(item, "fixturenames", ()) for item in session.items):
        _recorder(session.config).kept()


@pytest.hookimpl
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Validate the marks of the test, then watch what its fixtures do."""
    # After pytest has looked at skip and xfail, which go first, and before fixtures are set up.
    # A rerun of the test comes by here again, with the run before it still in the stash.
    if _RUN in item.stash:
        item.stash[_RUN].stop()
        del item.stash[_RUN]
    if options.is_observed(item):
        run = item.stash[_RUN] = _begin(item)
        item.config.stash.setdefault(_OPEN_RUNS, []).append(run)
        run.start()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """Run the body as often as asked, then judge."""
    run = item.stash.get(_RUN, None)
    if run is None:
        return (yield)
    with run.calling(), _at_the_test():
        result = yield
    run.judge()
    return result


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Generator[None, None, None]:
    """Watch what the fixtures do on their way out."""
    run = item.stash.get(_RUN, None)
    if run is None:
        return (yield)
    item.config.stash[_OPEN_RUNS].remove(run)
    with run.tearing_down():
        return (yield)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop watching a test that an interrupt left without its teardown."""
    for run in config.stash.get(_OPEN_RUNS, []):
        run.stop()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Put what was measured on pytest's own report, which pytest-xdist carries."""
    report = yield
    run = item.stash.get(_RUN, None)
    if run is not None:
        run.put_on(report)
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Explain a failed plain assert on a result by the evidence behind the number."""
    for side in (left, right):
        if hasattr(side, "explanation") and hasattr(side, "evidence"):
            return [f"{left} {op} {right}", side.explanation]
    return None


@pytest.fixture
def lens(request: pytest.FixtureRequest) -> "Lens":
    """Measure a callable, a prompt or a block: ``profile``, ``aprofile``, ``observe``."""
    from llm_latency_lens.pytest_plugin.baselines import read_baseline_budgets  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.lens import Lens  # noqa: PLC0415

    run, config = request.node.stash[_RUN], request.config
    return Lens(_recorder(config), run.scope, run.save, read_baseline_budgets(config))


@pytest.fixture(scope="session")
def lens_session(request: pytest.FixtureRequest) -> "SessionSoFar":
    """What this process has seen so far: ``samples``, ``result``, ``spent_usd``; read-only."""
    from llm_latency_lens.pytest_plugin.session_so_far import SessionSoFar  # noqa: PLC0415

    return SessionSoFar(_recorder(request.config).kept())


@pytest.fixture(scope="session")
def lens_simulator(request: pytest.FixtureRequest) -> Iterator["Simulator"]:
    """A simulated provider in a process of its own, seen as the vendor whose API is called."""
    from llm_latency_lens.simulator import start_simulator  # noqa: PLC0415

    with start_simulator() as simulator:
        _recorder(request.config).name_host(simulator.host, _SIMULATED)
        yield simulator


@contextmanager
def _at_the_test() -> Iterator[None]:
    try:
        yield
    except Exception as fault:
        from llm_latency_lens.errors import LensError  # noqa: PLC0415 - only after a failure

        if isinstance(fault, LensError):
            from llm_latency_lens.pytest_plugin.tracebacks import (  # noqa: PLC0415 - as above
                end_at_the_test,
            )

            end_at_the_test(fault)
        raise


def _recorder(config: pytest.Config) -> "Recorder":
    from llm_latency_lens.pytest_plugin.recorder import recorder_of  # noqa: PLC0415

    return recorder_of(config)


def _begin(item: pytest.Item) -> "ItemRun":
    from llm_latency_lens.errors import BudgetError, ConfigurationError  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.baselines import read_baseline_budgets  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.item_run import ItemRun  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.marks import read_marks  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.node_ids import node_id_of  # noqa: PLC0415

    plan, wrong = None, ""
    node_id = node_id_of(item)
    try:
        plan = read_marks(item)
        if plan.against is not None and not item.config.getoption("lens_disable"):
            plan = read_baseline_budgets(item.config).added_to(plan, node_id)
    except (BudgetError, ConfigurationError) as fault:
        plan = None
        wrong = f"latency mark of {item.name}: {fault}"
    # Told out here, or the message would stand there twice, as an exception's own cause. A
    # UsageError would end an xdist session with an internal error.
    if plan is None:
        pytest.fail(wrong, pytrace=False)
    return ItemRun(item, node_id, plan, _recorder(item.config))


def _check(config: pytest.Config, *, is_worker: bool) -> None:
    from llm_latency_lens.errors import ConfigurationError, UsageError  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.baselines import read_session_baselines  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.session import check_settings  # noqa: PLC0415
    from llm_latency_lens.pytest_plugin.settings import read_settings  # noqa: PLC0415

    try:
        _recorder(config)
        if not is_worker:
            check_settings(read_settings(config))
            read_session_baselines(config)
    except (ConfigurationError, UsageError) as fault:
        raise pytest.UsageError(str(fault)) from fault
