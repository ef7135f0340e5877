"""What is otherwise in a list, in EngageLab's words."""

from __future__ import annotations

from collections.abc import Iterator
from operator import attrgetter

from emulator.core.differences import Difference, changed_keys, changed_rows, of_rows, went
from emulator.core.store.table import rows
from emulator.engagelab.account import EngageLabAccount, Member, Tag
from emulator.engagelab.export import field_row, member_row, tag_row
from emulator.engagelab.times import wire_time


def differences(before: EngageLabAccount, after: EngageLabAccount) -> Iterator[Difference | None]:
    """Fields, tags, members."""
    if before.keys != after.keys:
        yield Difference("account", after.id, "changed", f"account {after.id} has another key", "api_key")
    for name, old, new in changed_keys(_head(before), _head(after)):
        yield Difference("account", after.id, "changed", f"account {after.id}: {went(name, old, new)}", name, old, new)
    olds, news = ({field.name: field_row(field) for field in each.fields.values()} for each in (before, after))
    for name, old, new in changed_keys(olds, news):
        yield of_rows("field", name, f"field {name}", old, new)
    for pair in changed_rows(before.tags, after.tags, attrgetter("tag_id")):
        yield None if pair is None else _tag(*pair)
    yield from _members(before, after)


def _head(account: EngageLabAccount) -> dict[str, object]:
    return {"list_id": account.list_id, "user_id": account.user_id}


def _tag(old: Tag | None, new: Tag | None) -> Difference:
    tag = new or old
    assert tag is not None
    written = [None if each is None else tag_row(each) for each in (old, new)]
    return of_rows("tag", tag.tag_id, f"tag {tag.name}", *written)


def _members(before: EngageLabAccount, after: EngageLabAccount) -> Iterator[Difference | None]:
    names = {tag.tag_id: tag.name for account in (before, after) for tag in rows(account.tags)}
    for pair in changed_rows(before.members, after.members, attrgetter("member_id")):
        if pair is None:
            yield None
            continue
        old, new = pair
        if new is None:
            assert old is not None
            yield _member(old, "removed", "was deleted", before=member_row(before, old, names))
        elif old is None:
            row = member_row(after, new, names)
            tags = f", with {_tags(row['tags'])}" if new.tag_ids else ""
            yield _member(new, "added", f"was added{tags}", after=row)
        else:
            yield from _changes(old, new, names)


def _changes(old: Member, new: Member, names: dict[str, str]) -> Iterator[Difference]:
    found = 0
    for name in ("email", "phone", "name"):
        values = getattr(old, name), getattr(new, name)
        if values[0] != values[1]:
            found += 1
            yield _member(new, "changed", went(name, *values), name, *values)
    for name, value, other in changed_keys(old.fields, new.fields):
        found += 1
        yield _member(new, "changed", went(f"field {name}", value, other), f"fields.{name}", value, other)
    for tag_id in new.tag_ids:
        if tag_id not in old.tag_ids:
            found += 1
            yield _member(new, "tagged", f"got tag {names[tag_id]}", "tags", after=names[tag_id])
    for tag_id in old.tag_ids:
        if tag_id not in new.tag_ids:
            found += 1
            yield _member(new, "untagged", f"lost tag {names[tag_id]}", "tags", names[tag_id])
    if old.unsubscribed != new.unsubscribed:
        found += 1
        yield _subscription(old, new)
    if not found:
        times = wire_time(old.updated), wire_time(new.updated)
        what = "tags in another order" if old.tag_ids != new.tag_ids else went("update_time", *times)
        yield _member(new, "changed", f"was updated with what it had ({what})", "update_time", *times)


def _subscription(old: Member, new: Member) -> Difference:
    times = [None if each.unsubscribed is None else wire_time(each.unsubscribed) for each in (old, new)]
    if new.unsubscribed is None:
        return _member(new, "resubscribed", "is subscribed again", "unsubscribe_time", *times)
    return _member(new, "unsubscribed", "unsubscribed", "unsubscribe_time", *times)


def _tags(names: list[str]) -> str:
    return f"tag {names[0]}" if len(names) == 1 else f"tags {', '.join(names)}"


def _member(
    member: Member, change: str, text: str, attribute: str | None = None, before: object = None, after: object = None
) -> Difference:
    sentence = f"member {member.member_id} {member.email} {text}"
    return Difference("member", member.member_id, change, sentence, attribute, before, after)
