"""The price file: read whole, or refused with the file and the place."""

from decimal import Decimal

import pytest

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.pricing import PriceRow, read_price_file

_HEAD = '[[price]]\nmodel = "m"\ninput_usd_per_million = 0.1\noutput_usd_per_million = 2\n'


@pytest.fixture
def price_file(tmp_path):
    """Return what writes a price file."""

    def write(text):
        path = tmp_path / "prices.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_prices_are_exact(price_file):
    """Amounts keep their decimal digits, and a row knows its file."""
    (row,) = read_price_file(price_file(_HEAD + 'provider = "p"'))

    assert PriceRow("m", Decimal("0.1"), Decimal(2), "p", source="prices.toml") == row


def test_optional_prices_are_read(price_file):
    """Cached and written input may have prices of their own."""
    text = _HEAD + "cached_input_usd_per_million = 0\ncache_write_usd_per_million = 3.5"

    (row,) = read_price_file(price_file(text))

    assert (Decimal(0), Decimal("3.5")) == (
        row.cached_input_usd_per_million,
        row.cache_write_usd_per_million,
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[price", "is not TOML"),
        ("", "price: Field required"),
        ("price = []", "price: List should have at least 1 item"),
        (_HEAD + "currency = 3", "price.0.currency: Extra inputs are not permitted"),
        (_HEAD.replace("0.1", "-1"), "price.0.input_usd_per_million: Input should be greater"),
        (_HEAD.replace("0.1", "nan"), "price.0.input_usd_per_million: "),
        (_HEAD.replace("0.1", "inf"), "price.0.input_usd_per_million: "),
        (_HEAD.replace("0.1", "1e999"), "price.0.input_usd_per_million: Input should be less"),
        (_HEAD + "cached_input_usd_per_million = -1", "price.0.cached_input_usd_per_million: "),
        (_HEAD.replace('model = "m"\n', ""), "price.0.model: Field required"),
        (_HEAD.replace('"m"', '""'), "price.0.model: "),
        ("other = 1\n" + _HEAD, "other: Extra inputs are not permitted"),
    ],
)
def test_bad_file_is_refused(price_file, text, words):
    """The message names the file, the place and the fault."""
    path = price_file(text)

    with pytest.raises(ConfigurationError) as caught:
        read_price_file(path)

    assert f"price file {path}" in str(caught.value)
    assert words in str(caught.value)


def test_missing_file_is_refused(tmp_path):
    """A file that is not there is named."""
    with pytest.raises(ConfigurationError, match=r"none\.toml cannot be read"):
        read_price_file(tmp_path / "none.toml")


def test_file_in_another_encoding_is_refused(tmp_path):
    """A file that is no UTF-8 cannot be read."""
    path = tmp_path / "latin.toml"
    path.write_bytes(b'model = "\xe4"')

    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_price_file(path)


def test_folder_is_refused(tmp_path):
    """A folder is no price file."""
    with pytest.raises(ConfigurationError, match="cannot be read"):
        read_price_file(tmp_path)
