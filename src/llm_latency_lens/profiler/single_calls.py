"""Single calls: made when somebody else says so, in the way of a run of the profiler."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from llm_latency_lens.capture import Observer, current_scope
from llm_latency_lens.capture.scope import current_run
from llm_latency_lens.clock import Clock
from llm_latency_lens.profiler.configuration import Configuration
from llm_latency_lens.profiler.one_call import CallMaker, Made
from llm_latency_lens.profiler.open_clients import open_clients
from llm_latency_lens.profiler.pacing import pace_of
from llm_latency_lens.profiler.runner import Job
from llm_latency_lens.profiler.schedules import AtConcurrency
from llm_latency_lens.samples import Cost, Phase, Sample

__all__ = ["SendCall", "open_calls"]

SendCall = Callable[[], Awaitable[None]]
"""Makes one call."""


@asynccontextmanager
async def open_calls(
    job: Job,
    configuration: Configuration,
    *,
    observer: Observer,
    price: Callable[[Sample], Cost | None],
    clock: Clock,
) -> AsyncIterator[SendCall]:
    """
    Open the client of *job*; yield what makes one call, with its retries and time limits.

    Its sample goes to the scope that is current where it is made.

    Raises:
        MissingExtra: The SDK is not installed.
        ConfigurationError: The SDK refuses its configuration.
    """
    maker = CallMaker(
        observer,
        clock,
        configuration.timeouts,
        configuration.retry,
        pace_of(AtConcurrency(), clock, configuration.max_requests_per_second),
        price,
    )
    async with open_clients([job.target], configuration.timeouts.connect_s, observer) as asks:
        asked = job.asked(configuration, asks[job.target])

        async def send() -> None:
            outer = current_scope()
            made = Made(0, Phase.CALL)
            if outer is not None:
                made = Made(current_run(outer), outer.phase)
            await maker.make(made, asked, outer)

        yield send
