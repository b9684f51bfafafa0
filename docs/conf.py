"""How the pages are built; every warning is an error (``tox -e docs``)."""

import sys
from importlib.metadata import version as version_of
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "_ext"))

project = "LLM Latency Lens"
author = "LLM Latency Lens maintainers"
copyright = "LLM Latency Lens maintainers"  # noqa: A001 - the name that Sphinx reads
version = release = version_of("llm-latency-lens")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "lens_reference",
    "lens_runs",
]
exclude_patterns = ["_build", "_ext", "_plots"]
nitpicky = True
# Shown in signatures, not linked: the standard library, pytest, and types that no page describes.
nitpick_ignore_regex = [
    ("py:.*", r"(collections|contextlib|datetime|decimal|fractions|pathlib|random|_pytest)\..*"),
    ("py:class", r"Decimal|.*lens\._Client"),
    ("py:.*", r"tuple\[.*"),  # a generic that napoleon cut at its comma
    ("py:.*", r"llm_latency_lens\.(capture|clock|protocols|metrics|budgets\.evidence)\..*"),
    ("py:.*", r"llm_latency_lens\.(pricing\.book|profiler\.failures)\..*"),
    ("py:.*", r"llm_latency_lens\.pytest_plugin\.(recorder|baselines)\..*"),
    ("py:.*", r"llm_latency_lens\.profiler\.schedules\.AtConcurrency \|.*"),  # a union, cut
]

myst_enable_extensions = ["deflist", "dollarmath", "colon_fence"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# "Attributes:" of a docstring beside the attributes themselves would describe each one twice.
napoleon_use_ivar = True
napoleon_attr_annotations = False

html_theme = "furo"
html_title = f"LLM Latency Lens {version}"
html_theme_options = {"navigation_with_keys": True}
