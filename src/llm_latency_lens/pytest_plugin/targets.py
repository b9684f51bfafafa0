"""Targets: what the ``lens`` fixture runs, a callable or a call that it makes itself."""

import inspect
from collections.abc import Callable, Mapping
from typing import Any

from llm_latency_lens import profiler
from llm_latency_lens.errors import UsageError

__all__ = ["NOTHING_TO_RUN", "Target", "check_targets", "job_of", "read_job"]

Target = Callable[[], Any] | Mapping[str, Any]

NOTHING_TO_RUN = (
    "nothing to profile: pass a callable, or provider=, model= and prompt= for calls by the lens"
)
_WORDS = ("provider", "model", "prompt")
_MORE = ("stream", "max_tokens", "api_key", "base_url")


def read_job(  # noqa: PLR0917 - the arguments of profile, in their order
    target: Callable[[], Any] | None,
    provider: str | None,
    model: str | None,
    prompt: str | None,
    api_key: str | None,
    base_url: str | None,
) -> profiler.Job | None:
    """
    Return what the lens asks itself; None where there is a callable.

    Raises:
        UsageError: The arguments do not go together.
    """
    given = {"provider": provider, "model": model, "prompt": prompt}
    if target is not None:
        if any(given.values()):
            raise UsageError("give lens.profile a callable or provider=, model=, prompt=, not both")
        if not callable(target):
            raise UsageError(f"lens.profile takes a callable, not {_told(target)}")
        return None
    if not any(given.values()):
        raise UsageError(NOTHING_TO_RUN)
    if provider is None or model is None or prompt is None:
        missing = ", ".join(f"{name}=" for name, value in given.items() if value is None)
        raise UsageError(f"lens.profile needs {missing} as well")
    return profiler.Job(
        profiler.Target(provider, model, api_key, base_url), profiler.Request(prompt)
    )


def job_of(words: Mapping[str, Any]) -> tuple[profiler.Job, profiler.Configuration]:
    """
    Return what the lens asks itself and how, from its words.

    Raises:
        UsageError: A word is missing or unknown, or the provider is.
    """
    missing = [name for name in _WORDS if not words.get(name)]
    unknown = sorted(words.keys() - {*_WORDS, *_MORE})
    if missing or unknown:
        what = f"needs {', '.join(missing)}" if missing else f"has no {', '.join(unknown)}"
        raise UsageError(
            f"a call that the lens makes {what}: write dict(provider=..., model=..., prompt=...), "
            f"and with it {', '.join(_MORE)}"
        )
    target = profiler.Target(
        words["provider"], words["model"], words.get("api_key"), words.get("base_url")
    )
    how = {name: words.get(name) for name in ("stream", "max_tokens")}
    return (
        profiler.Job(target, profiler.Request(words["prompt"])),
        profiler.Configuration().with_words(how),
    )


def check_targets(*targets: object) -> None:
    """
    Make sure that each target can be run.

    Raises:
        UsageError: One is neither a callable nor the words of a call.
    """
    for one in targets:
        if isinstance(one, Mapping):
            job_of(one)
        elif not callable(one):
            raise UsageError(
                f"lens.compare takes two callables, or dict(provider=..., model=..., prompt=...), "
                f"not {_told(one)}"
            )


def _told(target: object) -> str:
    """Return what was given instead of a callable, and what was meant."""
    if not inspect.iscoroutine(target):
        return type(target).__name__
    target.close()
    return "a coroutine, which can run only once: pass the function itself, without calling it"
