"""What changed in a world, from one state to another."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from emulator.control.exchange import query_of, reply, world_of, worlds_of
from emulator.core.clock import isoformat
from emulator.core.differences import Difference, differences
from emulator.core.errors import Conflict, UserError
from emulator.core.slices import Slices, run_slices
from emulator.core.vendor import Vendor
from emulator.core.world import World

START, NOW = "start", "now"
_SNAPSHOT, _STATE = "snapshot:", "state:"
_DEFAULT_LIMIT = 200
_MOST = 100_000


async def diff(request: Request) -> Response:
    """What changed `from` one state `to` another, in words and in data; a state is a snapshot's name, `start` or `now`.

    Both may be left out, then it is from `start` to `now`. At most `limit` (200) differences; the rest is counted.
    """
    world, worlds = world_of(request), worlds_of(request)
    wanted = query_of(request, **{"from": (), "to": (), "limit": ()})
    limit = _limit(wanted.get("limit", str(_DEFAULT_LIMIT)))
    before, after = (
        _state(world, worlds.start, *place)
        for place in (("from", wanted.get("from"), START), ("to", wanted.get("to"), NOW))
    )
    answer = await run_slices(_compare(before, after, worlds.vendors, limit))
    names = {"from": _describe(before, wanted.get("from", START)), "to": _describe(after, wanted.get("to", NOW))}
    return reply(names | answer)


def _state(world: World, start: World, parameter: str, name: str | None, default: str) -> World:
    """The state that is meant; a copy where it may change meanwhile. Raises UserError."""
    if name is None:
        name = f"{_STATE}{default}"
    elif name in (START, NOW) and any(each.name == name for each in world.snapshots):
        raise Conflict(
            f"{parameter}: {name} could be a state of this world or the snapshot of that name; "
            f"write {parameter}={_STATE}{name} or {parameter}={_SNAPSHOT}{name}"
        )
    if name in (START, f"{_STATE}{START}"):
        return start
    if name in (NOW, f"{_STATE}{NOW}"):
        return world.copy(NOW)
    return world.snapshots.get(name.removeprefix(_SNAPSHOT)).state.copy(name)


def _compare(before: World, after: World, vendors: Sequence[Vendor], limit: int) -> Slices[dict[str, Any]]:
    found: list[Difference] = []
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for each in differences(before, after, vendors):
        if each is None:
            yield
            continue
        counts[each.kind][each.change] += 1
        if len(found) < limit:
            found.append(each)
        yield
    total = sum(counter.total() for counter in counts.values())
    return {
        "differences": [each.describe() for each in found],
        "total": total,
        "left_out": total - len(found),
        "counts": counts,
    }


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= _MOST):
        raise UserError(f"limit: {text!r} is no number from 0 to {_MOST}")
    return int(text)


def _describe(state: World, name: str) -> dict[str, str]:
    return {"state": name, "now": isoformat(state.clock.now())}
