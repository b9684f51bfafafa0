"""
Vectors: what an answer with embeddings is made of.

They are of length 1 and differ from place to place; of the text they depend on nothing, as every
answer of a script.
"""

import base64
import json
import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

__all__ = ["DIMENSIONS", "Vectors", "read_vectors"]

DIMENSIONS = 1536
_MOST_VECTORS = 2_048
_MOST_DIMENSIONS = 4_096
_KEPT = 256


@dataclass(frozen=True, slots=True)
class Vectors:
    """How many vectors a request wants, of how many numbers, and in which form."""

    number: int
    dimensions: int = DIMENSIONS
    form: str = "float"

    def as_json(self, place: int) -> bytes:
        """Return the vector at *place* as JSON: an array, or with ``base64`` a text."""
        return _written(place, self.dimensions, self.form)


def read_vectors(fields: Mapping[str, Any], inputs: object, word: str, form: str) -> Vectors:
    """
    Return what a request wants: a vector for each of *inputs*, or one for a text or tokens.

    Args:
        fields: The request.
        inputs: What it wants to have embedded.
        word: The name of the field for the number of dimensions.
        form: ``float`` or ``base64``.

    Raises:
        ValueError: There is no input, or too many; or the dimensions are no such number.
    """
    number = 1
    if isinstance(inputs, list):
        is_tokens = bool(inputs) and all(type(one) is int for one in inputs)
        number = 1 if is_tokens else len(inputs)
    elif not isinstance(inputs, str | dict):
        number = 0
    if not 0 < number <= _MOST_VECTORS:
        raise ValueError(f"Invalid input: expected 1 to {_MOST_VECTORS} texts.")
    dimensions = fields.get(word)
    if dimensions is None:
        dimensions = DIMENSIONS
    if type(dimensions) is not int or not 0 < dimensions <= _MOST_DIMENSIONS:
        raise ValueError(f"Invalid value for {word!r}: expected 1 to {_MOST_DIMENSIONS}.")
    if form not in {"float", "base64"}:
        raise ValueError(f"The simulator sends 'float' and 'base64', not {form!r}.")
    return Vectors(number, dimensions, form)


@lru_cache(_KEPT)
def _written(place: int, dimensions: int, form: str) -> bytes:
    values = [math.cos(place + at) for at in range(dimensions)]
    length = math.hypot(*values)
    values = [value / length for value in values]
    if form == "base64":
        packed = struct.pack(f"<{dimensions}f", *values)
        return b'"' + base64.b64encode(packed) + b'"'
    return json.dumps([round(value, 8) for value in values]).encode()
