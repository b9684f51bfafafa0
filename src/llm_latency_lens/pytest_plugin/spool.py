"""
The spool: the finished calls of a worker on disk, so that they outlive it.

One line a call, written when the call ends and before anybody is told. What a worker sends with
its reports is the same again; the session drops what it already knows by the sample's id.
"""

import os
from collections.abc import Container
from contextlib import suppress
from pathlib import Path

from llm_latency_lens.codec import decode_samples, encode_samples
from llm_latency_lens.samples import Sample

__all__ = ["Spool", "read_spool"]


class Spool:
    """The writing end. A process that was forked off the worker writes nothing."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
        self._pid = os.getpid()

    def write(self, sample: Sample) -> None:
        """Append a call; a later line of the same call replaces an earlier one."""
        if os.getpid() != self._pid:
            return
        line = f"{sample.id} {encode_samples((sample,))}\n".encode()
        # A full disk costs the copy, never the call; the report carries it all the same.
        with suppress(OSError):
            os.write(self._descriptor, line)


def read_spool(path: Path, known: Container[str]) -> tuple[Sample, ...]:
    """
    Return the calls of a spool that are not *known* by their id.

    The last line of a worker that was killed may be torn; a line that cannot be read is left out.
    """
    lines: dict[str, bytes] = {}
    with path.open("rb") as file:
        for line in file:
            name, _, text = line.partition(b" ")
            sample_id = name.decode(errors="replace")
            if line.endswith(b"\n") and sample_id not in known:
                lines[sample_id] = text
    samples: list[Sample] = []
    for text in lines.values():
        with suppress(ValueError, TypeError, LookupError):
            samples += decode_samples(text.decode())
    return tuple(samples)
