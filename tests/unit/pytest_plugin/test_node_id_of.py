"""Node ids of tests under ``--dist loadgroup``: without the group that pytest-xdist writes."""

from types import SimpleNamespace

import pytest

from llm_latency_lens.pytest_plugin.node_ids import node_id_of


def _item(node_id, *, loadgroup=True, is_grouped=True):
    return SimpleNamespace(
        nodeid=node_id,
        config=SimpleNamespace(option=SimpleNamespace(loadgroup=loadgroup)),
        get_closest_marker=lambda _: is_grouped or None,
    )


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (_item("t.py::test@one"), "t.py::test"),
        (_item("t.py::test[a@b]@one"), "t.py::test[a@b]"),
        (_item("t.py::test[a@b]"), "t.py::test[a@b]"),
        (_item("t.py::test"), "t.py::test"),
        (_item("t.py::test[a@b]", is_grouped=False), "t.py::test[a@b]"),
        (_item("t.py::test@one", loadgroup=False), "t.py::test@one"),
    ],
)
def test_the_group_is_left_out(item, expected):
    """And nothing else that an @ stands before."""
    assert expected == node_id_of(item)
