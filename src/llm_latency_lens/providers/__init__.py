"""Providers: one file a vendor, and the directory that recognises them."""

from llm_latency_lens.providers.directory import VENDORS, Destination, Directory, read_hosts
from llm_latency_lens.providers.vendor import Ask, OnToken, Prompt, Vendor

__all__ = [
    "VENDORS",
    "Ask",
    "Destination",
    "Directory",
    "OnToken",
    "Prompt",
    "Vendor",
    "read_hosts",
]
