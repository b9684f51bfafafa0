"""The plot of latency and TTFT: every call in its place, percentiles as the document has them."""

import pytest

from llm_latency_lens.reports import make_document
from llm_latency_lens.reports.distribution_plot import draw_distributions
from llm_latency_lens.results import RunResult
from llm_latency_lens.samples import Phase, Status

LEFT, RIGHT = 100, 930


@pytest.fixture
def draw(make_sample):
    """Return the plot of some calls."""
    return lambda *calls: draw_distributions(
        make_document(RunResult(tuple(make_sample(**call) for call in calls)))
    )


def _texts(plot):
    return [each.text for each in (*plot.iter("text"), *plot.iter("tspan"))]


def _lane(plot, name):
    (lane,) = (group for group in plot.iter("g") if group.get("class") == name)
    return lane


def _counted(lane):
    """Yield how many calls each bar says that it counts."""
    return [int(bar.find("title").text.split()[0]) for bar in lane.iter("rect")]


def test_every_call_is_in_a_bar(draw):
    """Each lane counts all calls that have such a time."""
    plot = draw(*({"latency": 1000 + at * 37} for at in range(25)), {"streamed": False})

    assert (25, 26) == tuple(sum(_counted(_lane(plot, name))) for name in ("ttft", "latency"))


@pytest.mark.parametrize("slowest", [1000, 90_000], ids=["linear", "log"])
def test_bars_stay_in_the_plot(draw, slowest):
    """Between the ends of the axis, above their ground."""
    plot = draw({"latency": 300, "ttft": 10}, {"latency": slowest})
    bars = [
        {key: float(bar.get(key)) for key in ("x", "width", "y", "height")}
        for bar in plot.iter("rect")
    ]

    assert all(LEFT <= bar["x"] <= RIGHT and bar["y"] >= 0 < bar["height"] for bar in bars)


def test_bar_says_what_it_counts(draw):
    """A call lies between the times that its bar names."""
    (bar,) = _lane(draw({"latency": 1000}), "latency").iter("rect")
    low, high = bar.find("title").text.removeprefix("1 call of ").split(" to ")

    assert (True, True) == (low.endswith(("ms", "s")), high.endswith(("ms", "s")))
    assert _ms(low) <= 1000 <= _ms(high)


def _ms(text):
    number, unit = text.split()
    return float(number) * {"ms": 1, "s": 1000}[unit]


def test_percentiles_are_marked(draw):
    """With their figures."""
    plot = draw(*({"latency": 1000 * at, "ttft": 100 * at} for at in range(1, 6)))

    assert {"p50 300 ms", "p95 500 ms", "p50 3 s", "p95 5 s"} <= set(_texts(plot))


def test_percentile_on_a_failed_call_is_told(draw):
    """It has no place on the axis."""
    plot = draw({}, {"status": Status.ERROR, "ttft": None})

    assert 2 == _texts(plot).count("p95 failed")
    assert "\N{MULTIPLICATION X} 1 failed" in _texts(plot)


def test_far_times_make_a_log_scale(draw):
    """Where most of a linear axis would be empty."""
    assert "log scale" in _texts(draw({"latency": 20_000, "ttft": 100}))
    assert "log scale" not in _texts(draw({"latency": 1_000, "ttft": 100}))


@pytest.mark.parametrize("slowest", [0.5, 7, 999, 1000, 1001, 250_000, 10_000_000])
def test_axis_has_a_handful_of_ticks(make_sample, slowest):
    """Enough to read a value, few enough to read them."""
    document = make_document(RunResult((make_sample(), make_sample())))
    document["calls"][0] |= {"latency_ms": 0.4, "ttft_ms": None}
    document["calls"][1] |= {"latency_ms": slowest, "ttft_ms": None}
    plot = draw_distributions(document)
    grid = [line for line in plot.iter("line") if line.get("class") == "grid"]

    assert 3 <= len(grid) <= 12
    assert all(LEFT <= float(line.get("x1")) <= RIGHT for line in grid)


@pytest.mark.parametrize("times", [(5000, 4999), (90_000, 10)], ids=["linear", "log"])
def test_labels_stay_in_the_picture(draw, times):
    """At both ends of the axis there is room for one."""
    latency, ttft = times
    plot = draw({"latency": latency, "ttft": ttft})
    labels = [each for each in plot.iter("text") if each.get("class") == "figure"]
    rooms = {
        float(each.get("x")) if each.get("text-anchor") == "end" else 1040 - float(each.get("x"))
        for each in labels
    }

    assert 4 == len(labels)
    assert min(rooms) >= 95


def test_answers_that_were_not_streamed_have_one_lane(draw):
    """There is no first token to show."""
    plot = draw({"streamed": False})

    assert ["latency"] == [group.get("class") for group in plot.iter("g")]


@pytest.mark.parametrize(
    "call",
    [{"phase": Phase.WARMUP}, {"status": Status.ERROR, "ttft": None}],
    ids=["warmup", "failed"],
)
def test_without_a_time_there_is_no_plot(draw, call):
    """Nothing to draw."""
    assert draw(call) is None


def test_cancelled_call_has_a_first_token_only(draw):
    """Its end was its consumer's."""
    plot = draw({}, {"status": Status.CANCELLED})

    assert (2, 1) == tuple(sum(_counted(_lane(plot, name))) for name in ("ttft", "latency"))


def test_model_without_times_is_named(draw):
    """Its calls failed: it keeps its place, and says so."""
    plot = draw({}, {"requested_model": "down", "status": Status.ERROR, "ttft": None})

    assert {"down", "\N{MULTIPLICATION X} 1 failed"} <= set(_texts(plot))


def test_long_names_are_cut(draw):
    """They would run into the lanes."""
    plot = draw({"requested_model": "m" * 90})

    assert f"{'m' * 59}…" in _texts(plot)
