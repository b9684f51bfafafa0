"""The hooks themselves: on and off without a trace, at import, and under an alias."""

import subprocess
import sys
import textwrap

import pytest

from llm_latency_lens.capture import Observer, hooks
from llm_latency_lens.providers import Directory

METHOD = "_send_single_request"


@pytest.fixture(params=["httpx", "httpx2"])
def library(request):
    """Each of the two libraries that are hooked."""
    return pytest.importorskip(request.param)


def _methods(library):
    return [vars(owner)[METHOD] for owner in (library.Client, library.AsyncClient)]


def _begin():
    return Observer(Directory()).begin


def _run(code, simulator):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", _PRELUDE + textwrap.dedent(code), simulator.host],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (0, "") == (done.returncode, done.stderr)
    return done.stdout.split()


_PRELUDE = """
import sys
from llm_latency_lens.capture import Observer, Scope, hooks, open_scope
from llm_latency_lens.providers import Directory
host = sys.argv[1]
url = f"http://{host}/v1"
observer = Observer(Directory({host: ("openai", "anthropic")}))
scope = Scope()
HELLO = [{"role": "user", "content": "hello"}]
BODY = {"model": "m", "messages": HELLO}
"""


def test_hooks_taken_off_leave_the_method_as_it_was(library):
    """The very same function objects stand there before and after."""
    before = _methods(library)
    with hooks(_begin()):
        during = _methods(library)
    after = _methods(library)

    assert all(one is not other for one, other in zip(before, during, strict=True))
    assert all(one is other for one, other in zip(before, after, strict=True))


def test_two_holders_share_the_hooks(library):
    """The hooks are on once, until the last holder lets go."""
    before = _methods(library)
    with hooks(_begin()):
        first = _methods(library)
        with hooks(_begin()):
            second = _methods(library)
        third = _methods(library)

    assert first == second == third
    assert before == _methods(library)


def test_hooks_come_off_after_an_exception(library):
    """A block that fails leaves nothing behind."""
    before = _methods(library)
    with pytest.raises(LookupError), hooks(_begin()):
        raise LookupError

    assert before == _methods(library)


def test_a_hook_of_somebody_else_on_top_of_ours_stays(library, monkeypatch):
    """Who patched after us keeps theirs when we let go."""

    def theirs(self, request):
        """Stand in for a patch of another tool."""

    with hooks(_begin()):
        monkeypatch.setattr(library.Client, METHOD, theirs)

    assert theirs is vars(library.Client)[METHOD]


def test_the_import_hook_comes_off():
    """sys.meta_path is as it was."""
    before = list(sys.meta_path)
    with hooks(_begin()):
        during = len(sys.meta_path)

    assert (before, len(before) + 1) == (sys.meta_path, during)


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_a_library_imported_within_the_block_is_seen(simulator, name):
    """A library that is imported after the hooks went on is hooked at its import."""
    pytest.importorskip(name)
    code = f"""
    with hooks(observer.begin), open_scope(scope):
        assert "{name}" not in sys.modules
        import {name}
        {name}.post(url + "/chat/completions", json=BODY)
    print(len(scope.samples), hasattr({name}.Client._send_single_request, "is_lens"))
    """

    assert ["1", "False"] == _run(code, simulator)


def test_an_sdk_imported_within_the_block_is_seen(simulator):
    """So is an SDK, whichever library it sits on."""
    pytest.importorskip("openai")
    code = """
    with hooks(observer.begin), open_scope(scope):
        import openai
        with openai.OpenAI(base_url=url, api_key="k") as client:
            client.chat.completions.create(model="m", messages=HELLO)
    print(len(scope.samples))
    """

    assert ["1"] == _run(code, simulator)


@pytest.mark.parametrize("when", ["before", "within"])
def test_an_alias_is_hooked_once(simulator, when):
    """One library under two names gives one sample a call."""
    library = pytest.importorskip("httpx2")
    if not hasattr(library, "alias_httpx"):
        pytest.skip("this httpx2 has no alias_httpx")
    alias = "import httpx2\nhttpx2.alias_httpx()\nimport httpx\n"
    before, within = (alias, "") if when == "before" else ("", alias)
    code = (
        before
        + "with hooks(observer.begin), open_scope(scope):\n"
        + textwrap.indent(
            within
            + 'httpx.post(url + "/chat/completions", json=BODY)\n'
            + 'httpx2.post(url + "/chat/completions", json=BODY)\n',
            "    ",
        )
        + "print(len(scope.samples), httpx.Client is httpx2.Client)\n"
        + 'print(hasattr(httpx2.Client._send_single_request, "is_lens"))\n'
    )

    assert ["2", "True", "False"] == _run(code, simulator)


def test_an_sdk_over_an_alias_is_seen_once(simulator):
    """An SDK whose library goes by two names gives one sample a call, in a loop as without."""
    pytest.importorskip("openai")
    library = pytest.importorskip("httpx2")
    if not hasattr(library, "alias_httpx"):
        pytest.skip("this httpx2 has no alias_httpx")
    code = """
    import asyncio, httpx2
    httpx2.alias_httpx()
    import httpx, openai

    async def call():
        async with openai.AsyncOpenAI(base_url=url, api_key="k") as client:
            await client.chat.completions.create(model="m", messages=HELLO)

    with hooks(observer.begin), open_scope(scope):
        with openai.OpenAI(base_url=url, api_key="k", http_client=httpx.Client()) as client:
            client.chat.completions.create(model="m", messages=HELLO)
        asyncio.run(call())
    print(len(scope.samples), httpx.Client is httpx2.Client)
    """

    assert ["2", "True"] == _run(code, simulator)


def test_both_families_are_seen_in_one_process(simulator):
    """An SDK on one library and another library beside it: each call is a sample, once."""
    for name in ("httpx", "httpx2", "openai"):
        pytest.importorskip(name)
    code = """
    import httpx, httpx2, openai
    with hooks(observer.begin), open_scope(scope):
        with openai.OpenAI(base_url=url, api_key="k") as client:
            client.chat.completions.create(model="sdk", messages=HELLO)
        for library in (httpx, httpx2):
            library.post(url + "/chat/completions", json={**BODY, "model": library.__name__})
    print(*(one.model for one in scope.samples), httpx.Client is httpx2.Client)
    """

    assert ["sdk", "httpx", "httpx2", "False"] == _run(code, simulator)
