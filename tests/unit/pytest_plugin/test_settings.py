"""Settings: command line and ini file as one value."""

from pathlib import Path
from types import SimpleNamespace

import pytest

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
            rootpath=Path("/root"),
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
    config = make_config(lens_report=True, lens_report_file=["a.json", "/tmp/b.json"])

    assert (Path("/here/a.json"), Path("/tmp/b.json")) == read_settings(config).report_files


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ({"lens_prices": "a.toml"}, "/here/a.toml"),
        ({"ini_lens_prices": "a.toml"}, "/project/a.toml"),
        ({"ini_lens_prices": "a.toml", "inipath": None}, "/root/a.toml"),
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
