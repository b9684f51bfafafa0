"""``llm-latency-lens profile``: one prompt, again and again."""

import sys
from typing import Any

import click

from llm_latency_lens.cli.options import read_plan_of_run, run_options
from llm_latency_lens.cli.running import carry_out, telling_faults
from llm_latency_lens.errors import UsageError

__all__ = ["profile"]


@click.command()
@click.argument("prompt", required=False)
@run_options
def profile(prompt: str | None, **options: Any) -> None:
    """
    Send PROMPT again and again and print what it took.

    Without PROMPT that of the configuration file is sent. Exits with 0 when all budgets are
    kept, 1 when one is broken, 2 when something has to be changed first, 3 when the provider
    could not be reached, 130 after Ctrl-C.
    """
    with telling_faults():
        plan = read_plan_of_run(options)
        text = prompt or plan.prompt
        if text is None:
            raise UsageError('no prompt: give one, or set prompt = "..." in the configuration file')

        async def run(profiler: Any) -> tuple[()]:
            await profiler.profile(text)
            return ()

        code = carry_out(plan, run)
    sys.exit(code)
