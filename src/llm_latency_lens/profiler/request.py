"""Targets and requests: whom is asked, and what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from llm_latency_lens.errors import UsageError
from llm_latency_lens.providers import find_vendor

__all__ = ["Request", "Target"]


@dataclass(frozen=True, slots=True)
class Target:
    """
    One model of one provider.

    Attributes:
        provider: Name of the vendor.
        model: Model to ask.
        api_key: The key; None leaves it to the SDK's environment variable.
        base_url: Another server that speaks the vendor's protocol.

    Raises:
        UsageError: The vendor is unknown, no model is named, or the address is none.
        ConfigurationError: The package that offers the vendor cannot be loaded.
    """

    provider: str
    model: str
    api_key: str | None = field(default=None, repr=False)
    base_url: str | None = None

    def __post_init__(self) -> None:
        find_vendor(self.provider)
        address = urlsplit(self.base_url or "")
        if self.base_url and (address.scheme not in ("http", "https") or not address.hostname):
            raise UsageError(
                f"base_url={self.base_url!r}: an address is expected, http://localhost:8000/v1"
            )
        model: object = self.model
        if not isinstance(model, str) or not model:
            raise UsageError(f"model={self.model!r}: the name of a model is expected")


@dataclass(frozen=True, slots=True)
class Request:
    """
    One prompt.

    Attributes:
        prompt: What is sent as the user's message.
        parameters: Further fields of the request's body, such as ``temperature``;
            ``max_tokens`` is known by this name for every provider.
        metadata: Words of the caller's own; they come back with the result and are not sent.
            ``name`` is the label of its calls.
    """

    prompt: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        prompt: object = self.prompt
        if not isinstance(prompt, str) or not prompt:
            raise UsageError("a request needs a prompt, a text that is not empty")
        for word in ("model", "messages", "stream"):
            if word in self.parameters:
                raise UsageError(f"parameters: {word!r} is set by the profiler, not by a request")

    @property
    def label(self) -> str:
        """The name of the request; empty without one."""
        return str(self.metadata.get("name", ""))
