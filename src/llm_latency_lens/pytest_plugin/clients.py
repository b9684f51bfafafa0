"""Clients: the HTTP client inside the client of an SDK."""

from llm_latency_lens.errors import UsageError

__all__ = ["http_client_of"]


def http_client_of(client: object) -> object:
    """
    Return the HTTP client that an SDK's client sends through, or the client itself.

    Raises:
        UsageError: It is neither one of httpx or httpx2 nor holds one.
    """
    # SDKs keep theirs as _client, some of them one level further down.
    found: object = client
    while found is not None and not hasattr(found, "_send_single_request"):
        found = getattr(found, "_client", None)
    if found is None:
        raise UsageError(
            f"lens.bind: {type(client).__name__} is no client of httpx or httpx2 and holds none"
        )
    return found
