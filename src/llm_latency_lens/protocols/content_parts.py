"""Content that comes as a list of parts, where a string was expected."""

import json
from typing import Any

__all__ = ["as_json", "join_details", "split_parts"]


def split_parts(parts: Any) -> tuple[str, str]:
    """
    Return the text and the reasoning of a list of content parts (Mistral).

    ``{"type": "text", "text": ...}`` is text; ``{"type": "thinking", "thinking": ...}`` is
    reasoning, itself a text or a list of text parts. Other parts are references and images.
    """
    texts: list[str] = []
    thoughts: list[str] = []
    for part in parts if isinstance(parts, list) else ():
        if isinstance(part, str):
            texts.append(part)
        elif isinstance(part, dict):
            if part.get("type") == "thinking":
                thoughts.append(_thinking(part.get("thinking")))
            elif isinstance(part.get("text"), str):
                texts.append(part["text"])
    return "".join(texts), "".join(thoughts)


def join_details(details: Any) -> str:
    """Return what can be read of OpenRouter's ``reasoning_details``: some are encrypted."""
    texts: list[str] = []
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            text = detail.get("text") or detail.get("summary")
            if isinstance(text, str):
                texts.append(text)
    return "".join(texts)


def as_json(value: object) -> str:
    """Return the compact JSON of arguments that were sent as an object."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _thinking(value: object) -> str:
    return value if isinstance(value, str) else split_parts(value)[0]
