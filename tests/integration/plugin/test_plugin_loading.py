"""How the plugin gets in, what it does without, and what it leaves alone."""

import json
import re
import subprocess
import sys
import textwrap

import pytest

from llm_latency_lens.wiring import REPORT_SUFFIXES

HEAVY = ("httpx", "httpx2", "pydantic", "numpy", "openai", "anthropic", "genai_prices", "tabulate")
NAMED = 'pytest_plugins = ["llm_latency_lens"]\n'
SUITE = """
def test_lens(lens, request):
    assert 3 == len(lens.profile(lambda: None, iterations=3).run_ns)
    assert 1 == len([
        one for one in request.config.pluginmanager.get_plugins()
        if getattr(one, "__name__", "") == "llm_latency_lens.pytest_plugin"
    ])
"""
# Each of three tests makes a call.
CALLS = """
import httpx2
import pytest

@pytest.mark.parametrize("number", range(3))
def test_call(lens_simulator, number):
    asked = {"model": "m", "messages": [{"role": "user", "content": "hi"}]}
    url = f"{lens_simulator.base_url}/chat/completions"
    assert 200 == httpx2.post(url, json=asked).status_code
"""
EMPTY = {
    "conftest": """
    import atexit, json, pathlib, sys
    atexit.register(lambda: pathlib.Path("loaded.json").write_text(json.dumps(sorted(sys.modules))))
    """,
    "test_inner": "def test_empty(): pass",
}


def test_the_entry_point_is_enough(run_inner):
    """Installed, the plugin is there."""
    inner = run_inner({"test_inner": SUITE, "conftest": ""})

    assert "passed" == inner.outcome("test_lens")


def test_a_conftest_may_name_the_package(run_inner):
    """Naming the package where the entry point is loaded registers nothing twice."""
    inner = run_inner({"test_inner": SUITE, "conftest": NAMED})

    assert "passed" == inner.outcome("test_lens")


def test_without_autoload_a_conftest_names_the_package(run_inner):
    """With autoload off, the package's name in a conftest is enough."""
    inner = run_inner(
        {"test_inner": SUITE, "conftest": NAMED},
        "--lens-report",
        env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )

    assert "passed" == inner.outcome("test_lens")


@pytest.mark.parametrize("autoload", [True, False], ids=["autoload", "no-autoload"])
def test_a_named_package_measures_on_every_worker(run_inner, autoload, distribution):
    """Named in a conftest, with autoload on and off, alone and with workers: no call is lost."""
    settings = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    # With autoload off, pytest-xdist has to be named as well.
    named = () if autoload or "no:xdist" in distribution else ("-p", "xdist")
    inner = run_inner(
        {"conftest": NAMED, "test_inner": CALLS},
        *named,
        *distribution,
        "--lens-report",
        env={} if autoload else settings,
    )

    assert (0, 3) == (inner.ret, inner.report()["total"]["calls"])


def test_a_test_module_may_name_the_package(run_inner, distribution):
    """Where autoload is on, the name may stand in a test module as well."""
    inner = run_inner(
        {"conftest": "", "test_inner": NAMED + textwrap.dedent(CALLS)},
        *distribution,
        "--lens-report",
    )

    assert (0, 3) == (inner.ret, inner.report()["total"]["calls"])


def test_without_autoload_and_name_it_is_absent(run_inner):
    """With autoload off and no name given, there is no fixture."""
    inner = run_inner(
        {"test_inner": SUITE, "conftest": ""}, env={"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    )

    assert "error" == inner.outcome("test_lens")


def test_it_loads_without_xdist(run_inner):
    """Without pytest-xdist the plugin works."""
    inner = run_inner({"test_inner": SUITE, "conftest": ""}, "-p", "no:xdist", "--lens-report")

    assert ("passed", 0) == (inner.outcome("test_lens"), inner.ret)


def test_it_loads_without_a_terminal(run_inner):
    """Without pytest's terminal the report is written all the same."""
    inner = run_inner({"test_inner": SUITE, "conftest": ""}, "-p", "no:terminal", "--lens-report")

    assert (0, "") == (inner.ret, inner.text)
    assert 0 == inner.report()["total"]["calls"]


def test_help_names_every_report_format(run_inner):
    """``pytest --help`` lists the suffixes, which it cannot ask the writers for."""
    inner = run_inner({"test_inner": SUITE, "conftest": ""}, "--help")

    assert set(REPORT_SUFFIXES) <= set(re.findall(r"(?<![\w-])\.[a-z][a-z.-]*", inner.text))


@pytest.fixture(scope="module")
def loaded(run_inner):
    """Names of the modules that an empty suite has loaded when its process ends."""
    inner = run_inner(EMPTY, "-q", "-p", "no:xdist", bare=True)
    assert inner.ret == 0
    return set(json.loads((inner.folder / "loaded.json").read_text()))


@pytest.mark.parametrize("name", HEAVY)
def test_an_empty_suite_loads_nothing_heavy(loaded, name):
    """At the end of a suite that asks for no lens, no HTTP library, SDK or model is loaded."""
    assert name not in loaded


def test_an_empty_suite_loads_little_of_ours(loaded):
    """Of the package itself an empty suite loads the plugin, its options, hooks and reporting."""
    ours = {name for name in loaded if name.startswith("llm_latency_lens")}

    assert ours <= {
        "llm_latency_lens",
        "llm_latency_lens.pytest_plugin",
        "llm_latency_lens.pytest_plugin.completeness",
        "llm_latency_lens.pytest_plugin.hookspecs",
        "llm_latency_lens.pytest_plugin.options",
        "llm_latency_lens.pytest_plugin.reporting",
        "llm_latency_lens.pytest_plugin.shared_folder",
    }


def test_help_names_the_options(run_inner):
    """``pytest --help`` lists the options under a heading of their own."""
    inner = run_inner({"test_inner": SUITE, "conftest": ""}, "--help")

    for option in ("--lens-report", "--lens-summary", "--lens-prices", "--lens-disable"):
        assert option in inner.text


def test_the_marker_is_registered(run_inner):
    """Strict markers accept ``latency``."""
    suite = "import pytest\n\n@pytest.mark.latency(iterations=2)\ndef test_marked(): pass\n"
    inner = run_inner({"test_inner": suite, "conftest": ""}, "--strict-markers")

    assert "passed" == inner.outcome("test_marked")


def test_the_package_costs_nothing_to_import():
    """The facade resolves its names on first use."""
    code = "import sys, llm_latency_lens; print([m for m in sys.modules if 'lens' in m])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "['llm_latency_lens']" == done.stdout.strip()
