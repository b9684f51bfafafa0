"""Reports: a session as a document, a file and a terminal screen."""

from llm_latency_lens.reports.comparison_text import (
    explain_pair,
    list_comparison,
    wrap_warning,
)
from llm_latency_lens.reports.document import SCHEMA_VERSION, make_document
from llm_latency_lens.reports.failure_text import explain_failure, list_verdicts
from llm_latency_lens.reports.json_file import read_document, write_json
from llm_latency_lens.reports.profile_document import PROFILE_SCHEMA_VERSION, make_profile_document
from llm_latency_lens.reports.profile_text import summarise_profile
from llm_latency_lens.reports.schema import read_profile_schema, read_schema
from llm_latency_lens.reports.stored import StoredReport, is_report, read_report
from llm_latency_lens.reports.terminal import summarise

__all__ = [
    "PROFILE_SCHEMA_VERSION",
    "SCHEMA_VERSION",
    "StoredReport",
    "explain_failure",
    "explain_pair",
    "is_report",
    "list_comparison",
    "list_verdicts",
    "make_document",
    "make_profile_document",
    "read_document",
    "read_profile_schema",
    "read_report",
    "read_schema",
    "summarise",
    "summarise_profile",
    "wrap_warning",
    "write_json",
]
