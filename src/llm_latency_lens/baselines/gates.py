"""Gates: how much slower than its baseline a percentile may be."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from llm_latency_lens.baselines.baseline import KEPT
from llm_latency_lens.budgets import ALIASES, WORDS, Word
from llm_latency_lens.errors import BudgetError

__all__ = [
    "DEFAULT_MARGIN",
    "GATE_WORDS",
    "SHOWN",
    "Gate",
    "read_gates",
    "read_margin",
    "read_margins",
]

DEFAULT_MARGIN = Fraction(1, 4)
# A mean is compared by no count, and the maximum of more calls is larger by itself.
GATE_WORDS = tuple(
    word.name
    for word in WORDS.values()
    if word.metric.value in (*KEPT, "run")
    and word.quantile is not None
    and word.quantile < 1
    and word.unit.value == "ms"
)

_USUAL = ("p50", "p95")
_PERCENT = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*%\s*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Gate:
    """
    One percentile and its margin.

    Attributes:
        word: The percentile, such as ``ttft_p95``.
        margin: By how much it may exceed that of the baseline; 1/4 is 25 %.
    """

    word: Word
    margin: Fraction = DEFAULT_MARGIN

    @property
    def q(self) -> Fraction:
        """The quantile, strictly between 0 and 1."""
        return self.word.quantile or Fraction(1, 2)

    def limit_ns(self, baseline_ns: int) -> int:
        """Return the budget that the baseline becomes: ``(1 + margin) * baseline``."""
        return int((1 + self.margin) * baseline_ns)


def read_gates(texts: Iterable[str], margin: Fraction = DEFAULT_MARGIN) -> tuple[Gate, ...]:
    """
    Return the gates that *texts* spell, each a list such as ``p95:25%, ttft_p95:40%``.

    A word without a margin has *margin*.

    Raises:
        BudgetError: A word names no percentile that baselines keep, is named twice, or a margin
            cannot be read.
    """
    gates: dict[str, Gate] = {}
    for part in ",".join(texts).split(","):
        name, colon, written = (one.strip() for one in part.partition(":"))
        name = ALIASES.get(name, name)
        if name not in GATE_WORDS:
            raise BudgetError(
                f"{part.strip()!r} names no percentile that baselines keep: write "
                f'"p95:25%", known are {", ".join(GATE_WORDS)}'
            )
        if name in gates:
            raise BudgetError(f"{name} is given twice: keep one of them")
        gates[name] = Gate(WORDS[name], read_margin(written) if colon else margin)
    return tuple(gates.values())


def read_margins(value: object) -> tuple[Gate, ...]:
    """
    Return the gates that ``margin=`` of a mark spells.

    A margin alone is that of p50 and p95; None is 25 %. Otherwise a list as for
    :func:`read_gates`.

    Raises:
        BudgetError: It is neither.
    """
    is_list = isinstance(value, str) and not _PERCENT.fullmatch(value)
    if is_list:
        return read_gates([str(value)])
    return read_gates(_USUAL, DEFAULT_MARGIN if value is None else read_margin(value))


def read_margin(value: object) -> Fraction:
    """
    Return a margin, written as ``"25%"`` or as a number such as 0.25.

    Raises:
        BudgetError: It is neither.
    """
    if isinstance(value, str) and (found := _PERCENT.fullmatch(value)):
        return Fraction(found[1]) / 100
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < float("inf"):
        return Fraction(str(value))
    raise BudgetError(f'a margin is a percentage such as "25%" or a number such as 0.25: {value!r}')


# What is shown of a comparison that asks for nothing else.
SHOWN = read_gates(["p50, p95, ttft_p95"])
