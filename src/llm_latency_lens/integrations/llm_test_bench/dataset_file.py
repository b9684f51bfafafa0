"""
Dataset files of LLM-Test-Bench: text from outside, checked against the format.

What is not text where text is meant (a version written ``1.0`` in YAML is a number) is refused,
as LLM-Test-Bench refuses it; the message says how to write it.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from llm_latency_lens.errors import ConfigurationError, MissingExtra

if TYPE_CHECKING:
    from pydantic import ValidationError

__all__ = ["read_dataset_file"]

_YAML = (".yaml", ".yml")
_MOST_MISTAKES = 10


def read_dataset_file(path: Path) -> dict[str, Any]:
    """
    Return what the file at *path* says: every known key, of its kind, and None where it is absent.

    Templates are not filled in and defaults are not merged.

    Raises:
        ConfigurationError: It cannot be read, is no JSON or YAML, or breaks the format.
        MissingExtra: It is YAML and PyYAML is not installed.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigurationError(f"dataset {path} cannot be read: {fault}") from fault
    is_yaml = path.suffix.lower() in _YAML
    return _validate(_parse_yaml(text, path) if is_yaml else _parse_json(text, path), path)


def _parse_json(text: str, path: Path) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise ConfigurationError(
            f"dataset {path} is no JSON: {fault} (YAML is read from files named .yaml or .yml)"
        ) from fault


def _parse_yaml(text: str, path: Path) -> object:
    try:
        import yaml  # type: ignore[import-untyped]  # noqa: PLC0415 - an extra; it has no types
    except ImportError as fault:
        raise MissingExtra(
            f"dataset {path} is YAML and PyYAML is not installed: "
            'pip install "llm-latency-lens[yaml]", or write the dataset as JSON'
        ) from fault
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError) as fault:
        # PyYAML quotes lines of the file in its message; a prompt has no place in a log.
        mark = getattr(fault, "problem_mark", None)
        where = "" if mark is None else f" (line {mark.line + 1}, column {mark.column + 1})"
        problem = getattr(fault, "problem", None) or type(fault).__name__
        raise ConfigurationError(f"dataset {path} is no YAML: {problem}{where}") from None


def _validate(document: object, path: Path) -> dict[str, Any]:
    from pydantic import BaseModel, ConfigDict, Field, ValidationError  # noqa: PLC0415 - 45 ms

    class Defaults(BaseModel):
        model_config = ConfigDict(strict=True, extra="ignore")

        temperature: float | None = Field(None, allow_inf_nan=False)
        max_tokens: int | None = Field(None, ge=0)
        top_p: float | None = Field(None, allow_inf_nan=False)
        stop: list[str] | None = None

    class Config(Defaults):
        model: str | None = None

    class Entry(BaseModel):
        model_config = ConfigDict(strict=True, extra="ignore")

        id: str = Field(min_length=1)
        category: str | None = None
        prompt: str = Field(min_length=1)
        variables: dict[str, str] | None = None
        expected: str | None = None
        references: list[str] | None = None
        config: Config | None = None
        metadata: dict[str, Any] | None = None

    class File(BaseModel):
        model_config = ConfigDict(strict=True, extra="ignore")

        name: str = Field(min_length=1)
        description: str | None = None
        version: str
        test_cases: list[Entry] = Field(min_length=1)
        defaults: Defaults | None = None
        metadata: dict[str, Any] | None = None

    mistakes: list[str] = []
    try:
        return File.model_validate(document).model_dump()
    except ValidationError as fault:
        mistakes += _mistakes(fault, document)
    # Told out here, without the cause: its message quotes values, and a value can be a prompt.
    more = f"; and {len(mistakes) - _MOST_MISTAKES} more" if len(mistakes) > _MOST_MISTAKES else ""
    raise ConfigurationError(f"dataset {path}: {'; '.join(mistakes[:_MOST_MISTAKES])}{more}")


def _mistakes(fault: "ValidationError", document: object) -> Iterator[str]:
    for one in fault.errors(include_url=False, include_context=False):
        yield f"{_place(one['loc'], document)}: {_meaning(one['type'], one['input'], one['msg'])}"


def _place(loc: tuple[int | str, ...], document: object) -> str:
    """Return where in the file it is; a case is named by its id where that can be read."""
    match loc:
        case ("test_cases", int(index), *rest):
            match document:
                case {"test_cases": list(cases)} if isinstance(cases[index], dict):
                    name = cases[index].get("id")
                case _:
                    name = None
            case_of = f"case {index + 1}" + (f" {name!r}" if isinstance(name, str) else "")
            return ", ".join(filter(None, (case_of, _dotted(rest))))
        case ():
            return "the file"
    return _dotted(loc)


def _dotted(loc: "list[int | str] | tuple[int | str, ...]") -> str:
    return ".".join(str(part) for part in loc if part != "[key]")


def _meaning(kind: str, value: object, message: str) -> str:
    """Return what is wrong and the fix; the value itself is told by its kind alone."""
    if kind == "missing":
        return "is missing"
    if kind == "string_type":
        fix = "leave it out" if value is None else "write it in quotes"
        return f"{_kind(value)} where text is expected: {fix}"
    if kind in {"string_too_short", "too_short"}:
        return "is empty"
    if kind in {"model_type", "dict_type"}:
        return f"{_kind(value)} where an object is expected"
    return f"{_kind(value)}: {message[0].lower()}{message[1:]}"


def _kind(value: object) -> str:
    names = {bool: "true or false", int: "a number", float: "a number", str: "text"}
    names |= {list: "a list", dict: "an object", type(None): "null"}
    return names.get(type(value), f"a {type(value).__name__}")
