"""Readings: numbers that know where they came from, so that a plain assert explains itself."""

from typing import Self

__all__ = ["Reading"]


class Reading(float):
    """
    A float that carries its name and evidence.

    ``assert result.latency.p95 < 2000`` compares plain numbers; when it fails, pytest shows
    ``explanation``.

    Attributes:
        name: What was read, such as ``latency.p95``.
        unit: ``ms``, ``USD``, ``tokens/s`` or empty for a share.
        evidence: How many values are behind it.
    """

    __slots__ = ("evidence", "name", "unit")

    name: str
    unit: str
    evidence: str

    def __new__(cls, value: float, name: str, unit: str, evidence: str) -> Self:
        """Return *value* with its origin."""
        reading = super().__new__(cls, value)
        reading.name, reading.unit, reading.evidence = name, unit, evidence
        return reading

    def __reduce__(self) -> tuple[object, ...]:
        return Reading, (float(self), self.name, self.unit, self.evidence)

    @property
    def explanation(self) -> str:
        """One line: the name, the number with its unit, and the evidence."""
        unit = f" {self.unit}" if self.unit else ""
        return f"{self.name} = {float(self):.6g}{unit} ({self.evidence})"
