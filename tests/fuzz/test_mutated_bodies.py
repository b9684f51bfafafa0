"""
Mutated bodies: whatever becomes of a body, nothing raises, and what is said of it can be kept.

LENS_MUTATIONS says how many there are in all; a failing example names the one that failed.
"""

import json
import math
import os
from dataclasses import replace
from random import Random

import jsonschema
import pytest
from body_checks import PATHS, check_answer, decode, timeless
from body_mutations import mutated, pieces_of
from hypothesis import given, settings
from hypothesis import strategies as st
from seed_bodies import seed_bodies

from llm_latency_lens.capture.calls import Call, Place
from llm_latency_lens.capture.outcomes import outcome_of
from llm_latency_lens.capture.sampling import sample_of
from llm_latency_lens.capture.scope import Scope
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.codec import decode_samples, encode_samples
from llm_latency_lens.pricing import PriceBook
from llm_latency_lens.protocols import PROTOCOLS
from llm_latency_lens.providers.directory import Destination
from llm_latency_lens.reports import make_document, read_schema
from llm_latency_lens.results import RunResult
from llm_latency_lens.samples import Attempt, Phase

httpx2 = pytest.importorskip("httpx2")

# Many to an example, since hypothesis itself takes longer than a decoder.
_BATCH = 100
_MUTATIONS = int(os.environ.get("LENS_MUTATIONS", "3000"))
_EXAMPLES = math.ceil(_MUTATIONS / _BATCH / len(PROTOCOLS))
_BODIES = {name: seed_bodies(name) for name in PROTOCOLS}
_ALL = [body for bodies in _BODIES.values() for body in bodies.values()]
_VALIDATOR = jsonschema.Draft202012Validator(read_schema())
_PRICES = PriceBook(())


def _mutation(protocol, name, number):
    """Return the pieces of the mutation of that number, the status, and whether to keep content."""
    random = Random(number)
    body = mutated(_BODIES[protocol][name], _ALL, random)
    status = random.choice((200, 200, 200, 429, 500))
    return pieces_of(body, random), status, random.random() < 0.5


def _sample(protocol, answer, status):
    """Return the sample that capture makes of an answer."""
    request = httpx2.Request(
        "POST", f"http://local{PATHS[protocol]}", json={"model": "gpt-4o-mini", "stream": True}
    )
    place = Place(Scope("test"), 0, Phase.CALL, (0, 0))
    destination = Destination("openai", PROTOCOLS[protocol], is_named=True)
    watch = Watch(request, destination, place, lambda _: None, lambda _: None)
    watch.answered(status, (("content-type", "text/event-stream"),))
    watch.close()
    call = Call(place, watch.started_ns, watch.wall_ns, last=watch, answer=answer, id="s")
    outcome = outcome_of(watch, answer)
    call.attempts.append(Attempt(watch.started_ns, watch.ended_ns, outcome))
    return sample_of(call)


def _checked(protocol, name, number):
    """Decode one mutation, check its answer, and return its sample."""
    pieces, status, is_kept = _mutation(protocol, name, number)
    answer = decode(protocol, pieces, status, is_kept=is_kept)
    check_answer(answer, is_kept=is_kept)
    if number % 4 == 0:
        whole = decode(protocol, [b"".join(pieces)], status, is_kept=is_kept)
        assert timeless(whole) == timeless(answer)
    return _sample(protocol, answer, status)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_no_mutation_raises(protocol):
    """Decoding ends with an answer whose sample travels, is priced and fits the report."""

    @settings(deadline=None, max_examples=_EXAMPLES, database=None)
    @given(st.sampled_from([*_BODIES[protocol]]), st.integers(0, 10**9))
    def check(name, first):
        samples = []
        for number in range(first * _BATCH, (first + 1) * _BATCH):
            try:
                samples.append(_checked(protocol, name, number))
            except Exception as fault:
                fault.add_note(f"_checked({protocol!r}, {name!r}, {number})")
                raise
        last = replace(samples[-1], id="last")
        priced = replace(last, cost=_PRICES.price(last))
        document = make_document(RunResult((priced,)))

        assert tuple(samples) == decode_samples(encode_samples(samples))
        assert [] == [fault.message for fault in _VALIDATOR.iter_errors(document)]
        assert json.dumps(document, allow_nan=False)

    check()
