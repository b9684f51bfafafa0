"""Rows: what one scene came to, synchronously and in an event loop, and how the page tells it."""

from dataclasses import dataclass

from traffic_calls import Played
from traffic_clients import known_sections
from traffic_scenes import Scene, scenes_of

__all__ = ["Row", "all_rows", "cells_of", "key_of", "keys_of_sections"]


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


def all_rows():
    """Yield section, scene and streamed or not of all rows that can be measured here."""
    for name, (section, is_here) in known_sections().items():
        if is_here:
            for streamed in (True, False):
                for scene in scenes_of(section.api, streamed=streamed, retries=section.retries):
                    yield name, scene, streamed


def keys_of_sections():
    """Return the keys of all rows by section; None for one that cannot be measured here."""
    keys = {name: [] if is_here else None for name, (_, is_here) in known_sections().items()}
    for name, scene, streamed in all_rows():
        keys[name].append(key_of(scene, streamed=streamed))
    return keys


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
