"""The directory: which vendor and which protocol a request belongs to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from llm_latency_lens.errors import ConfigurationError, UsageError
from llm_latency_lens.protocols import PROTOCOLS, WireProtocol
from llm_latency_lens.providers.called import called_vendors
from llm_latency_lens.providers.known import find_vendor, known_names, loaded_vendors
from llm_latency_lens.providers.vendors import VENDORS

__all__ = ["Destination", "Directory", "read_hosts"]

_HOSTS = {host: (vendor.name,) for vendor in VENDORS.values() for host in vendor.hosts}
_SUFFIXES = {host[1:]: names for host, names in _HOSTS.items() if host.startswith("*")}


@dataclass(frozen=True, slots=True)
class Destination:
    """
    Where a request goes.

    Attributes:
        provider: The vendor's name, or the address of a server that nobody named.
        protocol: What is spoken there.
        is_named: Whether the host is known; else the request's body has the last word.
    """

    provider: str
    protocol: WireProtocol
    is_named: bool


@dataclass(frozen=True, slots=True)
class Directory:
    """
    The known hosts.

    Attributes:
        named: Hosts that the project named, ``host`` or ``host:port``, each with the vendors
            whose protocols it speaks.
    """

    named: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def find(self, method: str, host: str, port: int | None, path: str) -> Destination | None:
        """
        Return where a request of *method* goes; None when it is no call to a model.

        A host that nobody named is known by the path alone; its provider is its address, and
        the request's body has the last word (``WireProtocol.recognises``).
        """
        address = f"{host}:{port}" if port else host
        named = self.named.get(address) or self.named.get(host) or ()
        vendors = (*named, *called_vendors(host, port)) or _vendors_of(host, address)
        if vendors is None and method != "POST":
            return None
        if vendors is None:
            return next(
                (
                    Destination(address, protocol, is_named=False)
                    for protocol in PROTOCOLS.values()
                    if protocol.is_call(method, path)
                ),
                None,
            )
        for name in vendors:
            for protocol in find_vendor(name).protocols:
                if PROTOCOLS[protocol].is_call(method, path):
                    return Destination(name, PROTOCOLS[protocol], is_named=True)
        return None


def _vendors_of(host: str, address: str) -> tuple[str, ...] | None:
    known = _HOSTS.get(host) or _HOSTS.get(address)
    if known is not None:
        return known
    for suffix, names in _SUFFIXES.items():
        if host.endswith(suffix):
            return names
    for vendor in loaded_vendors():
        if any(_is_host(each, host, address) for each in vendor.hosts):
            return (vendor.name,)
    return None


def _is_host(told: str, host: str, address: str) -> bool:
    return host.endswith(told[1:]) if told.startswith("*") else told in (host, address)


def read_hosts(lines: list[str]) -> dict[str, tuple[str, ...]]:
    """
    Return the named hosts of a setting, one ``host[:port] = vendor`` a line.

    Raises:
        ConfigurationError: A line has another form or names an unknown vendor.
    """
    named: dict[str, tuple[str, ...]] = {}
    for line in lines:
        address, _, names = (part.strip() for part in line.partition("="))
        vendors = tuple(name.strip() for name in names.split(",") if name.strip())
        if not address or not vendors or not all(map(_is_known, vendors)):
            raise ConfigurationError(
                f"lens_hosts: {line!r}: expected a line such as 'localhost:8000 = openai'; "
                f"known are {', '.join(known_names())}"
            )
        named[address] = vendors
    return named


def _is_known(name: str) -> bool:
    try:
        find_vendor(name)
    except UsageError:
        return False
    return True
