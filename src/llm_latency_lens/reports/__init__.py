"""Reports: a session as a document, a file and a terminal screen."""

from llm_latency_lens.reports.document import SCHEMA_VERSION, make_document
from llm_latency_lens.reports.failure_text import explain_failure
from llm_latency_lens.reports.json_file import check_writable, write_json
from llm_latency_lens.reports.profile_document import make_profile_document
from llm_latency_lens.reports.profile_text import summarise_profile
from llm_latency_lens.reports.schema import read_schema
from llm_latency_lens.reports.terminal import summarise

__all__ = [
    "SCHEMA_VERSION",
    "check_writable",
    "explain_failure",
    "make_document",
    "make_profile_document",
    "read_schema",
    "summarise",
    "summarise_profile",
    "write_json",
]
