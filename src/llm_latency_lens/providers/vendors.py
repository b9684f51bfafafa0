"""
The vendors, as data: names, hosts, protocols, and how the lens calls them, where it can.

Vendors that speak the protocol of another are a row here and nothing else; where their words
differ, the file of the protocol says so.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.providers.anthropic import Anthropic
from llm_latency_lens.providers.called import called
from llm_latency_lens.providers.client import Ask, Client
from llm_latency_lens.providers.cohere import Cohere
from llm_latency_lens.providers.google import Google
from llm_latency_lens.providers.ollama import Ollama
from llm_latency_lens.providers.openai import OpenAI
from llm_latency_lens.providers.replicate import Replicate

__all__ = ["VENDORS", "Vendor"]


@dataclass(frozen=True, slots=True)
class Vendor:
    """
    One vendor.

    Attributes:
        name: As budgets and reports spell it; also its id in the price book.
        hosts: Host names that are this vendor's own, ``host:port`` where only a port tells. One
            that begins with ``*`` stands for all that end in the rest.
        protocols: Names of the wire protocols that it speaks; the first that fits a path counts.
        client: How the lens calls the vendor itself; None where it only observes.
        packages: Python packages whose exceptions are failures of the vendor, such as its SDK's.
    """

    name: str
    hosts: tuple[str, ...]
    protocols: tuple[str, ...]
    client: Client | None = None
    packages: tuple[str, ...] = ()

    @asynccontextmanager
    async def open(
        self,
        *,
        api_key: str | None,
        base_url: str | None,
        connect_s: float | None = None,
    ) -> AsyncIterator[Ask]:
        """
        Open a client that calls the vendor, as ``Client.open``; leaving the context closes it.

        While it is open, the server at *base_url* counts as the vendor's.

        Raises:
            MissingExtra: The SDK is not installed.
            ConfigurationError: The SDK refuses its configuration, as without a key; or the
                vendor's calls are only observed.
        """
        if self.client is None:
            known = ", ".join(name for name, vendor in VENDORS.items() if vendor.client)
            raise ConfigurationError(
                f"calls to {self.name} are observed, but the lens cannot make them itself; "
                f"profile a function of yours that calls it, or one of {known}"
            )
        with called(self.name, base_url):
            async with self.client.open(
                api_key=api_key, base_url=base_url, connect_s=connect_s
            ) as ask:
                yield ask


_CHAT = ("openai_chat", "openai_embeddings")
_OPENAI = ("openai_chat", "openai_responses", "openai_embeddings")
_BOTH = (*_OPENAI, "anthropic")

VENDORS: Mapping[str, Vendor] = {
    vendor.name: vendor
    for vendor in (
        Vendor("openai", ("api.openai.com",), _OPENAI, OpenAI()),
        Vendor("anthropic", ("api.anthropic.com",), ("anthropic",), Anthropic()),
        Vendor(
            "azure",
            ("*.openai.azure.com", "*.services.ai.azure.com", "*.cognitiveservices.azure.com"),
            _BOTH,
            OpenAI(
                "azure", "AZURE_OPENAI_API_KEY", needs="https://NAME.openai.azure.com/openai/v1/"
            ),
        ),
        Vendor(
            "deepseek",
            ("api.deepseek.com",),
            _BOTH,
            OpenAI("deepseek", "DEEPSEEK_API_KEY", "https://api.deepseek.com", limit="max_tokens"),
        ),
        Vendor(
            "fireworks",
            ("api.fireworks.ai",),
            _BOTH,
            OpenAI(
                "fireworks",
                "FIREWORKS_API_KEY",
                "https://api.fireworks.ai/inference/v1",
                limit="max_tokens",
            ),
        ),
        Vendor(
            "groq",
            ("api.groq.com",),
            _OPENAI,
            OpenAI("groq", "GROQ_API_KEY", "https://api.groq.com/openai/v1"),
        ),
        Vendor(
            "mistral",
            ("api.mistral.ai", "codestral.mistral.ai"),
            _CHAT,
            # It tells usage unasked.
            OpenAI(
                "mistral",
                "MISTRAL_API_KEY",
                "https://api.mistral.ai/v1",
                limit="max_tokens",
                asks_usage=False,
            ),
        ),
        Vendor(
            "openrouter",
            ("openrouter.ai", "api.openrouter.ai"),
            _BOTH,
            OpenAI(
                "openrouter",
                "OPENROUTER_API_KEY",
                "https://openrouter.ai/api/v1",
                limit="max_tokens",
            ),
        ),
        Vendor(
            "perplexity",
            ("api.perplexity.ai",),
            _OPENAI,
            OpenAI(
                "perplexity",
                "PERPLEXITY_API_KEY",
                "https://api.perplexity.ai",
                limit="max_tokens",
                asks_usage=False,
            ),
        ),
        Vendor(
            "together",
            ("api.together.ai", "api.together.xyz"),
            _CHAT,
            OpenAI(
                "together", "TOGETHER_API_KEY", "https://api.together.ai/v1", limit="max_tokens"
            ),
        ),
        Vendor(
            "x-ai",
            ("api.x.ai",),
            _BOTH,
            OpenAI("x-ai", "XAI_API_KEY", "https://api.x.ai/v1"),
        ),
        Vendor(
            "google",
            (
                "generativelanguage.googleapis.com",
                "aiplatform.googleapis.com",
                "*-aiplatform.googleapis.com",
                "aiplatform.eu.rep.googleapis.com",
                "aiplatform.us.rep.googleapis.com",
            ),
            # Claude on Vertex AI speaks Anthropic's; both hosts have an endpoint like OpenAI's.
            ("gemini", "gemini_embeddings", "anthropic", *_CHAT),
            Google(),
        ),
        Vendor(
            "cohere",
            ("api.cohere.com", "api.cohere.ai", "production.api.cohere.ai"),
            # The last two are an endpoint like OpenAI's.
            ("cohere_v2", "cohere_v1", "cohere_embeddings", *_CHAT),
            Cohere(),
        ),
        Vendor(
            "ollama",
            ("127.0.0.1:11434", "localhost:11434", "::1:11434", "ollama.com"),
            ("ollama", "ollama_embeddings", *_BOTH),
            Ollama(),
        ),
        Vendor(
            "replicate",
            ("api.replicate.com", "stream.replicate.com", "*.replicate.net"),
            ("replicate",),
            Replicate(),
        ),
    )
}
