"""Vendors of other packages: loaded when their name is asked for, and faults told plainly."""

from importlib.metadata import EntryPoint

import pytest

from llm_latency_lens.errors import ConfigurationError, UsageError
from llm_latency_lens.providers import Directory, Vendor, find_vendor, known, known_names
from llm_latency_lens.providers.directory import read_hosts

THEIRS = Vendor("theirs", ("api.theirs.example", "*.theirs.example"), ("openai_chat",))


class _Package:
    name = "their-package"


def _point(name, value):
    return EntryPoint(name, value, known.GROUP)._for(_Package())


@pytest.fixture
def installed(monkeypatch):
    """Install entry points; what was loaded is forgotten at the end."""
    monkeypatch.setattr(known, "_loaded", {})
    points = []

    def find(*, group, name=None):
        assert known.GROUP == group
        return tuple(point for point in points if name in (None, point.name))

    monkeypatch.setattr(known, "entry_points", find)
    return lambda *pairs: points.extend(_point(*pair) for pair in pairs)


def test_our_vendors_are_found_without_a_look_at_packages(monkeypatch):
    """Nothing is searched for at the start of pytest."""
    monkeypatch.setattr(known, "entry_points", None)

    assert "openai" == find_vendor("openai").name


def test_a_vendor_of_a_package_is_loaded_when_it_is_asked_for(installed):
    """And not when others are, or when the names are listed."""
    installed(("theirs", f"{__name__}:THEIRS"), ("broken", "no_such_module:x"))

    assert THEIRS is find_vendor("theirs")
    assert ("theirs", "broken") == known_names()[-2:]


def test_hosts_of_a_package_are_known_once_it_is_loaded(installed):
    """Before that, a server is an address."""
    installed(("theirs", f"{__name__}:THEIRS"))
    path = "/v1/chat/completions"
    before = Directory().find("POST", "api.theirs.example", None, path).provider
    find_vendor("theirs")

    assert ["api.theirs.example", "theirs", "theirs"] == [
        before,
        Directory().find("POST", "api.theirs.example", None, path).provider,
        Directory().find("POST", "eu.theirs.example", None, path).provider,
    ]


def test_a_host_can_be_named_for_a_vendor_of_a_package(installed):
    """As for one of ours."""
    installed(("theirs", f"{__name__}:THEIRS"))

    assert {"localhost:8000": ("theirs",)} == read_hosts(["localhost:8000 = theirs"])


def test_an_unknown_name_is_told_with_the_known_ones(installed):
    """Those of packages are among them."""
    installed(("theirs", "no_such_module:x"))

    with pytest.raises(UsageError, match=r"'thier' is unknown; known are openai, .*, theirs"):
        find_vendor("thier")


@pytest.mark.parametrize(
    ("points", "message"),
    [
        (
            [("theirs", "no_such_module:x")],
            "which the package their-package offers as no_such_module:x, cannot be loaded",
        ),
        ([("theirs", f"{__name__}:pytest")], "is a module: a .*Vendor is expected"),
        ([("other", f"{__name__}:THEIRS")], "calls itself 'theirs': both names must agree"),
        (
            [("theirs", f"{__name__}:THEIRS")] * 2,
            "offered by the package their-package and the package their-package: uninstall",
        ),
    ],
)
def test_a_broken_package_is_told_with_its_name(installed, points, message):
    """One message says which package, what it offers, and what is wrong."""
    installed(*points)

    with pytest.raises(ConfigurationError, match=message):
        find_vendor(points[0][0])


def test_a_vendor_is_offered_for_a_block(installed):
    """As if its package were installed; what was there before comes back."""
    other = Vendor("theirs", (), ("anthropic",))
    with known.offered(THEIRS):
        with known.offered(other):
            inner = find_vendor("theirs")
        outer = find_vendor("theirs")

    assert (other, THEIRS) == (inner, outer)
    with pytest.raises(UsageError, match="unknown"):
        find_vendor("theirs")
