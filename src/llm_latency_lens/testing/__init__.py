"""
Conformance kits for those who extend the lens.

:func:`check_decoder` puts a wire protocol through what networks do to a body and compares what
comes out with facts that you know about it. :func:`check_provider` puts a client of an SDK
through what a call can meet. The kits need no pytest: they raise ``AssertionError``.
"""

from llm_latency_lens.testing.decoders import check_decoder
from llm_latency_lens.testing.providers import check_provider

__all__ = ["check_decoder", "check_provider"]
