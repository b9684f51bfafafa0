"""Pictures of the documentation are those that their scripts draw."""

import runpy
from pathlib import Path

import pytest

_DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["budgets_that_hold"])
def test_picture_is_what_its_script_draws(name):
    """Whoever changes the rule draws it anew: python docs/_plots/NAME.py."""
    script = runpy.run_path(str(_DOCS / "_plots" / f"{name}.py"))

    assert script["draw"]() == script["PICTURE"].read_text(encoding="utf-8")
