"""The price book: figures that were looked up by hand, and what stays unknown."""

import sys
from decimal import Decimal

import pytest

from llm_latency_lens.pricing import PriceBook, PriceRow, why_unpriced
from llm_latency_lens.samples import Outcome, Status, Usage

# 21 September 2026.
_WALL_NS = 1_790_000_000_000_000_000


@pytest.mark.parametrize(
    ("provider", "model", "usage", "usd"),
    [
        ("openai", "gpt-5", Usage(10_000, 1_000, cached_input_tokens=8_000), "0.0135"),
        ("openai", "text-embedding-3-small", Usage(1_000, 0), "0.00002"),
        ("cohere", "embed-v4.0", Usage(1_200, 0, None, None, None, 1_000, 0), "0.00012"),
        ("google", "gemini-embedding-001", Usage(1_000, 0), "0.00015"),
        ("mistral", "mistral-embed", Usage(1_000, 0), "0.0001"),
        (
            "anthropic",
            "claude-sonnet-4-5",
            Usage(10_000, 1_000, cached_input_tokens=6_000, cache_write_tokens=2_000),
            "0.0303",
        ),
        ("openai", "gpt-4o-mini-2024-07-18", Usage(1_000_000, 0), "0.15"),
        (
            "cohere",
            "command-a-03-2025",
            Usage(
                50_000,
                1_100,
                cached_input_tokens=40_000,
                billed_input_tokens=10_000,
                billed_output_tokens=1_000,
            ),
            "0.035",
        ),
        ("groq", "llama-3.3-70b-versatile", Usage(10_000, 1_000), "0.00669"),
        ("google", "gemini-2.5-pro", Usage(150_000, 1_000), "0.1975"),
        ("google", "gemini-2.5-pro", Usage(250_000, 1_000), "0.640"),
    ],
)
def test_known_models_have_their_price(make_sample, provider, model, usage, usd):
    """Cached and written input has its own price; what is billed apart is what is paid."""
    cost = PriceBook().price(make_sample(provider=provider, model=model, usage=usage, usd=None))

    assert Decimal(usd) == cost.total_usd
    assert cost.input_usd + cost.output_usd == cost.total_usd
    assert cost.source.startswith("genai-prices ")


def test_reasoning_is_paid_as_output(make_sample):
    """Reasoning is part of the output that the provider counted; it is not paid twice."""
    with_reasoning, without = (
        PriceBook().price(make_sample(usage=Usage(10, 100, reasoning_tokens=tokens), usd=None))
        for tokens in (90, None)
    )

    assert without == with_reasoning


def test_price_is_that_of_the_day(make_sample):
    """A call is priced by the date that it was made on."""
    usage = Usage(1_000_000, 0)
    before = make_sample(
        provider="openai",
        model="o3",
        requested_model="o3",
        usage=usage,
        usd=None,
        wall_ns=1_748_000_000_000_000_000,
    )
    after = make_sample(
        provider="openai", model="o3", requested_model="o3", usage=usage, usd=None, wall_ns=_WALL_NS
    )

    assert PriceBook().price(before).total_usd > PriceBook().price(after).total_usd


@pytest.mark.parametrize(
    "fields",
    [
        {"model": "no-such-model", "requested_model": "no-such-model"},
        {"provider": "localhost:8000"},
        {"usage": Usage()},
        {"usage": Usage(input_tokens=5)},
        {"usage": Usage(10, 1, cached_input_tokens=80)},
    ],
)
def test_unknown_is_unknown(make_sample, fields):
    """No usage, no price or counts that contradict each other: the cost is unknown, not zero."""
    assert PriceBook().price(make_sample(usd=None, **fields)) is None


def test_requested_model_is_the_second_try(make_sample):
    """Where the answer's name of the model has no price, the request's has."""
    cost = PriceBook().price(make_sample(model="my-deployment", usd=None))

    assert cost is not None


def test_refused_call_costs_nothing(make_sample):
    """A call with an HTTP error is not billed."""
    cost = PriceBook().price(
        make_sample(status=Status.ERROR, http_status=429, usage=Usage(), usd=None)
    )

    assert (0, "not billed: HTTP 429") == (cost.total_usd, cost.source)


def test_error_inside_a_stream_is_not_free(make_sample):
    """What failed after a 200 may be billed; without usage nobody knows."""
    sample = make_sample(status=Status.ERROR, http_status=200, usage=Usage(), usd=None)

    assert PriceBook().price(sample) is None


@pytest.mark.parametrize(
    ("row", "usd"),
    [
        (PriceRow("*", Decimal(0), Decimal(0)), "0"),
        (PriceRow("gpt-4o-mini", Decimal(1), Decimal(2)), "0.000032"),
        (PriceRow("gpt-4o-mini-2024-07-18", Decimal(1), Decimal(2), provider="OpenAI"), "0.000032"),
        (
            PriceRow(
                "*",
                Decimal(1),
                Decimal(2),
                cached_input_usd_per_million=Decimal(0),
                cache_write_usd_per_million=Decimal(3),
            ),
            "0.000034",
        ),
    ],
)
def test_own_prices_come_first(make_sample, row, usd):
    """A price of the project's own file wins: 10 tokens in (2 read, 2 written), 11 out."""
    usage = Usage(10, 11, cached_input_tokens=2, cache_write_tokens=2)

    assert Decimal(usd) == PriceBook((row,)).price(make_sample(usage=usage, usd=None)).total_usd


@pytest.mark.parametrize(
    "row",
    [
        PriceRow("other", Decimal(0), Decimal(0)),
        PriceRow("*", Decimal(0), Decimal(0), provider="anthropic"),
    ],
)
def test_price_of_another_model_is_passed_over(make_sample, row):
    """A row for another model or provider is not used."""
    assert PriceBook((row,)).price(make_sample(usd=None)).total_usd > 0


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"usage": Usage()}, 'stream_options={"include_usage": True}'),
        ({"usage": Usage(), "outcome": Outcome(Status.CUT)}, "ended as cut told no usage"),
        ({"usage": Usage(), "outcome": Outcome(Status.CANCELLED)}, "ended as cancelled"),
        (
            {"usage": Usage(10, 1, cached_input_tokens=80)},
            "the usage that openai told contradicts itself: more cached than input",
        ),
        (
            {"usage": Usage(), "protocol": "ollama_embeddings"},
            "the answer of openai with embeddings told no tokens to price",
        ),
        ({"model": "mine"}, "no price is known for model 'mine' of openai; give one"),
    ],
)
def test_missing_price_names_its_fix(make_sample, fields, words):
    """Why a call has no cost comes with the way to give it one."""
    assert words in why_unpriced(make_sample(usd=None, **fields))


@pytest.mark.parametrize(
    ("wall_ns", "usd"),
    [(1_748_000_000_000_000_000, "10"), (1_750_000_000_000_000_000, "2")],
)
def test_price_that_fell_is_that_of_its_day(make_sample, wall_ns, usd):
    """A million tokens to o3: 10 dollars in May 2025, 2 from 10 June on."""
    sample = make_sample(
        model="o3", requested_model="o3", usage=Usage(1_000_000, 0), usd=None, wall_ns=wall_ns
    )

    assert Decimal(usd) == PriceBook().price(sample).total_usd


def test_usage_that_contradicts_itself_has_no_price_in_a_file(make_sample):
    """More cached than input would make a negative sum: the cost is unknown."""
    book = PriceBook((PriceRow("*", Decimal(1), Decimal(1)),))

    assert book.price(make_sample(usage=Usage(10, 1, cached_input_tokens=80), usd=None)) is None


def test_first_row_that_covers_the_call_wins(make_sample):
    """Rows are tried in the order of the file."""
    rows = (
        PriceRow("*", Decimal(1), Decimal(0), provider="anthropic"),
        PriceRow("gpt-4o-mini", Decimal(2), Decimal(0)),
        PriceRow("*", Decimal(3), Decimal(0)),
    )

    cost = PriceBook(rows).price(make_sample(usage=Usage(1_000_000, 0), usd=None))

    assert 2 == cost.total_usd


def test_timed_out_call_is_not_free(make_sample):
    """A call without an answer may be billed; nobody knows."""
    sample = make_sample(status=Status.TIMEOUT, http_status=None, usage=Usage(), usd=None)

    assert PriceBook().price(sample) is None


def test_the_library_can_be_loaded_ahead():
    """So that the first call that is priced does not wait for it."""
    PriceBook.load()

    assert "genai_prices" in sys.modules


def test_calls_that_used_the_same_share_their_cost(make_sample):
    """So that the library is asked once; other tokens and another minute are asked for anew."""
    book = PriceBook()
    same, other, later = (
        book.price(make_sample(usage=usage, usd=None, wall_ns=_WALL_NS + late_ns))
        for usage, late_ns in (
            (Usage(10, 5), 0),
            (Usage(10, 6), 0),
            (Usage(10, 5), 60_000_000_000),
        )
    )

    assert same is book.price(make_sample(usage=Usage(10, 5), usd=None, wall_ns=_WALL_NS))
    assert same is not later
    assert same == later != other


def test_few_costs_are_remembered(make_sample, monkeypatch):
    """A session of many days and prompts does not fill the memory with prices."""
    monkeypatch.setattr("llm_latency_lens.pricing.book._MOST_KNOWN", 3)
    book = PriceBook()
    for tokens in range(10):
        book.price(make_sample(usage=Usage(tokens, 1), usd=None))

    assert 3 >= len(book._known) > 0


def test_the_prices_of_a_model_are_told_with_their_day():
    """Per million tokens, by the book of that day."""
    info = PriceBook().info("openai", "gpt-4o-mini", _WALL_NS)

    assert ("0.15", "0.6", "0.075", None, None, "2026-09-21", True) == (
        str(info.input_usd_per_million),
        str(info.output_usd_per_million),
        str(info.cached_input_usd_per_million),
        info.cache_write_usd_per_million,
        info.dearer_above_input_tokens,
        info.day.isoformat(),
        info.is_known,
    )


def test_a_price_by_the_length_of_the_input_is_that_of_short_ones():
    """With the length from which on it is another."""
    info = PriceBook().info("anthropic", "claude-sonnet-4-5", _WALL_NS)

    assert ("3", "15", "0.3", "3.75", 200_000) == (
        str(info.input_usd_per_million),
        str(info.output_usd_per_million),
        str(info.cached_input_usd_per_million),
        str(info.cache_write_usd_per_million),
        info.dearer_above_input_tokens,
    )


def test_prices_of_the_project_come_first():
    """For its own vendor alone, if it names one."""
    row = PriceRow("gpt-4o-mini", Decimal(1), Decimal(2), "openai", Decimal("0.5"), source="p.toml")
    book = PriceBook((row,))
    ours, theirs = (book.info(name, "gpt-4o-mini", _WALL_NS) for name in ("OpenAI", "azure"))

    assert (Decimal(1), Decimal(2), Decimal("0.5"), "p.toml") == (
        ours.input_usd_per_million,
        ours.output_usd_per_million,
        ours.cached_input_usd_per_million,
        ours.source,
    )
    assert "p.toml" != theirs.source


def test_a_price_that_nobody_knows_is_none():
    """Never zero."""
    info = PriceBook().info("ollama", "none-such", _WALL_NS)

    assert (None, None, "", False) == (
        info.input_usd_per_million,
        info.output_usd_per_million,
        info.source,
        info.is_known,
    )
