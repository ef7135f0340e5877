"""Emma: members, groups, fields, asynchronous imports and webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from emulator.core.credentials import Credentials
from emulator.core.errors import Forbidden, Problem, Unauthorized, UnknownOperation
from emulator.core.routing import Params
from emulator.core.vendor import Account, Action, Answer, Vendor
from emulator.core.world import Accounts, World
from emulator.emma import actions, errors
from emulator.emma.account import EmmaAccount
from emulator.emma.behaviours import BEHAVIOURS
from emulator.emma.declined import DECLINED
from emulator.emma.message_actions import MESSAGE_ACTIONS
from emulator.emma.operations import OPERATIONS

_LONGEST_ID = 18  # digits


class Emma(Vendor):
    """The vendor as the engine sees it. The account of a request is the first segment of its path."""

    id = "emma"
    title = "Emma"
    hosts = frozenset({"api.e2ma.net", "events.e2ma.net"})
    base_path = "/100"
    sample_credentials = Credentials("public_key", "private_key")
    schemas = "emulator.emma.schemas"
    lenient = True
    max_body = 10 * 1024 * 1024
    schemes = frozenset({"basic", "bearer"})
    operations = OPERATIONS
    declined = DECLINED
    behaviours = BEHAVIOURS
    actions: ClassVar[Mapping[str, Action]] = {**actions.ACTIONS, **MESSAGE_ACTIONS}

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

    def new_account(self, world: World, account_id: str) -> Account:
        return EmmaAccount(world, account_id)

    def seed(self, world: World, block: object) -> None:
        # Imported here because it needs pydantic, which a start without a scenario does not.
        from emulator.emma.seed import seed

        seed(world, block)

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        return errors.print_problem(problem, world)
