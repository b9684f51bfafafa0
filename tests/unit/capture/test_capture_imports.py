"""The import hook: an action at the end of an import, once, and off without a trace."""

import importlib
import sys

import pytest

from llm_latency_lens.capture.imports import on_import


@pytest.fixture
def module(tmp_path, monkeypatch):
    """A module that can be imported and is forgotten afterwards."""
    (tmp_path / "lens_dummy.py").write_text('"""A module."""\nvalue = 1\n')
    monkeypatch.syspath_prepend(tmp_path)
    yield "lens_dummy"
    sys.modules.pop("lens_dummy", None)


def test_the_action_sees_the_whole_module(module):
    """It is called once, when the module's own code has run."""
    seen = []
    undo = on_import([module], lambda loaded: seen.append(loaded.value))
    importlib.import_module(module)
    importlib.import_module(module)
    undo()

    assert [1] == seen


def test_the_module_keeps_its_own_loader(module):
    """Nothing of the hook stays on the module: its source can be read as ever."""
    undo = on_import([module], lambda _: None)
    loaded = importlib.import_module(module)
    undo()

    assert "value = 1" in loaded.__loader__.get_source(module)
    assert loaded.__spec__.loader is loaded.__loader__


def test_other_modules_are_left_alone(module):
    """Only the names that were given are acted on."""
    seen = []
    undo = on_import(["lens_other"], seen.append)
    importlib.import_module(module)
    undo()

    assert [] == seen


def test_undone_it_does_nothing(module):
    """An import after the hook was taken away is not acted on."""
    seen, before = [], list(sys.meta_path)
    on_import([module], seen.append)()
    importlib.import_module(module)

    assert ([], before) == (seen, sys.meta_path)


def test_a_missing_module_stays_missing():
    """The user's ImportError is Python's own."""
    undo = on_import(["lens_nowhere"], lambda _: None)
    with pytest.raises(ModuleNotFoundError, match="No module named 'lens_nowhere'"):
        importlib.import_module("lens_nowhere")
    undo()
