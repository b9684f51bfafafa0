"""A hook on imports: act on a module at the moment its import ends."""

import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

__all__ = ["on_import"]

Action = Callable[[ModuleType], None]


def on_import(names: Iterable[str], action: Action) -> Callable[[], None]:
    """
    Call *action* with each of the modules when it is imported; modules already loaded are not.

    Returns:
        A function that takes the hook away again.
    """
    finder = _Finder(frozenset(names), action)
    sys.meta_path.insert(0, finder)

    def undo() -> None:
        finder.names = frozenset()
        if finder in sys.meta_path:
            sys.meta_path.remove(finder)

    return undo


class _Finder(MetaPathFinder):
    """Finds a wanted module by the finders after it, and wraps its loader."""

    def __init__(self, names: frozenset[str], action: Action) -> None:
        self.names = names
        self.action = action

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None = None,  # noqa: ARG002 - the importer's signature
        target: ModuleType | None = None,  # noqa: ARG002 - the importer's signature
    ) -> ModuleSpec | None:
        if fullname not in self.names:
            return None
        self.names -= {fullname}
        spec = find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, self.action)
        return spec


class _Loader(Loader):
    """Runs the action after the real loader, then steps out of the way."""

    def __init__(self, loader: Loader, action: Action) -> None:
        self._loader = loader
        self._action = action

    def __getattr__(self, name: str) -> object:
        return getattr(self._loader, name)

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        if module.__spec__ is not None:
            module.__spec__.loader = self._loader
        module.__loader__ = self._loader
        self._loader.exec_module(module)
        self._action(module)
