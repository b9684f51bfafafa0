"""The session as one HTML page: what the document says, and nothing that a browser runs."""

import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from llm_latency_lens.budgets import Ruling
from llm_latency_lens.reports import make_document
from llm_latency_lens.reports.html_file import write_html
from llm_latency_lens.results import RunResult

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)> & \u2028'
VOID = {"meta"}


class _Page(HTMLParser):
    """What a browser would find: elements with their attributes and their text."""

    def __init__(self, text):
        super().__init__()
        self.elements = []
        self._open = []
        self.feed(text)
        self.close()
        assert [] == self._open

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes), []))
        if tag not in VOID:
            self._open.append(len(self.elements) - 1)

    def handle_endtag(self, tag):
        assert tag == self.elements[self._open.pop()][0]

    def handle_data(self, data):
        for at in self._open:
            self.elements[at][2].append(data)

    def all(self, tag, **wanted):
        """The texts of the elements of one name, with those attributes."""
        return [
            "".join(text)
            for name, attributes, text in self.elements
            if name == tag and wanted.items() <= attributes.items()
        ]


@pytest.fixture
def source(tmp_path):
    """Return the page of a document as text."""

    def source(document):
        path = tmp_path / "lens.html"
        write_html(document, path)
        return path.read_text(encoding="utf-8")

    return source


@pytest.fixture
def page(source):
    """Return that page, read."""
    return lambda document: _Page(source(document))


def test_page_is_well_formed(page, document):
    """Every element that was opened is closed, in its turn."""
    found = page(document)

    assert (1, 1, 1) == tuple(len(found.all(tag)) for tag in ("html", "main", "h1"))


def test_only_its_own_style_is_allowed(page, document):
    """The policy forbids everything but the style sheet with this hash."""
    found = page(document)
    (style,) = found.all("style")
    digest = b64encode(sha256(style.encode()).digest()).decode()
    policies = [
        attributes["content"]
        for name, attributes, _ in found.elements
        if attributes.get("http-equiv") == "Content-Security-Policy"
    ]

    assert [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ] == policies


def test_nothing_is_fetched_and_nothing_runs(page, document):
    """No script, no handler, no style on an element, no address of anything."""
    found = page(document)
    tags = {name for name, _, _ in found.elements}
    attributes = {key for _, each, _ in found.elements for key in each}

    assert set() == tags & {"script", "link", "img", "iframe", "object", "a", "form", "use"}
    assert set() == {key for key in attributes if key.startswith("on")}
    assert set() == attributes & {"style", "src", "href", "xlink:href", "srcset", "action"}


def test_style_fetches_nothing(source, document):
    """No import and no URL in the style sheet."""
    assert [] == re.findall(r"@import|url\(|https?:", source(document))


def test_text_of_others_is_text(page, document):
    """Names, ids and words of a provider are shown, whatever they hold."""
    document["models"][0]["model"] = document["models"][1]["provider"] = HOSTILE
    document["tests"][1]["node_id"] = HOSTILE
    document["environment"]["python"] = HOSTILE
    document["extra"] = {"commit": HOSTILE}
    for call in document["calls"]:
        call["node_id"] = call["requested_model"] = HOSTILE
        call["error_type"] = HOSTILE
    found = page(document)

    assert ([], []) == (found.all("script"), found.all("img"))
    assert HOSTILE in found.all("h3")
    assert HOSTILE in found.all("dd")
    assert any(HOSTILE in text for text in found.all("td"))


def test_half_a_surrogate_pair_does_not_cost_the_page(source, document):
    """It is shown as its escape."""
    document["models"][0]["model"] = "bad \ud800 word"

    assert "bad \\ud800 word" in source(document)


@pytest.mark.parametrize(
    ("budgets", "kind", "headline"),
    [
        ((0, 0, 0, 0, 0), "quiet", "No budgets in this session"),
        ((1, 0, 0, 0, 0), "good", "The budget is kept"),
        ((3, 0, 0, 0, 0), "good", "Every budget kept"),
        ((2, 0, 0, 1, 0), "good", "2 of 3 budgets kept"),
        ((2, 1, 1, 0, 1), "bad", "1 of 5 budgets broken"),
        ((0, 1, 0, 0, 0), "bad", "1 of 1 budget broken"),
        ((2, 0, 1, 0, 1), "warn", "1 of 4 budgets could not be judged"),
        ((2, 0, 0, 0, 1), "warn", "1 of 3 budgets not settled"),
    ],
)
def test_headline_is_the_verdict(page, document, budgets, kind, headline):
    """Read from across the room, and in the title of the tab."""
    names = ("kept", "broken", "error", "not_judged", "not_settled")
    found = page(document | {"budgets": dict(zip(names, budgets, strict=True))})

    assert [headline] == found.all("h1")
    assert f"{headline} - LLM Latency Lens" == found.all("title")[0]
    assert 1 == len(found.all("header", **{"class": kind}))


def test_figures_are_those_of_the_document(page, document):
    """A row a model, percentiles as the document has them."""
    rows = [text for text in page(document).all("tr") if text.startswith("gpt-4o-mini")]

    assert ["gpt-4o-miniopenai62200 msfailed1 sfailedfailed7.69>$0.004"] == rows


def test_tables_are_told_to_those_who_hear_them(page, document):
    """Heads have a scope, sections a name, the plot a title; bars that repeat are silent."""
    found = page(document)
    scopes = [attributes.get("scope") for name, attributes, _ in found.elements if name == "th"]
    labels = {attributes.get("aria-labelledby") for _, attributes, _ in found.elements} - {None}
    ids = {attributes.get("id") for _, attributes, _ in found.elements}

    assert None not in scopes
    assert labels <= ids
    assert ["Distribution of time to first token and latency by model"] == [
        text for text in found.all("title") if text.startswith("Distribution")
    ]
    assert all(
        attributes.get("aria-hidden") or attributes.get("role") == "img"
        for name, attributes, _ in found.elements
        if name == "svg"
    )


def test_broken_budgets_come_first(page, document):
    """What held is folded away behind them."""
    found = page(document)

    assert ["t.py::test_broken", "t.py::test_unpriced", "t.py::test_kept"] == found.all("h3")
    (folded,) = found.all("details")
    assert folded.startswith("1 test whose budgets held")
    assert "test_kept" in folded


def test_where_all_held_nothing_is_folded_away(page, document):
    """Then there is nothing in front of it."""
    document["tests"] = [document["tests"][0]]
    found = page(document)
    (opened,) = (attributes for name, attributes, _ in found.elements if name == "details")

    assert "open" in opened


def test_where_none_held_nothing_is_folded(page, document):
    """There is no empty fold."""
    document["tests"] = [document["tests"][1]]

    assert [] == page(document).all("details")


def test_verdict_says_what_the_terminal_says(page, document):
    """In two lines, with the sign of a book."""
    texts = page(document).all("li")

    assert "✓ keptp95 latency 1 s ≤ 2 s0 of 2 calls over, 0 allowed" in texts


def test_slowest_calls_say_where_time_went(page, document):
    """Parts of a call in their order, for eyes and for ears."""
    document["calls"][0] |= {"retry_ms": 300.0, "sent_ms": 320.0, "ttft_ms": 500.0}
    found = page(document)
    spoken = [
        attributes["aria-label"]
        for name, attributes, _ in found.elements
        if name == "svg" and "aria-label" in attributes
    ]

    assert (
        "failed attempts and pauses 300 ms, connecting and sending 20 ms, "
        "waiting for the first token 180 ms, streaming 500 ms"
    ) in spoken


def test_failed_calls_say_type_and_code(page, document):
    """With the status of the answer, where there was one."""
    cells = page(document).all("td", **{"class": "bad"})

    assert "error HTTP 529 overloaded_error overloaded" in cells


def test_many_failed_calls_are_counted(page, document):
    """A dozen are shown."""
    failed = [call for call in document["calls"] if call["status"] == "error"]
    found = page(document | {"calls": failed * 15})

    assert "... and 3 more." in found.all("p")


def test_many_models_are_counted(page, document):
    """The plot has the dozen with most calls, the table has all."""
    document["models"] = [
        document["models"][1] | {"model": f"model-{at}", "calls": at} for at in range(14)
    ]
    for at, call in enumerate(document["calls"]):
        call["requested_model"] = f"model-{13 - at % 2}"
    found = page(document)

    assert any("Shown are the 12 models with most calls" in text for text in found.all("p"))
    assert 14 == sum(text.startswith("model-") for text in found.all("tr"))


def test_session_without_a_call_is_a_page(page):
    """It has neither table nor plot."""
    found = page(make_document(RunResult()))

    assert (["No budgets in this session"], [], []) == (
        found.all("h1"),
        found.all("table"),
        found.all("svg"),
    )


def test_session_of_failed_calls_is_a_page(page, document):
    """Without a time there is no plot and no slowest call."""
    calls = [call | {"ttft_ms": None} for call in document["calls"] if call["status"] == "error"]
    found = page(document | {"calls": calls})

    assert [] == found.all("svg", role="img")
    assert "Failed calls" in found.all("h2")


def test_run_that_cannot_be_told_apart_has_no_number(page, document):
    """Where several went on at once."""
    document["calls"] = [document["calls"][0] | {"run": -1}]

    assert "-" in page(document).all("td")


def test_document_without_empty_fields_says_the_same(source, document, compact):
    """A report may leave out what is null."""
    assert source(document) == source(compact)


@pytest.mark.parametrize("ruling", Ruling)
def test_every_ruling_is_shown(page, document, ruling):
    """Whatever became of a budget, there is a page that says so."""
    document["tests"][0]["verdicts"][0] |= {"ruling": ruling.value, "in_words": "the verdict"}

    assert any("the verdict" in text for text in page(document).all("li"))


def test_budgets_of_the_session_are_shown(page, document):
    """They belong to no test, and have no runs."""
    document["tests"] = []
    document["session_verdicts"] = [
        {"budget": "p95", "ruling": "kept", "unit": "ms", "limit": 1, "in_words": "p95: kept"}
    ]
    found = page(document)

    assert ["the whole session"] == found.all("h3")
    assert not any("run" in text for text in found.all("article"))


def test_comparison_is_a_table(page, compared):
    """What is slower comes first; what makes it doubtful is said."""
    found = page(compared)
    cells = found.all("td")

    assert "Compared with baseline main of 2026-11-24" in found.all("h2")
    assert cells.index("SLOWER") < cells.index("slower")
    assert any("fewer than" in text for text in found.all("p", **{"class": "warn"}))


def test_many_rows_of_a_comparison_are_cut_short(page, compared):
    """Nobody reads them all."""
    compared["comparison"]["rows"] = compared["comparison"]["rows"][:1] * 53

    assert "3 more percentiles." in page(compared).all("p")


def test_comparison_without_rows_has_no_table(page, compared):
    """Every test may be new."""
    compared["comparison"]["rows"] = []
    compared["models"] = compared["calls"] = []

    assert [] == page(compared).all("table")


def test_session_that_was_cut_short_says_so(page, document):
    """Beside the headline."""
    found = page(document | {"partial": {"reasons": ["gw1 died"]}})

    assert ["Partial: gw1 died"] == found.all("p", **{"class": "warn"})
