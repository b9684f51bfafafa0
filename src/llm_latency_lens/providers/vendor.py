"""What the lens knows of a vendor: its name, its hosts, its protocols, how to call it."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Ask", "Prompt", "Vendor"]


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


class Vendor(Protocol):
    """
    One vendor.

    Attributes:
        name: As budgets and reports spell it; also its name in the price book.
        hosts: Host names that are this vendor's own.
        protocols: Names of the wire protocols it speaks.
    """

    name: str
    hosts: tuple[str, ...]
    protocols: tuple[str, ...]

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
