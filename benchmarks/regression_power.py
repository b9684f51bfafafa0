"""
How often a baseline finds what became slower, and how often it cries wolf.

A baseline of 200 calls, a run of 50, latencies lognormal with sigma 0.6, and the baseline's
percentile plus 25 % as the budget. Each figure is a share of many simulated pairs of sessions.
Sessions drift: each has a factor of its own, lognormal too.

How to read it: ``rule`` is ``baseline=`` with ``confidence=0.95``, the sequential rule of every
budget; ``table`` is ``--lens-compare-fail`` with one gate, and ``baseline=`` without a confidence:
the exact binomial test of the whole run; ``plain`` compares the two percentiles and nothing else,
which is what is usually done. ``expected`` was computed independently of this code; ``rule`` is
``within`` when it differs by no more than two simulations of this size may (99.9 %).

    python benchmarks/regression_power.py [--pairs 2000]
"""

import argparse
import math
import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from llm_latency_lens.baselines import Baseline, Entry, compare, read_gates
from llm_latency_lens.metrics import Distribution
from llm_latency_lens.verdicts import Side, plain, sequential

BASELINE, RUN, SIGMA, MEDIAN_NS = 200, 50, 0.6, 8e8
CONFIDENCE = "0.95"
TAIL = 0.15
Z = 3.29  # 99.9 %, two-sided
Values = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Scene:
    """What happened between the two sessions, and how often the rule is expected to fail it."""

    name: str
    drift: float
    slowed: Callable[[np.random.Generator, Values], Values]
    expected: dict[str, float | None]


def as_before(_: np.random.Generator, values: Values) -> Values:
    return values


def twice(_: np.random.Generator, values: Values) -> Values:
    return values * 2


def tail(generator: np.random.Generator, values: Values) -> Values:
    return np.where(generator.random(len(values)) < TAIL, values * 4, values)


SCENES = (
    Scene("nothing, no drift", 0, as_before, {"p50": 0.002, "p95": 0.004}),
    Scene("nothing, drift 10 %", 0.1, as_before, {"p50": 0.025, "p95": 0.021}),
    Scene("nothing, drift 20 %", 0.2, as_before, {"p50": 0.095, "p95": 0.085}),
    Scene("all calls 2x slower", 0, twice, {"p50": None, "p95": None}),
    Scene("15 % of calls 4x slower", 0, tail, {"p50": 0.02, "p95": 0.53}),
)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=2000)
    pairs = options.parse_args().pairs
    generator = np.random.default_rng(11)
    print(f"{pairs} pairs: baseline {BASELINE}, run {RUN}, margin 25 %; found slower, in %")
    print(f"{'what changed':24} {'gate':5} {'rule':>7} {'table':>7} {'plain':>7} {'expected':>9}")
    outside = [line for scene in SCENES for line in show(scene, generator, pairs)]
    sys.exit(1 if any(outside) else 0)


def show(scene: Scene, generator: np.random.Generator, pairs: int) -> list[bool]:
    """Print a line a gate; return for each whether it is outside of what is expected."""
    found = {name: [0, 0, 0] for name in scene.expected}
    for _ in range(pairs):
        before = session(generator, BASELINE, scene.drift)
        now = scene.slowed(generator, session(generator, RUN, scene.drift))
        for name, counts in found.items():
            for at, is_slower in enumerate(judged(name, before, now)):
                counts[at] += is_slower
    outside = []
    for name, counts in found.items():
        shares = [count / pairs for count in counts]
        expected = scene.expected[name]
        word = "" if expected is None else f"{expected * 100:.1f}"
        outside.append(expected is not None and is_outside(shares[0], expected, pairs))
        verdict = "" if expected is None else " OUTSIDE" if outside[-1] else " within"
        figures = " ".join(f"{share * 100:7.1f}" for share in shares)
        print(f"{scene.name:24} {name:5} {figures} {word:>9}{verdict}")
    return outside


def session(generator: np.random.Generator, count: int, drift: float) -> Values:
    """Return the latencies of a session, in nanoseconds, in the order of their calls."""
    factor = generator.lognormal(0, drift) if drift else 1.0
    return (generator.lognormal(math.log(MEDIAN_NS), SIGMA, count) * factor).astype(np.int64)


def judged(name: str, before: Values, now: Values) -> tuple[bool, bool, bool]:
    """Return whether the rule, the table and the plain comparison find the run slower."""
    (gate,) = read_gates([name])
    was = Distribution.of(before.tolist())
    base_ns = was.quantile(gate.q)
    assert base_ns is not None
    flags = now > gate.limit_ns(base_ns)
    rule = sequential(gate.q, CONFIDENCE, RUN)
    comparison = compare(
        Baseline("main", "", entries=(entry(was),)),
        Baseline("now", "", entries=(entry(Distribution.of(now.tolist())),)),
        [gate],
    )
    return (
        rule.count(flags.tolist()).side is Side.FAIL,
        bool(comparison.failed),
        not plain(gate.q, RUN, int(flags.sum())).holds,
    )


def entry(times: Distribution) -> Entry:
    """Return the calls of one test."""
    return Entry("test", "openai", "gpt-4o-mini", times.n, {"latency": times})


def is_outside(share: float, expected: float, pairs: int) -> bool:
    """Whether two simulations of *pairs* differ so much that it is no chance."""
    pooled = (share + expected) / 2
    return abs(share - expected) > Z * math.sqrt(2 * pooled * (1 - pooled) / pairs)


if __name__ == "__main__":
    main()
