"""Compiled rules on disk."""

import json
from pathlib import Path

import pytest

from llm_latency_lens.verdicts import Rule, compiled, sequential
from llm_latency_lens.verdicts.rule_files import RuleFiles, cache_folder

_RULE = Rule(fail_at=(2, 2, 2), pass_at=(-1, -1, 0))
_KEY = "19-20 19-20 1 2"


@pytest.fixture
def files(tmp_path):
    """Return files in a folder that is not there yet."""
    return RuleFiles(tmp_path / "rules")


@pytest.fixture
def _forgetful():
    compiled._remembered.cache_clear()
    yield
    compiled._remembered.cache_clear()


def _only(files):
    (path,) = files.folder.iterdir()
    return path


def test_what_was_written_is_read(files):
    """A rule comes back as it was."""
    files.write(_KEY, _RULE)

    assert _RULE == files.read(_KEY, 2)


def test_nothing_is_left_beside_the_file(files):
    """A second writer replaces the file as a whole."""
    files.write(_KEY, _RULE)
    files.write(_KEY, _RULE)

    assert [".json"] == [path.suffix for path in files.folder.iterdir()]


def test_missing_file_is_none(files):
    """What was never written is not there."""
    assert files.read(_KEY, 2) is None


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"\xff\xfe", b'{"fail_at": 1, "pass_at": 2, "sha256": ""}'],
    ids=["empty", "array", "object", "bytes", "numbers"],
)
def test_broken_file_is_none(files, content):
    """A file that is none of ours is as good as none."""
    files.write(_KEY, _RULE)
    _only(files).write_bytes(content)

    assert files.read(_KEY, 2) is None


def test_changed_numbers_are_not_believed(files):
    """Arrays that are not those that were written decide nothing."""
    files.write(_KEY, _RULE)
    values = json.loads(_only(files).read_text())
    _only(files).write_text(json.dumps({**values, "fail_at": [1, 1, 1]}))

    assert files.read(_KEY, 2) is None


def test_file_of_another_rule_is_not_believed(files):
    """A file under a wrong name is not taken for the rule of that name."""
    files.write(_KEY, _RULE)
    _only(files).rename(files.folder / "1-2_19-20_1_2_v1.json")

    assert files.read("1-2 19-20 1 2", 2) is None


def test_rule_of_another_length_is_not_believed(files):
    """A rule has as many steps as calls were asked for."""
    files.write(_KEY, _RULE)

    assert files.read(_KEY, 3) is None


def test_folder_that_is_a_file_is_harmless(tmp_path):
    """Where nothing can be written nothing is, and nobody hears of it."""
    (tmp_path / "rules").write_text("")
    files = RuleFiles(tmp_path / "rules")
    files.write(_KEY, _RULE)

    assert files.read(_KEY, 2) is None


def test_half_a_file_is_not_left_behind(files, monkeypatch):
    """When the last step fails, what was begun is taken away."""

    def refuse(path, target):
        raise PermissionError(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    files.write(_KEY, _RULE)

    assert [] == list(files.folder.iterdir())


@pytest.mark.usefixtures("_forgetful")
def test_second_process_reads_what_the_first_compiled(tmp_path, monkeypatch):
    """A rule that is on disk is not compiled again."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    expected = sequential("0.95", 0.95, 30)
    compiled._remembered.cache_clear()
    monkeypatch.setattr(compiled.wang_tsiatis, "compile_rule", None)

    assert expected == sequential("0.95", 0.95, 30)


@pytest.mark.parametrize(
    ("expected", "platform", "variables"),
    [
        ("/home/me/.cache/llm-latency-lens", "linux", {}),
        ("/var/mine/llm-latency-lens", "linux", {"XDG_CACHE_HOME": "/var/mine"}),
        ("/home/me/Library/Caches/llm-latency-lens", "darwin", {"XDG_CACHE_HOME": "/var/mine"}),
        ("/home/me/AppData/Local/llm-latency-lens", "win32", {}),
        ("/mine/llm-latency-lens", "win32", {"LOCALAPPDATA": "/mine"}),
    ],
)
def test_cache_folder_follows_the_platform(monkeypatch, expected, platform, variables):
    """Each platform has its place for what can be made again."""
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/me"))

    assert Path(expected) == cache_folder(platform)
