"""Settings: command line and ini file as one value."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.pytest_plugin.options import is_observed, names_files, names_reports
from llm_latency_lens.pytest_plugin.settings import read_settings

_OPTIONS = {
    "lens_report": False,
    "lens_report_file": [],
    "lens_summary": "auto",
    "lens_prices": None,
    "lens_disable": False,
    "lens_save": None,
    "lens_compare": None,
    "lens_compare_fail": [],
    "lens_compare_relative": False,
    "lens_budget": [],
    "lens_max_cost": None,
}
_INI = {"lens_prices": "", "lens_hosts": [], "lens_budgets": [], "lens_max_cost": ""}


@pytest.fixture
def make_config():
    """Return a maker of configurations: options by name, ini settings with ``ini_`` before."""

    def make(inipath=Path("/project/pytest.ini"), **words):
        ini = {name[4:]: value for name, value in words.items() if name.startswith("ini_")}
        options = {name: value for name, value in words.items() if not name.startswith("ini_")}
        return SimpleNamespace(
            getoption={**_OPTIONS, **options}.__getitem__,
            getini={**_INI, **ini}.__getitem__,
            invocation_params=SimpleNamespace(dir=Path("/here")),
            inipath=inipath,
            rootpath=Path("/rootdir"),
        )

    return make


def test_without_options_nothing_is_asked(make_config):
    """No report, no file, no host."""
    settings = read_settings(make_config())

    assert ((), None, (), False, False) == (
        settings.report_files,
        settings.price_file,
        settings.hosts,
        settings.observes_all,
        settings.is_disabled,
    )


def test_a_report_has_a_default_name(make_config):
    """It is written where pytest was started."""
    settings = read_settings(make_config(lens_report=True))

    assert ((Path("/here/lens-report.json"),), True) == (
        settings.report_files,
        settings.observes_all,
    )


def test_named_files_replace_the_default(make_config):
    """Each is relative to where pytest was started."""
    config = make_config(lens_report=True, lens_report_file=["a.json", "/there/b.json"])

    assert (Path("/here/a.json"), Path("/there/b.json")) == read_settings(config).report_files


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"lens_prices": "a.toml"}, "/here/a.toml"),
        ({"ini_lens_prices": "a.toml"}, "/project/a.toml"),
        ({"ini_lens_prices": "a.toml", "inipath": None}, "/rootdir/a.toml"),
        ({"ini_lens_prices": "a.toml", "lens_prices": "b.toml"}, "/here/b.toml"),
    ],
)
def test_a_price_file_is_found(make_config, words, expected):
    """The command line wins; the ini file's name is relative to that file."""
    assert Path(expected) == read_settings(make_config(**words)).price_file


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({}, False),
        ({"lens_report": True}, True),
        ({"lens_report_file": ["a.json"]}, True),
        ({"lens_prices": "a.toml"}, True),
        ({"lens_save": "main"}, True),
        ({"lens_compare": "main"}, True),
        ({"lens_compare_fail": ["p95:25%"]}, True),
        ({"lens_compare_relative": True}, True),
        ({"ini_lens_prices": "a.toml"}, True),
        ({"ini_lens_hosts": ["localhost = openai"]}, True),
    ],
)
def test_what_must_be_usable_is_known(make_config, words, expected):
    """Files and hosts that are named are looked at before the first test."""
    assert expected == names_files(make_config(**words))


def test_a_price_file_is_no_report(make_config):
    """Only reports make every test observed."""
    assert not names_reports(make_config(lens_prices="a.toml"))


@pytest.mark.parametrize(
    ("words", "fixtures", "mark", "expected"),
    [
        ({}, (), None, False),
        ({}, ("lens",), None, True),
        ({}, ("lens_simulator",), None, False),
        ({}, (), object(), True),
        ({"lens_report": True}, (), None, True),
        ({"lens_save": "main"}, (), None, True),
        ({"lens_compare": "main"}, (), None, True),
    ],
)
def test_what_is_observed(make_config, words, fixtures, mark, expected):
    """Marked tests, tests that use the fixture, and all where the session is the subject."""
    item = SimpleNamespace(
        config=make_config(**words), fixturenames=fixtures, get_closest_marker=lambda _: mark
    )

    assert expected == is_observed(item)


@pytest.mark.parametrize(
    ("words", "env", "expected"),
    [
        ({}, {"LENS_REPORT_FILE": "a.json\nb.json"}, ["/here/a.json", "/here/b.json"]),
        ({}, {"LENS_REPORT": "1"}, ["/here/lens-report.json"]),
        ({}, {"LENS_REPORT": "no"}, []),
        ({"lens_report_file": ["c.json"]}, {"LENS_REPORT_FILE": "a.json"}, ["/here/c.json"]),
    ],
)
def test_the_environment_names_reports(make_config, monkeypatch, words, env, expected):
    """The command line wins over it."""
    for name, value in env.items():
        monkeypatch.setenv(name, value)

    assert [Path(one) for one in expected] == list(read_settings(make_config(**words)).report_files)


def test_the_environment_switches_off(make_config, monkeypatch):
    """And names prices."""
    monkeypatch.setenv("LENS_DISABLE", "1")
    monkeypatch.setenv("LENS_PRICES", "p.toml")
    settings = read_settings(make_config())

    assert (True, Path("/here/p.toml")) == (settings.is_disabled, settings.price_file)


@pytest.mark.parametrize(
    ("words", "env", "expected"),
    [
        ({"ini_lens_budgets": ["p95 < 1s", "max < 9s"]}, "", {"p95": True, "max": True}),
        (
            {"ini_lens_budgets": ["p95 < 1s", "max < 9s"]},
            "p95 < 2s; mean < 3s",
            {"p95": False, "mean": False, "max": True},
        ),
        ({"lens_budget": ["p95 < 4s"]}, "p95 < 2s", {"p95": False}),
    ],
)
def test_budgets_of_a_session(make_config, monkeypatch, words, env, expected):
    """The closest wins, word by word; those of the ini file are inherited."""
    monkeypatch.setenv("LENS_BUDGETS", env)
    budgets = read_settings(make_config(**words)).budgets.values()

    assert expected == {one.word.name: one.inherited for one in budgets}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"lens_budget": ["p95 < 1s"]}, True),
        ({"lens_max_cost": "$5"}, True),
        ({"ini_lens_budgets": ["p95 < 1s"]}, True),
        ({"ini_lens_max_cost": "$5"}, True),
    ],
)
def test_limits_of_a_session_observe_every_test(make_config, words, expected):
    """There would be nothing to judge else."""
    assert expected == read_settings(make_config(**words)).observes_all


@pytest.mark.parametrize(
    "words",
    [{"lens_budget": ["p95"]}, {"lens_budget": ["p95 < 1s"] * 2}, {"lens_max_cost": "5"}],
)
def test_limits_that_cannot_be_read_are_refused(make_config, words):
    """Before the first test."""
    with pytest.raises(ConfigurationError, match="lens"):
        read_settings(make_config(**words))
