"""From what a tester says of a fault to the fault; one that can never fire is refused with one line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase

from emulator.core.errors import Conflict, Invalid
from emulator.core.failures.effects import CUTS, SLOW_SECONDS, Broken, Effect
from emulator.core.failures.fault_models import ToldFault, ToldMatch
from emulator.core.failures.faults import MOST, Fault, Faults, Frequency, Matcher
from emulator.core.scenarios.blocks import read_block
from emulator.core.vendor import Vendor
from emulator.core.world import World


def add_faults(world: World, told: object, vendors: Sequence[Vendor]) -> None:
    """Add a list of faults to those of the world: all or, when something is wrong, none. Raises Invalid."""
    world.faults = _added(world.faults.copy(), world, told, vendors)


def read_faults(world: World, told: object, vendors: Sequence[Vendor]) -> Faults:
    """The faults of a list, for this world. Raises Invalid."""
    return _added(Faults(), world, told, vendors)


def read_fault(told: object, world: World, taken: Faults, vendors: Sequence[Vendor]) -> Fault:
    """One fault; without an id it gets one that is not taken. Raises Invalid."""
    if not isinstance(told, dict):
        raise Invalid((), 'must be an object such as {"operation": "...", "status": 500}')
    said = read_block(ToldFault, {key: value for key, value in told.items() if value is not None})
    operations = _operations(said, vendors)
    meant = _with_account(said, world, dict.fromkeys(operations.values()))
    effect = _effect(said)
    for vendor in meant:
        _check_status(said, vendor)
    fault = Fault(
        id=said.id or _free_id(taken),
        operations=frozenset(operation for operation, vendor in operations.items() if vendor in meant),
        account=said.account,
        matcher=_matcher(said.match),
        frequency=_frequency(said),
        effect=effect,
        told=said.model_dump(mode="json", exclude_none=True),
    )
    before = next((armed.fault for armed in taken if armed.fault.hides(fault)), None)
    if before is not None and fault.id not in taken:
        raise Invalid(
            (),
            f"can never fire: fault {before.id!r} comes before it and hits every call that it would; drop that one, or "
            "give it nth, first or probability",
        )
    return fault


def _added(faults: Faults, world: World, told: object, vendors: Sequence[Vendor]) -> Faults:
    if not isinstance(told, list):
        raise Invalid((), "must be a list of faults")
    if len(faults) + len(told) > MOST:
        raise Invalid((), f"can not have more than {MOST} entries")
    for index, each in enumerate(told):
        try:
            faults.add(read_fault(each, world, faults, vendors))
        except Invalid as problem:
            raise Invalid((index, *problem.location), problem.reason) from None
        except Conflict:
            raise Invalid((index, "id"), "is the id of another fault, too") from None
    return faults


def _operations(said: ToldFault, vendors: Sequence[Vendor]) -> dict[str, Vendor]:
    """The operations that a pattern means, and whose they are."""
    ids = [vendor.id for vendor in vendors]
    if said.vendor is not None and said.vendor not in ids:
        raise Invalid(("vendor",), f"can not be {said.vendor!r}; there are {', '.join(ids)}")
    every = {operation.id: vendor for vendor in vendors for operation in vendor.operations}
    named = {each: vendor for each, vendor in every.items() if fnmatchcase(each, said.operation)}
    meant = {each: vendor for each, vendor in named.items() if said.vendor in (None, vendor.id)}
    if meant:
        return meant
    if named:
        owner = next(iter(named.values())).title
        raise Invalid(("operation",), f"{said.operation} is {owner}'s, so it can never fire at {said.vendor}")
    declined = [each.id for vendor in vendors for each in vendor.declined]
    if any(fnmatchcase(each, said.operation) for each in declined):
        raise Invalid(("operation",), f"{said.operation} is not emulated, so it can never fire")
    raise Invalid(("operation",), f"{said.operation!r} is unknown{_suggestion(said.operation, every)}")


def _suggestion(wanted: str, known: Iterable[str]) -> str:
    close = get_close_matches(wanted, known, n=1)
    return f"; did you mean {close[0]}?" if close else "; GET /_emulator/operations lists them"


def _with_account(said: ToldFault, world: World, vendors: Iterable[Vendor]) -> list[Vendor]:
    """Those of the vendors that can have the account."""
    if said.account is None:
        return list(vendors)
    possible = []
    for vendor in vendors:
        accounts = world.accounts[vendor.id]
        if accounts.known(said.account) is not None or (accounts.open and vendor.may_exist(said.account)):
            possible.append(vendor)
    if not possible:
        titles = " or ".join(vendor.title for vendor in vendors)
        raise Invalid(("account",), f"{said.account!r} can not be an account of {titles} here, so it can never fire")
    return possible


def _effect(said: ToldFault) -> Effect:
    if said.status is None and said.delay is None and said.answer is None:
        raise Invalid((), "says nothing that goes wrong; give status, delay or answer")
    for key, value in (("message", said.message), ("code", said.code)):
        if value is not None and said.status is None:
            raise Invalid((key,), "belongs to a status, and there is none")
    if said.seconds is not None and said.answer != "slow":
        raise Invalid(("seconds",), "belongs to answer: slow")
    if said.status is not None and said.answer in CUTS:
        raise Invalid(("answer",), f"{said.answer} leaves nothing that could have a status")
    return Effect(
        said.status,
        said.message,
        said.code,
        said.delay,
        said.answer,
        SLOW_SECONDS if said.seconds is None else said.seconds,
        _is_after(said.when, said.answer, has_answer=said.status is not None),
    )


def _is_after(when: str | None, answer: Broken | None, *, has_answer: bool) -> bool:
    spoils = answer is not None and answer not in CUTS and not has_answer
    if spoils and when == "before":
        raise Invalid(("when",), f"can not be before: without a status only the rule makes an answer to be {answer}")
    return spoils or when == "after"


def _frequency(said: ToldFault) -> Frequency:
    frequency = Frequency(said.nth, said.first, said.probability)
    given = [name for name, value in frequency._asdict().items() if value is not None]
    if len(given) > 1:
        raise Invalid((given[1],), f"contradicts {given[0]}; give one of them")
    return frequency


def _matcher(said: ToldMatch | None) -> Matcher | None:
    if said is None:
        return None
    matcher = Matcher(said.path, said.query, said.body)
    if matcher == Matcher():
        raise Invalid(("match",), "says nothing; give path, query or body")
    return matcher


def _check_status(said: ToldFault, vendor: Vendor) -> None:
    if said.status is None:
        return
    shape = vendor.error_shapes.get(said.status)
    if shape is None:
        known = ", ".join(map(str, vendor.error_shapes)) or "none"
        raise Invalid(("status",), f"can not be {said.status}: {vendor.title} has no such answer; it has {known}")
    if said.message is not None and shape.message is None:
        raise Invalid(("message",), f"has no place: {vendor.title}'s {said.status} has no body")
    if said.code is not None and shape.code is None:
        raise Invalid(("code",), f"has no place: {vendor.title}'s {said.status} has no code")


def _free_id(taken: Faults) -> str:
    number = len(taken) + 1
    while f"fault-{number}" in taken:
        number += 1
    return f"fault-{number}"
