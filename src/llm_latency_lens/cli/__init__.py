"""The command ``llm-latency-lens``."""

import sys
from pathlib import Path

import click

from llm_latency_lens.cli.batch import batch
from llm_latency_lens.cli.config import config
from llm_latency_lens.cli.profile import profile
from llm_latency_lens.errors import ConfigurationError

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="llm-latency-lens")
def main() -> None:
    """Latency, time to first token and cost of LLM calls, made testable."""


@main.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=8000, show_default=True, help="Port to listen on; 0 for a free one."
)
@click.option(
    "--script",
    "script_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help='JSON file with one script a model name; "*" is for every other model.',
)
def simulate(host: str, port: int, script_file: Path | None) -> None:
    """
    Run a simulated provider until Ctrl-C.

    It speaks OpenAI Chat Completions and Anthropic Messages on a real socket, with scripted
    delays, and needs no key.
    """
    from llm_latency_lens import simulator  # noqa: PLC0415 - other commands do without

    def announce(address: str) -> None:
        click.echo(f"simulated provider on http://{address}")
        click.echo(f"  OpenAI SDK:    base_url=http://{address}/v1")
        click.echo(f"  Anthropic SDK: base_url=http://{address}")

    try:
        scripts = simulator.read_script_file(script_file) if script_file else None
        simulator.serve_until_stopped(host, port, scripts, announce)
    except ConfigurationError as fault:
        click.echo(f"llm-latency-lens: {fault}", err=True)
        sys.exit(2)


for _command in (profile, batch, config):
    main.add_command(_command)
