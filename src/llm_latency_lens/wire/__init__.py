"""
Framing: a response body, as it arrives in chunks, to events or to one JSON value.

Sans I/O. Nothing here knows a provider. A frame's time is the arrival of its last byte: the
chunk that completed it. How a body is cut into chunks never changes what comes out of it,
only the times. Whatever the bytes are, what is held of them and what is made of them is bounded.
"""

from llm_latency_lens.wire.frame import MAX_STREAM_LINES, Frame
from llm_latency_lens.wire.holding import MAX_FRAME_BYTES
from llm_latency_lens.wire.json_array import JsonArrayFraming
from llm_latency_lens.wire.json_value import JsonBody, begin_body, parse_json
from llm_latency_lens.wire.ndjson import NdjsonFraming
from llm_latency_lens.wire.sse import SseFraming
from llm_latency_lens.wire.thinning import Thinning, thinned

__all__ = [
    "MAX_FRAME_BYTES",
    "MAX_STREAM_LINES",
    "Frame",
    "JsonArrayFraming",
    "JsonBody",
    "NdjsonFraming",
    "SseFraming",
    "Thinning",
    "begin_body",
    "parse_json",
    "thinned",
]
