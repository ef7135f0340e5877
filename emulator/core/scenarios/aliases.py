"""Aliases (`*name`) in the YAML of a scenario: a few lines of them can stand for more than any machine can hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from yaml import Node

DEEPEST = 100
"""How deep the values of a scenario may be nested."""
_MOST = 100_000  # values that aliases may stand for, beside those that are written out


class _Size(NamedTuple):
    """Of a node with all that its aliases stand for: values, those of them that aliases add, and how deep they lie."""

    values: int
    added: int
    depth: int


class _Measure:
    """Sizes of nodes; each is measured once, however often an alias names it."""

    def __init__(self) -> None:
        self._known: dict[int, _Size] = {}
        self._around: set[int] = set()

    def of(self, node: Node) -> _Size:
        """Raises the loader's own error for what is too much, too deep or holds itself."""
        self._around.add(id(node))
        values, added, depth = 1, 0, 0
        for each in _inside(node):
            if id(each) in self._around:
                raise _error("it holds itself", each)
            alias = self._known.get(id(each))
            size = alias or self.of(each)
            values += size.values
            added += size.added if alias is None else size.values
            depth = max(depth, size.depth)
        self._around.discard(id(node))
        if depth >= DEEPEST:
            raise _error("it is nested too deeply", node)
        if added > _MOST:
            raise _error(f"aliases stand for more than {_MOST} values here; use fewer of them", node)
        self._known[id(node)] = size = _Size(values, added, depth + 1)
        return size


def refuse_expansion(node: Node) -> None:
    """Raise the loader's own error for a document whose aliases stand for too much; before any of it is made."""
    _Measure().of(node)


def _inside(node: Any) -> list[Node]:
    if isinstance(node.value, str):
        return []
    return [each for entry in node.value for each in (entry if isinstance(entry, tuple) else (entry,))]


def _error(problem: str, node: Node) -> Exception:
    # Imported here because a start without a scenario does not need it.
    from yaml.constructor import ConstructorError

    made: Exception = ConstructorError(None, None, problem, node.start_mark)
    return made
