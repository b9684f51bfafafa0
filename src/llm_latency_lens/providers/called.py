"""
Called addresses: whose a server is that the lens itself calls.

Whoever gives a vendor and an address says that the server there speaks as the vendor does. That
holds in this process while a client is open for it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from urllib.parse import urlsplit

__all__ = ["called", "called_vendors"]

_PORTS = {"http": 80, "https": 443}
# Of each address every client that is open, the oldest first.
_open: dict[tuple[str, int | None], list[str]] = {}
_changing = Lock()


@contextmanager
def called(name: str, base_url: str | None) -> Iterator[None]:
    """Let the server at *base_url* be the vendor *name* until the block ends."""
    address = _address_of(base_url)
    if address is None:
        yield
        return
    with _changing:
        _open.setdefault(address, []).append(name)
    try:
        yield
    finally:
        with _changing:
            _open[address].remove(name)
            if not _open[address]:
                del _open[address]


def called_vendors(host: str, port: int | None) -> tuple[str, ...]:
    """Return the vendors that are called at an address; mostly none."""
    for (called_host, called_port), names in tuple(_open.items()):
        if host == called_host and (port or called_port) == called_port:
            return tuple(dict.fromkeys(names))
    return ()


def _address_of(base_url: str | None) -> tuple[str, int | None] | None:
    try:
        split = urlsplit(base_url or "")
        port = split.port or _PORTS.get(split.scheme)
    except ValueError:
        return None  # the SDK will tell
    return (split.hostname, port) if split.hostname else None
