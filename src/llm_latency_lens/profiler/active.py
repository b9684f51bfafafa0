"""Active calls: the lens itself asks a provider, through the provider's own SDK."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

from llm_latency_lens.errors import UsageError
from llm_latency_lens.providers import VENDORS, Prompt

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
    """

    provider: str
    prompt: Prompt
    api_key: str | None = None
    base_url: str | None = None

    def __post_init__(self) -> None:
        if self.provider not in VENDORS:
            raise UsageError(
                f"provider={self.provider!r} is unknown; known are {', '.join(VENDORS)}"
            )

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[Callable[[], Awaitable[None]]]:
        """Open the SDK's client; yield what sends the prompt once."""
        vendor = VENDORS[self.provider]
        # As code under test would do it, with the retries and the patience of the SDK.
        async with vendor.open(api_key=self.api_key, base_url=self.base_url, is_plain=True) as ask:

            async def send() -> None:
                await ask(self.prompt)

            yield send
