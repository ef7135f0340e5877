"""Why a request met no operation: the operations that come closest."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from emulator.core.operation import Operation
from emulator.core.routing import Route

if TYPE_CHECKING:
    from emulator.core.vendor import Vendor
    from emulator.core.world import World

_NEAREST = 3
_LEAST_LIKENESS = 0.5
_SAME_METHOD = 0.05  # what decides between paths that are equally alike
# A longer path would cost the comparison time and can not be a slip of the pen.
_LONGEST_PATH = 300


def nearest(vendors: Sequence[Vendor], world: World, method: str, segments: Sequence[str]) -> list[str]:
    """The operations that differ in the method only, else those whose path is most alike, as `id (METHOD /path)`."""
    same_path = [
        found[0]
        for vendor in vendors
        for other in vendor.router.methods(segments)
        if (found := vendor.router.match(other, segments)) and world.has(found[0])
    ]
    if same_path:
        return [_name(route) for route in same_path]
    path = "/" + "/".join(segments)
    if len(path) > _LONGEST_PATH:
        return []
    routes: list[Route] = []
    for vendor in vendors:
        routes += [*vendor.operations, *vendor.declined]
    scored = [
        (_likeness(path, route.path, segments) + (_SAME_METHOD if route.method == method else 0.0), route)
        for route in routes
        if world.has(route)
    ]
    scored.sort(key=lambda pair: -pair[0])
    return [_name(route) for likeness, route in scored[:_NEAREST] if likeness >= _LEAST_LIKENESS]


def hint(nearest_operations: Sequence[str]) -> str:
    """One line for the journal and the X-Emulator-Hint header; it holds nothing that the caller sent."""
    if not nearest_operations:
        return "no operation has this path; GET /_emulator/operations lists them"
    return "no operation has this method and path; nearest: " + ", ".join(nearest_operations)


def _likeness(path: str, template: str, segments: Sequence[str]) -> float:
    # A parameter is as good as what the caller wrote in its place.
    filled = [
        given if pattern.startswith("{") else pattern
        for pattern, given in zip(template.strip("/").split("/"), [*segments, *[""] * 20], strict=False)
    ]
    return SequenceMatcher(None, path, "/" + "/".join(filled)).ratio()


def _name(route: Route) -> str:
    declined = "" if isinstance(route, Operation) else ", not emulated"
    return f"{route.id} ({route.method} {route.path}{declined})"
