"""Usage: what the user of a command has to change, told in one line."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from llm_latency_lens.errors import CaptureError, ConfigurationError, UsageError

__all__ = ["telling_usage"]

_INTERRUPTED = 130


@contextmanager
def telling_usage() -> Iterator[None]:
    """Tell what the user has to change and exit with 2, or with 130 at Ctrl-C."""
    try:
        yield
    except KeyboardInterrupt:
        # As a shell has it; click would exit with 1, which means a broken budget here.
        sys.exit(_INTERRUPTED)
    except (CaptureError, ConfigurationError, UsageError) as fault:
        click.echo(f"llm-latency-lens: {fault}", err=True)
        sys.exit(2)
