"""How the lens calls a vendor itself: a prompt, and a client of an SDK that sends it."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol

__all__ = ["RETRY_COUNT", "Ask", "Client", "OnToken", "Prompt"]

RETRY_COUNT = "x-stainless-retry-count"
"""The header by which the SDKs number the attempts of a call."""

OnToken = Callable[[str], None]
"""Told of every token as it comes, with its text; empty for a tool's or hidden one."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    What an active call sends.

    Attributes:
        text: The user's message.
        model: Model to ask.
        stream: Whether the answer is asked for as a stream.
        max_tokens: Most tokens of the answer; None leaves it to the provider.
        parameters: Further fields of the request's body, such as ``temperature``.
    """

    text: str
    model: str
    stream: bool = True
    max_tokens: int | None = None
    parameters: Mapping[str, Any] = field(default_factory=dict)


class Ask(Protocol):
    """Sends a prompt once."""

    async def __call__(self, prompt: Prompt, *, attempt: int = 0, on_token: OnToken = ...) -> None:
        """
        Send *prompt* and read the answer to its end; *attempt* counts from 0 within a call.

        Raises:
            Exception: What the SDK raises; it never sends again by itself.
        """
        ...


class Client(Protocol):
    """An SDK, as the lens uses it to call one vendor."""

    def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AbstractAsyncContextManager[Ask]:
        """
        Open the vendor's own SDK client; leaving the context closes it.

        Connecting may take *connect_s* seconds. Every other limit is the caller's to set: the
        client waits for an answer without end, and does not retry. What the SDK builds at its
        first call has been built.

        Raises:
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key.
        """
        ...
