"""What a run amounts to: its calls as results, in order."""

from collections.abc import Iterator
from dataclasses import dataclass

from llm_latency_lens.profiler.configuration import Configuration, loop_of
from llm_latency_lens.profiler.one_call import Made
from llm_latency_lens.profiler.request import Request
from llm_latency_lens.profiler.runner import Runner
from llm_latency_lens.results import Ending, ProfileResult, Response, RunMetadata
from llm_latency_lens.samples import Sample

__all__ = ["BatchResult", "RequestResult", "result_of", "results_by_request"]


@dataclass(frozen=True, slots=True)
class RequestResult:
    """The calls of one request, to all targets."""

    request: Request
    result: ProfileResult


@dataclass(frozen=True, slots=True)
class BatchResult:
    """
    The calls of a batch.

    Attributes:
        total: All of them together.
        results: The same by request, in the order given.
    """

    total: ProfileResult
    results: tuple[RequestResult, ...]


def result_of(runner: Runner, configuration: Configuration, ending: Ending) -> ProfileResult:
    """Return the result of all calls of a run, in the order of their starts."""
    words = runner.jobs[0].request.metadata if len(runner.jobs) == 1 else {}
    metadata = RunMetadata(
        loop=loop_of(configuration.schedule),
        ending=ending,
        planned=runner.total,
        wall_ns=runner.wall_ns,
        duration_ns=runner.duration_ns,
        levels=runner.levels,
        words=dict(words),
    )
    calls = sorted(runner.calls, key=lambda made: made.number)
    return _result(calls, metadata, configuration.describe())


def results_by_request(
    runner: Runner, requests: tuple[Request, ...], whole: ProfileResult
) -> tuple[RequestResult, ...]:
    """Return the result of each of *requests*, whose jobs a run made one after the other."""
    jobs = len(runner.jobs)
    targets = jobs // len(requests)
    members: list[list[Made]] = [[] for _ in requests]
    for made in sorted(runner.calls, key=lambda made: made.number):
        members[made.number % jobs // targets].append(made)
    return tuple(
        RequestResult(request, _result(calls, whole.metadata, whole.config))
        for request, calls in zip(requests, members, strict=True)
    )


def _result(
    calls: list[Made], metadata: RunMetadata | None, config: dict[str, object]
) -> ProfileResult:
    samples = [made.sample for made in calls if made.sample is not None]
    return ProfileResult(
        samples,
        [made.ended_ns - made.began_ns for made in calls],
        metadata=metadata,
        config=config,
        raw=_responses(calls),
    )


def _responses(calls: list[Made]) -> Iterator[Response]:
    for made in calls:
        if made.pieces is not None and made.sample is not None:
            yield _response(made.sample, "".join(made.pieces))


def _response(sample: Sample, content: str) -> Response:
    return Response(
        sample.id, content, sample.usage.output_tokens, sample.model, sample.finish_reason
    )
