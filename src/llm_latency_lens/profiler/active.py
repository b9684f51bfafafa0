"""Active calls: the lens itself asks a provider, through the provider's own SDK."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from llm_latency_lens.providers import Prompt, find_vendor

__all__ = ["ActiveCall"]


@dataclass(frozen=True, slots=True)
class ActiveCall:
    """
    A prompt that is sent again and again.

    Attributes:
        provider: Name of the vendor.
        prompt: What is sent.
        api_key: The key; None leaves it to the SDK's environment variable.
        base_url: Another server that speaks the vendor's protocol.

    Raises:
        UsageError: The vendor is unknown.
        ConfigurationError: The package that offers the vendor cannot be loaded.
    """

    provider: str
    prompt: Prompt
    api_key: str | None = None
    base_url: str | None = None

    def __post_init__(self) -> None:
        find_vendor(self.provider)

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Open the SDK's client; yield what sends the prompt once."""
        vendor = find_vendor(self.provider)
        # As code under test would do it, with the retries and the patience of the SDK.
        async with vendor.open(api_key=self.api_key, base_url=self.base_url, is_plain=True) as ask:

            async def send() -> None:
                await ask(self.prompt)

            yield send
