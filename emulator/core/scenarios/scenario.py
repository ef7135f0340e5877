"""What a world starts with: accounts and rows, clock, behaviours, from one or more scenario files.

include: [other.yaml, newsletter]      # files in or below this one's folder, built-in scenarios
clock: {mode: frozen, at: 2024-05-01T12:00:00Z}
behaviours: {vendor.some_behaviour: choice}
remarks: [what people should know]     # not read
<vendor>: {accounts: [...]}            # the vendor's own seed format
faults: [{operation: vendor.*, status: 500}]
limits: {vendor: true}
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from emulator.core.clock import Clock, read_clock
from emulator.core.errors import AlreadyDeclared, Invalid, UserError, dotted
from emulator.core.limits import read_limits
from emulator.core.scenarios.collector import without_collector
from emulator.core.scenarios.includes import with_includes
from emulator.core.scenarios.scenario_file import ScenarioFile
from emulator.core.scenarios.scenario_folder import read_reference
from emulator.core.scenarios.sheet import with_sheets
from emulator.core.vendor import Vendor
from emulator.core.world import World


def load_scenarios(
    references: Sequence[str],
    vendors: Sequence[Vendor],
    world: World,
    overrides: Mapping[str, object],
    clock: Clock | None = None,
    folder: str | None = None,
) -> None:
    """Read files or scenarios by name into a world, in this order; `overrides` are behaviours that win over theirs, and
    so does the clock.

    `folder` has scenarios with names besides those that come along.

    Raises UserError, which says file, line and what is wrong.
    """
    with without_collector():
        files = with_includes([read_reference(reference, folder) for reference in references])
        load_files(files, vendors, world, overrides, clock)


def load_files(
    files: Sequence[ScenarioFile],
    vendors: Sequence[Vendor],
    world: World,
    overrides: Mapping[str, object],
    clock: Clock | None = None,
) -> None:
    """The same for scenarios that have been read, with all that they include."""
    known = {vendor.id: vendor for vendor in vendors}
    for file in files:
        _set_up(file, known, world)
    world.behaviours.set(overrides, starting=True)
    if clock is not None:
        world.clock = clock
    # Rows come last, because behaviours decide how some of them are kept, and they are of the world's time.
    world.progress.expect(file.document.get(vendor_id) for file in files for vendor_id in known)
    declared_in: dict[tuple[str, str], str] = {}
    for file in files:
        for vendor_id, vendor in known.items():
            if vendor_id in file.document:
                _seed(file, vendor, world, declared_in)
                for account in world.accounts[vendor_id]:
                    declared_in.setdefault((vendor_id, account.id), file.name)
    # Faults may name accounts.
    for file in files:
        _load_part(file, "faults", world, vendors)
        _load_part(file, "limits", world, vendors)


def _set_up(file: ScenarioFile, known: Mapping[str, Vendor], world: World) -> None:
    allowed = ["clock", "behaviours", *known, "faults", "limits", "include", "remarks"]
    unknown = [key for key in file.document if key not in allowed]
    if unknown:
        text = f"unknown key {str(unknown[0])!r}; allowed are {', '.join(allowed)}"
        raise file.error((unknown[0],), text)
    behaviours = file.document.get("behaviours") or {}
    if not isinstance(behaviours, Mapping):
        raise file.error(("behaviours",), "behaviours: write an object of ids and choices")
    part: tuple[str, ...] = ("clock",)
    try:
        if "clock" in file.document:
            world.clock = read_clock(file.document["clock"])
        for behaviour_id, choice in behaviours.items():
            part = ("behaviours", behaviour_id)
            world.behaviours.set({behaviour_id: choice}, starting=True)
    except UserError as error:
        raise file.error(part, str(error)) from None


def _seed(file: ScenarioFile, vendor: Vendor, world: World, declared_in: Mapping[tuple[str, str], str]) -> None:
    block = with_sheets(file, vendor.id)
    try:
        vendor.seed(world, block)
    except Invalid as problem:
        location = (vendor.id, *problem.location)
        text = f"{dotted(location)} {problem.reason}"
        if isinstance(problem, AlreadyDeclared) and (vendor.id, problem.account) in declared_in:
            text += f", first in {declared_in[vendor.id, problem.account]}"
        raise file.error(location, text) from None


def load_failures(told: Mapping[str, object], world: World, vendors: Sequence[Vendor]) -> None:
    """Add the `faults` and set the `limits` of a scenario. Raises Invalid, whose location begins below the key."""
    if "limits" in told:
        world.limits.set(read_limits(told["limits"], vendors))
    if "faults" in told:
        # Imported here because it needs pydantic, which a start without faults does not.
        from emulator.core.failures.fault_reader import add_faults

        add_faults(world, told["faults"], vendors)


def _load_part(file: ScenarioFile, part: str, world: World, vendors: Sequence[Vendor]) -> None:
    told = file.document.get(part)
    if told is None:
        return
    try:
        load_failures({part: told}, world, vendors)
    except Invalid as problem:
        location = (part, *problem.location)
        raise file.error(location, f"{dotted(location)} {problem.reason}") from None
