"""
Verdicts: from two integers, the calls and how many of them were over a limit, to an answer.

No sample, no unit and no message lives here. ``plain`` judges all calls at the end;
``sequential`` gives the rule that judges after each and may stop; both say how sure they are.
"""

from llm_latency_lens.verdicts.binomial import at_least, clopper_pearson
from llm_latency_lens.verdicts.bursts import burst_chance
from llm_latency_lens.verdicts.compiled import curtailed, runs_to_pass, sequential
from llm_latency_lens.verdicts.means import mean_chance
from llm_latency_lens.verdicts.multiplicity import benjamini_hochberg, holm
from llm_latency_lens.verdicts.order_statistics import (
    calls_to_bound,
    harrell_davis,
    interval_ranks,
)
from llm_latency_lens.verdicts.plain import PlainVerdict, allowed, one_call_decides, plain
from llm_latency_lens.verdicts.rule import Count, Rates, Rule, Side

__all__ = [
    "Count",
    "PlainVerdict",
    "Rates",
    "Rule",
    "Side",
    "allowed",
    "at_least",
    "benjamini_hochberg",
    "burst_chance",
    "calls_to_bound",
    "clopper_pearson",
    "curtailed",
    "harrell_davis",
    "holm",
    "interval_ranks",
    "mean_chance",
    "one_call_decides",
    "plain",
    "runs_to_pass",
    "sequential",
]
