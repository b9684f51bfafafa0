"""Every recorded body gives every fact that a separate parser found in it."""

import json
import os
from pathlib import Path

import pytest

from llm_latency_lens.protocols import PROTOCOLS
from llm_latency_lens.testing import check_decoder

_FOLDER = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared") / "streams"


def _protocols_of(case_id):
    """
    Return the protocols that a case must be read by.

    A failure is one for each of them: an endpoint that speaks one vendor's protocol often fails
    in the shape of another, its own.
    """
    folder = case_id.partition("/")[0]
    if folder == "errors":
        return [*PROTOCOLS]
    return [folder] if folder in PROTOCOLS else []


def _cases():
    index = _FOLDER / "index.json"
    if not index.is_file():
        reason = f"no recorded streams at {_FOLDER}; set LENS_SHARED to the folder above them"
        return [pytest.param("", "", "", id="none", marks=pytest.mark.skip(reason))]
    return [
        pytest.param(protocol, entry["meta"], entry["body"], id=f"{entry['id']}-{protocol}")
        for entry in json.loads(index.read_bytes())["entries"]
        if entry["kind"] != "sequence"
        for protocol in _protocols_of(entry["id"])
    ]


def _sequences():
    index = _FOLDER / "index.json"
    entries = json.loads(index.read_bytes())["entries"] if index.is_file() else ()
    return [
        pytest.param(entry["meta"], entry["body"], id=entry["id"])
        for entry in entries
        if entry["kind"] == "sequence"
    ]


@pytest.mark.parametrize(("protocol", "meta", "body"), _cases())
def test_recorded_body_gives_its_facts(protocol, meta, body):
    """All facts hold for every way to cut the body."""
    case = json.loads((_FOLDER / meta).read_bytes())

    check_decoder(
        protocol,
        (_FOLDER / body).read_bytes(),
        case["expected"],
        headers=case["headers"],
        http_status=case["status"],
    )


@pytest.mark.parametrize(("meta", "body"), _sequences())
def test_recorded_sequence_gives_its_facts(meta, body):
    """Each response of a prediction that is asked for and then fetched, and what the last tells."""
    expected = json.loads((_FOLDER / meta).read_bytes())["expected"]
    exchanges = json.loads((_FOLDER / body).read_bytes())
    last = ("metrics", "created_at", "started_at", "completed_at")

    for number, (exchange, status) in enumerate(zip(exchanges, expected["statuses"], strict=True)):
        is_last = number == expected["polls"]
        facts = {name: expected[name] for name in last} if is_last else {"text": ""}
        check_decoder(
            "replicate",
            json.dumps(exchange["body"]).encode(),
            facts | {"prediction_status": expected["final_status"] if is_last else status},
            headers=exchange["headers"],
            http_status=exchange["status"],
        )

    assert expected["requests"] == len(exchanges)
    assert expected["polls"] == [each["method"] for each in exchanges].count("GET")


def test_every_recorded_case_is_read():
    """A case without a protocol of ours would be passed over without a word."""
    index = _FOLDER / "index.json"
    if not index.is_file():
        pytest.skip(f"no recorded streams at {_FOLDER}; set LENS_SHARED to the folder above them")
    entries = json.loads(index.read_bytes())["entries"]

    assert [] == [entry["id"] for entry in entries if not _protocols_of(entry["id"])]
