"""What the user of a command is told, and how it exits."""

import pytest

from llm_latency_lens.cli.usage import telling_usage
from llm_latency_lens.errors import CaptureError, ConfigurationError, UsageError


@pytest.mark.parametrize("kind", [CaptureError, ConfigurationError, UsageError])
def test_what_has_to_be_changed_exits_with_2(capsys, kind):
    """In one line, on standard error."""
    with pytest.raises(SystemExit) as ended, telling_usage():
        raise kind("give a prompt")

    assert 2 == ended.value.code
    assert ("", "llm-latency-lens: give a prompt\n") == capsys.readouterr()


def test_ctrl_c_exits_with_130():
    """Wherever it comes, as before the first call."""
    with pytest.raises(SystemExit) as ended, telling_usage():
        raise KeyboardInterrupt

    assert 130 == ended.value.code
