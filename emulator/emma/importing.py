"""What an import does: read its rows, then add or update the members, a piece at a time.

Source: reference/emma.md sections 3.1, 5.3 and 5.4. The sums: every row received is a duplicate (a later row has its
address), skipped (no address, refused, or there already with add_only), added or updated.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from copy import copy
from typing import Any, ClassVar, Self

import msgspec
from msgspec.structs import replace

from emulator.core.errors import Invalid
from emulator.core.slices import Slices
from emulator.core.vendor import Account
from emulator.emma.account import ERROR, EmmaAccount, Import, Member
from emulator.emma.addresses import IMPORT_ERROR
from emulator.emma.affected import ADDED
from emulator.emma.events import happened
from emulator.emma.field_reader import FieldReader
from emulator.emma.import_document import Document, Progress, known_criteria, read_rows, write_rows
from emulator.emma.import_rows import BAD_JSON, ImportRows, Waiting
from emulator.emma.mobile import read_mobile
from emulator.emma.upserts import Entry, Upserts

# Keys of a row that are no fields; member_id is what a client sends that loaded the member before.
_NO_FIELDS = ("email", "fields", "sms", "member_id")
_READ_AT_ONCE = 250
_CELLS = 5000  # rows times groups that are saved at once, at most

Row = Mapping[str, Any]


_decode_row = msgspec.json.Decoder().decode


class ImportWork:
    """Rows wait as they came until the import begins; then the last of each address is kept, and saved in order."""

    kind: ClassVar[str] = "import"

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
        self._rows = ImportRows(rows, account.identity_of_addresses())
        self._joined: Counter[int] = Counter()
        self._field_ids: set[int] = set()
        self._noted: set[str] = set()
        self.total = len(rows)
        self.edition = 0

    def begin(self, at: float) -> None:
        self._at = int(at)
        self._put(status="p")

    def advance(self, most: int) -> int:
        if self._rows.unread:
            self._read()
            return 0
        # A row costs as much as its groups.
        most = max(1, min(most, _CELLS // (1 + len(self._group_ids))))
        before = self._rows.left
        self._save(self._rows.next(most))
        # Rows that were duplicates or had no address need no saving.
        return before - self._rows.left if self._rows.left else self.total

    def finish(self, at: float) -> None:
        self._end("o", at)
        self._tell(at)

    def fail(self, at: float, message: str) -> None:
        self._end("e", at, error_message=message)
        if self._account.webhooks and self._account.choice("webhook_failed_imports") == "told":
            self._tell(at)

    def forget(self, texts: Collection[str]) -> Slices[None]:
        """Rows of these addresses are not saved any more; they count as skipped."""
        while self._rows.unread:
            self._read()
            yield
        if self._import().finished is not None:
            return
        gone = self._rows.forget(texts)
        self.edition += 1
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
        self._rows = self._rows.copy()
        self._joined = self._joined.copy()
        self._field_ids = self._field_ids.copy()

    def progress(self) -> Progress:
        joined, field_ids, noted = dict(self._joined), sorted(self._field_ids), sorted(self._noted)
        return Progress(self._at, self._rows.unread, self._rows.left, joined, field_ids, noted)

    def keep(self) -> Callable[[], Document]:
        progress, rows = self.progress(), self._rows.numbered()
        criteria = known_criteria(self._criteria)
        return lambda: Document(
            self._import_id,
            self._add_only,
            list(self._group_ids),
            criteria,
            self.total,
            progress,
            list(write_rows(rows())),
        )

    @classmethod
    def resumed(cls, account: EmmaAccount, kept: bytes) -> Self:
        """Go on where a document was made. Raises ValueError, msgspec's among them, for one that does not fit."""
        known = msgspec.json.decode(kept, type=Document)
        work = cls(
            account,
            known.import_id,
            (),
            add_only=known.add_only,
            group_ids=known.group_ids,
            criteria=known.criteria,
        )
        work.total = known.total
        rows = read_rows(known.rows)
        work._rows = ImportRows.resumed(rows, known.progress.unread, account.identity_of_addresses())
        work._go_to(known.progress)
        return work

    def proceeded(self, kept: bytes) -> None:
        self._go_to(msgspec.json.decode(kept, type=Progress))

    def _go_to(self, progress: Progress) -> None:
        self._rows.skip_to(progress.unread, progress.left)
        self._at = progress.at
        self._joined = Counter(progress.joined)
        self._field_ids, self._noted = set(progress.field_ids), set(progress.noted)

    def _read(self) -> None:
        """Read some of the rows."""
        duplicates, without_address = self._rows.read(_READ_AT_ONCE)
        for number in without_address:
            self._account.note(f"row {number} has no address and was skipped")
        if duplicates or without_address:
            known = self._import()
            self._put(
                duplicates=known.duplicates + duplicates,
                skipped=known.skipped + len(without_address),
                errors=known.errors + len(without_address),
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
        if self._account.magic_word(waiting.email) == IMPORT_ERROR:
            raise Invalid(("email",), "asks for an error")
        try:
            row: Row = _decode_row(waiting.raw)
        except BAD_JSON:
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
        self._rows = ImportRows((), self._account.identity_of_addresses())
