"""
What the plugin adds to a pytest start that does not use it, in CPU time.

Runs ``python -m pytest`` on an empty test file again and again, with the plugin and without, in
turns, and takes user plus system time of each process. Autoload of plugins is off, so that
nothing but pytest and the lens is measured. A plugin that is named instead makes pytest read the
metadata of all that is installed; so that both sides do, "without" names an empty plugin.

How to read it: ``ratio`` is the median over the pairs of CPU with / CPU without; 1.00 is no
difference. The bound we keep is 1.03. On a busy machine CPU time itself is noisy: wide quartiles
say so, and the ratio of the calmest runs is then the better figure. Last comes a list of heavy
modules that were loaded when a pytest with the plugin exited: it must be empty.

    python benchmarks/startup.py [--pairs 40]
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

BOUND = 1.03
NOTHING_COLLECTED = 5
PLUGIN = "llm_latency_lens.pytest_plugin"
EMPTY = "empty_plugin"
HEAVY = {
    *("httpx", "httpx2", "httpcore", "httpcore2", "openai", "anthropic", "anyio", "asyncio"),
    *("pydantic", "pydantic_core", "numpy", "scipy", "h11", "click", "tabulate", "genai_prices"),
}
WITNESS = f"""
import atexit, sys

def tell():
    print("LOADED", *sorted(set(sys.modules) & {HEAVY!r}), file=sys.stderr)

atexit.register(tell)
"""


def start(folder: Path, *plugins: str) -> tuple[float, str]:
    """Return the CPU seconds of one pytest and what it wrote to standard error."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("PYTEST_", "PYTHONDONTWRITEBYTECODE"))
    }
    environment |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTEST_PLUGINS": ",".join(plugins),
        "PYTHONPATH": str(folder),
        # Bytecode is cached, as for every user, but outside of the source tree.
        "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
    }
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_it.py"]
    with (folder / "stderr").open("w+") as errors:
        child = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=errors
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        said = errors.read()
    assert child.returncode == NOTHING_COLLECTED, f"{command} ended with {child.returncode}: {said}"
    return usage.ru_utime + usage.ru_stime, said


def compare(folder: Path, pairs: int) -> list[tuple[float, float]]:
    """Return CPU seconds (with, without) of each pair; which goes first changes every time."""
    start(folder, PLUGIN, EMPTY)  # writes the bytecode
    measured = []
    for number in range(pairs):
        if number % 2:
            off, on = start(folder, EMPTY)[0], start(folder, PLUGIN)[0]
        else:
            on, off = start(folder, PLUGIN)[0], start(folder, EMPTY)[0]
        measured.append((on, off))
    return measured


def report(measured: list[tuple[float, float]]) -> None:
    """Print ratios first: they mean the same on every machine."""
    low, middle, high = statistics.quantiles([on / off for on, off in measured], n=4)
    verdict = "within" if middle <= BOUND else "ABOVE"
    print(f"ratio of CPU, plugin on / off: median {middle:.3f}, quartiles {low:.3f} to {high:.3f}")
    print(f"{verdict} the bound of {BOUND} ({len(measured)} pairs)")
    on, off = (sorted(side) for side in zip(*measured, strict=True))
    tenth = max(1, len(measured) // 10)
    calm = statistics.mean(on[:tenth]) / statistics.mean(off[:tenth])
    print(f"ratio of the calmest tenth of each: {calm:.3f}")
    middles = [statistics.median(side) * 1000 for side in (on, off)]
    print("median CPU here: {:.0f} ms on, {:.0f} ms off".format(*middles))


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pairs", type=int, default=40)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "test_it.py").touch()
        (folder / f"{EMPTY}.py").touch()
        (folder / "witness_of_modules.py").write_text(WITNESS)
        report(compare(folder, given.pairs))
        for title, plugin in (("on", PLUGIN), ("off", EMPTY)):
            _, said = start(folder, "witness_of_modules", plugin)
            loaded = next(line for line in said.splitlines() if line.startswith("LOADED"))
            print(f"heavy modules at exit, plugin {title}: {loaded[7:] or 'none'}")


if __name__ == "__main__":
    main()
