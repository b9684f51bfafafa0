"""Calls that a provider makes in a conformance check: what was sent, seen, told and raised."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from llm_latency_lens.capture import Observer, Scope, hooks, in_scope
from llm_latency_lens.providers import Ask, Directory, Prompt, Vendor
from llm_latency_lens.samples import Sample
from llm_latency_lens.simulator import Record, Simulator

__all__ = ["Bench", "Observed"]

# No sound call takes as long; without it a provider that hangs would hang the check.
_PATIENCE_S = 60
# What is checked here is not how long a call takes.
_QUICK = {"ttft": 1, "itl": 1}


@dataclass(frozen=True, slots=True)
class Observed:
    """
    One call, from all sides.

    Attributes:
        samples: What the lens made of it.
        records: What the simulator was asked.
        told: What ``on_token`` was told.
        fault: What was raised; None if nothing was.
    """

    samples: tuple[Sample, ...]
    records: tuple[Record, ...]
    told: tuple[str, ...]
    fault: BaseException | None


class Bench:
    """
    A provider in front of a simulator.

    Attributes:
        model: What is asked for.
        limits: The time limits that httpx was given for each request; empty if it sent none.
    """

    def __init__(self, vendor: Vendor, simulator: Simulator, base_url: str, model: str) -> None:
        self.model = model
        self.limits: list[Mapping[str, float | None]] = []
        self._vendor = vendor
        self._simulator = simulator
        self._base_url = base_url
        self._observer = Observer(Directory())

    @asynccontextmanager
    async def opened(
        self, connect_s: float = 30, *, base_url: str | None = None
    ) -> AsyncIterator[Ask]:
        """Open the provider, watched."""
        with hooks(self._begin):
            async with self._vendor.open(
                api_key="conformance",
                base_url=base_url or self._base_url,
                connect_s=connect_s,
            ) as ask:
                # What is asked to get ready is no call, and has limits of its own.
                self.limits.clear()
                yield ask

    async def call(
        self,
        ask: Ask,
        *,
        stream: bool = True,
        max_tokens: int | None = None,
        attempts: int = 1,
        times: int = 1,
        **script: Any,
    ) -> Observed:
        """Call by *script*; several *attempts* end with one that raises nothing."""
        self._simulator.script(self.model, **{**_QUICK, **script})
        self._simulator.clear(self.model)
        prompt = Prompt("conformance", self.model, stream, max_tokens)
        told: list[str] = []
        scope = Scope(observer=self._observer)
        fault: BaseException | None = None

        async def send(attempt: int) -> None:
            await ask(prompt, attempt=attempt, on_token=told.append)

        with in_scope(scope):
            for attempt in range(attempts):
                fault = None
                try:
                    async with asyncio.timeout(_PATIENCE_S):
                        # Attempts of one call are made by one task.
                        await (
                            asyncio.gather(*map(send, [attempt] * times))
                            if times > 1
                            else send(attempt)
                        )
                except Exception as raised:
                    fault = raised
                else:
                    break
            self._observer.settle(scope)
        records = await asyncio.to_thread(self._simulator.records, self.model)
        return Observed(scope.take(), records, tuple(told), fault)

    def _begin(self, client: object, request: Any) -> Any:
        limits = getattr(request, "extensions", {}).get("timeout")
        if limits is not None:
            self.limits.append(dict(limits))
        return self._observer.begin(client, request)
