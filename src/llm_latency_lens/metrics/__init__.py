"""
Metrics: what many samples say together, as values that merge.

Merging is associative and commutative and gives the same bits as measuring everything in one
place, so it does not matter how calls were spread over processes and machines. No budget and
no verdict lives here, and nothing is printed.
"""

from llm_latency_lens.metrics.aggregate import Aggregate
from llm_latency_lens.metrics.distribution import EXACT, Distribution
from llm_latency_lens.metrics.encoding import (
    decode_aggregate,
    decode_times,
    encode_aggregate,
    encode_times,
)
from llm_latency_lens.metrics.histogram import Bucket, histogram
from llm_latency_lens.metrics.outliers import outliers
from llm_latency_lens.metrics.quantiles import rank
from llm_latency_lens.metrics.sums import CostSum, TokenSum
from llm_latency_lens.metrics.tally import Tally

__all__ = [
    "EXACT",
    "Aggregate",
    "Bucket",
    "CostSum",
    "Distribution",
    "Tally",
    "TokenSum",
    "decode_aggregate",
    "decode_times",
    "encode_aggregate",
    "encode_times",
    "histogram",
    "outliers",
    "rank",
]
