"""``llm-latency-lens batch``: the requests of a file, in turns."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_latency_lens.cli.options import read_plan_of_run, run_options
from llm_latency_lens.cli.running import carry_out
from llm_latency_lens.cli.usage import telling_usage
from llm_latency_lens.errors import ConfigurationError, UsageError

if TYPE_CHECKING:
    from llm_latency_lens.profiler import LatencyProfiler, Request, RequestResult, Stop

__all__ = ["batch", "read_batch_file"]


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@run_options
def batch(file: Path, **options: Any) -> None:
    """
    Send the requests of FILE, in turns, and print what they took.

    FILE is a JSON list, or one JSON value a line. A request is a prompt, or an object with
    "prompt", and as it needs them "parameters" for the provider and "metadata" of your own,
    where "name" is what the result calls it. Exits as profile does.
    """
    with telling_usage():
        plan = read_plan_of_run(options)
        requests = read_batch_file(file)

        async def run(profiler: "LatencyProfiler", until: "Stop") -> "tuple[RequestResult, ...]":
            return (await profiler.batch(requests, until=until)).results

        code = carry_out(plan, run, len(requests))
    sys.exit(code)


def read_batch_file(path: Path) -> "tuple[Request, ...]":
    """
    Return the requests of the file at *path*.

    Raises:
        ConfigurationError: It cannot be read or a request has no meaning; the message names the
            file and the line, or the number of the request in a list.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        reason = getattr(fault, "strerror", None) or fault
        raise ConfigurationError(f"{path}: cannot be read: {reason}") from fault
    if text.lstrip().startswith("["):
        given = [(f"{path}: request {n}", one) for n, one in enumerate(_whole(path, text), 1)]
    else:
        given = [
            (f"{path}:{number}", _value(f"{path}:{number}", line))
            for number, line in enumerate(text.splitlines(), 1)
            if line.strip()
        ]
    if not given:
        raise ConfigurationError(f"{path}: holds no request")
    return tuple(_request(place, one) for place, one in given)


def _whole(path: Path, text: str) -> list[Any]:
    try:
        return list(json.loads(text))
    except json.JSONDecodeError as fault:
        raise ConfigurationError(f"{path}:{fault.lineno}: not JSON: {fault.msg}") from fault


def _value(place: str, line: str) -> Any:
    try:
        return json.loads(line)
    except json.JSONDecodeError as fault:
        raise ConfigurationError(f"{place}: not JSON: {fault.msg}") from fault


def _request(place: str, given: object) -> "Request":
    from pydantic import BaseModel, ConfigDict, StrictStr, ValidationError  # noqa: PLC0415 - 45 ms

    from llm_latency_lens.profiler import Request  # noqa: PLC0415 - the command answers --help

    class Row(BaseModel):
        model_config = ConfigDict(extra="forbid")

        prompt: StrictStr
        parameters: dict[str, Any] = {}
        metadata: dict[str, Any] = {}

    try:
        row = Row.model_validate({"prompt": given} if isinstance(given, str) else given)
        return Request(row.prompt, row.parameters, row.metadata)
    except ValidationError as fault:
        first = fault.errors(include_url=False, include_input=False)[0]
        key = ".".join(map(str, first["loc"]))
        what = f"{key}: {first['msg']}" if key else f"a value of type {type(given).__name__}"
        raise ConfigurationError(
            f"{place}: {what}; a request is a text or "
            '{"prompt": "...", "parameters": {...}, "metadata": {...}}'
        ) from None
    except UsageError as fault:
        raise ConfigurationError(f"{place}: {fault}") from None
