"""Hooking: the hooks on every HTTP library that is loaded, on for a block and off after it."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

from llm_latency_lens.capture import aiohttp_session, imports, transport
from llm_latency_lens.capture.asking import Begin, asked
from llm_latency_lens.capture.patching import Undo

__all__ = ["hooks"]

_PUT_ON: dict[str, Callable[[ModuleType], tuple[Undo, ...]]] = {
    "httpx": transport.put_on,
    "httpx2": transport.put_on,
    "aiohttp": aiohttp_session.put_on,
}
_undo: list[Undo] = []


@contextmanager
def hooks(begin: Begin) -> Iterator[None]:
    """
    Keep the hooks on until the block ends, and ask *begin* about each request.

    Where several are asked, the first that wants a request has it.
    Libraries that are imported within the block are hooked when their import ends.
    """
    asked.append(begin)
    if len(asked) == 1:
        for name, put_on in _PUT_ON.items():
            if name in sys.modules:
                _undo.extend(put_on(sys.modules[name]))
        _undo.append(imports.on_import(_PUT_ON, _put_on))
    try:
        yield
    finally:
        asked.remove(begin)
        if not asked:
            while _undo:
                _undo.pop()()


def _put_on(library: ModuleType) -> None:
    _undo.extend(_PUT_ON[library.__name__](library))
