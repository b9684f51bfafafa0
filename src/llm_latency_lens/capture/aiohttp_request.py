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

    __slots__ = ("_body", "_headers", "_options", "_session", "_url", "method")

    def __init__(self, session: Any, method: str, url: Any, options: Mapping[str, Any]) -> None:
        self.method = method.upper()
        self._session = session
        self._url = url
        self._options = options
        self._headers: Any = None
        self._body: Any = None

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
        """
        The body as bytes.

        Raises:
            TypeError: It is a stream, and nobody knows what will come.
        """
        if self._body is None:
            self._body = self._options.get("data")
            if (value := self._options.get("json")) is not None:
                self._body = self._session.json_serialize(value)
        body = getattr(self._body, "_value", self._body)  # a payload of aiohttp
        if body is None:
            return b""
        if isinstance(body, str):
            return body.encode()
        if isinstance(body, bytes | bytearray | memoryview):
            return bytes(body)
        raise TypeError(f"a body that is a stream: {type(body).__name__}")

    def sent_as(self, sent: Any) -> None:
        """Take address, headers and body from what aiohttp made of them to send them."""
        self.method, self._url, self._headers = sent.method, sent.url, sent.headers
        self._body = sent.body
