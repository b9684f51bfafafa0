"""Providers: the vendors, the directory that recognises them, and a file for each SDK in use."""

from llm_latency_lens.providers.client import Ask, Client, OnToken, Prompt
from llm_latency_lens.providers.directory import Destination, Directory, read_hosts
from llm_latency_lens.providers.known import find_vendor, known_names, loaded_vendors
from llm_latency_lens.providers.vendors import VENDORS, Vendor

__all__ = [
    "VENDORS",
    "Ask",
    "Client",
    "Destination",
    "Directory",
    "OnToken",
    "Prompt",
    "Vendor",
    "find_vendor",
    "known_names",
    "loaded_vendors",
    "read_hosts",
]
