"""What an import does: read its rows, then add or update the members, a piece at a time.

Source: reference/emma.md sections 3.1, 5.3 and 5.4. The sums: every row received is a duplicate (a later row has its
address), skipped (no address, refused, or there already with add_only), added or updated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from copy import copy
from typing import Any, Self

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.core.slices import Slices
from emulator.core.vendor import Account
from emulator.emma.account import ERROR, EmmaAccount, Import, Member
from emulator.emma.affected import ADDED
from emulator.emma.events import happened
from emulator.emma.field_reader import FieldReader
from emulator.emma.mobile import read_mobile
from emulator.emma.upserts import Entry, Upserts

# Keys of a row that are no fields; member_id is what a client sends that loaded the member before.
_NO_FIELDS = ("email", "fields", "sms", "member_id")
_READ_AT_ONCE = 250
_CELLS = 5000  # rows times groups that are saved at once, at most

Row = Mapping[str, Any]


class Addressed(Struct, gc=False):
    """What is read of a row before its turn to be saved."""

    email: object = None


class Waiting(Struct, gc=False):
    """A row that is still to be saved, as it came, and its number among those received, from 1."""

    address: str
    email: str
    number: int
    raw: msgspec.Raw


_decode_row = msgspec.json.Decoder().decode
_decode_address = msgspec.json.Decoder(Addressed).decode
_BAD_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class ImportWork:
    """Rows wait as they came until the import begins; then the last of each address is kept, and saved in order."""

    def __init__(
        self,
        account: EmmaAccount,
        import_id: int,
        rows: Sequence[msgspec.Raw],
        *,
        add_only: bool,
        group_ids: Sequence[int],
        criteria: Mapping[Any, object] | None,
    ) -> None:
        self._account = account
        self._import_id = import_id
        self._add_only = add_only
        self._group_ids = group_ids
        self._criteria = criteria
        self._at = account.now()
        self._received: list[msgspec.Raw | None] = list(rows)
        self._read_up_to = 0
        self._places: dict[str, int] = {}
        """While rows are read: where in `_rows` an address is."""
        self._rows: list[Waiting | None] = []
        """What is to be saved; one row of each address."""
        self._done = 0
        self._joined: Counter[int] = Counter()
        self._field_ids: set[int] = set()
        self._noted: set[str] = set()
        self.total = len(rows)

    def begin(self, at: float) -> None:
        self._at = int(at)
        self._put(status="p")

    def advance(self, most: int) -> int:
        if self._read_up_to < len(self._received):
            self._read()
            return 0
        self._received, self._places, self._read_up_to = [], {}, 0
        # A row costs as much as its groups.
        most = max(1, min(most, _CELLS // (1 + len(self._group_ids))))
        start, stop = self._done, min(self._done + most, len(self._rows))
        self._save([waiting for waiting in self._rows[start:stop] if waiting is not None])
        # Given back piece by piece, because freeing all of them at the end would take a long turn.
        self._rows[start:stop] = [None] * (stop - start)
        self._done = stop
        # Rows that were duplicates or had no address need no saving.
        return stop - start if stop < len(self._rows) else self.total

    def finish(self, at: float) -> None:
        self._end("o", at)
        self._tell(at)

    def fail(self, at: float, message: str) -> None:
        self._end("e", at, error_message=message)
        if self._account.choice("webhook_failed_imports") == "told":
            self._tell(at)

    def forget(self, texts: Collection[str]) -> Slices[None]:
        """Rows of these addresses are not saved any more; they count as skipped."""
        while self._read_up_to < len(self._received):
            self._read()
            yield
        if self._import().finished is not None:
            return
        identity = self._account.identity_of_addresses()
        addresses = {identity(text) for text in texts}
        left = [waiting for waiting in self._rows[self._done :] if waiting and waiting.address not in addresses]
        gone = len(self._rows) - self._done - len(left)
        self._rows, self._done = [*left], 0
        self._received, self._places, self._read_up_to = [], {}, 0
        if gone:
            self._put(skipped=self._import().skipped + gone)

    def copy(self, account: Account) -> Self:
        assert isinstance(account, EmmaAccount)
        twin = copy(self)
        twin.adopt(account)
        return twin

    def adopt(self, account: EmmaAccount) -> None:
        """Work for this account from now on, and share nothing that changes."""
        self._account = account
        self._noted = self._noted.copy()
        self._received = self._received.copy()
        self._places = self._places.copy()
        self._rows = self._rows.copy()
        self._joined = self._joined.copy()
        self._field_ids = self._field_ids.copy()

    def _read(self) -> None:
        """Read some of the rows; of those with the same address the last one counts."""
        identity = self._account.identity_of_addresses()
        start, stop = self._read_up_to, self._read_up_to + _READ_AT_ONCE
        rows = self._received[start:stop]
        self._received[start:stop] = [None] * len(rows)
        self._read_up_to += len(rows)
        duplicates = without_address = 0
        for number, raw in enumerate(rows, start + 1):
            email = _email(raw)
            if raw is None or email is None:
                without_address += 1
                self._account.note(f"row {number} has no address and was skipped")
                continue
            address = identity(email)
            waiting = Waiting(address, email, number, raw)
            place = self._places.setdefault(address, len(self._rows))
            if place < len(self._rows):
                duplicates += 1
                self._rows[place] = waiting
            else:
                self._rows.append(waiting)
        if duplicates or without_address:
            known = self._import()
            self._put(
                duplicates=known.duplicates + duplicates,
                skipped=known.skipped + without_address,
                errors=known.errors + without_address,
            )

    def _save(self, part: Sequence[Waiting]) -> None:
        """Add or update the members of these rows."""
        account = self._account
        affected = account.affected[self._import_id]
        # Anew each time, because groups, fields and choices may have changed since.
        groups = [group.group_id for group in account.existing_groups(self._group_ids)]
        upserts, fields = Upserts(account, groups, self._at), FieldReader(account, self._noted)
        existing = account.members.find_many("address", [waiting.address for waiting in part])
        members: list[Member] = []
        added = skipped = errors = 0
        for waiting in part:
            known = existing.get(waiting.address)
            if known is not None and self._add_only and not self._restores(known):
                skipped += 1
                continue
            try:
                entry = self._entry(waiting, fields)
                member, change, joined = upserts.upserted(entry, known)
            except Invalid as problem:
                account.note(f"row {waiting.number} was skipped: {problem}")
                skipped += 1
                errors += 1
                continue
            fields.keep()
            self._field_ids.update([field_id for field_id, _ in entry.fields])
            members.append(member)
            added += change == ADDED
            errors += member.status == ERROR
            if joined:
                self._joined.update(joined)
            affected.add(member.member_id, change, enlisted=bool(joined))
        account.members.put_many(members)
        state = self._import()
        self._put(
            added=state.added + added,
            updated=state.updated + len(members) - added,
            skipped=state.skipped + skipped,
            errors=state.errors + errors,
        )

    def _entry(self, waiting: Waiting, reader: FieldReader) -> Entry:
        """Raises Invalid."""
        try:
            row: Row = _decode_row(waiting.raw)
        except _BAD_JSON:
            raise Invalid((), "is not valid JSON") from None
        given = {key: value for key, value in row.items() if key not in _NO_FIELDS}
        nested = row.get("fields")
        if isinstance(nested, dict) and self._account.choice("nested_import_fields") == "accept":
            given |= nested
        return Entry(waiting.email, reader.read(given), read_mobile(row.get("sms"), None, self._criteria))

    def _restores(self, known: Member) -> bool:
        return known.archived is not None and self._account.choice("add_only_archived") == "restore"

    def _import(self) -> Import:
        state = self._account.imports.get(self._import_id)
        assert state is not None
        return state

    def _put(self, **changes: Any) -> None:
        self._account.imports.put(replace(self._import(), **changes))

    def _tell(self, at: float) -> None:
        state = self._import()
        happened(
            self._account,
            "import_finish",
            at=int(at),
            import_id=self._import_id,
            group_ids=self._group_ids,
            contact_count=state.added + state.updated,
        )

    def _end(self, status: str, at: float, **more: Any) -> None:
        self._put(
            status=status,
            finished=int(at),
            added_by_group=tuple(sorted(self._joined.items())),
            field_ids=tuple(sorted(self._field_ids)),
            **more,
        )
        self._received, self._rows, self._places, self._done = [], [], {}, 0


def _email(raw: msgspec.Raw | None) -> str | None:
    """The address of a row; None if it has none."""
    if raw is None:
        return None
    try:
        email = _decode_address(raw).email
    except _BAD_JSON:
        return None
    return email if isinstance(email, str) and email.strip() else None
