"""What the engine must know of a vendor; each vendor's package has one object of this kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from emulator.core.behaviours import Behaviour
from emulator.core.credentials import Credentials
from emulator.core.errors import Problem
from emulator.core.operation import Declined, Operation
from emulator.core.routing import Params, Router

if TYPE_CHECKING:
    from emulator.core.advice import Advice
    from emulator.core.world import Accounts, World


class Answer(NamedTuple):
    """What goes back on the wire."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class Account(ABC):
    """One customer of a vendor inside a world; owns the tables. Rules take it first."""

    vendor: ClassVar[str]
    """The id of the vendor whose customer this is."""

    id: str
    world: World
    keys: dict[str, str]
    """Declared credentials, from user to password."""

    def opens_to(self, credentials: Credentials) -> bool:
        """Whether these are declared credentials of the account."""
        return credentials.opens(self.keys)

    def mail(self) -> Sequence[Mapping[str, Any]]:
        """What the vendor would have mailed to this customer's contacts because of calls, oldest first."""
        return ()

    @abstractmethod
    def copy(self, world: World) -> Self:
        """An independent account with the same rows, in another world."""


class Action(NamedTuple):
    """Something that happens at a vendor without an API call, caused by a tester.

    `run(account, arguments)` does it and says what changed; it raises UserError. `keys` are the arguments it knows.
    """

    run: Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]
    keys: tuple[str, ...]


class Vendor(ABC):
    """One emulated API: its hosts, its operations, how it authenticates and how it prints errors."""

    id: ClassVar[str]
    title: ClassVar[str]
    hosts: ClassVar[frozenset[str]]
    base_path: ClassVar[str]
    """What follows the address in the base URL that clients are given."""
    sample_credentials: ClassVar[Credentials]
    """Credentials that a client may use when no account is declared."""
    schemas: ClassVar[str]
    """The module with the input models that operations name."""
    lenient: ClassVar[bool] = False
    """Whether empty path segments, `[]` as a body, and numbers and booleans without a value in the query are as good
    as absent.
    """
    max_body: ClassVar[int | None] = None
    """The vendor's own limit on a body, in bytes."""
    schemes: ClassVar[frozenset[str]] = frozenset({"basic"})
    """How callers may authenticate: basic, bearer."""
    operations: ClassVar[Sequence[Operation]]
    declined: ClassVar[Sequence[Declined]]
    behaviours: ClassVar[Sequence[Behaviour]]
    actions: ClassVar[Mapping[str, Action]]

    def __init__(self) -> None:
        self.router = Router([*self.operations, *self.declined])

    @abstractmethod
    def owns(self, segments: Sequence[str]) -> bool:
        """Whether a path of these segments is this vendor's, when the Host header does not say."""

    @abstractmethod
    def admit(self, accounts: Accounts, credentials: Credentials, params: Params) -> Account:
        """The account that these credentials open. Raises Unauthorized, Forbidden or UnknownOperation."""

    @abstractmethod
    def new_account(self, world: World, account_id: str) -> Account:
        """An account that nobody declared."""

    @abstractmethod
    def seed(self, world: World, block: object) -> None:
        """Load this vendor's block of a scenario. Raises Invalid, whose location is the way from the block."""

    def advice(self) -> Advice:
        """What the vendor's documents recommend."""
        from emulator.core.advice import Advice  # which nobody needs who does not ask

        return Advice()

    @abstractmethod
    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        """The vendor's spelling of an error."""
