"""Usage: what the user of a command has to change, told in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from llm_latency_lens.errors import ConfigurationError, UsageError

__all__ = ["telling_usage"]


@contextmanager
def telling_usage() -> Iterator[None]:
    """Tell what the user has to change and exit with 2."""
    try:
        yield
    except (ConfigurationError, UsageError) as fault:
        click.echo(f"llm-latency-lens: {fault}", err=True)
        sys.exit(2)
