"""Why a request got its answer: who refused it, what of it nobody read, which behaviours were looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from emulator.core.behaviours import Behaviour
from emulator.core.errors import (
    Forbidden,
    Injected,
    InternalFault,
    NotEmulated,
    NotStored,
    Problem,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownOperation,
)
from emulator.core.journal import Entry, Refusal
from emulator.core.operation import Operation
from emulator.core.proof.unread import unread_keys
from emulator.core.routing import Route

if TYPE_CHECKING:
    from emulator.core.vendor import Vendor
    from emulator.core.world import World

Stage = Literal["operation", "credentials", "limits", "input", "rule", "fault", "emulator"]

_STAGES: tuple[tuple[type[Problem], Stage], ...] = (
    (UnknownOperation, "operation"),
    (NotEmulated, "operation"),
    (Unauthorized, "credentials"),
    (Forbidden, "credentials"),
    (RateLimited, "limits"),
    (TooLarge, "limits"),
    (Injected, "fault"),
    (Unavailable, "emulator"),
    (InternalFault, "emulator"),
    (NotStored, "emulator"),
)
_TEXTS = {
    Unauthorized.__name__: "no credentials, unreadable ones or wrong ones",
    Injected.__name__: "a fault asked for it",
}
"""Of problems that may come without one."""
_INPUT = "emulator.core.input"
_PACKAGE = "emulator."


def refusal_of(problem: Problem) -> Refusal:
    """What the journal keeps of a problem; not the problem itself, which holds on to all that the rule had in hand."""
    trace = problem.__traceback__
    if trace is None:
        return Refusal(type(problem).__name__, str(problem), None, None)
    while trace.tb_next is not None:
        trace = trace.tb_next
    frame = trace.tb_frame
    return Refusal(type(problem).__name__, str(problem), frame.f_globals["__name__"], frame.f_code.co_qualname)


def routes_of(vendors: Sequence[Vendor]) -> dict[str, tuple[Vendor, Route]]:
    """Every operation, served and declined, with its vendor, by its id."""
    routes: dict[str, tuple[Vendor, Route]] = {}
    for vendor in vendors:
        routes.update({each.id: (vendor, each) for each in vendor.operations})
        routes.update({each.id: (vendor, each) for each in vendor.declined})
    return routes


def explain_entry(entry: Entry, world: World, routes: Mapping[str, tuple[Vendor, Route]]) -> dict[str, Any]:
    """What decided about a request.

    `{rule, source, refused: {stage, by, kind, why}, unread: {query, body}, behaviours: [...]}`; `unread` is null where
    it can not be known, because the body was cut or is no JSON.
    """
    _, route = routes.get(entry.operation or "", (None, None))
    operation = route if isinstance(route, Operation) else None
    return {
        "rule": None if operation is None else f"{_short(operation.rule.__module__)}.{operation.rule.__name__}",
        "source": None if route is None else route.source,
        "refused": _refused(entry),
        "unread": None if route is None else unread_of(entry, routes),
        "behaviours": [
            _looked_up(world.behaviours.declared[each], choice) for each, choice in choices_of(entry, route)
        ],
    }


def unread_of(entry: Entry, routes: Mapping[str, tuple[Vendor, Route]]) -> dict[str, list[str]] | None:
    """The request keys that nothing reads, `{query, body}`, as people write them: `members[].colour`."""
    vendor, route = routes.get(entry.operation or "", (None, None))
    if vendor is None or not isinstance(route, Operation):
        return None
    return unread_keys(route, vendor.schemas, entry)


def choices_of(entry: Entry, route: Route | None) -> list[tuple[str, str]]:
    """The behaviours that were looked up for a request, with their choices then."""
    first = [route.enabled_by] if isinstance(route, Operation) and route.enabled_by is not None else []
    return [*first, *(entry.choices or {}).items()]


def _refused(entry: Entry) -> dict[str, Any] | None:
    refusal = entry.refusal
    if refusal is None:
        return None
    stage = next((stage for kind, stage in _STAGES if kind.__name__ == refusal.kind), None)
    if stage is None:
        stage = "input" if refusal.module == _INPUT else "rule"
    by = None if refusal.module is None else f"{_short(refusal.module)}.{refusal.function}"
    return {"stage": stage, "by": by, "kind": refusal.kind, "why": refusal.text or _TEXTS[refusal.kind]}


def _looked_up(behaviour: Behaviour, choice: str) -> dict[str, Any]:
    return {
        "id": behaviour.id,
        "choice": choice,
        "default": behaviour.default,
        "about": behaviour.about,
        "evidence": behaviour.evidence,
        "source": behaviour.source,
    }


def _short(module: str) -> str:
    return module.removeprefix(_PACKAGE)
