"""``llm-latency-lens simulate``: a simulated provider."""

from pathlib import Path

import click

from llm_latency_lens.cli.usage import telling_usage

__all__ = ["simulate"]


@click.command()
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

    with telling_usage():
        scripts = simulator.read_script_file(script_file) if script_file else None
        simulator.serve_until_stopped(host, port, scripts, announce)
