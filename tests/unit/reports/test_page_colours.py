"""The colours of the HTML page: legible in the light and in the dark."""

import re
from importlib.resources import files

import pytest

STYLE = (files("llm_latency_lens.reports") / "page.css").read_text("utf-8")
THEMES = dict(
    zip(
        ("light", "dark"),
        (
            dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", block))
            for block in re.findall(r":root \{(.*?)\}", STYLE, re.DOTALL)
        ),
        strict=True,
    )
)
PAIRS = (
    *(("text", "surface"), ("text", "page"), ("quiet", "surface"), ("quiet", "page")),
    *(("latency", "page"), ("bad", "surface"), ("quiet", "track")),
    *(("good", "good-soft"), ("bad", "bad-soft"), ("warn", "warn-soft")),
)


def _luminance(colour):
    """Relative luminance by WCAG 2.2."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), PAIRS)
def test_text_has_the_contrast_of_level_aa(theme, text, ground):
    """At least 4.5 to 1, as WCAG 2.2 wants it (success criterion 1.4.3)."""
    low, high = sorted(_luminance(THEMES[theme][name]) for name in (text, ground))

    assert (high + 0.05) / (low + 0.05) >= 4.5


def test_both_themes_have_every_colour():
    """What the dark one forgot would be dark on dark."""
    assert THEMES["light"].keys() == THEMES["dark"].keys()
