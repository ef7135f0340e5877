"""Emma: members, groups, fields, asynchronous imports and webhooks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from emulator.core.credentials import Credentials
from emulator.core.differences import Difference
from emulator.core.errors import Forbidden, Problem, Unauthorized, UnknownOperation
from emulator.core.failures.magic import Magic, words_for_requests
from emulator.core.ids import stable_number
from emulator.core.limits import RateLimit
from emulator.core.routing import Params
from emulator.core.vendor import Account, Action, Answer, Vendor
from emulator.core.world import Accounts, World
from emulator.emma import actions, addresses, errors
from emulator.emma.account import EmmaAccount
from emulator.emma.behaviours import BEHAVIOURS
from emulator.emma.declined import DECLINED
from emulator.emma.message_actions import MESSAGE_ACTIONS
from emulator.emma.operations import OPERATIONS

if TYPE_CHECKING:
    from emulator.core.proof.advice import Advice

_LONGEST_ID = 18  # digits


class Emma(Vendor):
    """The vendor as the engine sees it. The account of a request is the first segment of its path."""

    id = "emma"
    title = "Emma"
    hosts = frozenset({"api.e2ma.net", "events.e2ma.net"})
    base_path = "/{account}"
    variables: ClassVar[Mapping[str, str]] = {
        "EMMA_BASE_URL": "base_url",
        "EMMA_ACCOUNT_ID": "account",
        "EMMA_PUBLIC_KEY": "user",
        "EMMA_PRIVATE_KEY": "key",
    }
    sample_account = "100"
    sample_credentials = Credentials("public_key", "private_key")
    schemas = "emulator.emma.schemas"
    lenient = True
    max_body = 10 * 1024 * 1024
    schemes = frozenset({"basic", "bearer"})
    operations = OPERATIONS
    declined = DECLINED
    behaviours = BEHAVIOURS
    actions: ClassVar[Mapping[str, Action]] = {**actions.ACTIONS, **MESSAGE_ACTIONS}
    error_shapes = errors.SHAPES
    magic: ClassVar[Mapping[str, Magic]] = words_for_requests(errors.SHAPES) | addresses.MAGIC
    rate_limit = RateLimit(180, 60.0)  # reference/emma.md section 1

    def owns(self, segments: Sequence[str]) -> bool:
        first = segments[0] or next(filter(None, segments), "")
        return first.isdigit() and first.isascii()

    def admit(self, accounts: Accounts, credentials: Credentials, params: Params) -> Account:
        if credentials.scheme == "bearer" and accounts.world.behaviours["emma.bearer_tokens"] == "reject":
            raise Unauthorized
        account_id = params["account_id"]
        account = accounts.known(account_id)
        if account is None:
            if not self.owns([account_id]) or len(account_id) > _LONGEST_ID:
                raise UnknownOperation
            account = accounts.get(str(int(account_id)))
        if account is not None and (accounts.open or account.opens_to(credentials)):
            return account
        if any(each.opens_to(credentials) for each in accounts):
            raise Forbidden(f"these credentials do not open account {account_id}")
        raise Unauthorized

    def may_exist(self, account_id: str) -> bool:
        return self.owns([account_id]) and len(account_id) <= _LONGEST_ID and account_id == str(int(account_id))

    def caller(self, account: Account, credentials: Credentials) -> str:
        if account.world.behaviours["emma.rate_limit_scope"] == "account":
            return account.id
        # This is shown to people, so a token must not be in it.
        return f"{account.id} {credentials.user or stable_number(credentials.key, 9)}"

    def counts_refused(self, world: World) -> bool:
        return world.behaviours["emma.rate_limit_refused"] == "count"

    def new_account(self, world: World, account_id: str) -> Account:
        return EmmaAccount(world, account_id)

    def seed(self, world: World, block: object) -> None:
        # Imported here because it needs pydantic, which a start without a scenario does not.
        from emulator.emma.seed import seed

        seed(world, block)

    def export(self, world: World, *, credentials: bool) -> Mapping[str, object]:
        from emulator.emma.export import export

        return export(world, credentials=credentials)

    def differences(self, before: Account, after: Account) -> Iterator[Difference | None]:
        from emulator.emma.differences import differences

        assert isinstance(before, EmmaAccount)
        assert isinstance(after, EmmaAccount)
        return differences(before, after)

    def advice(self) -> Advice:
        from emulator.emma.advice import ADVICE  # which nobody needs who does not ask

        return ADVICE

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        return errors.print_problem(problem, world)
