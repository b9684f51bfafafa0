"""The command ``llm-latency-lens``."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from llm_latency_lens.cli.batch import batch
from llm_latency_lens.cli.config import config
from llm_latency_lens.cli.profile import profile
from llm_latency_lens.errors import ConfigurationError, UsageError

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

    with _telling_usage():
        scripts = simulator.read_script_file(script_file) if script_file else None
        simulator.serve_until_stopped(host, port, scripts, announce)


@main.command()
@click.argument("report", type=click.Path(path_type=Path))
@click.option(
    "--budget",
    "budgets",
    multiple=True,
    required=True,
    help='Such as "p95 < 2s" or "openai/gpt-4o-mini: ttft_p95 < 800ms"; repeatable.',
)
@click.option("--confidence", type=float, help="Say how sure the answer is to be, as in 0.95.")
@click.option(
    "--on-inconclusive",
    type=click.Choice(["pass", "fail"]),
    help="What a budget is that the calls do not settle at that confidence (default: pass).",
)
def judge(
    report: Path, budgets: tuple[str, ...], confidence: float | None, on_inconclusive: str | None
) -> None:
    """
    Judge the calls of a JSON report again, without making one.

    Each budget is judged on all calls of test bodies in the report together. Exits with 0 when
    all are kept, 1 when one is broken, 2 when the report or a budget cannot be read, 4 when
    one is not settled and --on-inconclusive=fail.
    """
    from llm_latency_lens.budgets import (  # noqa: PLC0415 - as above
        Ruling,
        judge_pooled,
        merge_plans,
        read_expression,
        read_plan,
    )
    from llm_latency_lens.reports import list_verdicts, read_report  # noqa: PLC0415 - as above

    with _telling_usage():
        wanted = [read_expression(text) for text in budgets]
        for budget in wanted:
            if budget.word.name.startswith("itl_"):
                raise UsageError(
                    f"{budget.word.name}: a report holds no gaps between tokens, so they cannot be "
                    f"judged again; budget {budget.word.name.replace('itl', 'tpot')} instead"
                )
        words = {"confidence": confidence, "on_inconclusive": on_inconclusive}
        certainty = merge_plans([(report, read_plan(words))]).certainty
        stored = read_report(report)
    verdicts = judge_pooled(wanted, stored.samples, stored.run_ns, certainty)
    for line in list_verdicts(verdicts):
        click.echo(line)
    failed = {verdict.ruling for verdict in verdicts if verdict.failed}
    sys.exit(4 if failed == {Ruling.NOT_SETTLED} else 1 if failed else 0)


@main.command()
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
    from llm_latency_lens import baselines, wiring  # noqa: PLC0415 - as above
    from llm_latency_lens.reports import list_comparison  # noqa: PLC0415 - as above

    with _telling_usage():
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


@contextmanager
def _telling_usage() -> Iterator[None]:
    """Tell what the user has to change and exit with 2."""
    try:
        yield
    except (ConfigurationError, UsageError) as fault:
        click.echo(f"llm-latency-lens: {fault}", err=True)
        sys.exit(2)


for _command in (profile, batch, config):
    main.add_command(_command)
