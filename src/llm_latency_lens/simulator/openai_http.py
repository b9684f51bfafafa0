"""
What all OpenAI APIs send alike around their answers: response headers and error bodies.

https://platform.openai.com/docs/guides/error-codes
"""

from typing import Any

from llm_latency_lens.simulator.dialect import Headers, Ticket, to_json

__all__ = ["SERVER_ERROR", "openai_error", "openai_headers"]

_Words = tuple[str, str | None, str]

_ERRORS: dict[int, _Words] = {
    400: ("invalid_request_error", None, "Invalid request."),
    401: ("invalid_request_error", "invalid_api_key", "Incorrect API key provided."),
    403: ("invalid_request_error", "unsupported_country_region_territory", "Not permitted."),
    404: ("invalid_request_error", "model_not_found", "The model does not exist."),
    408: ("timeout", None, "The request timed out."),
    409: ("invalid_request_error", "conflict", "The resource was updated by another request."),
    429: ("tokens", "rate_limit_exceeded", "Rate limit reached. Please try again later."),
    503: ("service_unavailable_error", None, "The engine is currently overloaded."),
}
SERVER_ERROR = "The server had an error while processing your request."
_OTHER_SERVER_ERROR: _Words = ("server_error", None, SERVER_ERROR)
_LOWEST_SERVER_ERROR = 500


def openai_headers(ticket: Ticket) -> Headers:
    """Return the headers that go with every answer."""
    return [
        ("x-request-id", ticket.request_id),
        ("openai-organization", "simulated"),
        ("openai-processing-ms", str(ticket.wait_ms)),
        ("openai-version", "2020-10-01"),
        ("x-ratelimit-limit-requests", "10000"),
        ("x-ratelimit-limit-tokens", "200000"),
        ("x-ratelimit-remaining-requests", "9999"),
        ("x-ratelimit-remaining-tokens", "199990"),
        ("x-ratelimit-reset-requests", "8.64s"),
        ("x-ratelimit-reset-tokens", "3ms"),
    ]


def openai_error(status: int, message: str | None = None) -> bytes:
    """Return the error body of *status*, with the API's usual words if *message* is None."""
    fallback = _OTHER_SERVER_ERROR if status >= _LOWEST_SERVER_ERROR else _ERRORS[400]
    kind, code, words = _ERRORS.get(status, fallback)
    error: dict[str, Any] = {
        "message": message or words,
        "type": kind,
        "param": None,
        "code": code,
    }
    return to_json({"error": error})
