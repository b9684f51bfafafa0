"""Failures: telling a provider's error, which is a sample, from a fault of the code under test."""

from collections.abc import Iterator

__all__ = ["is_provider_failure"]

_SDK_PACKAGES = frozenset({"anthropic", "httpcore", "httpcore2", "httpx", "httpx2", "openai"})


def is_provider_failure(fault: Exception) -> bool:
    """Whether an SDK or its HTTP library raised the exception or one that it was made from."""
    return any(
        type(one).__module__.partition(".")[0] in _SDK_PACKAGES for one in _with_causes(fault)
    )


def _with_causes(fault: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    current: BaseException | None = fault
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__
