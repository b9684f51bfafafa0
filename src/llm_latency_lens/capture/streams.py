"""
Response bodies that are watched while their consumer reads them.

One class for each HTTP library and colour, made once: the libraries check the type of a body.
They hand every chunk on at once and keep what the library reads back from its own body object
(``elapsed``).
"""

from collections import deque
from collections.abc import AsyncIterator, Iterator
from functools import cache
from types import ModuleType
from typing import Any

from llm_latency_lens.capture.watch import STOCK_CHUNKS, Watch, now_ns

__all__ = ["watched_async_body", "watched_body"]


class _Watched:
    """A body with its watch."""

    def __init__(self, body: Any, watch: Watch) -> None:
        self._body = body
        self._watch = watch

    def __del__(self) -> None:
        # Dropped by a consumer that never closed it, or that cannot, as its loop is closed.
        self._watch.close()

    @property
    def elapsed(self) -> Any:
        return getattr(self._body, "elapsed", None)


@cache
def watched_body(library: ModuleType) -> Any:
    """Return the class of watched bodies of the library's synchronous client."""

    class WatchedBody(_Watched, library.SyncByteStream):  # type: ignore[name-defined,misc]
        def __iter__(self) -> Iterator[bytes]:
            watch = self._watch
            chunks, stock_at = watch.chunks, STOCK_CHUNKS
            asked_ns = now_ns()
            try:
                for chunk in self._body:
                    chunks.append((asked_ns, now_ns(), chunk))
                    if len(chunks) >= stock_at:
                        stock_at = watch.take_stock()
                    yield chunk
                    asked_ns = now_ns()
            except GeneratorExit:
                raise
            except BaseException as fault:
                watch.fail(fault)
                raise
            watch.end()

        def close(self) -> None:
            try:
                self._body.close()
            finally:
                self._watch.close()

    return WatchedBody


@cache
def watched_async_body(library: ModuleType) -> Any:
    """Return the class of watched bodies of the library's asynchronous client."""

    class WatchedAsyncBody(_Watched, library.AsyncByteStream):  # type: ignore[name-defined,misc]
        async def __aiter__(self) -> AsyncIterator[bytes]:
            watch = self._watch
            # Where the transport beneath keeps the bytes, with the truer stamps, we keep none.
            chunks: Any = deque(maxlen=1) if watch.is_stamped_beneath else watch.chunks
            stock_at = STOCK_CHUNKS
            body = self._body.__aiter__()
            asked_ns = now_ns()
            try:
                async for chunk in body:
                    chunks.append((asked_ns, now_ns(), chunk))
                    if len(chunks) >= stock_at:
                        stock_at = watch.take_stock()
                    yield chunk
                    asked_ns = now_ns()
            except GeneratorExit:
                raise
            except BaseException as fault:
                watch.fail(fault)
                raise
            else:
                watch.end()
            finally:
                await _close(body)

        async def aclose(self) -> None:
            try:
                await self._body.aclose()
            finally:
                self._watch.close()

    return WatchedAsyncBody


async def _close(body: Any) -> None:
    # An abandoned generator would be closed by the event loop, at its leisure.
    if hasattr(body, "aclose"):
        await body.aclose()
