"""EngageLab Email: list members with tags and filter conditions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from emulator.core.credentials import Credentials
from emulator.core.differences import Difference
from emulator.core.errors import Problem, Unauthorized, UnknownName, UserError
from emulator.core.failures.magic import Magic, words_for_requests
from emulator.core.routing import Params
from emulator.core.vendor import Account, Action, Answer, Vendor
from emulator.core.world import Accounts, World
from emulator.engagelab import addresses, errors, members
from emulator.engagelab.account import EngageLabAccount
from emulator.engagelab.behaviours import BEHAVIOURS
from emulator.engagelab.declined import DECLINED
from emulator.engagelab.operations import OPERATIONS
from emulator.engagelab.times import wire_time

if TYPE_CHECKING:
    from emulator.core.proof.advice import Advice


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
    variables: ClassVar[Mapping[str, str]] = {
        "ENGAGELAB_BASE_URL": "base_url",
        "ENGAGELAB_API_USER": "user",
        "ENGAGELAB_API_KEY": "key",
    }
    sample_account = "api_user"
    sample_credentials = Credentials("api_user", "api_key")
    schemas = "emulator.engagelab.schemas"
    operations = OPERATIONS
    declined = DECLINED
    behaviours = BEHAVIOURS
    actions: ClassVar[Mapping[str, Action]] = {"unsubscribe": Action(_unsubscribe, ("member_id",))}
    error_shapes = errors.SHAPES
    magic: ClassVar[Mapping[str, Magic]] = words_for_requests(errors.SHAPES) | addresses.MAGIC
    # No limit: the documents have one for an operation that is not emulated (reference/engagelab.md section 8).

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

    def export(self, world: World, *, credentials: bool) -> Mapping[str, object]:
        from emulator.engagelab.export import export

        return export(world, credentials=credentials)

    def differences(self, before: Account, after: Account) -> Iterator[Difference | None]:
        from emulator.engagelab.differences import differences

        assert isinstance(before, EngageLabAccount)
        assert isinstance(after, EngageLabAccount)
        return differences(before, after)

    def advice(self) -> Advice:
        from emulator.engagelab.advice import ADVICE  # which nobody needs who does not ask

        return ADVICE

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        return errors.print_problem(problem, world)
