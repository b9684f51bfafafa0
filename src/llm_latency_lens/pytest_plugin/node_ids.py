"""Names of tests as reports may show them: parametrised ids can hold prompts."""

import hashlib

import pytest

__all__ = ["node_id_of", "public_node_id"]

_LONGEST_PARAMETERS = 60


def node_id_of(item: pytest.Item) -> str:
    """Return the node id of a test as reports may show it, the same in every ``--dist`` mode."""
    node_id = item.nodeid
    # pytest-xdist writes the group into the id.
    if getattr(item.config.option, "loadgroup", False) and item.get_closest_marker("xdist_group"):
        before, at, group = node_id.rpartition("@")
        # Or the sign stands in the parameters of the test.
        node_id = before if at and "]" not in group else node_id
    return public_node_id(node_id)


def public_node_id(node_id: str) -> str:
    """
    Return the node id, its parameters replaced by a hash where they could hold a prompt.

    Parameters above 60 characters or with escaped characters (pytest writes unprintable ones so)
    become ``[sha256:...]``.
    """
    name, bracket, parameters = node_id.partition("[")
    is_plain = len(parameters) <= _LONGEST_PARAMETERS and "\\" not in parameters
    if not bracket or (is_plain and parameters.isprintable()):
        return node_id
    digest = hashlib.sha256(parameters.encode("utf-8", "surrogatepass")).hexdigest()[:12]
    return f"{name}[sha256:{digest}]"
