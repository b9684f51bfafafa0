"""
Verdicts: from two integers, the calls and how many of them were over a limit, to an answer.

No sample, no unit and no message lives here.
"""

from llm_latency_lens.verdicts.binomial import at_least, clopper_pearson
from llm_latency_lens.verdicts.multiplicity import benjamini_hochberg, holm
from llm_latency_lens.verdicts.order_statistics import interval_ranks
from llm_latency_lens.verdicts.plain import PlainVerdict, allowed, one_call_decides, plain

__all__ = [
    "PlainVerdict",
    "allowed",
    "at_least",
    "benjamini_hochberg",
    "clopper_pearson",
    "holm",
    "interval_ranks",
    "one_call_decides",
    "plain",
]
