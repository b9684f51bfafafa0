"""
Coverage-guided fuzzing of each decoder: bodies that reach new code are kept and changed further.

    python tests/fuzz/coverage_guided.py [--seconds 600] [--protocol NAME] [--findings FOLDER]

The seconds are shared among the decoders, each of which is fuzzed by atheris in a process of its
own. A body that raises, breaks a claim of ``body_checks``, takes ten seconds or 512 MB ends its
process and is kept in the folder of findings. Then every body that was kept is decoded once more,
and the most memory that one took is compared with the bound of 8 MB. The exit code is 1 when
there is a finding.
"""

import argparse
import subprocess
import sys
import tempfile
import tracemalloc
from pathlib import Path

_BOUND_BYTES = 8_000_000
_LONGEST = 65_536
_SECONDS = 600
_FLAGS = (f"-max_len={_LONGEST}", "-timeout=10", "-rss_limit_mb=512", "-verbosity=0")
_KINDS = ((200, False), (200, True), (429, False), (500, True))


def main():
    """Fuzz all decoders, or be the process that fuzzes one."""
    options = _read_options()
    if options.corpus:
        _fuzz(options.protocol, options.corpus, options.seconds, options.findings)
        return 0
    from llm_latency_lens.protocols import PROTOCOLS  # noqa: PLC0415 - a fuzzed one is instrumented

    names = [options.protocol] if options.protocol else [*PROTOCOLS]
    share = max(options.seconds // len(names), 1)
    options.findings.mkdir(parents=True, exist_ok=True)
    failed = [name for name in names if not _run(name, share, options.findings)]
    print(f"{len(names)} decoders, {share} s each; findings in: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def _read_options():
    parser = argparse.ArgumentParser(description="Fuzz each decoder, guided by coverage.")
    parser.add_argument("--seconds", type=int, default=_SECONDS, help="for all decoders together")
    parser.add_argument("--protocol", help="of this one alone")
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    parser.add_argument("--corpus", type=Path, help=argparse.SUPPRESS)
    return parser.parse_args()


def _run(name, seconds, findings):
    """Fuzz one decoder; whether nothing was found."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder)
        seeds = _write_seeds(name, corpus)
        done = subprocess.run(
            [
                *(sys.executable, __file__, "--protocol", name, "--seconds", str(seconds)),
                *("--corpus", folder, "--findings", str(findings)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        bodies = [path.read_bytes() for path in corpus.iterdir()]
    runs = [line.split() for line in done.stderr.splitlines() if line.startswith("stat::number")]
    number = runs[0][-1] if runs else "unknown"
    if done.returncode:
        print(f"{name}: a finding after {number} bodies")
        print(done.stdout[-2000:] + done.stderr[-4000:])
        return False
    peak = max(map(_peak_bytes, [name] * len(bodies), bodies))
    print(
        f"{name}: {number} bodies, {len(bodies)} kept of {seeds} at first, "
        f"{peak / 1e6:.2f} MB at most"
    )
    return peak < _BOUND_BYTES


def _write_seeds(name, corpus):
    from seed_bodies import seed_bodies  # noqa: PLC0415 - as above

    bodies = [body for body in seed_bodies(name).values() if len(body) < _LONGEST]
    for number, body in enumerate(bodies):
        for kind in range(2):
            (corpus / f"{number}-{kind}").write_bytes(bytes([kind, number % 256]) + body)
    return 2 * len(bodies)


def _peak_bytes(name, data):
    tracemalloc.start()
    try:
        _decode(name, data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def _decode(name, data):
    """Decode what *data* says: how it is cut, with which status, and the body."""
    from body_checks import PATHS, check_answer, decode, timeless  # noqa: PLC0415 - as above

    from llm_latency_lens.protocols import PROTOCOLS  # noqa: PLC0415 - as above

    if len(data) < 2:
        return
    kind, cut, body = data[0], data[1], data[2:]
    status, is_kept = _KINDS[kind % len(_KINDS)]
    at = cut * len(body) // 255
    answer = decode(name, [body[:at], body[at:]], status, is_kept=is_kept)
    check_answer(answer, is_kept=is_kept)
    if kind & 4:
        whole = decode(name, [body], status, is_kept=is_kept)
        assert timeless(whole) == timeless(answer), "a cut of the network changes the answer"
    if kind & 8:
        protocol = PROTOCOLS[name]
        request = protocol.read_body(body)
        protocol.recognises(request)
        protocol.read_request(request, PATHS[name])


def _fuzz(name, corpus, seconds, findings):
    import atheris  # noqa: PLC0415 - the parent does without

    with atheris.instrument_imports(include=["llm_latency_lens"]):
        import body_checks  # noqa: F401, PLC0415 - and all that it imports, instrumented

    flags = [*_FLAGS, f"-max_total_time={seconds}", f"-artifact_prefix={findings}/{name}-"]
    atheris.Setup([sys.argv[0], *flags, "-print_final_stats=1", str(corpus)], _target(name))
    atheris.Fuzz()


def _target(name):
    def target(data):
        _decode(name, data)

    return target


if __name__ == "__main__":
    sys.exit(main())
