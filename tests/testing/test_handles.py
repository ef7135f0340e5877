"""Accounts as tests get them from the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import httpx2
import pytest

from emulator import Emulator
from emulator.client import Client, Refused
from emulator.core.errors import UserError
from emulator.testing.handles import AccountHandle, EmmaHandle, EngageLabHandle

LIST = "/v1/marketing/lists/list_members"


@pytest.fixture(scope="module")
def running() -> Iterator[Emulator]:
    with Emulator(clock="frozen:2024-05-01T12:00:00Z") as emulator:
        yield emulator


@pytest.fixture
def world(running: Emulator) -> Iterator[Client]:
    with running.world() as world:
        yield world


def emma_emails(account: EmmaHandle, **auth: object) -> list[str]:
    answer = httpx2.get(f"{account.base_url}/members", auth=account.auth, trust_env=False)
    return [member["email"] for member in answer.json()]


def engagelab_emails(account: EngageLabHandle) -> list[str]:
    answer = httpx2.post(f"{account.base_url}{LIST}", headers=account.headers, json={}, trust_env=False)
    return [member["email"] for member in answer.json()["result"]]


def test_they_get_in_and_are_seeded_side_by_side(world: Client) -> None:
    emma, engagelab = EmmaHandle(world), EngageLabHandle(world)
    emma.seed(groups=[{"group_name": "News"}], members=[{"email": "ann@shop.test"}])
    engagelab.seed(members=[{"email": "bob@shop.test"}])
    assert (emma_emails(emma), engagelab_emails(engagelab)) == (["ann@shop.test"], ["bob@shop.test"])
    emma.seed()
    assert (emma_emails(emma), engagelab_emails(engagelab)) == ([], ["bob@shop.test"])


def test_a_member_without_a_time_is_from_the_time_of_its_world(world: Client) -> None:
    world.clock.advance_to("2025-02-03T04:05:06Z")
    engagelab = EngageLabHandle(world)
    engagelab.seed(members=[{"email": "bob@shop.test"}])
    answer = httpx2.post(f"{engagelab.base_url}{LIST}", auth=engagelab.auth, json={}, trust_env=False)
    assert answer.json()["result"][0]["create_time"] == "2025-02-03T12:05:06+0800"


def test_their_words_are_the_vendors(world: Client) -> None:
    emma, engagelab = EmmaHandle(world), EngageLabHandle(world)
    assert (emma.account_id, emma.public_key, emma.private_key) == (100, "public_key", "private_key")
    assert (engagelab.api_user, engagelab.api_key) == ("api_user", "api_key")
    assert emma.variables["EMMA_BASE_URL"] == emma.base_url == f"{world.url}/100"
    assert engagelab.variables["ENGAGELAB_API_KEY"] == "api_key"


def test_they_are_those_that_a_scenario_declares(world: Client) -> None:
    world.seed(
        {"emma": {"accounts": [{"account_id": 7, "keys": {"mine": "secret"}, "members": [{"email": "a@b.test"}]}]}}
    )
    emma = EmmaHandle(world)
    assert (emma.account_id, emma.auth, emma_emails(emma)) == (7, ("mine", "secret"), ["a@b.test"])
    emma.seed(members=[{"email": "c@d.test"}])
    assert emma_emails(emma) == ["c@d.test"]


def test_what_is_wrong_in_a_seed_is_named(world: Client) -> None:
    with pytest.raises(Refused, match=r"emma\.accounts\[0\]\.membres .* did you mean members"):
        EmmaHandle(world).seed(membres=[])


@pytest.mark.parametrize(
    ("seed", "said"),
    [
        ({"members": None}, r"accounts\[0\]\.members must be a list"),
        ({"members": ["ann@shop.test"]}, r"accounts\[0\]\.members\[0\] must be an object"),
        ({"members": {"csv": "people.csv"}}, r"accounts\[0\]\.members must be a list"),
        ({"members": [{"email": object()}]}, "can not be sent as JSON: object has no form there"),
    ],
)
@pytest.mark.parametrize("handle", [EmmaHandle, EngageLabHandle])
def test_a_seed_of_another_shape_is_one_line(
    world: Client, handle: type[AccountHandle], seed: dict[str, object], said: str
) -> None:
    with pytest.raises(UserError, match=said) as error:
        handle(world).seed(**seed)
    assert "\n" not in str(error.value)


def test_another_account_is_not_seeded_by_mistake(world: Client) -> None:
    with pytest.raises(UserError, match="account_id: leave it out"):
        EmmaHandle(world).seed(account_id=200)
    with pytest.raises(UserError, match="api_user: leave it out"):
        EngageLabHandle(world).seed(api_user="other")


def test_dates_are_those_of_python_too(world: Client) -> None:
    emma, engagelab = EmmaHandle(world), EngageLabHandle(world)
    noon = datetime(2020, 5, 1, 12, tzinfo=UTC)
    emma.seed(members=[{"email": "ann@shop.test", "member_since": noon}])
    engagelab.seed(members=[{"email": "bob@shop.test", "create_time": noon}])
    exported = world.export()
    assert exported["emma"]["accounts"][0]["members"][0]["member_since"] == "2020-05-01T12:00:00Z"
    created = exported["engagelab"]["accounts"][0]["members"][0]["member_id"][:8]
    assert int(created, 16) == noon.timestamp()


def test_a_seed_leaves_the_account_all_its_credentials(world: Client) -> None:
    accounts = [{"account_id": 7, "keys": {"a": "1", "b": "2"}, "tokens": ["t"]}]
    world.seed({"emma": {"accounts": accounts}, "engagelab": {"accounts": [{"api_user": "u", "api_key": "k"}]}})
    emma, engagelab = EmmaHandle(world), EngageLabHandle(world)
    for _ in range(2):
        emma.seed(members=[{"email": "ann@shop.test"}])
        engagelab.seed()
        exported = world.export(credentials=True)
        (account,) = exported["emma"]["accounts"]
        assert (account["account_id"], account["keys"], account["tokens"]) == (7, {"a": "1", "b": "2"}, ["t"])
        assert exported["engagelab"]["accounts"][0]["api_key"] == "k"
    emma.seed(keys={"c": "3"})
    assert world.export(credentials=True)["emma"]["accounts"][0]["keys"] == {"c": "3"}


@pytest.mark.parametrize("handle", [EmmaHandle, EngageLabHandle])
def test_where_nobody_gets_in_it_says_what_to_declare(handle: type[AccountHandle]) -> None:
    with Emulator(accounts="closed") as emulator, pytest.raises(UserError, match="declare one with keys"):
        handle(emulator.client)
