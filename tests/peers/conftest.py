"""
Peers: servers and a library that we did not write, installed where they are not there yet.

A server is started, unless its variable names a running one:

``LENS_AIMOCK_URL``, ``LENS_GUIDELLM_URL``, ``LENS_LLAMA_URL``: a running one to use instead.
``LENS_LLAMA_CPP_PYTHON=1``: build llama-cpp-python, which takes minutes, in place of llama.cpp.
``LENS_PEERS=0``: leave these tests out. Nothing else does: where a peer cannot be had, be it for
want of a registry, of node or of pip, its tests fail and name the way out. A second opinion that
is silently missing is none.
"""

import os
from contextlib import contextmanager
from urllib.parse import urlsplit

import pytest
from peer_installs import (
    aimock_command,
    guidellm_command,
    llama_cpp_command,
    llama_cpp_python_command,
    zod_folder,
)
from peer_processes import PeerError, running


@pytest.fixture(scope="session")
def peer_cache(request, tmp_path_factory):
    """Where peers are installed: kept between runs where pytest has a cache."""
    cache = getattr(request.config, "cache", None)
    return tmp_path_factory.mktemp("lens-peers") if cache is None else cache.mkdir("lens-peers")


@pytest.fixture(scope="session")
def aimock(peer_cache, tmp_path_factory):
    """``host:port`` of an aimock without a script."""
    log = tmp_path_factory.mktemp("aimock") / "log"
    with _served("LENS_AIMOCK_URL", aimock_command, peer_cache, log) as host:
        yield host


@pytest.fixture(scope="session")
def guidellm(peer_cache, tmp_path_factory):
    """``host:port`` of guidellm's mock server."""
    log = tmp_path_factory.mktemp("guidellm") / "log"
    with _served("LENS_GUIDELLM_URL", guidellm_command, peer_cache, log) as host:
        yield host


@pytest.fixture(scope="session")
def llama(peer_cache, tmp_path_factory):
    """Which server it is, and ``host:port`` of it: real inference of a tiny random model."""
    log = tmp_path_factory.mktemp("llama") / "log"
    is_built = os.environ.get("LENS_LLAMA_CPP_PYTHON") == "1"
    command = llama_cpp_python_command if is_built else llama_cpp_command
    with _served("LENS_LLAMA_URL", command, peer_cache, log) as host:
        yield "llama-cpp-python" if is_built else "llama.cpp", host


@pytest.fixture(scope="session")
def zod(peer_cache):
    """Node, and the folder in which it finds zod."""
    if os.environ.get("LENS_PEERS") == "0":
        pytest.skip("LENS_PEERS=0")
    missing = None
    try:
        return zod_folder(peer_cache)
    except PeerError as fault:
        missing = fault
    pytest.fail(f"zod was {missing}\nLeave these tests out with LENS_PEERS=0.", pytrace=False)


@contextmanager
def _served(variable, command, cache, log):
    if os.environ.get("LENS_PEERS") == "0":
        pytest.skip("LENS_PEERS=0")
    url = os.environ.get(variable)
    if url:
        yield urlsplit(url).netloc or pytest.fail(f"{variable}={url}: expected http://host:port")
        return
    missing = None
    try:
        with running(command(cache), log) as host:
            yield host
    except PeerError as fault:
        missing = fault
    # Told out here, or pytest would show the exception before it too.
    if missing is not None:
        pytest.fail(
            f"{log.parent.name.rstrip('0123456789')} was {missing}\n"
            f"Name a running one in {variable}, or leave these tests out with LENS_PEERS=0.",
            pytrace=False,
        )
