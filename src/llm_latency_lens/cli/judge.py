"""``llm-latency-lens judge``: budgets on the calls of a report."""

import sys
from pathlib import Path

import click

from llm_latency_lens.cli.usage import telling_usage
from llm_latency_lens.errors import UsageError

__all__ = ["judge"]


@click.command()
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
    from llm_latency_lens.budgets import (  # noqa: PLC0415 - other commands do without
        Ruling,
        judge_pooled,
        merge_plans,
        read_expression,
        read_plan,
    )
    from llm_latency_lens.reports import list_verdicts, read_report  # noqa: PLC0415 - other commands do without

    with telling_usage():
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
