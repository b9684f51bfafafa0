"""``llm-latency-lens profile``: one prompt, again and again."""

import sys
from typing import TYPE_CHECKING, Any

import click

from llm_latency_lens.cli.options import read_plan_of_run, run_options
from llm_latency_lens.cli.running import carry_out
from llm_latency_lens.cli.usage import telling_usage
from llm_latency_lens.errors import UsageError

if TYPE_CHECKING:
    from llm_latency_lens.profiler import LatencyProfiler, Stop

__all__ = ["profile"]


@click.command()
@click.argument("prompt", required=False)
@run_options
def profile(prompt: str | None, **options: Any) -> None:
    """
    Send PROMPT again and again and print what it took.

    Without PROMPT that of the configuration file is sent. Exits with 0 when all budgets are
    kept, 1 when one is broken or no call succeeded, 2 when something has to be changed first, 3
    when the provider could not be reached, 4 when one is not settled and --on-inconclusive=fail,
    130 after Ctrl-C.
    """
    with telling_usage():
        plan = read_plan_of_run(options)
        text = prompt or plan.prompt
        if text is None:
            raise UsageError('no prompt: give one, or set prompt = "..." in the configuration file')

        async def run(profiler: "LatencyProfiler", until: "Stop") -> tuple[()]:
            await profiler.profile(text, until=until)
            return ()

        code = carry_out(plan, run)
    sys.exit(code)
