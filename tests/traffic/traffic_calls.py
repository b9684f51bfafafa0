"""
One call of a scene, made twice: without the lens and with it.

``Stage`` keeps the provider, the tap and the clients; ``Played`` is what one scene came to.
"""

import asyncio
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from traffic_clients import MODEL
from traffic_scenes import Scene
from traffic_tap import Tap
from traffic_values import plain, plain_request

from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
from llm_latency_lens.samples import Sample

__all__ = ["Played", "Stage"]

_AT_ONCE = {"ttft": 0, "itl": 0, "latency": 0, "output_tokens": 4}


@dataclass(frozen=True)
class Played:
    """
    What a call came to.

    Attributes:
        bare: What the SDK gave and sent without the lens.
        watched: The same with the lens.
        raised: The exception that the SDK raised; None without one.
        samples: What the lens says.
    """

    bare: dict
    watched: dict
    raised: BaseException | None
    samples: tuple[Sample, ...]


class Stage:
    """Plays scenes; a context manager that closes the clients of all sections it made."""

    def __init__(self, simulator):
        self._simulator = simulator
        self._open = ExitStack()
        self._sections = {}
        self._folder = None

    def __enter__(self):
        self._tap = self._open.enter_context(Tap(self._simulator.host))
        self._folder = Path(self._open.enter_context(tempfile.TemporaryDirectory()))
        self._runner = self._open.enter_context(asyncio.Runner())
        vendors = {self._tap.host: ("openai", "anthropic")}
        self._observer = Observer(Directory(vendors))
        return self

    def __exit__(self, *_):
        for section in self._sections.values():
            section.close()
            self._runner.run(section.aclose())
        self._open.close()

    def section(self, name, make):
        """Return the section *name*, which is made once."""
        if name not in self._sections:
            self._sections[name] = make(name, self._tap.host)
        return self._sections[name]

    def play(self, section, scene: Scene, asking, *, is_async) -> Played:
        """Make the call without the lens, then with it."""
        bare, _ = self._call(section, scene, asking, is_async=is_async)
        scope = Scope()
        with hooks(self._observer.begin), open_scope(scope):
            watched, raised = self._call(section, scene, asking, is_async=is_async)
            self._observer.settle(scope)
        return Played(bare, watched, raised, scope.take())

    def _call(self, section, scene, asking, *, is_async):
        self._simulator.script(MODEL, **self._script(scene, asking))
        received, raised = [], None
        try:
            if is_async:
                self._runner.run(section.ask_async(asking, received))
            else:
                section.ask(asking, received)
        except Exception as fault:
            raised = fault
        given = {
            "received": plain(received),
            "raised": plain(raised),
            "requests": [plain_request(one) for one in self._tap.take()],
        }
        return given, raised

    def _script(self, scene, asking):
        if scene.body is None:
            return _AT_ONCE | scene.script
        path = self._folder / "body"
        path.write_bytes(scene.body)
        content_type = "text/event-stream" if asking.streamed else "application/json"
        played = {"path": str(path), "content_type": content_type, "delays": scene.pause_ms}
        return {"replay": played}
