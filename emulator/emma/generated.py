"""Members that a scenario has generated: realistic, reachable nowhere, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from emulator.core.errors import Location
from emulator.core.scenarios.chance import Chance
from emulator.core.scenarios.people import People, Person, birthday, is_birthday, number_of
from emulator.emma.account import ACTIVE, ERROR, OPTOUT, EmmaAccount, Member
from emulator.emma.field_types import DATES, Field, FieldValue
from emulator.emma.seed_dates import Dates
from emulator.emma.seed_models import GenerateSeed

_HALF_A_YEAR = 183 * 86400  # seconds
_BOUNCES = ("mailbox unavailable", "mailbox full", "domain does not exist", "rejected by the recipient's server")

Maker = Callable[[Person, int], FieldValue]
"""The value of a field for a person who became a member in this second."""


def generated(
    account: EmmaAccount, declared: GenerateSeed, taken: set[str], dates: Dates, location: Location
) -> Iterator[Member]:
    """The members of a block, in the order in which they joined. Raises Invalid.

    `taken` are addresses, in lower case, that others have; those of these members are added.
    """
    people = declared.people(taken, location)
    declared.check("groups", declared.groups, lambda group_id: account.group(group_id) is not None, location)
    makers = _makers(account, declared, people, location)
    start, end = declared.period(declared.member_since, dates.second, (*location, "member_since"))
    count, seed = declared.members, declared.seed
    since = Chance(seed, "since").instants(count, start, end)
    fates = Chance(seed, "status").shares(count, declared.percent.shares(), rest="")
    groups = Chance(seed, "groups").memberships(count, declared.groups)
    filled = [(field_id, Chance(seed, "some", field_id).some(count, share), make) for field_id, share, make in makers]
    happens = Chance(seed, "events")
    # The chance is asked equally often for each member, so that nobody depends on another's fate.
    rows = zip(since, fates, groups, people, strict=False)  # people are endless
    for position, (joined, fate, group_ids, person) in enumerate(rows):
        values: list[int | FieldValue] = []
        for field_id, some, make in filled:
            value = make(person, joined)
            if some[position]:
                values += (field_id, value)
        later, bounce = happens.number(joined, end - 1), happens.pick(_BOUNCES)
        yield Member(
            account.new_ids["member"].new(),
            person.email,
            person.email,
            {"opted_out": OPTOUT, "in_error": ERROR}.get(fate, ACTIVE),
            joined,
            tuple(values),
            tuple(sorted(group_ids)),
            later if fate else None,
            opted_out=later if fate == "opted_out" else None,
            email_error=bounce if fate == "in_error" else None,
            archived=later if fate == "archived" else None,
            bounce_count=1 if fate == "in_error" else 0,
        )


def _makers(
    account: EmmaAccount, declared: GenerateSeed, people: People, location: Location
) -> list[tuple[int, float, Maker]]:
    """Field ids, for which percentage of the members they are filled, and with what."""
    fields = {field.shortcut_name: field for field in account.fields.values() if field.deleted is None}
    shares = dict.fromkeys(fields, None) if declared.fields is None else declared.fields
    declared.check("fields", shares, fields.__contains__, location)
    return [
        (fields[name].field_id, 100 if share is None else share, _maker(fields[name], people))
        for name, share in shares.items()
    ]


def _maker(field: Field, people: People) -> Maker:
    name = field.shortcut_name
    chance = people.chance(name)
    if field.field_type == "text[]":
        options = field.options or ("red", "green", "blue")
        return lambda person, joined: tuple(_several(options, chance))
    if field.field_type == "numeric":
        return lambda person, joined: number_of(name, chance)
    if field.field_type == "boolean":
        return lambda person, joined: chance.below(2) == 1
    if field.field_type in DATES:
        if is_birthday(name):
            return lambda person, joined: _stored(birthday(chance))
        return lambda person, joined: _stored(_day(joined + chance.below(_HALF_A_YEAR)))
    if field.options:
        given = field.options
        return lambda person, joined: chance.pick(given)
    text = people.texts(name)
    return lambda person, joined: text(person)


def _several(options: tuple[str, ...], chance: Chance) -> list[str]:
    """One or more of the options, in their order."""
    chosen = [option for option in options if chance.below(3) == 0]
    return chosen or [chance.pick(options)]


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def _stored(day: date) -> str:
    return f"{day.isoformat()}T00:00:00"
