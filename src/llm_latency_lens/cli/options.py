"""Options that several commands share, and what a run is made of once they are read."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from llm_latency_lens.cli.config_file import (
    OWN_NAME,
    ConfigFile,
    TargetEntry,
    find_config_file,
    read_config_file,
)
from llm_latency_lens.errors import UsageError

if TYPE_CHECKING:
    from llm_latency_lens.budgets import Budget, Certainty
    from llm_latency_lens.profiler import LatencyProfiler

__all__ = ["Plan", "read_plan_of_run", "run_options"]

_FILE = click.Path(dir_okay=False, path_type=Path)
_TARGET = ("provider", "models", "base_url", "api_key_env")
_WORDS = (
    "iterations",
    "warmup",
    "concurrency",
    "rate",
    "arrivals",
    "timeout",
    "stream",
    "max_tokens",
    "max_requests_per_second",
    "monthly_requests",
)
_SCHEDULING = ("concurrency", "rate", "arrivals", "ramp")


class _Concurrency(click.ParamType[Any]):
    """A number, or the word ``adaptive``."""

    name = "N|adaptive"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if value == "adaptive":
            return value
        return click.INT.convert(value, param, ctx)


_OPTIONS = (
    click.option("--provider", help="Vendor to ask, such as openai."),
    click.option(
        "--model", "models", multiple=True, help="Model to ask; repeatable, calls take turns."
    ),
    click.option("--base-url", help="Another server that speaks the vendor's protocol."),
    click.option(
        "--api-key-env",
        metavar="NAME",
        help="Environment variable that holds the key; else the SDK's own.",
    ),
    click.option("--iterations", type=int, help="Calls for each request and model; 10."),
    click.option("--warmup", type=int, help="Calls before them that do not count; 0."),
    click.option(
        "--concurrency", type=_Concurrency(), help="Calls in progress at once (closed loop); 1."
    ),
    click.option(
        "--rate", type=float, help="Calls a second, whatever becomes of them (open loop)."
    ),
    click.option(
        "--arrivals",
        type=click.Choice(["constant", "poisson"]),
        help="How the calls of --rate are spaced; constant.",
    ),
    click.option("--timeout", help='Most that a call may take, such as "30s".'),
    click.option(
        "--retries", type=click.IntRange(min=0), help="Most attempts of a call after the first; 2."
    ),
    click.option("--stream/--no-stream", default=None, help="Whether answers are streamed."),
    click.option("--max-tokens", type=int, help="Most tokens of an answer."),
    click.option(
        "--max-requests-per-second", type=float, help="Most starts a second in a closed loop."
    ),
    click.option("--monthly-requests", type=int, help="Requests a month, to project the cost."),
    click.option(
        "--budget",
        "budgets",
        multiple=True,
        help='Such as "p95 < 2s" or "openai/gpt-4o-mini: ttft_p95 < 800ms"; repeatable.',
    ),
    click.option(
        "--confidence",
        type=float,
        help="Stop as soon as the answer to each budget is this sure, as in 0.95.",
    ),
    click.option(
        "--on-inconclusive",
        type=click.Choice(["pass", "fail"]),
        help="What a budget is that the calls do not settle at that confidence; pass.",
    ),
    click.option("--prices", type=_FILE, help="Your own price file."),
    click.option(
        "--config",
        "config_file",
        type=_FILE,
        help=f"Configuration file; else {OWN_NAME} or pyproject.toml, here or above.",
    ),
    click.option("--json", "is_json", is_flag=True, help="Print the result as JSON."),
    click.option(
        "--raw", "is_raw", is_flag=True, help="With --json: every call, and what was answered."
    ),
    click.option(
        "--progress",
        type=click.Choice(["auto", "always", "never"]),
        default="auto",
        show_default=True,
        help="Show how the run goes; auto is on a terminal and not in CI.",
    ),
)


def run_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give *command* the options of a run."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@dataclass(frozen=True, slots=True)
class Plan:
    """
    What a command is going to do.

    Attributes:
        profiler: Makes the calls.
        prompt: The prompt of the configuration file; None without one.
        budgets: What is judged, and may end the run.
        certainty: How sure that has to be.
        is_json: The result is printed as JSON.
        is_raw: With every call.
        progress: When progress is shown: ``auto``, ``always`` or ``never``.
    """

    profiler: "LatencyProfiler"
    prompt: str | None
    budgets: "tuple[Budget, ...]"
    certainty: "Certainty"
    is_json: bool
    is_raw: bool
    progress: str


def read_plan_of_run(options: dict[str, Any]) -> Plan:
    """
    Return the plan of a run: options first, then the configuration file.

    Raises:
        UsageError: An option has no meaning.
        ConfigurationError: The file cannot be used.
    """
    from llm_latency_lens.budgets import (  # noqa: PLC0415 - --help
        merge_plans,
        read_expression,
        read_plan,
    )
    from llm_latency_lens.profiler import LatencyProfiler  # noqa: PLC0415 - --help

    if options["is_raw"] and not options["is_json"]:
        raise UsageError("--raw adds to what --json prints: give --json as well")
    path = options["config_file"] or find_config_file(Path.cwd())
    told = ConfigFile() if path is None else read_config_file(path)
    words = {name: options[name] for name in ("confidence", "on_inconclusive")}
    wanted = merge_plans([("options", read_plan(words)), (path, read_plan(told.budgets))])
    entries = _entries(options, told)
    if not entries:
        raise UsageError(
            "no model to ask: give --provider and --model, or name them in "
            f'{path or OWN_NAME} (provider = "openai", model = "gpt-4o-mini")'
        )
    profiler = LatencyProfiler(
        targets=[entry.target() for entry in entries],
        prices=options["prices"] or told.prices,
        **_words(options, told),
    )
    return Plan(
        profiler=profiler,
        prompt=told.prompt,
        budgets=(*wanted.budgets, *map(read_expression, options["budgets"])),
        certainty=wanted.certainty,
        is_json=options["is_json"],
        is_raw=options["is_raw"],
        progress=options["progress"],
    )


def _entries(options: dict[str, Any], told: ConfigFile) -> tuple[TargetEntry, ...]:
    given = {name: options[name] for name in _TARGET}
    if not any(given.values()):
        return told.targets
    if given["models"]:
        provider = given["provider"] or (told.targets[0].provider if told.targets else None)
        if provider is None:
            raise UsageError("--model needs --provider as well")
        return tuple(
            TargetEntry(provider, model, given["base_url"], given["api_key_env"])
            for model in dict.fromkeys(given["models"])
        )
    if given["provider"]:
        raise UsageError("--provider needs --model as well")
    # An address or a key alone goes for every model of the file.
    return tuple(
        TargetEntry(
            each.provider,
            each.model,
            given["base_url"] or each.base_url,
            given["api_key_env"] or each.api_key_env,
        )
        for each in told.targets
    )


def _words(options: dict[str, Any], told: ConfigFile) -> dict[str, Any]:
    words = dict(told.words)
    given = {word: options[word] for word in _WORDS if options[word] is not None}
    if any(word in given for word in _SCHEDULING):
        # They say together when calls start; a part of the file's would contradict.
        words = {word: value for word, value in words.items() if word not in _SCHEDULING}
    words |= given
    if options["retries"] is not None:
        words["retry"] = _retry(words.get("retry"), options["retries"])
    return words | {"raw": options["is_raw"]}


def _retry(told: object, retries: int) -> object:
    attempts = retries + 1
    return {**told, "attempts": attempts} if isinstance(told, dict) else attempts
