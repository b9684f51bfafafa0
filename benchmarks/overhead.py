"""
What observing adds to one call of a provider's SDK or of plain aiohttp, in CPU time of the process.

Calls go to a simulated provider in a process of its own that answers at once. They
are made in small blocks, with the lens and without in turns, in one process; decoding and making
the sample are included, since both happen before the call returns. How to read it: ``added`` is the
median over the pairs of blocks of the CPU time that one call takes more with the lens. The bounds
we keep are 0.3 ms for an answer in one piece and 1 ms for 100 streamed tokens. The quartiles tell
how calm the machine was; the ratio is added time over what the bare client takes. The last row is a
request that is no call to a model: what everybody else pays while the hooks are on.

    python benchmarks/overhead.py [--pairs 60] [--calls 5]
"""

import argparse
import asyncio
import gc
import statistics
import time
from collections.abc import Callable
from contextlib import ExitStack

import aiohttp
from anthropic import Anthropic
from openai import OpenAI

from llm_latency_lens.capture import Scope, hooks, open_scope
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.samples import Status
from llm_latency_lens.simulator import Simulator, start_simulator
from llm_latency_lens.wiring import make_observer, make_price_book

Call = Callable[[], None]
Case = tuple[str, float, Call, int]
OPENAI_MODEL = "gpt-4o-mini"
ANTHROPIC_MODEL = "claude-haiku-4-5"
TOKENS = 100
WHOLE_BOUND_MS = 0.3
OTHER_BOUND_MS = 0.05
STREAMED_BOUND_MS = 1.0


def calls_of_sdks(simulator: Simulator, stack: ExitStack) -> list[Case]:
    """Return a title, a bound, a call and how many samples it gives for each case."""
    openai = stack.enter_context(OpenAI(base_url=simulator.base_url, api_key="no-key"))
    anthropic = stack.enter_context(
        Anthropic(base_url=simulator.anthropic_base_url, api_key="no-key")
    )

    def openai_whole() -> None:
        openai.chat.completions.create(
            model=OPENAI_MODEL, messages=[{"role": "user", "content": "hi"}]
        )

    def openai_streamed() -> None:
        for _ in openai.chat.completions.create(
            model=OPENAI_MODEL,
            messages=[{"role": "user", "content": "hi"}],
            stream=True,
            stream_options={"include_usage": True},
        ):
            pass

    def anthropic_whole() -> None:
        anthropic.messages.create(
            model=ANTHROPIC_MODEL, max_tokens=200, messages=[{"role": "user", "content": "hi"}]
        )

    def anthropic_streamed() -> None:
        for _ in anthropic.messages.create(
            model=ANTHROPIC_MODEL,
            max_tokens=200,
            messages=[{"role": "user", "content": "hi"}],
            stream=True,
        ):
            pass

    return [
        ("openai, not streamed", WHOLE_BOUND_MS, openai_whole, 1),
        (f"openai, {TOKENS} tokens streamed", STREAMED_BOUND_MS, openai_streamed, 1),
        ("anthropic, not streamed", WHOLE_BOUND_MS, anthropic_whole, 1),
        (f"anthropic, {TOKENS} tokens streamed", STREAMED_BOUND_MS, anthropic_streamed, 1),
    ]


def calls_of_aiohttp(simulator: Simulator, stack: ExitStack) -> list[Case]:
    """Return the same for a session of aiohttp, which is kept open."""
    runner = stack.enter_context(asyncio.Runner())

    async def make() -> aiohttp.ClientSession:
        return aiohttp.ClientSession()

    session = runner.run(make())
    stack.callback(lambda: runner.run(session.close()))

    async def post(path: str, body: object) -> None:
        async with session.post(f"http://{simulator.host}{path}", json=body) as response:
            await response.read()

    def asked(*, stream: bool) -> object:
        return {
            "model": OPENAI_MODEL,
            "messages": [{"role": "user", "content": "hi"}],
            **({"stream": True, "stream_options": {"include_usage": True}} if stream else {}),
        }

    path = "/v1/chat/completions"
    return [
        (
            "aiohttp, not streamed",
            WHOLE_BOUND_MS,
            lambda: runner.run(post(path, asked(stream=False))),
            1,
        ),
        (
            f"aiohttp, {TOKENS} tokens streamed",
            STREAMED_BOUND_MS,
            lambda: runner.run(post(path, asked(stream=True))),
            1,
        ),
        (
            "aiohttp, no call to a model",
            OTHER_BOUND_MS,
            lambda: runner.run(post("/login", {})),
            0,
        ),
    ]


class Watched:
    """Makes a call under the lens, as the plugin does."""

    def __init__(self, simulator: Simulator) -> None:
        self.observer = make_observer([f"{simulator.host} = openai, anthropic"])

    def block(self, call: Call, calls: int, samples_each: int) -> float:
        """Return the CPU seconds of one call."""
        scope = Scope("benchmark")
        with hooks(self.observer.begin), open_scope(scope):
            spent = bare_block(call, calls)
        samples = scope.take()
        assert len(samples) == calls * samples_each
        assert all(one.outcome.status is Status.OK for one in samples)
        return spent


def bare_block(call: Call, calls: int) -> float:
    """Return the CPU seconds of one call."""
    started = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - started) / calls


def compare(
    call: Call, samples_each: int, watched: Watched, pairs: int, calls: int
) -> tuple[list[float], list[float]]:
    """Return the milliseconds a call took bare, and those that the lens added, by pair."""
    bare_ms, added_ms = [], []
    for _ in range(3):  # warms up both
        bare_block(call, calls)
        watched.block(call, calls, samples_each)
    gc.collect()
    gc.freeze()  # what was imported is not gone through again and again
    for number in range(pairs):
        gc.collect()
        if number % 2:
            bare, seen = bare_block(call, calls), watched.block(call, calls, samples_each)
        else:
            seen, bare = watched.block(call, calls, samples_each), bare_block(call, calls)
        bare_ms.append(bare * 1000)
        added_ms.append((seen - bare) * 1000)
    return bare_ms, added_ms


def pricing_ms(watched: Watched, call: Call, prices: PriceBook) -> float:
    """Return the milliseconds that the price of one call takes; the plugin adds it after it."""
    scope = Scope("benchmark")
    with hooks(watched.observer.begin), open_scope(scope):
        call()
    (sample,) = scope.take()
    spent = []
    for _ in range(50):
        started = time.process_time_ns()
        prices.price(sample)
        spent.append((time.process_time_ns() - started) / 1e6)
    return statistics.median(spent)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=60)
    options.add_argument("--calls", type=int, default=5, help="calls in a block")
    given = options.parse_args()
    with ExitStack() as stack:
        simulator = stack.enter_context(start_simulator())
        for model in (OPENAI_MODEL, ANTHROPIC_MODEL):
            simulator.script(model, ttft=0, itl=0, output_tokens=TOKENS)
        watched, prices = Watched(simulator), make_price_book(None)
        cases = calls_of_sdks(simulator, stack) + calls_of_aiohttp(simulator, stack)
        for title, bound_ms, call, samples_each in cases:
            bare_ms, added_ms = compare(call, samples_each, watched, given.pairs, given.calls)
            low, middle, high = statistics.quantiles(added_ms, n=4)
            bare = statistics.median(bare_ms)
            verdict = "within" if middle <= bound_ms else "ABOVE"
            priced = f"; pricing {pricing_ms(watched, call, prices):.3f} ms" if samples_each else ""
            print(
                f"{title}: added {middle:.3f} ms ({verdict} {bound_ms} ms; "
                f"quartiles {low:.3f} to {high:.3f}), bare {bare:.2f} ms, "
                f"ratio {middle / bare:.2f}{priced}"
            )


if __name__ == "__main__":
    main()
