"""A request of an aiohttp session, in the shape in which requests are observed."""

from collections.abc import Mapping
from typing import Any

__all__ = ["AiohttpRequest"]


class AiohttpRequest:
    """
    What a session was asked for; read only when somebody wants to know.

    Attributes:
        method: In capitals.
    """

    __slots__ = ("_content", "_headers", "_options", "_session", "_url", "method")

    def __init__(self, session: Any, method: str, url: Any, options: Mapping[str, Any]) -> None:
        self.method = method.upper()
        self._session = session
        self._url = url
        self._options = options
        self._headers: Any = None
        self._content: bytes | None = None

    @property
    def url(self) -> Any:
        """The address, with the base of the session."""
        if isinstance(self._url, str):
            self._url = self._session._build_url(self._url)  # noqa: SLF001 - public there is none
        return self._url

    @property
    def headers(self) -> Any:
        """The headers, with those of the session."""
        if self._headers is None:
            given = self._options.get("headers")
            self._headers = self._session._prepare_headers(given)  # noqa: SLF001 - as above
        return self._headers

    @property
    def content(self) -> bytes:
        """The body; empty where it is a stream."""
        if self._content is None:
            body = self._options.get("data")
            if body is None and self._options.get("json") is not None:
                body = self._session.json_serialize(self._options["json"])
            self._content = _bytes_of(body)
        return self._content

    def sent_as(self, sent: Any) -> None:
        """Take address, headers and body from what aiohttp made of them to send them."""
        self.method, self._url, self._headers = sent.method, sent.url, sent.headers
        self._content = _bytes_of(sent.body)


def _bytes_of(body: Any) -> bytes:
    body = getattr(body, "_value", body)  # a payload of aiohttp
    if isinstance(body, str):
        return body.encode()
    return bytes(body) if isinstance(body, bytes | bytearray | memoryview) else b""
