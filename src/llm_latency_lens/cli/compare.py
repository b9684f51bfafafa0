"""``llm-latency-lens compare``: two sessions side by side."""

import sys
from pathlib import Path

import click

from llm_latency_lens.cli.usage import telling_usage

__all__ = ["compare"]


@click.command()
@click.argument("before")
@click.argument("now")
@click.option(
    "--fail",
    "gates",
    multiple=True,
    help='Percentiles that fail the command, as in "p95:25%" or "p50:20%, ttft_p95:40%"; '
    "repeatable.",
)
@click.option("--relative", is_flag=True, help="Compare relative to the session as a whole.")
@click.option("--wide", is_flag=True, help="Show every row, however long its line.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".lens"),
    show_default=True,
    help="Where baselines lie that are given by name.",
)
def compare(
    before: str, now: str, gates: tuple[str, ...], *, relative: bool, wide: bool, folder: Path
) -> None:
    """
    Compare two sessions: baselines by name, or JSON files of baselines or reports.

    Exits with 0, or with 1 when a percentile of --fail is slower than its margin allows, or 2
    when a file or option cannot be read.
    """
    from llm_latency_lens import baselines, wiring  # noqa: PLC0415 - other commands do without
    from llm_latency_lens.reports import list_comparison  # noqa: PLC0415 - other commands do without

    with telling_usage():
        found = baselines.compare(
            wiring.read_side(before, folder),
            wiring.read_side(now, folder),
            baselines.read_gates(gates) if gates else (),
            baselines.SHOWN,
            is_relative=relative,
        )
    for line, _ in list_comparison(found, is_wide=wide):
        click.echo(line)
    sys.exit(1 if found.failed else 0)
