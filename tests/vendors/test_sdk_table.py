"""
Every SDK that is installed: synchronous and not, streamed and not, well and failing.

``LENS_WRITE_TRAFFIC=1`` writes what was measured into docs/reference/sdks.md; without it the
page is compared with what was measured.
"""

import gc
import os
import traceback
from itertools import count

import pytest
from sdk_page import ANSWERS, read_page, write_page
from sdk_page import FAILURES as FAILED
from sdk_rows import FAILURES, ROWS, WAYS, installed_rows, major_of
from traffic_values import plain

from llm_latency_lens.samples import Status

# The SDK of Google inherits from a class whose library, aiohttp, would not have it.
pytestmark = pytest.mark.filterwarnings(
    "ignore:Inheritance class AiohttpClientSession:DeprecationWarning"
)

_HERE = installed_rows()
_NUMBERS = count()
_SCRIPT = {"ttft": 10, "itl": 1, "output_tokens": 7, "input_tokens": 19}


def _played(row, way, *, stream, script, simulator, watching):
    """Make one call without the lens and with it; return both exceptions and the samples."""
    call = getattr(row, way)
    model = row.model.format(f"table-{next(_NUMBERS)}")
    simulator.script(model, **_SCRIPT | script)
    bare = _raised(call, simulator, model, stream)
    with watching(row.vendor, host=simulator.host) as samples:
        watched = _raised(call, simulator, model, stream)
    return bare, watched, samples


def _raised(call, simulator, model, stream):
    try:
        call(simulator, model, stream=stream)
    except Exception as fault:
        # As when it has been dealt with: some SDKs leave a stream open that failed, and the
        # frames of the exception would hold it.
        traceback.clear_frames(fault.__traceback__)
        if stream:
            gc.collect()
        return fault
    return None


def _told(sample):
    """Tell of an answer what the sample knows."""
    if not sample.streamed:
        tokens = [] if sample.usage.output_tokens is None else ["usage"]
        return ", ".join(["latency", *tokens]) if tokens else "latency, no usage"
    told = ["first token"] if sample.timeline.first_token_ns else ["no first token"]
    usage = "no usage" if sample.usage.output_tokens is None else "usage"
    return ", ".join(["latency", *told, f"{sample.token_events} token events", usage])


def _failed(sample):
    outcome = sample.outcome
    facts = (outcome.http_status, outcome.error_type, outcome.error_code)
    words = [f"`{fact}`" for fact in dict.fromkeys(facts) if fact is not None]
    more = f", {len(sample.attempts)} attempts" if len(sample.attempts) > 1 else ""
    return " ".join([outcome.status.value, *words]) + more


def _number(samples):
    return f", {len(samples)} calls" if len(samples) > 1 else ""


def _class(fault):
    if fault is None:
        return "raises nothing"
    return f"raises `{type(fault).__module__.partition('.')[0]}.{type(fault).__name__}`"


def _either(cells):
    first, *others = dict.fromkeys(cells)
    return first + "".join(f" (async: {other})" for other in others)


@pytest.fixture(scope="module", params=_HERE)
def row(request):
    """One SDK."""
    return _HERE[request.param]


@pytest.fixture(scope="module")
def answers(row, simulator, watching):
    """A call of each way that there is: what was raised, and the samples; else the reason."""
    return [
        getattr(row, way)
        if isinstance(getattr(row, way), str)
        else _played(row, way, stream=stream, script={}, simulator=simulator, watching=watching)
        for way, stream in WAYS
    ]


@pytest.fixture(scope="module")
def failures(row, simulator, watching):
    """A failing call of each kind and way: both exceptions, and the samples."""
    ways = [way for way in ("sync", "in_loop") if callable(getattr(row, way))]
    return {
        name: [
            _played(row, way, stream=stream, script=script, simulator=simulator, watching=watching)
            for way in ways
        ]
        for name, (script, stream) in FAILURES.items()
    }


def _cells_of_answers(answers):
    return tuple(one if isinstance(one, str) else _told(one[2][0]) for one in answers)


def _cells_of_failures(failures):
    return tuple(
        _either(
            f"{_either(map(_failed, samples))}{_number(samples)}; {_class(watched)}"
            for _, watched, samples in played
        )
        for played in failures.values()
    )


def test_an_answer_is_one_sample(row, answers):
    """It went well, is streamed if it was asked for so, and has the tokens that were sent."""
    for (_, stream), answer in zip(WAYS, answers, strict=True):
        if isinstance(answer, str):
            continue
        bare, watched, (sample,) = answer
        tells_usage = row.tells_usage or not (stream or row.package == "replicate")

        assert (None, None) == (bare, watched)
        assert (Status.OK, "", stream, stream, tells_usage) == (
            sample.outcome.status,
            sample.note,
            sample.streamed,
            sample.timeline.first_token_ns is not None,
            sample.usage.output_tokens is not None,
        )


@pytest.mark.parametrize("failure", FAILURES)
def test_a_failure_is_classified(row, failures, failure):
    """
    One call, failed, with the status that came.

    The SDK of Cohere does not tell that it tries again, so there each attempt is a call.
    """
    status = FAILURES[failure][0].get("status", 200)
    for _, _, samples in failures[failure]:
        assert len(samples) == 1 or row.package == "cohere"
        assert {(Status.ERROR, status)} == {
            (one.outcome.status, one.outcome.http_status) for one in samples
        }


@pytest.mark.parametrize("failure", FAILURES)
def test_the_exception_is_the_sdks_own(failures, failure):
    """The same with the lens and without, down to its attributes and causes."""
    for bare, watched, _ in failures[failure]:
        assert type(bare) is type(watched)
        assert plain(bare) == plain(watched)


def test_the_page_tells_it(row, answers, failures):
    """The row of docs/reference/sdks.md is what was measured; LENS_WRITE_TRAFFIC=1 writes it."""
    measured = {
        ANSWERS: {row.name: _cells_of_answers(answers)},
        FAILED: {row.name: _cells_of_failures(failures)},
    }
    if os.environ.get("LENS_WRITE_TRAFFIC"):
        write_page(measured, [each.name for each in ROWS])
    written = read_page()

    assert measured == {table: {row.name: written[table].get(row.name)} for table in measured}


def test_the_page_has_every_row():
    """In its order, and no cell is empty."""
    names = [row.name for row in ROWS]

    assert [names, names] == [list(rows) for rows in read_page().values()]
    assert all(cell for rows in read_page().values() for cells in rows.values() for cell in cells)


@pytest.mark.parametrize("package", sorted({row.package for row in ROWS}))
def test_a_new_major_version_gets_a_row(package):
    """What is installed is in the table, and not an older one of it alone."""
    known = {row.major for row in ROWS if row.package == package}

    assert major_of(package) in {None, *known}
