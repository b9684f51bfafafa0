"""
Directives that compute the tables of "Budgets that hold" with the engine that judges.

``lens-runs``   how many runs a pass takes, by percentile and confidence
``lens-rates``  how often a p95 budget breaks, is kept or stays open, and what it costs
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from llm_latency_lens.verdicts import curtailed, runs_to_pass, sequential

_PERCENTILES = ("0.5", "0.75", "0.9", "0.95", "0.99")
_CONFIDENCES = ("0.9", "0.95", "0.99")
_SHARES = ("0.01", "0.025", "0.05", "0.1", "0.25")
_LENGTHS = (20, 60, 100, 200)
# Below it a percentage is shown with a digit more.
_FEW = 0.0995


class Runs(SphinxDirective):
    """Rows of percentiles, columns of confidences; a cell has none, one and two over."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes("\n".join(_runs()))


class Rates(SphinxDirective):
    """Rows of rules, columns of true shares; a cell has broken, kept and the mean of runs."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes("\n".join(_rates()))


def _runs() -> Iterator[str]:
    yield "| | " + " | ".join(f"confidence={one}" for one in _CONFIDENCES) + " |"
    yield "|---" * (len(_CONFIDENCES) + 1) + "|"
    for q in _PERCENTILES:
        cells = (
            " / ".join(str(runs_to_pass(q, sure, over)) for over in range(3))
            for sure in _CONFIDENCES
        )
        yield f"| p{float(Fraction(q) * 100):g} | " + " | ".join(cells) + " |"


def _rates() -> Iterator[str]:
    heads = (f"{float(share) * 100:g} % slow" for share in _SHARES)
    yield "| | " + " | ".join(heads) + " |"
    yield "|---" * (len(_SHARES) + 1) + "|"
    yield from _row("iterations=20, plain", [_plain(share) for share in _SHARES])
    for n_max in _LENGTHS:
        rule = sequential("0.95", "0.95", n_max)
        cells = []
        for share in _SHARES:
            seen = rule.rates(float(share))
            cells.append(f"{_percent(seen.fails)} / {_percent(seen.passes)} / {seen.mean_n:.0f}")
        yield from _row(f"iterations={n_max}, confidence=0.95", cells)


def _plain(share: str) -> str:
    seen = curtailed("0.95", 20).rates(float(share))
    return f"{_percent(seen.fails)} / {_percent(seen.passes)} / 20"


def _row(name: str, cells: list[str]) -> Iterator[str]:
    yield f"| {name} | " + " | ".join(cells) + " |"


def _percent(chance: float) -> str:
    digits = 1 if chance < _FEW else 0
    return f"{chance * 100:.{digits}f} %"


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives."""
    app.add_directive("lens-runs", Runs)
    app.add_directive("lens-rates", Rates)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
