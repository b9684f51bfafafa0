"""``llm-latency-lens config``: what the configuration says, and whether it can be used."""

import os
from pathlib import Path

import click

from llm_latency_lens.cli.config_file import OWN_NAME, find_config_file, read_config_file
from llm_latency_lens.cli.usage import telling_usage
from llm_latency_lens.errors import ConfigurationError

__all__ = ["config"]


@click.group()
def config() -> None:
    """Look at the configuration file."""


@config.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path | None) -> None:
    """
    Read the configuration and say what it means; nothing is sent.

    Without FILE that is llm-latency-lens.toml or [tool.llm-latency-lens] in pyproject.toml, in
    this folder or above. Exits with 2 when it cannot be used.
    """
    from llm_latency_lens.budgets.words import OPTIONS  # noqa: PLC0415 - see running
    from llm_latency_lens.pricing import read_price_file  # noqa: PLC0415 - see running
    from llm_latency_lens.profiler import Configuration  # noqa: PLC0415 - see running

    with telling_usage():
        path = file or find_config_file(Path.cwd())
        if path is None:
            raise ConfigurationError(
                f"no configuration: there is no {OWN_NAME} here or above, and no pyproject.toml "
                "with a table [tool.llm-latency-lens]"
            )
        told = read_config_file(path)
        prices = read_price_file(told.prices) if told.prices is not None else ()
    read = Configuration().with_words(told.words).describe()
    click.echo(f"{path}: can be used")
    for entry in told.targets:
        where = f" at {entry.base_url}" if entry.base_url else ""
        click.echo(f"  {entry.provider}/{entry.model}{where}{_key(entry.api_key_env)}")
    click.echo(f"  {read['schedule']}, iterations {read['iterations']}, warmup {read['warmup']}")
    for word, limit in told.budgets.items():
        click.echo(f"  {'' if word in OPTIONS else 'budget '}{word} {limit}")
    if prices:
        click.echo(f"  {len(prices)} prices from {told.prices}")


def _key(name: str | None) -> str:
    if name is None:
        return ""
    return f", key from {name} ({'set' if os.environ.get(name) else 'not set'})"
