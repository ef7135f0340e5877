"""EngageLab Email: list members with tags and filter conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from emulator.core.credentials import Credentials
from emulator.core.errors import Problem, Unauthorized, UnknownName, UserError
from emulator.core.routing import Params
from emulator.core.vendor import Account, Action, Answer, Vendor
from emulator.core.world import Accounts, World
from emulator.engagelab import errors, members
from emulator.engagelab.account import EngageLabAccount
from emulator.engagelab.behaviours import BEHAVIOURS
from emulator.engagelab.declined import DECLINED
from emulator.engagelab.operations import OPERATIONS
from emulator.engagelab.times import wire_time

if TYPE_CHECKING:
    from emulator.core.advice import Advice


def _unsubscribe(account: EngageLabAccount, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
    member_id = arguments.get("member_id")
    if not isinstance(member_id, str):
        raise UserError('unsubscribe: write {"account": API_USER, "member_id": ID}')
    member = account.members.get(member_id)
    if member is None:
        raise UnknownName(f"unsubscribe: account {account.id!r} has no member {member_id!r}")
    second = members.unsubscribe(account, member)
    return {"member_id": member.member_id, "unsubscribe_time": wire_time(second)}


class EngageLab(Vendor):
    """The vendor as the engine sees it. The account of a request is the user of its credentials."""

    id = "engagelab"
    title = "EngageLab Email"
    hosts = frozenset({"email.api.engagelab.cc", "emailapi-tr.engagelab.com"})
    base_path = ""
    sample_credentials = Credentials("api_user", "api_key")
    schemas = "emulator.engagelab.schemas"
    operations = OPERATIONS
    declined = DECLINED
    behaviours = BEHAVIOURS
    actions: ClassVar[Mapping[str, Action]] = {"unsubscribe": Action(_unsubscribe, ("member_id",))}

    def owns(self, segments: Sequence[str]) -> bool:
        return segments[0] == "v1"

    def admit(self, accounts: Accounts, credentials: Credentials, params: Params) -> Account:
        account = accounts.get(credentials.user)
        if account is None or not (accounts.open or credentials.opens(account.keys)):
            raise Unauthorized
        return account

    def new_account(self, world: World, account_id: str) -> Account:
        return EngageLabAccount(world, account_id)

    def seed(self, world: World, block: object) -> None:
        # Imported here because it needs pydantic, which a start without a scenario does not.
        from emulator.engagelab.seed import seed

        seed(world, block)

    def advice(self) -> Advice:
        from emulator.engagelab.advice import ADVICE  # which nobody needs who does not ask

        return ADVICE

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        return errors.print_problem(problem, world)
