"""Open clients: the SDKs of the targets, ready for their first call, and watched."""

from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

from llm_latency_lens.capture import Observer, Scope, current_scope, hooks, in_scope
from llm_latency_lens.profiler.request import Target
from llm_latency_lens.providers import Ask, find_vendor

__all__ = ["open_clients"]

_NOBODY = object()


@asynccontextmanager
async def open_clients(
    targets: Iterable[Target], connect_s: float | None, observer: Observer
) -> AsyncIterator[dict[Target, Ask]]:
    """
    Open a client for each of *targets*; leaving the context closes them.

    Only *observer* sees their calls, and it sees no others.

    Raises:
        MissingExtra: An SDK is not installed.
        ConfigurationError: An SDK refuses its configuration.
    """

    def begin(client: object, request: Any) -> Any:
        scope = current_scope()
        # Other hooks of this process look after what is not ours.
        if scope is None or scope.observer is not observer:
            return None
        return observer.begin(client, request)

    async with AsyncExitStack() as opened:
        opened.enter_context(hooks(begin))
        asks: dict[Target, Ask] = {}
        # What the SDKs do to get ready is no call of anybody.
        with in_scope(Scope(observer=_NOBODY)):
            for target in dict.fromkeys(targets):
                asks[target] = await opened.enter_async_context(
                    find_vendor(target.provider).open(
                        api_key=target.api_key, base_url=target.base_url, connect_s=connect_s
                    )
                )
        yield asks
