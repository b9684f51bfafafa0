"""
Where adaptive concurrency settles, on a provider with a limit and on one with a knee.

The simulated provider runs in a process of its own. First it answers 429 to whatever is above N
calls in progress, and N makes steps; then it answers everything, but above K calls in progress
each takes longer in proportion, so that more of them get no more done.

How to read it: ``settled`` is the median of the limit over the last third of each part, to be
within 20 % of N and within 25 % of K. ``refused`` is the share of attempts in that third that got
a 429, to be below 2 %. Where this machine cannot make so many calls itself, calls wait for it, and
the limit is that of the machine. With ``--plots FOLDER`` the way there is drawn as SVG.

    python benchmarks/adaptive_concurrency.py [--seconds 45] [--plots docs/design/plots]
"""

import argparse
import statistics
import threading
from pathlib import Path

from plots import Line, draw

from llm_latency_lens import LatencyProfiler, ProfileResult
from llm_latency_lens.simulator import Simulator, start_simulator

MODEL = "gpt-4o-mini"
ANSWER = {"latency": "800ms"}
LIMITS = (20, 40, 10)
KNEES = (20, 40)
MANY = 1_000_000
MOST_REFUSED = 0.02


def run(
    simulator: Simulator, word: str, values: tuple[int, ...], seconds: float
) -> tuple[ProfileResult, list[tuple[float, int]]]:
    """Profile through all *values* of one field of the script; return when each began, too."""
    retry = {"attempts": 50, "first_wait": "50ms", "longest_wait": "400ms"}
    profiler = LatencyProfiler(
        "openai",
        MODEL,
        api_key="none",
        base_url=simulator.base_url,
        retry=retry,
        timeout="120s",
        stream=False,
    )
    steps: list[tuple[float, int]] = []
    over = threading.Event()

    def step() -> None:
        for number, value in enumerate(values):
            if number:
                simulator.script(MODEL, **ANSWER, **{word: value})
            steps.append((number * seconds, value))
            over.wait(seconds)
        profiler.stop()

    simulator.script(MODEL, **ANSWER, **{word: values[0]})
    stepper = threading.Thread(target=step)
    profiler.on("start", lambda _: stepper.start())
    result = profiler.sync.profile("hello", iterations=MANY, concurrency="adaptive")
    over.set()
    stepper.join()
    return result, steps


def level_at(result: ProfileResult, moment_s: float) -> int:
    assert result.metadata is not None
    passed = [level.limit for level in result.metadata.levels if level.at_ns <= moment_s * 1e9]
    return passed[-1] if passed else 0


def report(
    name: str, word: str, result: ProfileResult, steps: list[tuple[float, int]], seconds: float
) -> None:
    assert result.metadata is not None
    begun_ns = min(one.attempts[0].started_ns for one in result.samples)
    attempts = [attempt for one in result.samples for attempt in one.attempts]
    for start, value in steps:
        third = (start + seconds * 2 / 3, start + seconds)
        levels = [level_at(result, third[0] + n * seconds / 600) for n in range(200)]
        settled = statistics.median(levels)
        ended = [one for one in attempts if third[0] <= (one.ended_ns - begun_ns) / 1e9 < third[1]]
        refused = sum(one.outcome.failed for one in ended)
        share = refused / len(ended) if ended else 0
        print(
            f"{name} {word}={value:<3} settled {settled:5.1f} ({settled / value - 1:+.0%}), "
            f"between {min(levels)} and {max(levels)}, "
            f"refused {refused} of {len(ended)} ({share:.2%})"
        )


def plot(
    path: Path, title: str, result: ProfileResult, steps: list[tuple[float, int]], seconds: float
) -> None:
    assert result.metadata is not None
    end = len(steps) * seconds
    levels = [(level.at_ns / 1e9, float(level.limit)) for level in result.metadata.levels]
    wanted = [(start, float(value)) for start, value in steps]
    lines = [
        Line("what the provider bears", "#b45309", [*wanted, (end, wanted[-1][1])], is_dashed=True),
        Line("limit", "#1d4ed8", [*levels, (end, levels[-1][1])]),
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(draw(title, "seconds", "calls in progress", lines), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--seconds", type=float, default=45)
    parser.add_argument("--plots", type=Path)
    chosen = parser.parse_args()
    with start_simulator({}) as simulator:
        for name, word, values, title in (
            ("limit", "at_most", LIMITS, "429 above a number of calls in progress"),
            ("knee ", "knee", KNEES, "Slower above a number of calls in progress"),
        ):
            result, steps = run(simulator, word, values, chosen.seconds)
            report(name, word, result, steps, chosen.seconds)
            if chosen.plots:
                plot(chosen.plots / f"adaptive_{word}.svg", title, result, steps, chosen.seconds)


if __name__ == "__main__":
    main()
