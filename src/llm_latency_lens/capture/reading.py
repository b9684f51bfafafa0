"""Reading: the stored body of an ended attempt, decompressed and decoded."""

from llm_latency_lens.capture.compression import TOO_LONG, decompressed
from llm_latency_lens.capture.watch import Watch
from llm_latency_lens.errors import DecodeError
from llm_latency_lens.protocols import Answer

__all__ = ["read_answer"]


def read_answer(watch: Watch) -> Answer:
    """
    Return what the protocol reads from the body; its ``note`` says what could not be read.

    Raises:
        DecodeError: Nothing of the body can be read.
    """
    if watch.is_too_long:
        raise DecodeError(TOO_LONG)
    headers = {name.lower(): value for name, value in watch.headers}
    decoder = watch.destination.protocol.decoder(
        content_type=headers.get("content-type", ""), http_status=watch.http_status or 0
    )
    for at_ns, chunk in decompressed(watch.chunks, headers.get("content-encoding", "")):
        decoder.feed(chunk, at_ns)
    answer: Answer = decoder.finish()
    return answer
