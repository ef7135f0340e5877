"""Finding the operation of a request in time that does not grow with the number of operations."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from emulator.core.operation import Declined, Operation

Route = Operation | Declined
Params = dict[str, str]
Match = tuple[Route, Params]

_ANY = "*"


class _Node:
    """One path segment in a tree; there is a tree per method."""

    __slots__ = ("literals", "names", "parameter", "rest", "rest_names", "route")

    def __init__(self) -> None:
        self.literals: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.rest: Route | None = None
        self.route: Route | None = None
        self.names: tuple[str, ...] = ()
        self.rest_names: tuple[str, ...] = ()


class Router:
    """Matches method and path segments; a literal segment wins over a parameter, an exact path over `/*`."""

    __slots__ = ("_roots",)

    def __init__(self, routes: Iterable[Route]) -> None:
        self._roots: dict[str, _Node] = {}
        for route in routes:
            self._add(route)

    def match(self, method: str, segments: Sequence[str]) -> Match | None:
        """The route of this method at this path, with the values of its parameters."""
        node = self._roots.get(method)
        if node is not None and (found := _walk(node, segments)) is not None:
            return found
        for root in (self._roots.get(method), self._roots.get(_ANY)):
            if root is not None and (found := _descend(root, segments, 0, [])) is not None:
                return found
        return None

    def methods(self, segments: Sequence[str]) -> list[str]:
        """The methods that have a route at this path."""
        return [method for method in self._roots if method != _ANY and self.match(method, segments)]

    def _add(self, route: Route) -> None:
        node = self._roots.setdefault(route.method, _Node())
        names: list[str] = []
        for segment in route.path.strip("/").split("/"):
            if segment == _ANY:
                _refuse_double(route, node.rest)
                node.rest = route
                node.rest_names = tuple(names)
                return
            if segment.startswith("{"):
                names.append(segment[1:-1])
                if node.parameter is None:
                    node.parameter = _Node()
                node = node.parameter
            else:
                node = node.literals.setdefault(segment, _Node())
        _refuse_double(route, node.route)
        node.route = route
        node.names = tuple(names)


def _refuse_double(route: Route, other: Route | None) -> None:
    if other is not None:
        raise ValueError(f"{route.id} and {other.id} have the same method and path")


def _walk(node: _Node, segments: Sequence[str]) -> Match | None:
    """The way that always takes the literal; nearly every request needs no other."""
    values = []
    for segment in segments:
        literal = node.literals.get(segment)
        if literal is not None:
            node = literal
        elif node.parameter is not None and segment:
            node = node.parameter
            values.append(segment)
        else:
            return None
    if node.route is None:
        return None
    names = node.names
    if len(names) == 2:  # written out, because it takes half the time of what follows
        return node.route, {names[0]: values[0], names[1]: values[1]}
    return node.route, dict(zip(names, values, strict=True))


def _descend(node: _Node, segments: Sequence[str], depth: int, values: list[str]) -> Match | None:
    if depth == len(segments):
        if node.route is None:
            return _rest(node, values)
        return node.route, dict(zip(node.names, values, strict=True))
    segment = segments[depth]
    literal = node.literals.get(segment)
    if literal is not None and (found := _descend(literal, segments, depth + 1, values)) is not None:
        return found
    if node.parameter is not None and segment:
        found = _descend(node.parameter, segments, depth + 1, [*values, segment])
        if found is not None:
            return found
    return _rest(node, values)


def _rest(node: _Node, values: Sequence[str]) -> Match | None:
    return None if node.rest is None else (node.rest, dict(zip(node.rest_names, values, strict=True)))
