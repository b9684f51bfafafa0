"""Providers of other packages, found by their entry point in an installed distribution."""

import json
import subprocess
import sys

import pytest

pytest.importorskip("httpx", reason="needs httpx")

MODULE = """
import json
from contextlib import asynccontextmanager

from llm_latency_lens.providers import Vendor

print("acme was loaded", file=__import__("sys").stderr)


class Acme:
    @asynccontextmanager
    async def open(self, *, api_key, base_url, connect_s=None, is_plain=False):
        import httpx

        async with httpx.AsyncClient(base_url=base_url, timeout=None) as client:

            async def ask(prompt, *, attempt=0, on_token=print):
                messages = [{"role": "user", "content": prompt.text}]
                body = {"model": prompt.model, "messages": messages, "stream": True}
                async with client.stream("POST", "/chat/completions", json=body) as answer:
                    answer.raise_for_status()
                    async for line in answer.aiter_lines():
                        on_token(line)

            yield ask


ACME = Vendor("acme", ("api.acme.example",), ("openai_chat",), Acme())
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package with a module and what its entry point says."""

    def install(module, value="acme_lens:ACME"):
        (tmp_path / "site").mkdir()
        (tmp_path / "site" / "acme_lens.py").write_text(module)
        told = tmp_path / "site" / "acme_lens-1.0.dist-info"
        told.mkdir()
        (told / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-lens\nVersion: 1.0\n")
        (told / "entry_points.txt").write_text(f"[llm_latency_lens.providers]\nacme = {value}\n")
        monkeypatch.setenv("PYTHONPATH", str(tmp_path / "site"), prepend=":")

    return install


def test_a_provider_of_a_package_is_asked(lens, simulator, installed):
    """By its name, as one of ours."""
    installed(MODULE)
    simulator.script("acme-model", ttft=5, output_tokens=3)
    words = ("--provider", "acme", "--model", "acme-model", "--base-url", simulator.base_url)
    done = lens("profile", "Hello", *words, "--iterations", 2, "--json", "--raw")
    told = json.loads(done.out)

    assert (0, 2, {"acme"}) == (
        done.code,
        told["metrics"]["ttft_ms"]["n"],
        {call["provider"] for call in told["raw"]["calls"]},
    )


def test_a_package_that_cannot_be_loaded_is_told_with_its_name(lens, installed):
    """One message, no traceback, before anything is sent."""
    installed("import no_such_sdk")
    done = lens("profile", "Hello", "--provider", "acme", "--model", "m")

    assert (2, "") == (done.code, done.out)
    assert "the package acme-lens offers as acme_lens:ACME, cannot be loaded" in done.err
    assert "No module named 'no_such_sdk'" in done.err
    assert "Traceback" not in done.err


def test_others_are_asked_without_loading_it(lens, simulator, installed):
    """Nor does a name that is known to nobody load it."""
    installed(MODULE)
    words = ("--model", "m", "--base-url", simulator.base_url, "--iterations", 1)
    known = lens("profile", "Hello", "--provider", "openai", *words)
    unknown = lens("profile", "Hello", "--provider", "acne", *words)

    assert (0, 2) == (known.code, unknown.code)
    assert "'acne' is unknown; known are openai" in unknown.err
    assert "acme" in unknown.err
    assert "acme was loaded" not in known.err + unknown.err


def test_a_session_of_pytest_does_not_load_it(installed, tmp_path):
    """Not at its start, and not for tests that never name it."""
    installed("raise SystemExit('was loaded')")
    (tmp_path / "test_it.py").write_text(
        "import pytest\n\n\n@pytest.mark.latency(max='2s')\ndef test_it(lens):\n    pass\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--lens-report", "-q"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "was loaded" not in done.stdout + done.stderr
    assert "1 failed" in done.stdout  # no call was made, which breaks the budget
