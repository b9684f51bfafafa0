"""
Who is known: our vendors, and those of other packages, by entry point.

A package offers a vendor under the group ``llm_latency_lens.providers``, with the vendor's name as
the name of the entry point and a :class:`~llm_latency_lens.providers.Vendor` as its object. It is
loaded when that name is asked for, and never before. Our own names cannot be taken.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points

from llm_latency_lens.errors import ConfigurationError, UsageError
from llm_latency_lens.providers.vendors import VENDORS, Vendor

__all__ = ["GROUP", "find_vendor", "known_names", "loaded_vendors", "offered"]

GROUP = "llm_latency_lens.providers"

_loaded: dict[str, Vendor] = {}


def find_vendor(name: str) -> Vendor:
    """
    Return the vendor of this name, loaded from its entry point if it is not ours.

    Raises:
        UsageError: Nobody has this name; the message lists those that are known.
        ConfigurationError: The package that offers it cannot be loaded, or offers something else;
            the message names the package.
    """
    found = VENDORS.get(name) or _loaded.get(name)
    if found is None:
        found = _loaded[name] = _load(name)
    return found


def known_names() -> tuple[str, ...]:
    """Return the names of all vendors, those of other packages unloaded and last."""
    others = (point.name for point in entry_points(group=GROUP))
    return tuple(dict.fromkeys((*VENDORS, *_loaded, *others)))


def loaded_vendors() -> tuple[Vendor, ...]:
    """Return the vendors of other packages that have been asked for."""
    return tuple(_loaded.values())


@contextmanager
def offered(vendor: Vendor) -> Iterator[None]:
    """Let *vendor* be known until the block ends, as if its package were installed."""
    before = _loaded.get(vendor.name)
    _loaded[vendor.name] = vendor
    try:
        yield
    finally:
        del _loaded[vendor.name]
        if before is not None:
            _loaded[vendor.name] = before


def _load(name: str) -> Vendor:
    points = entry_points(group=GROUP, name=name)
    if not points:
        raise UsageError(f"provider={name!r} is unknown; known are {', '.join(known_names())}")
    (point, *others) = points
    if others:
        packages = " and ".join(sorted(_package_of(one) for one in points))
        raise ConfigurationError(
            f"provider {name!r} is offered by {packages}: uninstall all but one of them"
        )
    told = f"provider {name!r}, which {_package_of(point)} offers as {point.value}"
    try:
        vendor = point.load()
    except Exception as fault:
        raise ConfigurationError(
            f"{told}, cannot be loaded: {type(fault).__name__}: {fault}"
        ) from fault
    if not isinstance(vendor, Vendor):
        raise ConfigurationError(
            f"{told}, is a {type(vendor).__name__}: a llm_latency_lens.providers.Vendor is expected"
        )
    if vendor.name != name:
        raise ConfigurationError(f"{told}, calls itself {vendor.name!r}: both names must agree")
    return vendor


def _package_of(point: EntryPoint) -> str:
    return "a package" if point.dist is None else f"the package {point.dist.name}"
