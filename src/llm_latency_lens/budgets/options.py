"""The words of a mark that are no budget: which calls, how often."""

from collections.abc import Iterable, Mapping
from typing import Any

from llm_latency_lens.errors import BudgetError
from llm_latency_lens.samples import Taint

__all__ = ["read_common", "read_whole"]


def read_common(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options say of every budget on the same mark."""
    common: dict[str, Any] = {
        name: _read_filter(name, words[name]) for name in ("provider", "model") if name in words
    }
    if "exclude" in words:
        common["exclude"] = _read_taints(words["exclude"])
    if "allow_mocked" in words:
        if not isinstance(words["allow_mocked"], bool):
            raise BudgetError(f"allow_mocked={words['allow_mocked']!r}: True or False is expected")
        common["allow_mocked"] = words["allow_mocked"]
    return common


def _read_taints(value: object) -> tuple[Taint, ...]:
    names = (value,) if isinstance(value, str) else value
    known = {taint.value: taint for taint in Taint if taint is not Taint.LATE}
    if isinstance(names, Iterable):
        listed = list(names)
        if listed and all(isinstance(name, str) and name in known for name in listed):
            return tuple(known[name] for name in listed)
    raise BudgetError(f"exclude={value!r}: names of taints are expected: {', '.join(known)}")


def _read_filter(name: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise BudgetError(
            f"{name}={value!r}: a {name} is named by text, such as {_EXAMPLE[name]!r}"
        )
    return value.strip()


_EXAMPLE = {"provider": "openai", "model": "gpt-4o-mini"}


def read_whole(name: str, words: Mapping[str, Any], *, least: int) -> int | None:
    """
    Return the whole number that the option *name* has; None where it is not given.

    Raises:
        BudgetError: It is no whole number of at least *least*.
    """
    if name not in words:
        return None
    value = words[name]
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BudgetError(f"{name}={value!r}: a whole number, {least} or more, is expected")
    return value
