"""
The client of a running simulator: where it listens, its scripts, its records.

It speaks through ``http.client``, so that a lens which watches httpx never sees it.
"""

import json
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import quote, urlencode

from llm_latency_lens.errors import ConfigurationError
from llm_latency_lens.simulator.records import Record, read_record
from llm_latency_lens.simulator.script import Script, read_script

__all__ = ["Simulator"]

_TIMEOUT_S = 30.0
_OK = 200


class Simulator:
    """
    A simulator that listens at *host*, given as ``"127.0.0.1:8000"``.

    ``start_simulator`` yields one for a process of its own; built by hand it attaches to a
    simulator that already runs. It holds no connection, and may be used from any thread.
    """

    __slots__ = ("_host",)

    def __init__(self, host: str) -> None:
        self._host = host

    def __repr__(self) -> str:
        return f"Simulator({self._host!r})"

    @property
    def host(self) -> str:
        """The address, as ``host:port``."""
        return self._host

    @property
    def base_url(self) -> str:
        """What an OpenAI client takes as ``base_url``."""
        return f"http://{self._host}/v1"

    @property
    def anthropic_base_url(self) -> str:
        """What an Anthropic client takes as ``base_url``."""
        return f"http://{self._host}"

    @property
    def root_url(self) -> str:
        """What clients of Gemini, Cohere and Ollama take as the address."""
        return f"http://{self._host}"

    def script(self, model: str, **fields: Any) -> Script:
        """
        Set the script of *model*, from its first request on; ``"*"`` stands for all others.

        The keywords are the fields of ``Script``, delays as in a script file:
        ``ttft="30ms"``, ``itl={"lognormal": {"median": 20, "sigma": 0.5}}``.

        Raises:
            ConfigurationError: A field is unknown or wrong, or no simulator answers.
        """
        script = read_script(fields, model)
        if fields.get("replay") and script.replay:
            # The server may run in another folder.
            fields["replay"] = {**fields["replay"], "path": str(script.replay.path)}
        self._ask("PUT", f"/_simulator/scripts/{quote(model, safe='')}", fields)
        return script

    def records(self, model: str | None = None) -> tuple[Record, ...]:
        """
        Return the records of *model*, of all models if None, oldest first.

        A request whose answer is still under way is among them, with ``ended_ns`` None.
        """
        return tuple(read_record(each) for each in self._ask("GET", _records_path(model)))

    def clear(self, model: str | None = None) -> None:
        """Forget the records of *model*, of all models if None. Scripts stay."""
        self._ask("DELETE", _records_path(model))

    def health(self) -> dict[str, Any]:
        """Return ``status``, the server's ``pid`` and its ``cpu_ms`` so far."""
        return dict(self._ask("GET", "/_simulator/health"))

    def _ask(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Any:
        body = None if fields is None else json.dumps(fields)
        connection = HTTPConnection(self._host, timeout=_TIMEOUT_S)
        try:
            connection.request(method, path, body)
            response = connection.getresponse()
            answer = json.loads(response.read())
        except (OSError, HTTPException, ValueError) as error:
            raise ConfigurationError(
                f"no simulator answers at {self._host} ({error}); start one with "
                "start_simulator() or llm-latency-lens simulate"
            ) from error
        finally:
            connection.close()
        if response.status != _OK:
            raise ConfigurationError(f"{method} {path}: {answer['error']['message']}")
        return answer


def _records_path(model: str | None) -> str:
    query = "" if model is None else "?" + urlencode({"model": model})
    return f"/_simulator/records{query}"
