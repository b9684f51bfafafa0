"""The command ``llm-latency-lens``."""

import click

from llm_latency_lens.cli.batch import batch
from llm_latency_lens.cli.compare import compare
from llm_latency_lens.cli.config import config
from llm_latency_lens.cli.judge import judge
from llm_latency_lens.cli.profile import profile
from llm_latency_lens.cli.simulate import simulate

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llm-latency-lens")
def main() -> None:
    """Latency, time to first token and cost of LLM calls, made testable."""


for _command in (simulate, profile, batch, judge, compare, config):
    main.add_command(_command)
