"""A tiny vendor of nobody's, so that the engine is tested without any real one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self

from msgspec import Struct, json
from pydantic import BaseModel, ConfigDict

from emulator.core.behaviours import Behaviour
from emulator.core.credentials import Credentials
from emulator.core.differences import Difference, changed_rows
from emulator.core.errors import (
    Injected,
    Invalid,
    NotEmulated,
    NotFound,
    Problem,
    RateLimited,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownOperation,
)
from emulator.core.failures.magic import words_for_requests
from emulator.core.limits import RateLimit
from emulator.core.operation import Body, Declined, Operation
from emulator.core.routing import Params
from emulator.core.store.memory import MemoryTable
from emulator.core.vendor import Account, Action, Answer, ErrorShape, Vendor
from emulator.core.world import Accounts, World
from emulator.core.worlds import Worlds


class Note(Struct, frozen=True, gc=False):
    key: str
    text: str


class NoteRef(Struct):
    key: str


class PutNote(BaseModel):
    model_config = ConfigDict(strict=True)

    key: str
    text: str


class AcmeAccount(Account):
    vendor = "acme"
    tables: ClassVar[Mapping[str, type[Any]]] = {"notes": Note}
    state_type = dict[str, str]

    def __init__(self, world: World, account_id: str) -> None:
        self.world = world
        self.id = account_id
        self.keys = {}
        self.notes: MemoryTable[str, Note] = MemoryTable(lambda note: note.key)

    def state(self) -> dict[str, str]:
        return self.keys

    def set_state(self, state: dict[str, str]) -> None:
        self.keys = state

    def copy(self, world: World) -> Self:
        twin = type(self)(world, self.id)
        twin.keys = self.keys
        twin.notes = self.notes.copy()
        return twin


def put_note(account: AcmeAccount, note: PutNote) -> Note:
    account.world.journal.note(f"colour {account.world.behaviours['acme.colour']}")
    account.notes.put(Note(note.key, note.text))
    return Note(note.key, note.text)


def get_note(account: AcmeAccount, note: NoteRef) -> Note:
    row = account.notes.get(note.key)
    if row is None:
        raise NotFound("note", note.key)
    return row


def burn_note(account: AcmeAccount, note: NoteRef) -> Note:
    raise RuntimeError(f"the fire went out under {note.key}")


def _output(account: AcmeAccount, note: Note) -> bytes:
    return json.encode(note)


def operation(operation_id: str, method: str, path: str, **more: Any) -> Operation:
    """An operation that matters for its id, method and path only."""
    defaults: dict[str, Any] = {
        "input": NoteRef,
        "rule": get_note,
        "output": _output,
        "success": "{key, text}",
        "errors": (),
        "source": "nowhere",
    }
    return Operation(operation_id, method, path, **(defaults | more))


SHAPES = {401: ErrorShape(None), 418: ErrorShape("teapot"), 500: ErrorShape("broken", 7)}


class Acme(Vendor):
    id = "acme"
    title = "Acme Notes"
    hosts = frozenset({"api.acme.example"})
    base_path = "/acme"
    variables: ClassVar[Mapping[str, str]] = {"ACME_URL": "base_url", "ACME_USER": "user"}
    sample_account = "ann"
    sample_credentials = Credentials("ann", "secret")
    schemas = __name__
    operations = (
        operation("acme.notes.put", "PUT", "/acme/notes/{key}", input="PutNote", body=Body.REQUIRED, rule=put_note),
        operation("acme.notes.get", "GET", "/acme/notes/{key}"),
        operation("acme.notes.burn", "POST", "/acme/notes/{key}/burn", rule=burn_note),
        operation("acme.notes.peek", "HEAD", "/acme/notes/{key}", enabled_by=("acme.peek", "yes")),
    )
    declined = (
        Declined("acme.pages.list", "GET", "/acme/pages", "nobody reads them", "nowhere"),
        Declined("acme.senders", "*", "/acme/senders/*", "nobody writes", "nowhere"),
    )
    behaviours = (
        Behaviour("acme.colour", "The colour of notes.", ("red", "blue"), "red", "inferred", "nowhere"),
        Behaviour("acme.peek", "Whether HEAD works.", ("no", "yes"), "no", "inferred", "nowhere"),
        Behaviour("acme.shape", "How notes lie.", ("round", "square"), "round", "observed", "nowhere", True),
        Behaviour("acme.magic_addresses", "Whether magic works.", ("on", "off"), "on", "inferred", "nowhere"),
    )
    error_shapes = SHAPES
    magic = words_for_requests(SHAPES)
    rate_limit = RateLimit(3, 60.0)
    actions: ClassVar[Mapping[str, Action]] = {}

    def owns(self, segments: Sequence[str]) -> bool:
        return segments[0] == "acme"

    def admit(self, accounts: Accounts, credentials: Credentials, params: Params) -> Account:
        account = accounts.get(credentials.user)
        if account is None or not (accounts.open or credentials.opens(account.keys)):
            raise Unauthorized
        return account

    def new_account(self, world: World, account_id: str) -> Account:
        return AcmeAccount(world, account_id)

    def seed(self, world: World, block: object) -> None:
        """`{ACCOUNT: {KEY: TEXT}}`"""
        if not isinstance(block, dict):
            raise Invalid((), "must be an object of accounts")
        for account_id, notes in block.items():
            account = AcmeAccount(world, account_id)
            account.keys = {account_id: "seeded"}
            account.notes.put_many([Note(key, text) for key, text in notes.items()])
            world.accounts["acme"].add(account)

    def export(self, world: World, *, credentials: bool) -> Mapping[str, object]:
        return {account.id: notes_of(world, account.id) for account in world.accounts["acme"]}

    def differences(self, before: Account, after: Account) -> Iterator[Difference | None]:
        assert isinstance(before, AcmeAccount)
        assert isinstance(after, AcmeAccount)
        for pair in changed_rows(before.notes, after.notes, lambda note: note.key):
            note = None if pair is None else pair[1] or pair[0]
            yield None if note is None else Difference("note", note.key, "changed", f"note {note.key} is another one")

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        match problem:
            case Unavailable() | Injected():
                status = problem.status
            case _:
                status = _STATUSES.get(type(problem), 500)
        return Answer(status, json.encode({"acme": type(problem).__name__, "says": str(problem)}))


_STATUSES: dict[type[Problem], int] = {
    Unauthorized: 401,
    NotFound: 404,
    UnknownOperation: 404,
    Invalid: 400,
    TooLarge: 413,
    RateLimited: 429,
    NotEmulated: 501,
}


def make_worlds(*, cap: int = 8, ready: bool = True, open_accounts: bool = True) -> Worlds:
    """Worlds with this vendor alone."""
    worlds = Worlds([Acme()], cap=cap, journal_entries=100, journal_bytes=10**6, open_accounts=open_accounts)
    worlds.ready = ready
    return worlds


def notes_of(world: World, account_id: str = "ann") -> dict[str, str]:
    """What an account has written; nothing if there is no such account."""
    account = world.accounts["acme"].known(account_id)
    return {note.key: note.text for note in account.notes.page(0, 100)} if isinstance(account, AcmeAccount) else {}
