"""Member tags: referred to by name when written, by id and name when read.

Source: vendor-docs/engagelab-members.txt, the table of tag_flag; reference/engagelab.md section 5 (tags).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from emulator.core.errors import Invalid
from emulator.engagelab.account import EngageLabAccount, Tag

_NAME = re.compile(r"[A-Za-z0-9_\u3400-\u9fff]{1,64}")


# What a batch does with the tags of a member: the values of tag_flag.
OVERWRITE, APPEND, SKIP = 0, 1, 2


def updated_tags(flag: int, old: tuple[str, ...], given: tuple[str, ...] | None) -> tuple[str, ...]:
    """The documented table: a member's tags after a batch; None is "no value passed"."""
    if given is None or flag == SKIP:
        return old
    if flag == OVERWRITE:
        return given
    return (*old, *(tag for tag in given if tag not in old))


def usable_names(account: EngageLabAccount, names: Sequence[str]) -> tuple[str, ...]:
    """The names without repetitions and without those that are passed over. Creates nothing. Raises Invalid."""
    usable = []
    for position, name in enumerate(dict.fromkeys(names)):
        if account.tags.find("name", name) is None:
            unknown = account.choice("unknown_tags")
            if unknown == "reject":
                raise Invalid(("tags", position), "is no tag of this list")
            if unknown == "drop":
                account.world.journal.note(f"tag {name!r} does not exist and was dropped (engagelab.unknown_tags)")
                continue
            if not name or (account.choice("new_tag_names") == "documented" and _NAME.fullmatch(name) is None):
                raise Invalid(
                    ("tags", position), "must have 1 to 64 letters, digits, underscores or Chinese characters"
                )
        usable.append(name)
    return tuple(usable)


def tag_ids(account: EngageLabAccount, names: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of these tags; those that do not exist are created."""
    return tuple([_existing_or_new(account, name).tag_id for name in names])


def _existing_or_new(account: EngageLabAccount, name: str) -> Tag:
    tag = account.tags.find("name", name)
    if tag is None:
        tag = Tag(account.tag_ids.new(account.now()), name)
        account.tags.put(tag)
    return tag
