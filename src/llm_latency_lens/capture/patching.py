"""Patching: a method of another library's class, put in another's place and taken out again."""

import functools
from collections.abc import Callable
from typing import Any

__all__ = ["Undo", "is_ours", "patch"]

Undo = Callable[[], None]


def patch(owner: type, name: str, wrap: Callable[[Any], Any]) -> tuple[Undo, ...]:
    """
    Put ``wrap(original)`` in the place of a method, unless ours stands there already.

    Returns:
        What takes it out again: one function or none.
    """
    original = getattr(owner, name)
    # One library under two names (httpx2.alias_httpx) is hooked once.
    if is_ours(original):
        return ()
    ours = wrap(original)
    ours.is_lens = True
    setattr(owner, name, ours)
    return (functools.partial(_take_out, owner, name, ours, original),)


def is_ours(method: object) -> bool:
    """Whether *method* is one that was put in place here."""
    return getattr(method, "is_lens", False) is True


def _take_out(owner: type, name: str, ours: object, original: object) -> None:
    # Somebody who hooked on top of us keeps theirs; ours below it then finds no scope.
    if getattr(owner, name) is ours:
        setattr(owner, name, original)
