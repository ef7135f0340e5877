"""Members that a scenario has generated: realistic, reachable nowhere, the same each time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime

from emulator.core.errors import Location
from emulator.core.scenarios.chance import Chance
from emulator.core.scenarios.people import People, Person, birthday, is_birthday, number_of, phone_number
from emulator.engagelab.account import EngageLabAccount, Member
from emulator.engagelab.fields import Field
from emulator.engagelab.seed_models import GenerateSeed
from emulator.engagelab.seed_times import second_or_day

_HALF_A_YEAR = 183 * 86400  # seconds

Maker = Callable[[Person, int], str]
"""The value of a field for a person whose member was created in this second."""


def generated(
    account: EngageLabAccount, declared: GenerateSeed, taken: set[str], location: Location
) -> Iterator[Member]:
    """The members of a block, in the order of their creation. Raises Invalid.

    `taken` are addresses, in lower case, that others have; those of these members are added.
    """
    people = declared.people(taken, location)
    declared.check("tags", declared.tags, lambda name: account.tags.find("name", name) is not None, location)
    makers = _makers(account, declared, people, location)
    start, end = declared.period(declared.created, second_or_day, (*location, "created"))
    count, seed = declared.members, declared.seed
    created = Chance(seed, "since").instants(count, start, end)
    fates = Chance(seed, "status").shares(count, declared.percent.shares(), rest="")
    tag_ids = {tag.name: tag.tag_id for tag in account.tags.page(0, len(account.tags))}
    shares = {tag_ids[name]: share for name, share in declared.tags.items()}
    tags = Chance(seed, "groups").memberships(count, shares)
    filled = [(name, Chance(seed, "some", name).some(count, share), make) for name, share, make in makers]
    happens, phones = Chance(seed, "events"), Chance(seed, "phones")
    rows = zip(created, fates, tags, people, strict=False)  # people are endless
    for position, (second, fate, own_tags, person) in enumerate(rows):
        values = {name: make(person, second) for name, _, make in filled}
        later = happens.number(second, end - 1)
        yield Member(
            account.member_ids.new(second),
            person.email,
            person.email,
            phone_number(phones).removeprefix("+"),
            person.name,
            {name: values[name] for name, some, _ in filled if some[position]},
            own_tags,
            second,
            later if fate else second,
            later if fate == "unsubscribed" else None,
        )


def _makers(
    account: EngageLabAccount, declared: GenerateSeed, people: People, location: Location
) -> list[tuple[str, float, Maker]]:
    """Fields, for which percentage of the members they are filled, and with what."""
    shares = dict.fromkeys(account.fields, None) if declared.fields is None else declared.fields
    declared.check("fields", shares, account.fields.__contains__, location)
    return [
        (name, 100 if share is None else share, _maker(account.fields[name], people)) for name, share in shares.items()
    ]


def _maker(field: Field, people: People) -> Maker:
    chance = people.chance(field.name)
    match field.type:
        case "number":
            return lambda person, second: str(number_of(field.name, chance))
        case "birthday":
            return lambda person, second: _written(birthday(chance), field.format)
        case "date" if is_birthday(field.name):
            return lambda person, second: _written(birthday(chance), field.format)
        case "date":
            return lambda person, second: _written(_day(second + chance.below(_HALF_A_YEAR)), field.format)
        case "dropdown":
            return lambda person, second: chance.pick(field.options)
    text = people.texts(field.name)
    return lambda person, second: text(person)


def _day(second: int) -> date:
    return datetime.fromtimestamp(second, UTC).date()


def _written(day: date, form: str) -> str:
    return form.replace("MM", f"{day.month:02d}").replace("DD", f"{day.day:02d}").replace("YYYY", f"{day.year:04d}")
