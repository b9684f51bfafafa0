"""Templates of prompts: ``{{word}}`` stands for the variable of that name."""

import re
from collections.abc import Mapping

__all__ = ["fill", "unfilled"]

# No space within the braces: "{{ word }}" is text like any other.
_PLACEHOLDER = re.compile(r"\{\{(\w+)\}\}")


def fill(template: str, variables: Mapping[str, str]) -> str:
    """
    Return *template* with every placeholder replaced; a value is not looked into again.

    Raises:
        KeyError: A variable has no value; ask :func:`unfilled` first.
    """
    return _PLACEHOLDER.sub(lambda found: variables[found[1]], template)


def unfilled(template: str, variables: Mapping[str, str]) -> tuple[str, ...]:
    """Return the names in *template* that *variables* has no value for, each once, in order."""
    names = dict.fromkeys(_PLACEHOLDER.findall(template))
    return tuple(name for name in names if name not in variables)
