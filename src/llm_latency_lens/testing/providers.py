"""The conformance kit of providers: a client, put through what a call can meet."""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from socket import socket
from urllib.parse import urlsplit

from llm_latency_lens.errors import LensError
from llm_latency_lens.profiler import is_provider_failure
from llm_latency_lens.providers import Vendor, find_vendor
from llm_latency_lens.providers.known import offered
from llm_latency_lens.samples import Status
from llm_latency_lens.simulator import Simulator, start_simulator
from llm_latency_lens.testing.observed_calls import Bench, Observed

__all__ = ["check_provider"]

_TEXT = "one two three"
_TOKENS = 3
_CONNECT_S = 0.1
_STATUSES = (401, 404, 429, 500, 503)
# The SDKs of these APIs are told the address with a version in its path.
_VERSIONED = ("openai_chat", "openai_responses")


def check_provider(
    provider: str | Vendor,
    *,
    simulator: Simulator | None = None,
    base_url: str | None = None,
    model: str | None = None,
    numbers_attempts: bool = True,
) -> None:
    """
    Check that the lens can call *provider* and see what it does, against a simulator.

    It has to stream and to answer in one piece, to tell each token, to heed a limit, and to be
    one call each time, also of several at once. A refusal, a broken connection and an error inside
    a stream each have to be one failed call, sent once, and the SDK's own exception has to come
    through. Connecting has its limit and nothing else has one. Once closed it sends nothing.

    It makes an event loop of its own, so it cannot be called inside one.

    Args:
        provider: The vendor, or the name of a known one.
        simulator: One that already runs; by default one is started for the check.
        base_url: The simulator's address as the SDK takes it; by default with ``/v1`` for the
            APIs of OpenAI, and without for all others.
        model: The model to ask for, of which the script is overwritten.
        numbers_attempts: Whether the client can send the header that numbers attempts. Without
            it each attempt counts as a call.

    Raises:
        AssertionError: With what was expected, and what was seen.
        MissingExtra: The SDK is not installed.
    """
    vendor = find_vendor(provider) if isinstance(provider, str) else provider
    with ExitStack() as open_until_the_end:
        if not isinstance(provider, str):
            open_until_the_end.enter_context(offered(vendor))
        if simulator is None:
            simulator = open_until_the_end.enter_context(start_simulator())
        protocol = vendor.protocols[0]
        address = simulator.base_url if protocol in _VERSIONED else simulator.root_url
        bench = Bench(
            vendor,
            simulator,
            base_url or address,
            # Replicate names models by their owner.
            model or ("conformance/model" if protocol == "replicate" else "conformance"),
        )
        trial = _Trial(vendor, bench, numbers_attempts=numbers_attempts)
        asyncio.run(trial.run(base_url or address))


class _Trial:
    """One provider under test."""

    def __init__(self, vendor: Vendor, bench: Bench, *, numbers_attempts: bool) -> None:
        self._vendor = vendor
        self._bench = bench
        self._numbers_attempts = numbers_attempts

    async def run(self, base_url: str) -> None:
        bench = self._bench
        async with bench.opened(_CONNECT_S * 100) as ask:
            self._check_answer("a stream", await bench.call(ask, text=_TEXT), is_streamed=True)
            whole = await bench.call(ask, stream=False, text=_TEXT)
            self._check_answer("an answer in one piece", whole, is_streamed=False)
            self._check_limit(await bench.call(ask, text=_TEXT, max_tokens=2))
            self._check_times(await bench.call(ask, text=_TEXT, times=3), 3)
            self._check_limits()
            for status in _STATUSES:
                refused = await bench.call(ask, status=status, retry_after="0s")
                self._check_failure(f"HTTP {status}", refused, Status.ERROR, http_status=status)
            cut = await bench.call(ask, fault={"cut": None})
            self._check_failure("a connection closed before the answer", cut, Status.ERROR)
            cut = await bench.call(ask, text=_TEXT, fault={"cut": 2})
            self._check_failure("a stream that breaks off", cut, Status.CUT, http_status=200)
            failed = await bench.call(ask, text=_TEXT, fault={"error_event": 2})
            # Not every SDK raises here; the lens reads the stream itself.
            self._check_seen("an error inside a stream", failed, Status.ERROR)
            if self._numbers_attempts:
                twice = await bench.call(ask, attempts=2, status=[503, 200], retry_after="0s")
                self._check_attempts(twice)
        await self._check_closed(ask)
        await self._check_connecting(base_url)

    def _check_answer(self, what: str, seen: Observed, *, is_streamed: bool) -> None:
        self._check_no_fault(what, seen)
        self._check_times(seen, 1, what)
        (sample,), (record,) = seen.samples, seen.records
        self._expect(f"{what}: asked for as a stream", is_streamed, record.is_streamed)
        self._expect(f"{what}: streamed, as the lens sees it", is_streamed, sample.streamed)
        self._expect(f"{what}: provider", self._vendor.name, sample.provider)
        self._expect(f"{what}: outcome", Status.OK, sample.outcome.status)
        self._expect(f"{what}: text that on_token was told", _TEXT, "".join(seen.told))
        if is_streamed:
            self._expect(f"{what}: times that on_token was told", _TOKENS, len(seen.told))

    def _check_limit(self, seen: Observed) -> None:
        self._check_no_fault("max_tokens=2", seen)
        sent = sum(event.tokens for record in seen.records for event in record.events)
        self._expect("max_tokens=2: tokens that the simulator sent", 2, sent)

    def _check_times(self, seen: Observed, times: int, what: str = "several at once") -> None:
        self._check_no_fault(what, seen)
        self._expect(f"{what}: requests of {times} calls", times, len(seen.records))
        self._expect(f"{what}: calls that the lens saw", times, len(seen.samples))

    def _check_limits(self) -> None:
        for limits in self._bench.limits:
            connect_s = limits.get("connect")
            self._expect("the limit on connecting, in seconds", _CONNECT_S * 100, connect_s)
            others = {name: limit for name, limit in limits.items() if name != "connect" and limit}
            self._expect("other time limits of a request", {}, others)

    def _check_failure(
        self, what: str, seen: Observed, status: Status, http_status: int | None = None
    ) -> None:
        fault = seen.fault
        if fault is None:
            raise self._failure(f"{what}: an exception was expected, and none was raised")
        if isinstance(fault, LensError | TimeoutError):
            raise self._failure(f"{what}: the SDK's own exception was expected, not {fault!r}")
        if not is_provider_failure(fault):
            name = f"{type(fault).__module__}.{type(fault).__name__}"
            raise self._failure(
                f"{what}: {name} is not known as a failure of the provider; "
                "name its package in Vendor.packages"
            )
        self._check_seen(what, seen, status)
        self._expect(
            f"{what}: HTTP status of the call", http_status, seen.samples[0].outcome.http_status
        )

    def _check_seen(self, what: str, seen: Observed, status: Status) -> None:
        self._expect(f"{what}: requests, as nothing is to be retried", 1, len(seen.records))
        self._expect(f"{what}: calls that the lens saw", 1, len(seen.samples))
        self._expect(f"{what}: outcome", status, seen.samples[0].outcome.status)

    def _check_attempts(self, seen: Observed) -> None:
        self._check_no_fault("attempt=1 after attempt=0 failed", seen)
        attempts = [len(sample.attempts) for sample in seen.samples]
        hint = "attempts of each call; send attempt= in the header x-stainless-retry-count"
        self._expect(hint, [2], attempts)

    async def _check_closed(self, ask: object) -> None:
        late = await self._bench.call(ask, text=_TEXT)  # type: ignore[arg-type]
        if late.fault is None or late.records:
            raise self._failure("after leaving open() its client still sends: close it there")

    async def _check_connecting(self, base_url: str) -> None:
        with _silent_address() as address:
            if address is None:
                return
            silent = urlsplit(base_url)._replace(netloc=address).geturl()
            async with self._bench.opened(_CONNECT_S, base_url=silent) as ask:
                seen = await self._bench.call(ask)
        self._check_failure_to_connect(seen)

    def _check_failure_to_connect(self, seen: Observed) -> None:
        what = "a server that does not accept the connection"
        statuses = [sample.outcome.status for sample in seen.samples]
        self._expect(f"{what}: outcome after connect_s={_CONNECT_S}", [Status.TIMEOUT], statuses)

    def _check_no_fault(self, what: str, seen: Observed) -> None:
        if seen.fault is not None:
            raise self._failure(f"{what}: {seen.fault!r} was raised") from seen.fault

    def _expect(self, what: str, expected: object, seen: object) -> None:
        if seen != expected:
            raise self._failure(f"{what}: expected {_shown(expected)}, got {_shown(seen)}")

    def _failure(self, text: str) -> AssertionError:
        return AssertionError(f"{self._vendor.name}: {text}")


def _shown(value: object) -> str:
    return str(value) if isinstance(value, Status) else repr(value)


@contextmanager
def _silent_address() -> Iterator[str | None]:
    """Yield an address that neither accepts nor refuses; None where the system has none."""
    with socket() as listener, ExitStack() as waiting:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        host, port = listener.getsockname()
        for _ in range(8):
            one = waiting.enter_context(socket())
            one.settimeout(0.1)
            try:
                one.connect((host, port))
            except TimeoutError:
                yield f"{host}:{port}"
                return
        yield None
