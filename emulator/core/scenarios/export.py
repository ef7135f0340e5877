"""A world as a scenario that loads back to the same answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.core.clock import isoformat
from emulator.core.errors import Conflict
from emulator.core.failures.faults import Fault
from emulator.core.jobs import Job
from emulator.core.vendor import Vendor
from emulator.core.world import World

_LEFT_OUT = (
    "A scenario has accounts, behaviours, the clock, faults and limits, not what these counted; "
    "deliveries of webhooks, journal, snapshots and jobs that are over are not in it."
)
_NO_CREDENTIALS = (
    "Keys and tokens are left out; while accounts are closed nobody can open these. Those in URLs of webhooks and in "
    "what faults look for are *** and do not work. "
    "An export with credentials=include has them."
)
_ENDED = "was under way when the state was exported"


def export(
    world: World, vendors: Sequence[Vendor], *, credentials: bool = False, fail_unfinished: bool = False
) -> Mapping[str, object]:
    """The scenario of a world that nobody else changes; iterators stand for rows, of which there may be many.

    `fail_unfinished` ends jobs under way, in this world, as if they had failed; else they are a Conflict.
    """
    unfinished = list(world.jobs.pending())
    if unfinished and not fail_unfinished:
        raise _refusal(unfinished)
    remarks = [_LEFT_OUT] if credentials else [_LEFT_OUT, _NO_CREDENTIALS]
    for job in unfinished:
        remarks.append(
            f"{_named(job)} {_ENDED}, after {job.done} of {job.work.total}; it is in here as one that failed."
        )
        job.fail(world.clock.now(), _ENDED)
    return {
        "remarks": remarks,
        "clock": _clock(world),
        **{vendor.id: vendor.export(world, credentials=credentials) for vendor in vendors if world.accounts[vendor.id]},
        "behaviours": _behaviours(world),
        **failures(world, vendors, credentials=credentials),
    }


def _clock(world: World) -> dict[str, object]:
    clock = world.clock
    return {"mode": clock.mode} if clock.mode == "real" else {"mode": clock.mode, "at": isoformat(clock.now())}


def _behaviours(world: World) -> dict[str, object]:
    """All of them: another emulator may have been started with others, and a later one may have other defaults."""
    return {
        behaviour.id: choice if behaviour.least is None else _number(choice)
        for behaviour in world.behaviours.declared.values()
        for choice in (world.behaviours[behaviour.id],)
    }


def failures(world: World, vendors: Sequence[Vendor], *, credentials: bool) -> dict[str, object]:
    """The `faults` and `limits` of a scenario, if there are any."""
    told: dict[str, object] = {}
    if world.faults.on:
        told["faults"] = [
            {**(fault.told if credentials else fault.shown()), "id": fault.id}
            for fault in (armed.fault for armed in world.faults)
            if _can_fire(fault, world)
        ]
    if world.limits.on:
        limits = {vendor.id: world.limits[vendor.id] for vendor in vendors}
        told["limits"] = {vendor: limit._asdict() for vendor, limit in limits.items() if limit is not None}
    return told


def _can_fire(fault: Fault, world: World) -> bool:
    """Not any more when its account is gone; and no scenario may say what can not fire."""
    everywhere = world.accounts.values()
    return fault.account is None or any(each.open or each.known(fault.account) is not None for each in everywhere)


def _number(choice: str) -> object:
    """A number as such, where it is written back the same."""
    number = int(choice) if choice.isascii() and choice.isdigit() else float(choice)
    return number if str(number) == choice else choice


def _refusal(unfinished: Sequence[Job]) -> Conflict:
    first = unfinished[0]
    count = "a job is" if len(unfinished) == 1 else f"{len(unfinished)} jobs are"
    return Conflict(
        f"{count} under way, first {_named(first)}, and a scenario can not hold any; advance the clock, finish it with "
        f"POST /_emulator/jobs/{first.id}/finish, or export with unfinished=fail, as if it had failed"
    )


def _named(job: Job) -> str:
    return f"job {job.id}, {job.kind} {job.subject} of {job.account.vendor} account {job.account.id}"
