"""The comparison with a baseline on the HTML page."""

from collections.abc import Mapping
from typing import Any

from llm_latency_lens.reports.markup import Element, element
from llm_latency_lens.reports.shown_comparison import COLUMNS, read_comparison

__all__ = ["show_comparison"]


def show_comparison(document: Mapping[str, Any]) -> Element | None:
    """Return the section of the comparison; None where nothing was compared."""
    compared = read_comparison(document)
    if compared is None:
        return None
    table = element(
        "table",
        element("caption", "What is slower by more than its margin comes first."),
        element("thead", element("tr", *(element("th", name, scope="col") for name in COLUMNS))),
        element("tbody", *map(_row, compared.rows)),
    )
    scrolled = {"tabindex": 0, "role": "group", "aria_labelledby": "comparison"}
    return element(
        "section",
        element("h2", compared.title, id="comparison"),
        *(element("p", warning, class_="warn") for warning in compared.warnings),
        element("div", table, class_="wide", **scrolled) if compared.rows else None,
        element("p", f"{compared.more} more percentiles.", class_="quiet")
        if compared.more
        else None,
        aria_labelledby="comparison",
    )


def _row(cells: tuple[str, ...]) -> Element:
    name, *values, ruling = cells
    kind = {"SLOWER": "bad", "slower": "warn"}.get(ruling)
    return element(
        "tr",
        element("th", name, scope="row"),
        *(element("td", value) for value in values),
        element("td", ruling, class_=kind),
    )
