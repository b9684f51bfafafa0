"""Rows: what one scene came to, synchronously and in an event loop, and how the page tells it."""

from dataclasses import dataclass

from traffic_calls import Played
from traffic_scenes import Scene

__all__ = ["Row", "cells_of", "key_of"]


@dataclass(frozen=True)
class Row:
    """One scene of one section, played both ways."""

    section: str
    scene: Scene
    streamed: bool
    sync: Played
    in_loop: Played

    @property
    def both(self):
        """The two ways."""
        return (self.sync, self.in_loop)


def key_of(scene, *, streamed):
    """Return the first two cells of a row."""
    return scene.name, "yes" if streamed else "no"


def cells_of(row):
    """Return the other cells of a row."""
    return (
        _either(", ".join(map(_sample, each.samples)) or "none" for each in row.both),
        _either(_raised(each.raised) for each in row.both),
    )


def _either(words):
    sync, in_loop = words
    return sync if sync == in_loop else f"{sync} (async: {in_loop})"


def _sample(sample):
    outcome = sample.outcome
    facts = [outcome.http_status if outcome.failed else None, outcome.error_type]
    if outcome.error_code != outcome.error_type:
        facts.append(outcome.error_code)
    told = " ".join([outcome.status.value, *(f"`{fact}`" for fact in facts if fact is not None)])
    if len(sample.attempts) > 1:
        told += f", {len(sample.attempts)} attempts"
    return told + (f"; {sample.note}" if sample.note else "")


def _raised(fault):
    if fault is None:
        return "nothing"
    return f"`{type(fault).__module__.partition('.')[0]}.{type(fault).__name__}`"
