"""
The rows of the table of SDKs: one more SDK is one more row here and its two functions.

A row stands for one major version of a package and is measured where that is installed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version

import other_calls as other
import vendor_calls as vendors
from replicate_calls import replicate, replicate_async

__all__ = ["FAILURES", "ROWS", "WAYS", "Row", "installed_rows", "major_of"]


@dataclass(frozen=True)
class Row:
    """
    One SDK.

    Attributes:
        package: Its distribution.
        major: Its major version.
        vendor: Whose host the server is named to be.
        sync: Makes a call; a text where there is none: why.
        in_loop: The same in asyncio.
        detail: What part of it is meant, where there are several.
        tells_usage: Whether a stream tells its tokens without being asked.
        model: Form of its models' names.
    """

    package: str
    major: str
    vendor: str
    sync: Callable | str
    in_loop: Callable | str
    detail: str = ""
    tells_usage: bool = True
    model: str = "{}"

    @property
    def name(self):
        """How the table calls it."""
        return f"{self.package} {self.major}{self.detail and ', ' + self.detail}"


# One after the other in the table.
ROWS = (
    Row("openai", "3", "openai", other.openai, other.openai_async, "Chat Completions"),
    Row("openai", "3", "openai", other.responses, other.responses_async, "Responses"),
    Row("openai", "2", "openai", other.openai, other.openai_async, "Chat Completions"),
    Row("openai", "2", "openai", other.responses, other.responses_async, "Responses"),
    Row("anthropic", "2", "anthropic", other.anthropic, other.anthropic_async),
    Row("google-genai", "3", "google", vendors.google, vendors.google_async, "Gemini API"),
    Row("google-genai", "3", "google", vendors.vertex, vendors.vertex_async, "Vertex AI"),
    Row("cohere", "7", "cohere", vendors.cohere, vendors.cohere_async),
    Row("together", "3", "together", vendors.together, vendors.together_async),
    Row("groq", "1", "groq", vendors.groq, vendors.groq_async),
    Row(
        "replicate",
        "1",
        "replicate",
        replicate,
        replicate_async,
        tells_usage=False,
        model="meta/{}",
    ),
    Row("ollama", "0", "ollama", vendors.ollama, vendors.ollama_async, "chat"),
    Row("ollama", "0", "ollama", vendors.ollama_generate, "as with its chat", "generate"),
    Row("mistralai", "3", "mistral", vendors.mistral, vendors.mistral_async, tells_usage=False),
    Row("litellm", "1", "openai", other.litellm, other.litellm_async),
    Row("langchain-openai", "1", "openai", other.langchain, other.langchain_async),
    Row("pydantic-ai-slim", "2", "openai", other.pydantic_ai, other.pydantic_ai_async),
)
# The columns: synchronous or not, streamed or not.
WAYS = tuple((way, stream) for way in ("sync", "in_loop") for stream in (True, False))
# What goes wrong, the script of it, and whether the call is streamed. A wait of a
# millisecond, so that an SDK which tries again does so soon.
FAILURES = {
    "401": ({"status": 401}, False),
    "429": ({"status": 429, "retry_after": "1ms"}, False),
    "500": ({"status": 500, "retry_after": "1ms"}, False),
    "an error within a stream": ({"fault": {"error_event": 2}}, True),
}


def major_of(package):
    """Return the major version that is installed; None without one."""
    try:
        return version(package).partition(".")[0]
    except PackageNotFoundError:
        return None


def installed_rows():
    """Return the rows that can be measured here, by name."""
    return {row.name: row for row in ROWS if major_of(row.package) == row.major}
