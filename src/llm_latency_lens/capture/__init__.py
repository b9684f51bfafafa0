"""
Capture: provider calls as they pass over the wire, made into samples.

Hooks on the HTTP library put a watch on each request; the watch stamps what passes; the
observer decodes it when the body ends and gives the sample to the scope that it began in.
"""

from llm_latency_lens.capture.deadlines import under_deadline
from llm_latency_lens.capture.hooking import hooks
from llm_latency_lens.capture.observer import Observer
from llm_latency_lens.capture.scope import (
    Scope,
    bind,
    current_scope,
    in_scope,
    open_scope,
    running,
)

__all__ = [
    "Observer",
    "Scope",
    "bind",
    "current_scope",
    "hooks",
    "in_scope",
    "open_scope",
    "running",
    "under_deadline",
]
