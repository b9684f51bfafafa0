"""How the lens calls a vendor itself: a prompt, and a client of an SDK that sends it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Ask", "Client", "Prompt"]


@dataclass(frozen=True, slots=True)
class Prompt:
    """
    What an active call sends.

    Attributes:
        text: The user's message.
        model: Model to ask.
        stream: Whether the answer is asked for as a stream.
        max_tokens: Most tokens of the answer; None leaves it to the provider.
    """

    text: str
    model: str
    stream: bool = True
    max_tokens: int | None = None


Ask = Callable[[Prompt], Awaitable[None]]


class Client(Protocol):
    """An SDK, as the lens uses it to call one vendor."""

    def open(
        self, *, api_key: str | None, base_url: str | None
    ) -> AbstractAsyncContextManager[Ask]:
        """
        Open the vendor's own SDK client; leaving the context closes it.

        Raises:
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key.
        """
        ...
