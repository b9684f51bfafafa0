"""
Calls that end before their answer does: what the tests of such calls have in common.

Each is made without the lens and with it; the SDK must raise the same, and there is one sample.
"""

import gc

from traffic_clients import MODEL, Asking, known_sections
from traffic_values import plain

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory

__all__ = ["SDKS", "SILENT", "STREAM", "ended", "make_twice", "read_some", "read_some_async"]

# The sections that are a vendor's own SDK on its usual transports, synchronous and asynchronous.
SDKS = {
    name: make
    for name, (make, is_here) in known_sections().items()
    if is_here and len(set(getattr(make, "classes", ()))) > 1
}
STREAM = Asking(streamed=True)
# Long enough that nothing ends by itself meanwhile.
_LONG = {"ttft": 0, "itl": 20, "output_tokens": 500}
SILENT = {"ttft": "60s", "latency": "60s"}
_EVENTS_READ = 5


def make_twice(provider):
    """Return what does something without the lens and with it; it returns both ends and samples."""

    def twice(act, script=None, host=None):
        vendors = {host or provider.host: ("openai", "anthropic")}
        observer = Observer(Directory(vendors))
        provider.script(MODEL, **(_LONG if script is None else script))
        bare = _outcome(act)
        with hooks(observer.begin), open_scope(Scope()) as scope:
            watched = _outcome(act)
            observer.settle(scope)
            return bare, watched, scope.samples

    return twice


def _outcome(act):
    raised = None
    try:
        act()
    except Exception as fault:
        raised = fault
        # What is left of the call hangs on the frames that it passed through.
        raised.__traceback__ = None
    finally:
        gc.collect()
    return plain(raised)


def ended(samples):
    """Return how each call ended: status, name of the exception on the wire, attempts."""
    return [(one.outcome.status, one.outcome.error_type, len(one.attempts)) for one in samples]


def read_some(events):
    """Read the first events of a stream and leave it."""
    for number, _ in enumerate(events):
        if number == _EVENTS_READ:
            return


async def read_some_async(events):
    """Read the first events of a stream in a loop and leave it."""
    number = 0
    async for _ in events:
        number += 1
        if number == _EVENTS_READ:
            return
