"""Every client that is installed, in every scene: one right sample, and nothing else changed."""

import os

import pytest
from traffic_page import rows_of
from traffic_rows import cells_of, key_of, keys_of_sections


def test_a_call_is_one_classified_sample(row):
    """There is one, with the status and the attempts of its scene."""
    scene = row.scene
    expected = [
        [(scene.ending(each.raised), scene.http_status, scene.attempts)] for each in row.both
    ]

    assert expected == [
        [(one.outcome.status, one.outcome.http_status, len(one.attempts)) for one in each.samples]
        for each in row.both
    ]


def test_a_body_that_is_no_answer_is_noted(row):
    """The note says why it was not decoded; there is none where it was."""
    expected = row.scene.note
    notes = [one.note for each in row.both for one in each.samples]

    assert [expected, expected] == [note[: len(expected)] if expected else note for note in notes]


def test_the_sdk_sends_the_same(row):
    """The server sees the same requests with the lens and without: headers, bodies, number."""
    assert [each.bare["requests"] for each in row.both] == [
        each.watched["requests"] for each in row.both
    ]
    assert all(len(each.bare["requests"]) == row.scene.attempts for each in row.both)


def test_the_sdk_gives_the_same(row):
    """Chunks, answers and exceptions are the same with the lens and without."""
    assert [(each.bare["received"], each.bare["raised"]) for each in row.both] == [
        (each.watched["received"], each.watched["raised"]) for each in row.both
    ]


def test_the_page_tells_it(row):
    """The row of docs/reference/traffic.md is what was measured; LENS_WRITE_TRAFFIC=1 writes it."""
    if os.environ.get("LENS_WRITE_TRAFFIC"):
        pytest.skip("the page is being written")
    written = rows_of().get(row.section, {}).get(key_of(row.scene, streamed=row.streamed))

    assert cells_of(row) == written


def test_the_page_has_the_rows_of_this_table():
    """No section and no scene is missing or left over, and none is out of its place."""
    written = {section: list(rows) for section, rows in rows_of().items()}
    expected = keys_of_sections()

    assert list(expected) == list(written)
    assert {name: keys for name, keys in expected.items() if keys is not None} == {
        name: written[name] for name, keys in expected.items() if keys is not None
    }
