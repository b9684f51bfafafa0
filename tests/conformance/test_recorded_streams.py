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
        for protocol in _protocols_of(entry["id"])
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
