"""Baselines: what a session leaves, its file and its folder."""

import json
from dataclasses import replace

import pytest

from llm_latency_lens.baselines import (
    Baseline,
    Entry,
    Folder,
    baseline_of,
    read_baseline,
    write_baseline,
)
from llm_latency_lens.errors import ConfigurationError, MissingBaseline
from llm_latency_lens.metrics import EXACT, Distribution
from llm_latency_lens.samples import Phase, Status

MS = 1_000_000


@pytest.fixture
def session(make_sample):
    """Two tests, two models, a fixture's call, a failed one, and their runs."""
    samples = (
        make_sample(1200, 300, node_id="t.py::a"),
        make_sample(800, 200, node_id="t.py::a"),
        make_sample(900, node_id="t.py::a", requested_model="gpt-4o"),
        make_sample(700, ttft=None, node_id="t.py::b", status=Status.ERROR, streamed=False),
        make_sample(100, node_id="t.py::b", phase=Phase.SETUP),
    )
    runs = {"t.py::a": [2 * MS, MS], "t.py::b": []}
    return baseline_of("main", samples, runs, saved="2026-11-24", environment={"python": "3.11"})


def test_entries_go_by_test_and_model(session):
    """Calls of one test to one model are one entry, runs another; fixtures are in none."""
    assert [
        ("t.py::a", "", "", 2),
        ("t.py::a", "openai", "gpt-4o", 1),
        ("t.py::a", "openai", "gpt-4o-mini", 2),
        ("t.py::b", "openai", "gpt-4o-mini", 1),
    ] == [(*entry.key, entry.calls) for entry in session.entries]


def test_calls_are_counted_without_runs(session):
    """A run is no call."""
    assert 4 == session.calls


def test_only_times_that_exist_are_kept(session):
    """An answer that was not streamed has no first token."""
    assert ["latency"] == list(session.of_test("t.py::b")[0].times)
    assert ["latency", "ttft", "tpot"] == list(session.of_test("t.py::a")[2].times)


def test_failed_calls_are_kept_as_infinite(session):
    """A baseline of failures has no finite percentile to compare with."""
    times = session.of_test("t.py::b")[0].times["latency"]

    assert (1, None) == (times.infinite, times.quantile("0.5"))


def test_times_are_rounded_to_the_microsecond(make_sample):
    """Digits that mean nothing make no difference between two files."""
    line = replace(make_sample().timeline, ended_ns=1_234_567_891)
    (entry,) = baseline_of("main", [make_sample(timeline=line)], {}).entries

    assert (1_234_568_000,) == entry.times["latency"].values


def test_a_file_reads_back_as_what_was_written(session, tmp_path):
    """Writing and reading loses nothing, and makes the folder."""
    path = tmp_path / "new" / "main.json"
    write_baseline(session, path)

    assert session == read_baseline(path)
    assert [path] == list(path.parent.iterdir())


def test_very_many_times_read_back(tmp_path):
    """Beyond what is kept exactly a table lies in the file, small whatever the number."""
    times = Distribution.of(range(0, 2000 * (EXACT + 1), 2000))
    entry = Entry("t", "openai", "gpt", EXACT + 1, {"latency": times})
    baseline = Baseline("main", "", entries=(entry,))
    write_baseline(baseline, tmp_path / "main.json")

    assert baseline == read_baseline(tmp_path / "main.json")
    assert (tmp_path / "main.json").stat().st_size < 50_000
    assert baseline == replace(baseline, entries=(entry,))


def test_very_many_samples_keep_their_table(make_sample):
    """Times that are counted in cells are not rounded again."""
    one = make_sample(run=0)
    (entry,) = baseline_of("main", [one] * (EXACT + 1), {}).entries

    assert (EXACT + 1, 1_000_000_000) == (entry.calls, entry.times["latency"].quantile("0.5"))


def test_a_file_is_for_people(session, tmp_path):
    """Each list of times stands on one line, with its percentiles above it."""
    write_baseline(session, tmp_path / "main.json")
    lines = (tmp_path / "main.json").read_text().splitlines()

    assert '     "values_ms": [ 800.0, 1200.0 ]' in lines
    assert '     "p50_ms": 800.0,' in lines


def test_a_file_holds_no_text_of_a_call(make_sample, tmp_path):
    """Labels, ids and notes of calls stay out, as prompts and answers do anyway."""
    secret = make_sample(label="secret", note="secret", request_id="secret", response_id="secret")
    write_baseline(baseline_of("main", [secret], {}), tmp_path / "main.json")

    assert "secret" not in (tmp_path / "main.json").read_text()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "has the format None, where 'baseline 1' is expected: save it again"),
        ('{"format": "baseline 0"}', "has the format 'baseline 0'"),
        ('{"format": "baseline 1"}', "is damaged (KeyError 'name'): save it again"),
        (
            '{"format": "baseline 1", "name": "a", "saved": "", "environment": {}, "entries": [3]}',
            "is damaged (TypeError",
        ),
    ],
)
def test_what_is_no_baseline_is_refused(tmp_path, text, message):
    """The error names the file and how to get a new one."""
    path = tmp_path / "main.json"
    path.write_text(text)

    with pytest.raises(ConfigurationError) as caught:
        read_baseline(path)

    assert f"baseline {path} " in str(caught.value)
    assert message in str(caught.value)


def test_a_folder_maps_names_to_files(session, tmp_path):
    """What is written under a name is read by it."""
    folder = Folder(tmp_path / ".lens")
    file = folder.write(session)

    assert (tmp_path / ".lens" / "main.json", session) == (file, folder.read("main"))
    assert "main" == json.loads(file.read_text())["name"]


def test_a_missing_baseline_names_its_command(tmp_path):
    """Whoever lacks one is told how to make it and how to go on without."""
    with pytest.raises(MissingBaseline) as caught:
        Folder(tmp_path).read("main")

    assert "make it with 'pytest --lens-save main'" in str(caught.value)
    assert "--lens-missing-baseline=skip" in str(caught.value)


@pytest.mark.parametrize("name", ["", "a/b", "../main", ".hidden", "a b", "ä"])
def test_a_name_is_the_name_of_a_file(tmp_path, name):
    """No name leads out of the folder."""
    with pytest.raises(ConfigurationError, match="a name has letters, digits"):
        Folder(tmp_path).file(name)
