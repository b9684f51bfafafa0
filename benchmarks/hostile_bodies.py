"""
What hostile response bodies cost the process under test: memory, CPU time, and what is said.

A server in a process of its own sends each body over loopback; a fresh process reads it with a real
client, once bare and once under the lens. How to read it: ``bare`` and ``lens`` are the peaks of
resident memory above what the process held before the call; ``added`` is their difference, and
the bound we keep is 8 MB, whatever the body. ``CPU`` is what the lens adds. Where the client is
``raw``, it forgets each byte at once, so all that is added is the lens's. Linux only: the kernel is
asked to begin counting the peak when the call begins.

Of some clients the bare peak of one body differs by 100 MB from run to run, with how the network
cuts it. So both are measured again where the difference is above the bound; the least peaks count.

    python benchmarks/hostile_bodies.py [--only WORD] [--body NAME] [--json]

It fails if a bound is broken, a sample does not say what it should, or the client noticed the lens.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from hostile_server import BODIES, serving
from tabulate import tabulate

BOUND_MB = 8.0
MOST_TRIES = 4
_CALL = Path(__file__).with_name("hostile_call.py")
_HEADS = ("body", "client", "bare MB", "lens MB", "added MB", "CPU s", "+CPU s", "the sample says")


def call(url: str, name: str, lens: str) -> dict[str, Any]:
    # What measures coverage would be measured with it.
    environment = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
    command = [sys.executable, str(_CALL), url, name, BODIES[name].client, lens]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def grown(found: dict[str, Any]) -> float:
    """Return by how many MB the process grew within its call."""
    grown_kb: int = found["peak_kb"] - found["before_kb"]
    return grown_kb * 1024 / 1e6


def measure(url: str, name: str) -> dict[str, Any]:
    """Return the figures of the body *name*."""
    bare, lens = call(url, name, "off"), call(url, name, "on")
    grown_mb = [grown(bare), grown(lens)]
    for _ in range(MOST_TRIES - 1):
        if grown_mb[1] - grown_mb[0] <= BOUND_MB:
            break
        again = call(url, name, "off"), call(url, name, "on")
        grown_mb = [min(least, grown(one)) for least, one in zip(grown_mb, again, strict=True)]
    return {
        "body": name,
        "client": BODIES[name].client,
        "bare_mb": grown_mb[0],
        "lens_mb": grown_mb[1],
        "added_mb": grown_mb[1] - grown_mb[0],
        "cpu_s": bare["cpu_s"],
        "added_cpu_s": lens["cpu_s"] - bare["cpu_s"],
        "raised": [bare["raised"], lens["raised"]],
        "sample": lens["sample"],
        "expected_note": BODIES[name].note,
    }


def complaint(found: dict[str, Any]) -> str:
    """Return what is wrong with the figures of a body; empty if nothing is."""
    note = (found["sample"] or {"note": "no sample"})["note"]
    expected = found["expected_note"]
    if found["added_mb"] > BOUND_MB:
        return f"{found['body']}: {found['added_mb']:.2f} MB above the bare client"
    if not note.startswith(expected) or bool(note) != bool(expected):
        return f"{found['body']}: the sample says {note!r}, expected {expected!r}"
    if len(set(found["raised"])) > 1:
        return f"{found['body']}: the client noticed the lens: {found['raised']}"
    return ""


def row(found: dict[str, Any]) -> tuple[object, ...]:
    figures = [found[key] for key in ("bare_mb", "lens_mb", "added_mb", "cpu_s", "added_cpu_s")]
    sample = found["sample"] or {"status": "no sample", "note": "", "tokens": 0}
    said = f"{sample['status']}, {sample['tokens']} tokens"
    words = "; ".join(filter(None, (said, sample["note"])))
    return (found["body"], found["client"], *(f"{figure:.2f}" for figure in figures), words)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--only", default="", help="bodies with this in their name")
    options.add_argument("--body", help="the body of this name")
    options.add_argument("--json", action="store_true", help="one JSON object a line")
    given = options.parse_args()
    chosen = [name for name in BODIES if given.only in name and given.body in (None, name)]
    found = []
    with serving() as url:
        for name in chosen:
            found.append(measure(url, name))
            if given.json:
                print(json.dumps(found[-1]), flush=True)
    if not given.json:
        print(tabulate([row(one) for one in found], _HEADS, disable_numparse=True))
        most = max(found, key=lambda one: one["added_mb"])
        verdict = "within" if most["added_mb"] <= BOUND_MB else "ABOVE"
        print(f"most added: {most['added_mb']:.2f} MB ({most['body']}), {verdict} {BOUND_MB:g} MB")
    sys.exit("\n".join(filter(None, map(complaint, found))) or None)


if __name__ == "__main__":
    main()
