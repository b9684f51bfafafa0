"""
Plain values: what an SDK returned or raised, made comparable between two calls.

Ids and times that the simulator and the SDKs make up anew for each call are masked; nothing
else is.
"""

import dataclasses
import re
from datetime import datetime

__all__ = ["plain", "plain_request"]

_IDS = re.compile(
    # uuids, the simulator's request ids and what is derived of them, anyio's name of a timeout
    r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[0-9a-f]{32}"
    r"|(?<=cancel scope )[0-9a-f]+"
)
_TIMES = re.compile(
    r"(?<=created\":)\d{10}|(?<=created_at\":)\d{10}(?:\.\d+)?|(?<=completed_at\":)\d{10}(?:\.\d+)?"
    r"|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z"
)
_VOLATILE = {"created", "created_at", "completed_at", "timestamp", "date"}
_PLAIN = (bool, int, float, type(None))
# Of the exceptions beneath an SDK's own one: whose, what they say, and what lies beneath them.
_CHAIN = ("__cause__", "__context__")


def plain(value):
    """Return *value* as lists, dictionaries and texts."""
    return _plain(value, ())


def plain_request(request):
    """Return a request of the tap, without what no two calls have in common."""
    method, target, headers, body = request
    return method, target, [(name, _masked(text)) for name, text in headers], body


def _masked(text):
    return _TIMES.sub("NOW", _IDS.sub("ID", text))


def _plain(value, above):  # noqa: PLR0911 - one return a kind of value
    if isinstance(value, _PLAIN):
        return value
    if isinstance(value, str):
        return _masked(value)
    if isinstance(value, bytes):
        return _masked(value.decode("latin-1"))
    if isinstance(value, datetime):
        return "NOW"
    if id(value) in above:
        return "..."
    above = (*above, id(value))
    if isinstance(value, dict):
        return {
            str(key): "NOW" if key in _VOLATILE else _plain(one, above)
            for key, one in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(one, above) for one in value]
    return {"class": f"{type(value).__module__}.{type(value).__qualname__}", **_of(value, above)}


def _of(value, above):  # noqa: PLR0911 - one return a kind of object
    """Return the attributes of an object that a user of the SDK can see."""
    if isinstance(value, BaseException):
        seen = {"text": _masked(str(value)), "args": _plain(value.args, above)}
        seen |= {name: _plain(getattr(value, name), above) for name in _CHAIN}
        return seen | _plain(_public(value), above)
    if hasattr(value, "multi_items"):  # headers
        # Ids that differ are longer or shorter once they are compressed.
        left_out = {"date", "content-length"} if "content-encoding" in value else {"date"}
        kept = [pair for pair in value.multi_items() if pair[0] not in left_out]
        return {"items": _plain(kept, above)}
    if hasattr(value, "status_code") and hasattr(value, "http_version"):
        seen = {
            name: _plain(getattr(value, name), above)
            for name in ("status_code", "http_version", "headers", "is_closed", "request")
        }
        seen["extensions"] = sorted(value.extensions)
        if value.is_stream_consumed and hasattr(value, "_content"):
            seen["content"] = _plain(value.content, above)
        return seen
    if hasattr(value, "method") and hasattr(value, "extensions"):
        seen = {name: _plain(getattr(value, name), above) for name in ("method", "headers")}
        return {**seen, "url": str(value.url), "extensions": _plain(value.extensions, above)}
    if hasattr(value, "model_dump"):
        own = {"request_id": _plain(getattr(value, "_request_id", None), above)}
        return own | _plain(value.model_dump(warnings=False), above)
    if dataclasses.is_dataclass(value):
        return _plain(_public(value), above)
    return {}


def _public(value):
    names = (
        [field.name for field in dataclasses.fields(value)]
        if dataclasses.is_dataclass(value)
        else vars(value)
    )
    return {name: getattr(value, name) for name in names if not name.startswith("_")}
