"""Hooks that the plugin offers."""

from typing import Any

import pytest

__all__ = ["pytest_lens_report"]


@pytest.hookspec
def pytest_lens_report(config: pytest.Config, document: dict[str, Any]) -> None:
    """
    Change the report before it is written.

    Called once, on the process that reports, with every worker's calls merged.

    Args:
        config: pytest's configuration.
        document: The report as plain JSON values; change it in place. Keys that the schema does
            not know belong under ``document["extra"]``.

    Example::

        def pytest_lens_report(config, document):
            document.setdefault("extra", {})["commit"] = os.environ.get("GIT_COMMIT")
    """
