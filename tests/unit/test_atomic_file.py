"""Files written whole or not at all."""

import os
import stat

import pytest

from llm_latency_lens.atomic_file import check_writable, write_whole
from llm_latency_lens.errors import ConfigurationError


def test_file_is_written_with_its_folder(tmp_path):
    """Folders that are missing are made."""
    path = tmp_path / "a" / "b" / "report.txt"

    write_whole("text", path)

    assert "text" == path.read_text(encoding="utf-8")


def test_interrupted_write_leaves_no_partial_file(tmp_path, monkeypatch):
    """A fault on the way to its place removes the partial file."""
    monkeypatch.setattr("pathlib.Path.replace", _interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_whole("text", tmp_path / "report.txt")

    assert [] == [path.name for path in tmp_path.iterdir()]


def test_failing_replacement_keeps_the_old_file(tmp_path, monkeypatch):
    """A disk that fails at the last step leaves what was there."""
    path = tmp_path / "report.txt"
    path.write_text("old", encoding="utf-8")
    monkeypatch.setattr("pathlib.Path.replace", _interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_whole("new", path)

    assert "old" == path.read_text(encoding="utf-8")


def _interrupt(*_):
    raise KeyboardInterrupt


def test_file_is_readable_like_any_other(tmp_path):
    """Its mode follows the umask."""
    path = tmp_path / "report.txt"
    before = os.umask(0o022)
    try:
        write_whole("text", path)
    finally:
        os.umask(before)

    assert 0o644 == stat.S_IMODE(path.stat().st_mode)


def test_half_a_surrogate_pair_becomes_its_escape(tmp_path):
    """A provider's word that is no Unicode does not cost the file."""
    path = tmp_path / "report.txt"

    write_whole("bad \ud800 word", path)

    assert "bad \\ud800 word" == path.read_text(encoding="utf-8")


def test_a_folder_is_no_report(tmp_path):
    """The name of a folder is refused before anything is measured."""
    with pytest.raises(ConfigurationError, match="is a folder"):
        check_writable(tmp_path)


def test_unwritable_folder_is_refused(tmp_path):
    """A folder that cannot be made is refused with the reason."""
    (tmp_path / "file").touch()

    with pytest.raises(ConfigurationError, match="cannot be written: "):
        check_writable(tmp_path / "file" / "report.json")


def test_writable_place_is_accepted(tmp_path):
    """A good place is left as it was."""
    check_writable(tmp_path / "report.json")

    assert [] == [path.name for path in tmp_path.iterdir()]


def test_name_that_no_file_can_have_is_refused(tmp_path):
    """A name that is too long is told before anything is measured."""
    with pytest.raises(ConfigurationError, match="cannot be written: "):
        check_writable(tmp_path / ("x" * 300))
