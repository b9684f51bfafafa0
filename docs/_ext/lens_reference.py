"""
Directives that write the reference from the code, while the pages are built.

``lens-words``     the words of the marker, from ``budgets``
``lens-options``   pytest's options and ini settings, from ``pytest_plugin``
``lens-commands``  the command line, from ``cli``
``lens-schema``    the fields of the report, or of a profile, from its JSON Schema
``lens-vendors``   names, hosts and protocols of the vendors, from ``providers``

Each one writes Markdown, so they stand in Markdown pages only. Beside them, links to classes are
found by the last part of their name: the public ones are described under the module that users
import, not under the one that defines them.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any

import click
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from llm_latency_lens import cli, pytest_plugin
from llm_latency_lens.budgets.words import ALIASES, OPTIONS, WORDS
from llm_latency_lens.providers import VENDORS, Vendor
from llm_latency_lens.pytest_plugin.options import ENVIRONMENT

_SCHEMAS = files("llm_latency_lens.reports")
_UNITS = {
    "ms": 'a time, `"800ms"`',
    "usd": 'money, `"$0.002"`',
    "share": 'a share, `"1%"`',
    "calls": "a whole number",
    "tokens/s": "a number",
}


class _Generated(SphinxDirective):
    """A directive whose content is Markdown made by ``lines``."""

    def run(self) -> list[nodes.Node]:
        return self.parse_text_to_nodes("\n".join(self.lines()), allow_section_headings=True)

    def lines(self) -> Iterator[str]:
        raise NotImplementedError


class Words(_Generated):
    """Tables of every word that the marker and ``lens.profile`` understand."""

    def lines(self) -> Iterator[str]:
        aliases = {full: short for short, full in ALIASES.items()}
        rows = [
            (
                f"`{name}`" + (f", `{aliases[name]}`" if name in aliases else ""),
                _UNITS[word.unit.value],
                word.meaning,
            )
            for name, word in WORDS.items()
        ]
        yield from _table(("Word", "Limit", "What is limited"), rows)
        yield from ("", "Beside the budgets:", "")
        yield from _table(("Word", "Meaning"), [(f"`{name}`", OPTIONS[name]) for name in OPTIONS])


class _Parser:
    """What ``pytest_addoption`` needs of pytest's parser; keeps what it is told."""

    def __init__(self) -> None:
        self.options: list[tuple[str, Mapping[str, Any]]] = []
        self.settings: list[tuple[str, str, Mapping[str, Any]]] = []

    def getgroup(self, *_: str) -> "_Parser":
        return self

    def addoption(self, *names: str, **attributes: Any) -> None:
        self.options.append((names[-1], attributes))

    def addini(self, name: str, help: str, **attributes: Any) -> None:  # noqa: A002 - pytest's
        self.settings.append((name, help, attributes))


class Options(_Generated):
    """Tables of pytest's options and ini settings."""

    def lines(self) -> Iterator[str]:
        parser = _Parser()
        pytest_plugin.pytest_addoption(parser)
        yield from _table(
            ("Option", "Meaning"),
            [
                (f"`{name}{_argument(told)}`", told["help"].replace("%%", "%"))
                for name, told in parser.options
            ],
        )
        yield from ("", "In the ini file:", "")
        yield from _table(
            ("Setting", "Type", "Meaning"),
            [
                (f"`{name}`", str(told.get("type") or "string"), told_help)
                for name, told_help, told in parser.settings
            ],
        )
        order = "The command line wins over it, and it wins over the ini file."
        yield from ("", f"In the environment. {order}", "")
        yield from _table(
            ("Variable", "Meaning"),
            [(f"`{name}`", meaning) for name, meaning in ENVIRONMENT.values()],
        )


def _argument(told: Mapping[str, Any]) -> str:
    if "choices" in told:
        return " {" + ",".join(told["choices"]) + "}"
    return f" {told['metavar']}" if "metavar" in told else ""


class Commands(_Generated):
    """A section for each command."""

    def lines(self) -> Iterator[str]:
        context = click.Context(cli.main, info_name="llm-latency-lens")
        yield from self._commands(cli.main, context, "")

    def _commands(self, group: click.Group, context: click.Context, before: str) -> Iterator[str]:
        for name in group.list_commands(context):
            command = group.get_command(context, name)
            if command is None or command.hidden:
                continue
            here = click.Context(command, context, name)
            if isinstance(command, click.Group):
                yield from self._commands(command, here, f"{before}{name} ")
                continue
            yield from (f"## {before}{name}", "", "```text", command.get_usage(here), "```", "")
            yield from ((command.help or "").replace("\b", "").strip(), "")
            records = (each.get_help_record(here) for each in command.get_params(here))
            rows = [(f"`{spelled}`", meaning) for spelled, meaning in filter(None, records)]
            yield from _table(("Option", "Meaning"), rows)
            yield ""


class Schema(_Generated):
    """A table of the fields of every object that the named schema describes."""

    required_arguments = 1

    def lines(self) -> Iterator[str]:
        (name,) = self.arguments
        path = _SCHEMAS / f"{name}.schema.json"
        if not path.is_file():
            message = f"{name}.schema.json is not in llm_latency_lens.reports: no fields to show"
            self.state.document.reporter.warning(message, line=self.lineno)
            return
        schema = json.loads(path.read_bytes())
        yield from _object(f"The {name}", schema)
        for name, each in schema.get("$defs", {}).items():
            if "properties" in each:
                yield from _object(f"`{name}`", each)


class Vendors(_Generated):
    """A table of the vendors."""

    def lines(self) -> Iterator[str]:
        rows = [
            (
                f"`{vendor.name}`",
                ", ".join(f"`{host}`" for host in vendor.hosts),
                ", ".join(f"`{protocol}`" for protocol in vendor.protocols),
                _key(vendor),
            )
            for vendor in sorted(VENDORS.values(), key=lambda vendor: vendor.name)
        ]
        yield from _table(("Name", "Hosts", "Protocols", "Key, where the lens asks"), rows)


def _key(vendor: Vendor) -> str:
    if vendor.client is None:
        return ""
    variable = getattr(vendor.client, "key_variable", None)
    return f"`{variable or vendor.name.upper() + '_API_KEY'}`"


def _object(title: str, schema: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"## {title}", "", schema.get("description", ""), "")
    rows = list(_fields(schema))
    if rows:
        yield from _table(("Field", "Type", "Meaning"), rows)
    yield ""


def _fields(schema: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str, str]]:
    for name, each in schema.get("properties", {}).items():
        yield f"`{prefix}{name}`", _type(each), each.get("description", "")
        yield from _fields(each, f"{prefix}{name}.")
        yield from _fields(each.get("items", {}), f"{prefix}{name}[].")


def _type(schema: Mapping[str, Any]) -> str:
    if "$ref" in schema:
        return f"`{schema['$ref'].rpartition('/')[2]}`"
    for choice in ("anyOf", "oneOf"):
        if choice in schema:
            return " or ".join(map(_type, schema[choice]))
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return ", ".join(f"`{json.dumps(value)}`" for value in values)
    kinds = schema.get("type", "any")
    name = " or ".join([kinds] if isinstance(kinds, str) else kinds)
    items = schema.get("items")
    return f"{name} of {_type(items)}" if isinstance(items, Mapping) else name


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield _row(heads)
    yield _row(["---"] * len(heads))
    yield from map(_row, rows)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", r"\|") for cell in cells) + " |"


def _find_by_last_name(
    app: Sphinx, _: object, reference: nodes.Element, content: nodes.Element
) -> nodes.Element | None:
    if reference.get("refdomain") != "py":
        return None
    last = reference["reftarget"].rpartition(".")[2]
    domain = app.env.get_domain("py")
    found = {name for name, *_ in domain.get_objects() if name.rpartition(".")[2] == last}
    if len(found) != 1:
        return None
    page, builder = reference.get("refdoc", ""), app.builder
    return domain.resolve_xref(
        app.env, page, builder, reference["reftype"], found.pop(), reference, content
    )


def _keep_colons(
    _app: Sphinx, what: str, _name: str, _object: object, _options: object, text: list[str]
) -> None:
    # napoleon reads the summary of a property up to its first colon as its type.
    if what in {"property", "attribute"} and text:
        text[0] = text[0].replace(": ", "; ")


def setup(app: Sphinx) -> dict[str, Any]:
    """Add the directives."""
    directives = {
        "lens-words": Words,
        "lens-options": Options,
        "lens-commands": Commands,
        "lens-schema": Schema,
        "lens-vendors": Vendors,
    }
    for name, directive in directives.items():
        app.add_directive(name, directive)
    app.connect("missing-reference", _find_by_last_name)
    app.connect("autodoc-process-docstring", _keep_colons, priority=400)  # before napoleon
    return {"parallel_read_safe": True, "parallel_write_safe": True}
