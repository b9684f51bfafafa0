"""
The configuration: ``llm-latency-lens.toml``, or ``[tool.llm-latency-lens]`` in pyproject.toml.

Text from outside becomes values here. Every fault names the file, the line and the way out.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llm_latency_lens.cli.toml_source import Source
from llm_latency_lens.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from llm_latency_lens.profiler import Target

__all__ = ["OWN_NAME", "ConfigFile", "TargetEntry", "find_config_file", "read_config_file"]

OWN_NAME = "llm-latency-lens.toml"
_SHARED_NAME = "pyproject.toml"
_SECTION = ("tool", "llm-latency-lens")
_SCHEDULING = ("concurrency", "rate", "arrivals", "ramp")
# Words of a mark that would be ignored here.
_ELSEWHERE = {
    **dict.fromkeys(("iterations", "warmup"), "stands at the top of the file, not in [budgets]"),
    **dict.fromkeys(("baseline", "margin"), "is for tests, not for profiles"),
}


@dataclass(frozen=True, slots=True)
class TargetEntry:
    """
    One model as a file or the command line names it; of a key only where to find it.

    Attributes:
        provider: Name of the vendor.
        model: Model to ask.
        base_url: Another server that speaks the vendor's protocol.
        api_key_env: Environment variable that holds the key; None for the SDK's own.
    """

    provider: str
    model: str
    base_url: str | None = None
    api_key_env: str | None = None

    def target(self) -> "Target":
        """
        Return the target with its key.

        Raises:
            UsageError: The vendor is unknown.
            ConfigurationError: The environment variable is not set.
        """
        from llm_latency_lens.profiler import Target  # noqa: PLC0415 - other commands do without

        key = None
        if self.api_key_env is not None:
            key = os.environ.get(self.api_key_env)
            if not key:
                raise ConfigurationError(
                    f"{self.provider}/{self.model}: the environment variable "
                    f"{self.api_key_env} (api_key_env) is not set"
                )
        return Target(self.provider, self.model, key, self.base_url)


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """
    What a file says; nothing without one.

    Attributes:
        path: The file; None without one.
        targets: The models.
        prompt: What is sent.
        words: Words of the configuration of a run.
        budgets: Budget words and their limits.
        prices: The project's own price file.
    """

    path: Path | None = None
    targets: tuple[TargetEntry, ...] = ()
    prompt: str | None = None
    words: Mapping[str, Any] = field(default_factory=dict)
    budgets: Mapping[str, Any] = field(default_factory=dict)
    prices: Path | None = None


def find_config_file(folder: Path) -> Path | None:
    """Return the file that speaks for *folder*, there or in a folder above it; None without."""
    for place in (folder, *folder.parents):
        if (own := place / OWN_NAME).is_file():
            return own
        shared = place / _SHARED_NAME
        if shared.is_file() and _has_section(shared):
            return shared
    return None


def read_config_file(path: Path) -> ConfigFile:
    """
    Return what the file at *path* says.

    Raises:
        ConfigurationError: It cannot be read, is not TOML, or says something that has no
            meaning; the message names the file and the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise ConfigurationError(f"{path}: cannot be read: {reason}") from fault
    section = _SECTION if path.name == _SHARED_NAME else ()
    source = Source(path, text, section)
    document: Any = source.parsed()
    for name in section:
        document = document.get(name)
        if not isinstance(document, dict):
            raise ConfigurationError(f"{path}: has no table [{'.'.join(section)}]")
    shape = _validated(document, source)
    prices = shape.pop("prices")
    read = ConfigFile(
        path=path,
        targets=_read_targets(shape, source),
        prompt=shape.pop("prompt"),
        budgets=shape.pop("budgets") or {},
        words={word: value for word, value in shape.items() if value is not None},
        prices=None if prices is None else path.parent / prices,
    )
    _check_words(read.words, source)
    _check_budgets(read.budgets, source)
    return read


def _has_section(path: Path) -> bool:
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False  # somebody else's file, who will be told by their own tools
    return _SECTION[1] in document.get(_SECTION[0], {})


def _validated(document: Mapping[str, Any], source: Source) -> dict[str, Any]:
    from pydantic import (  # noqa: PLC0415 - 45 ms
        BaseModel,
        ConfigDict,
        StrictBool,
        StrictInt,
        StrictStr,
        ValidationError,
    )

    class Entry(BaseModel):
        model_config = ConfigDict(extra="forbid")

        provider: StrictStr
        model: StrictStr
        base_url: StrictStr | None = None
        api_key_env: StrictStr | None = None

    class File(BaseModel):
        model_config = ConfigDict(extra="forbid")

        provider: StrictStr | None = None
        model: StrictStr | None = None
        base_url: StrictStr | None = None
        api_key_env: StrictStr | None = None
        targets: list[Entry] = []
        prompt: StrictStr | None = None
        prices: StrictStr | None = None
        iterations: StrictInt | None = None
        warmup: StrictInt | None = None
        concurrency: StrictInt | StrictStr | dict[str, StrictInt] | None = None
        rate: float | None = None
        arrivals: StrictStr | None = None
        ramp: dict[str, Any] | None = None
        timeout: StrictStr | dict[str, StrictStr] | None = None
        retry: StrictInt | dict[str, Any] | None = None
        stream: StrictBool | None = None
        max_tokens: StrictInt | None = None
        max_requests_per_second: float | None = None
        monthly_requests: StrictInt | None = None
        budgets: dict[str, Any] | None = None

    try:
        return File.model_validate(document).model_dump()
    except ValidationError as fault:
        errors = fault.errors(include_url=False, include_input=False)
        # A key that is missing may be there with a mistake in its name.
        first = next((each for each in errors if each["type"] == "extra_forbidden"), errors[0])
        # Of a union each member is named as if it were a key.
        known = tuple(part for part in first["loc"] if _is_in(part, document))
        keys = known or first["loc"][:1]
        if first["type"] == "extra_forbidden" and keys[-1] != first["loc"][-1]:
            keys = (*keys, first["loc"][-1])
        raise source.fault(keys, _told(first, File.model_fields)) from None


def _is_in(part: object, document: Mapping[str, Any]) -> bool:
    return isinstance(part, int) or f"{part}" in document or part in _ENTRY


_ENTRY = ("provider", "model", "base_url", "api_key_env", "api_key")


def _told(fault: Mapping[str, Any], known: Mapping[str, Any]) -> str:
    loc, kind = fault["loc"], fault["type"]
    name = str(loc[-1]) if kind in ("extra_forbidden", "missing") else ".".join(map(str, loc[:1]))
    if kind == "missing":
        return f"{name} is missing"
    if kind != "extra_forbidden":
        return f"{name}: {fault['msg'][0].lower()}{fault['msg'][1:]}"
    if name == "api_key":
        return (
            "a key does not belong in a file: put it into an environment variable and name that "
            'with api_key_env = "NAME"'
        )
    words = _ENTRY[:-1] if len(loc) > 1 else tuple(known)
    near = get_close_matches(name, words, n=1)
    meant = f", did you mean {near[0]!r}?" if near else f"; known are {', '.join(words)}"
    return f"unknown key {name!r}{meant}"


def _read_targets(shape: dict[str, Any], source: Source) -> tuple[TargetEntry, ...]:
    """Return the models, named one by one or as a single one at the top."""
    entries = [TargetEntry(**entry) for entry in shape.pop("targets")]
    single = {name: shape.pop(name) for name in _ENTRY[:-1]}
    given = [name for name, value in single.items() if value is not None]
    places: list[tuple[str | int, ...]] = [("targets", index) for index in range(len(entries))]
    if given:
        if entries:
            raise source.fault((given[0],), f"{given[0]} at the top goes with no [[targets]]")
        for name in ("provider", "model"):
            if single[name] is None:
                raise source.fault((given[0],), f"{name} is missing beside {given[0]}")
        entries, places = [TargetEntry(**single)], [("provider",)]
    from llm_latency_lens.profiler import Target  # noqa: PLC0415 - see TargetEntry

    for entry, place in zip(entries, places, strict=True):
        try:
            Target(entry.provider, entry.model, base_url=entry.base_url)
        except UsageError as fault:
            key = str(fault).partition("=")[0]
            named = (*place, key) if len(place) > 1 else (key,)
            raise source.fault(named, str(fault)) from None
    return tuple(entries)


def _check_words(words: Mapping[str, Any], source: Source) -> None:
    from llm_latency_lens.profiler import Configuration  # noqa: PLC0415 - see TargetEntry

    scheduling = {word: words[word] for word in _SCHEDULING if word in words}
    apart = [{word: value} for word, value in words.items() if word not in scheduling]
    _check([each for each in (scheduling, *apart) if each], Configuration().with_words, source)
    _check([dict(words)], Configuration().with_words, source)


def _check_budgets(budgets: Mapping[str, Any], source: Source) -> None:
    from llm_latency_lens.budgets import merge_plans, read_plan  # noqa: PLC0415 - see TargetEntry

    def read(words: dict[str, Any]) -> object:
        return merge_plans([(source.path, read_plan(words))])

    for word in budgets:
        if word in _ELSEWHERE:
            raise source.fault(("budgets", word), f"{word} {_ELSEWHERE[word]}")
    _check([{word: limit} for word, limit in budgets.items()], read_plan, source, "budgets")
    _check([dict(budgets)], read, source, "budgets")


def _check(
    groups: list[dict[str, Any]],
    read: Callable[[dict[str, Any]], object],
    source: Source,
    *table: str,
) -> None:
    for group in groups:
        try:
            read(group)
        except UsageError as fault:
            said = str(fault)
            # Of several words that contradict, the first one that the message names.
            word = next((each for each in group if each in said), next(iter(group)))
            raise source.fault((*table, word, *_inner(group[word], said)), said) from None


def _inner(value: object, said: str) -> tuple[str, ...]:
    """Return the key of a table that a message names."""
    keys = value if isinstance(value, Mapping) else {}
    return next(((key,) for key in keys if repr(key) in said or f".{key}=" in said), ())
