"""The spool: what a worker wrote comes back, whatever became of its last line."""

import os

import pytest

from llm_latency_lens.pytest_plugin.spool import Spool, read_spool


@pytest.fixture
def path(tmp_path):
    """The path of an empty spool."""
    (tmp_path / "gw0.spool").touch()
    return tmp_path / "gw0.spool"


@pytest.fixture
def samples(make_sample):
    """Three calls."""
    return [make_sample(id=f"a-{number}") for number in range(3)]


def test_what_was_written_comes_back(path, samples):
    """As it was, in its order."""
    spool = Spool(path)
    for sample in samples:
        spool.write(sample)

    assert tuple(samples) == read_spool(path, ())


def test_what_is_known_is_left_out(path, samples):
    """A report has carried it."""
    spool = Spool(path)
    for sample in samples:
        spool.write(sample)

    assert tuple(samples[1:]) == read_spool(path, {"a-0"})


def test_the_last_line_of_a_call_counts(path, make_sample):
    """A failed call that went on is written twice."""
    spool = Spool(path)
    spool.write(make_sample(id="a-0", run=0))
    spool.write(make_sample(id="a-0", run=1))

    assert [1] == [one.run for one in read_spool(path, ())]


@pytest.mark.parametrize("cut", range(1, 60))
def test_a_torn_last_line_is_left_out(path, samples, cut):
    """Wherever the death of its worker cut it."""
    spool = Spool(path)
    for sample in samples:
        spool.write(sample)
    os.truncate(path, path.stat().st_size - cut)

    assert tuple(samples[:2]) == read_spool(path, ())


def test_a_line_that_cannot_be_read_hides_no_other(path, samples):
    """Whatever happened to the disk."""
    spool = Spool(path)
    spool.write(samples[0])
    with path.open("ab") as file:
        file.write(b"a-1 [{}]\n\xff\xfe\n\n")
    spool.write(samples[2])

    assert (samples[0], samples[2]) == read_spool(path, ())


def test_a_forked_process_writes_nothing(path, samples, monkeypatch):
    """Its calls would carry the ids of its parent's."""
    spool = Spool(path)
    monkeypatch.setattr("os.getpid", lambda: 0)
    spool.write(samples[0])

    assert () == read_spool(path, ())


def test_a_full_disk_is_no_fault_of_the_call(path, samples, monkeypatch):
    """The report carries the call all the same."""

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.write", full)
    Spool(path).write(samples[0])

    assert () == read_spool(path, ())
