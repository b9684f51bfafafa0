"""The session as Markdown: what a job summary shows."""

import pytest

from llm_latency_lens.budgets import Ruling
from llm_latency_lens.reports import make_document
from llm_latency_lens.reports.markdown_file import write_markdown
from llm_latency_lens.results import RunResult

HOSTILE = "<img src=x> | *b* _i_ `c` [l](u) #1 ~s~ $m$ @you\nnext \\"


@pytest.fixture
def page(tmp_path):
    """Return the page of a document."""

    def page(document):
        path = tmp_path / "lens.md"
        write_markdown(document, path)
        return path.read_text(encoding="utf-8")

    return page


@pytest.fixture
def rendered(page):
    """Return that page as HTML, by a Markdown parser that is not ours."""
    markdown_it = pytest.importorskip("markdown_it", reason="needs markdown-it-py")
    renderer = markdown_it.MarkdownIt("commonmark").enable(["table", "strikethrough"])
    return lambda document: renderer.render(page(document))


def test_page_says_it_all(page, document):
    """One look: counts, totals, a row a model, and each test whose budgets did not hold."""
    text = page(document)

    assert (
        "## ❌ LLM latency budgets: 2 kept, 3 broken, 1 in error\n"
        "\n"
        "**8 calls**, **2 failed** · 70 tokens in, 77 out · cost >\\$0.005\n"
        "\n"
        "| Model | Calls | Failed | p50 | p95 | p99 | TTFT p50 | TTFT p95 | Tokens/s | Cost |\n"
        "| --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n"
        "| localhost:8000 qwen3-8b | 1 | 0 | 1 s | 1 s | 1 s | 200 ms | 200 ms | 12.5 | unknown |\n"
    ) == text[: text.index("| openai")]
    assert "- `t.py::test_broken`\n  - ❌ p95 latency no end > 500 ms: 3 of 3 calls over" in text
    assert "- `t.py::test_unpriced`\n  - ⚠ cost per call \\<= \\$1.00: the cost of 1 of 1" in text


def test_what_held_is_folded_away(rendered, document):
    """It is there, and in nobody's way."""
    html = rendered(document)
    folded = html[html.index("<details>") : html.index("</details>")]

    assert "<summary>Budgets that held (1 test)</summary>" in folded
    assert "<code>t.py::test_kept</code>" in folded
    assert "test_broken" not in folded


def test_table_is_one(rendered, document):
    """A parser that knows GitHub's tables finds a row for each model."""
    html = rendered(document)

    assert (1, 2) == (html.count("<table>"), html.count("<tr>") - 1)


def test_session_without_budgets_has_no_ruling(page, make_sample):
    """Its title promises nothing."""
    text = page(make_document(RunResult((make_sample(),))))

    assert text.startswith("## LLM latency\n\n**1 call** · 10 tokens in")
    assert "Budgets" not in text


def test_session_without_a_call_is_a_page(page):
    """It has no table."""
    assert "|" not in page(make_document(RunResult()))


def test_good_session_is_ticked(page, document):
    """Where nothing is broken or in error."""
    good = document | {"budgets": {"kept": 2, "broken": 0, "error": 0, "not_judged": 1}}

    assert page(good).startswith("## ✅ LLM latency budgets: 2 kept, 1 not judged\n")


def test_retries_are_told(page, document):
    """Where there were any."""
    retried = document | {"total": document["total"] | {"retries": 3}}

    assert "**2 failed** · 3 retries · " in page(retried)


def test_extra_values_are_told(page, document):
    """A commit that a hook added stands in the last line."""
    assert "· commit abc</sub>" in page(document | {"extra": {"commit": "abc", "more": []}})


def test_text_of_others_is_text(rendered, document):
    """Names and ids of any content are shown as they are."""
    document["models"][0]["model"] = HOSTILE
    document["extra"] = {"commit": HOSTILE}
    document["tests"][1]["node_id"] = HOSTILE.replace("\n", " ")
    html = rendered(document)
    shown = "&lt;img src=x&gt; | *b* _i_ `c` [l](u) #1 ~s~ $m$ @you next \\"

    assert 3 == html.count(shown)
    assert [] == [tag for tag in ("<img", "<em>", "<a ", "<s>", "<strong>b") if tag in html]


def test_backticks_in_an_id_end_no_code(rendered, document):
    """The fence is longer than what is in it."""
    document["tests"][1]["node_id"] = "t.py::test[``a`b``]"

    assert "<code>t.py::test[``a`b``]</code>" in rendered(document)


def test_long_lists_are_cut_short(page, document):
    """GitHub shows at most a mebibyte, and nobody reads that."""
    document["tests"] = [document["tests"][1]] * 53
    document["models"] = [document["models"][0]] * 52
    text = page(document)

    assert "\n... and 3 more tests.\n" in text
    assert "\n... and 2 more models.\n" in text
    assert 50 == text.count("`t.py::test_broken`")


def test_document_without_empty_fields_says_the_same(page, document, compact):
    """A report may leave out what is null."""
    assert page(document) == page(compact)


@pytest.mark.parametrize("ruling", Ruling)
def test_every_ruling_is_shown(page, document, ruling):
    """Whatever became of a budget, there is a page that says so."""
    document["tests"][0]["verdicts"][0] |= {"ruling": ruling.value, "in_words": "the verdict"}

    assert "the verdict" in page(document)


@pytest.mark.parametrize(
    ("budgets", "symbol"),
    [
        ({"kept": 1}, "✅"),
        ({"kept": 1, "not_settled": 1}, "⚠"),
        ({"not_settled": 1, "error": 1}, "❌"),
    ],
)
def test_headline_has_the_symbol_of_the_worst(page, document, budgets, symbol):
    """A budget that is not settled is neither kept nor broken."""
    assert page(document | {"budgets": budgets}).startswith(f"## {symbol} ")


def test_budgets_of_the_session_are_shown(page, document):
    """They belong to no test."""
    document["session_verdicts"] = document["tests"][0]["verdicts"]

    assert "- The whole session\n  - " in page(document)


def test_comparison_is_a_table(rendered, compared):
    """What is slower comes first; what makes it doubtful is said."""
    html = rendered(compared)

    assert "<h3>Compared with baseline main of 2026-11-24: 1 percentile too slow</h3>" in html
    assert html.index("SLOWER") < html.index("slower</td>")
    assert "fewer than" in html


def test_many_rows_of_a_comparison_are_cut_short(page, compared):
    """Nobody reads them all."""
    compared["comparison"]["rows"] = compared["comparison"]["rows"][:1] * 53

    assert "\n... and 3 more percentiles.\n" in page(compared)


def test_session_that_was_cut_short_says_so(page, document):
    """Before any number."""
    text = page(document | {"partial": {"reasons": ["gw1 died"]}})

    assert text.index("⚠ Partial: gw1 died") < text.index("**8 calls**")
