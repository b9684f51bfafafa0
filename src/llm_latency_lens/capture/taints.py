"""
Taints: what is odd about a call, by name.

A taint excludes nothing by itself: budgets exclude by name, and say so.
"""

from llm_latency_lens.capture.calls import Call
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.samples import Status, Taint

__all__ = ["taints_of"]


def taints_of(call: Call, watch: Watch) -> tuple[Taint, ...]:
    """Return the taints of an ended call, in a fixed order."""
    status = call.attempts[-1].outcome.status
    usage = call.answer.usage if call.answer else None
    found = (
        (Taint.COLD, watch.connected_ns is not None),
        (Taint.CACHED, usage is not None and usage.cached_input_tokens),
        (Taint.RETRIED, len(call.attempts) > 1),
        # A double answers above the network, so the HTTP library's trace stays silent.
        (Taint.MOCKED, watch.http_status is not None and not watch.traced),
        (Taint.CUT_SHORT, status is Status.CANCELLED),
        (Taint.SLOW_CONSUMER, watch.slow_pulls > 0),
    )
    return tuple(taint for taint, is_found in found if is_found)
