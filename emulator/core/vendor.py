"""What the engine must know of a vendor; each vendor's package has one object of this kind."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from emulator.core.behaviours import Behaviour
from emulator.core.credentials import Credentials
from emulator.core.errors import Problem
from emulator.core.failures.magic import OFF, SWITCH, Magic, word_of
from emulator.core.limits import RateLimit
from emulator.core.operation import Declined, Operation
from emulator.core.routing import Params, Router

if TYPE_CHECKING:
    from emulator.core.differences import Difference
    from emulator.core.jobs import Work
    from emulator.core.proof.advice import Advice
    from emulator.core.world import Accounts, World


class Answer(NamedTuple):
    """What goes back on the wire."""

    status: int
    body: bytes
    content_type: bytes = b"application/json"
    headers: tuple[tuple[bytes, bytes], ...] = ()


class ErrorShape(NamedTuple):
    """What an error of some HTTP status says if a tester who asks for it says nothing else; None: it has no such."""

    message: str | None
    code: int | None = None


class Account(ABC):
    """One customer of a vendor inside a world; owns the tables. Rules take it first."""

    vendor: ClassVar[str]
    """The id of the vendor whose customer this is."""
    tables: ClassVar[Mapping[str, type[Any]]]
    """The attributes that hold rows (`Kept`), and the structs that these are."""
    state_type: ClassVar[type[Any]]
    """The struct of all else that must be kept."""

    id: str
    world: World
    keys: dict[str, str]
    """Declared credentials, from user to password."""

    def opens_to(self, credentials: Credentials) -> bool:
        """Whether these are declared credentials of the account."""
        return credentials.opens(self.keys)

    def magic_word(self, address: str) -> str | None:
        """`bounce` for bounce+ann@fault.example, while magic addresses are on; see `magic.py`."""
        word = word_of(address)
        if word is None or self.world.behaviours[f"{self.vendor}.{SWITCH}"] == OFF:
            return None
        return word

    def mail(self) -> Sequence[Mapping[str, Any]]:
        """What the vendor would have mailed to this customer's contacts because of calls, oldest first."""
        return ()

    @abstractmethod
    def state(self) -> Any:
        """What is not in the tables, as `state_type`."""

    @abstractmethod
    def set_state(self, state: Any) -> None:
        """Take over what `state` gave."""

    def finish_erasure(self, ids: Sequence[Any], texts: Sequence[str]) -> None:
        """Forget rows of these ids, and the texts, wherever else they are; for an erasure that was cut short.

        Raises LookupError where nothing is erased.
        """
        raise LookupError(self.id)

    def resume(self, kind: str, document: bytes) -> Work:
        """Go on with a job of this kind as it was written down. Raises LookupError and ValueError."""
        raise LookupError(kind)

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
    """What follows the address in the base URL that clients are given; `{account}` is the id of theirs."""
    variables: ClassVar[Mapping[str, str]]
    """Environment variables by which clients are configured; their values are base_url, account, user and key."""
    sample_account: ClassVar[str]
    """The account that a client may use when none is declared."""
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
    error_shapes: ClassVar[Mapping[int, ErrorShape]] = {}
    """The HTTP statuses that errors of this vendor can have when a tester asks for one."""
    magic: ClassVar[Mapping[str, Magic]] = {}
    """What magic addresses ask for, by their first word. With any, the vendor has the behaviour `magic_addresses`."""
    rate_limit: ClassVar[RateLimit | None] = None
    """The documented limit on calls, which is off until a tester turns it on."""

    def __init__(self) -> None:
        self.router = Router([*self.operations, *self.declined])

    @abstractmethod
    def owns(self, segments: Sequence[str]) -> bool:
        """Whether a path of these segments is this vendor's, when the Host header does not say."""

    @abstractmethod
    def admit(self, accounts: Accounts, credentials: Credentials, params: Params) -> Account:
        """The account that these credentials open. Raises Unauthorized, Forbidden or UnknownOperation."""

    def may_exist(self, account_id: str) -> bool:
        """Whether an account that nobody declared could have this id."""
        return account_id != ""

    def caller(self, account: Account, credentials: Credentials) -> str:
        """Whose calls the rate limit counts together."""
        return account.id

    def counts_refused(self, world: World) -> bool:
        """Whether calls above the rate limit count, too."""
        return False

    @abstractmethod
    def new_account(self, world: World, account_id: str) -> Account:
        """An account that nobody declared."""

    @abstractmethod
    def seed(self, world: World, block: object) -> None:
        """Load this vendor's block of a scenario. Raises Invalid, whose location is the way from the block."""

    def advice(self) -> Advice:
        """What the vendor's documents recommend."""
        from emulator.core.proof.advice import Advice  # which nobody needs who does not ask

        return Advice()

    @abstractmethod
    def export(self, world: World, *, credentials: bool) -> Mapping[str, object]:
        """This vendor's block of a scenario that `seed` makes the same accounts of, with iterators over the rows.

        Without `credentials` nothing in it opens an account.
        """

    @abstractmethod
    def differences(self, before: Account, after: Account) -> Iterator[Difference | None]:
        """What is otherwise in an account, in words of this vendor's; None now and then, so that others are served."""

    @abstractmethod
    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        """The vendor's spelling of an error."""
