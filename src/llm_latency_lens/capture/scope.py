"""
Scopes: to whom a call that is being observed belongs.

The current scope is global to the process, because a context variable is invisible in threads,
executors and some event loops. Where a scope was opened inside a task (``lens.observe`` in code
that runs concurrently) a context variable names it more exactly and wins.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from weakref import WeakKeyDictionary

from llm_latency_lens.samples import Phase, Sample, Taint

__all__ = [
    "Scope",
    "bind",
    "current_run",
    "current_scope",
    "in_scope",
    "open_scope",
    "running",
]


class Scope:
    """
    Collects the calls that begin while it is open.

    A scope inside another one hands every call on to it. Calls that end after their scope was
    closed go to *late*: they belong to nobody's budget.

    Every call that reaches a scope without a parent is shown to *sink* at once, before anybody
    takes it, and so is one that failed and waits for a retry.
    """

    def __init__(
        self,
        node_id: str = "",
        *,
        label: str = "",
        phase: Phase = Phase.CALL,
        parent: "Scope | None" = None,
        late: list[Sample] | None = None,
        sink: Callable[[Sample], None] | None = None,
        observer: object | None = None,
    ) -> None:
        self.node_id = node_id
        self.label = label
        self.phase = phase
        # The run in progress; below zero where several are, and only a task or thread can tell.
        self.run = 0
        self.parent = parent
        # The only observer that may look at its calls; None for any.
        self.observer = observer
        self.is_open = True
        # Runs in which a call began, so that an exception can be told from one that sent nothing.
        self.begun: set[int] = set()
        # Run and start of the calls that go on, by a key of their own.
        self.underway: dict[int, tuple[int, int]] = {}
        self.samples: list[Sample] = []
        self.late = [] if late is None else late
        self._sink = sink

    def add(self, sample: Sample, *, run: int, phase: Phase) -> None:
        """Take a finished call that began in this scope during *run* and *phase*."""
        own = sample
        place = (self.node_id, self.label or sample.label, run, phase)
        if place != (sample.node_id, sample.label, sample.run, sample.phase):
            node_id, label, run, phase = place
            own = replace(sample, node_id=node_id, label=label, run=run, phase=phase)
        if self.is_open:
            self.samples.append(own)
        elif self.parent is None:
            own = replace(own, taints=(*own.taints, Taint.LATE))
            self.late.append(own)
        if self.parent is not None:
            self.parent.add(own, run=current_run(self.parent), phase=self.parent.phase)
        elif self._sink is not None:
            self._sink(own)

    def show(self, sample: Sample) -> None:
        """Show the sink a call that has failed and may yet go on."""
        if self.parent is not None:
            self.parent.show(sample)
        elif self._sink is not None:
            self._sink(replace(sample, node_id=self.node_id, phase=self.phase))

    def take(self) -> tuple[Sample, ...]:
        """Return the calls collected so far, and forget them."""
        taken = tuple(self.samples)
        # Only what was taken: another thread may have added one meanwhile.
        del self.samples[: len(taken)]
        return taken


_open: list[Scope] = []
_here: ContextVar[Scope | None] = ContextVar("llm_latency_lens_scope", default=None)
_run: ContextVar[tuple[Scope, int] | None] = ContextVar("llm_latency_lens_run", default=None)
_bound: WeakKeyDictionary[object, Scope] = WeakKeyDictionary()


def bind(client: object, scope: Scope) -> None:
    """Charge every call of an HTTP library's client to *scope* while that is open."""
    _bound[client] = scope


def current_scope(client: object = None) -> Scope | None:
    """Return the scope that a call beginning now belongs to, made by *client* if that is known."""
    bound = _bound.get(client) if client is not None and _bound else None
    if bound is not None and bound.is_open:
        return bound
    here = _here.get()
    if here is not None and here.is_open:
        return here
    return _open[-1] if _open else None


def current_run(scope: Scope) -> int:
    """Return the number of the run in progress in *scope*, as seen from this task or thread."""
    named = _run.get()
    return named[1] if named is not None and named[0] is scope else scope.run


@contextmanager
def running(scope: Scope, run: int) -> Iterator[None]:
    """Charge calls made in this task or thread to one of several runs that go on at once."""
    token = _run.set((scope, run))
    try:
        yield
    finally:
        _run.reset(token)


@contextmanager
def open_scope(scope: Scope, *, in_task: bool = False) -> Iterator[Scope]:
    """Make *scope* the current one until the block ends; with *in_task* for this task first."""
    _open.append(scope)
    token = _here.set(scope) if in_task else None
    try:
        yield scope
    finally:
        scope.is_open = False
        _open.remove(scope)
        if token is not None:
            _here.reset(token)


@contextmanager
def in_scope(scope: Scope) -> Iterator[Scope]:
    """Make *scope* the current one of this task alone, until the block ends."""
    token = _here.set(scope)
    try:
        yield scope
    finally:
        scope.is_open = False
        _here.reset(token)
