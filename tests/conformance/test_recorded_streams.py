"""Every recorded body gives every fact that a separate parser found in it."""

import json
import os
from pathlib import Path

import pytest

from llm_latency_lens.testing import check_decoder

_FOLDER = Path(os.environ.get("LENS_SHARED") or Path(__file__).parents[3] / "shared") / "streams"
# Errors are recorded under one heading, whatever the protocol: these vendors speak ours.
_ERRORS = {
    "anthropic": "anthropic",
    "azure": "openai_chat",
    "groq": "openai_chat",
    "mistral": "openai_chat",
    "openai": "openai_chat",
    "openrouter": "openai_chat",
}


def _protocol_of(case_id):
    folder, _, name = case_id.partition("/")
    if folder == "errors":
        return _ERRORS.get(name.partition("_")[0])
    return folder if folder in ("openai_chat", "openai_responses", "anthropic") else None


def _cases():
    index = _FOLDER / "index.json"
    if not index.is_file():
        reason = f"no recorded streams at {_FOLDER}; set LENS_SHARED to the folder above them"
        return [pytest.param("", "", "", id="none", marks=pytest.mark.skip(reason))]
    return [
        pytest.param(_protocol_of(entry["id"]), entry["meta"], entry["body"], id=entry["id"])
        for entry in json.loads(index.read_bytes())["entries"]
        if _protocol_of(entry["id"])
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
