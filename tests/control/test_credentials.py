"""What clients of the vendors are told, and how far the loading of a scenario is."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.app import EmulatorApp, make_worlds
from emulator.core.scenarios.scenario import load_files
from emulator.settings import Settings
from tests.conftest import ClientFactory
from tests.support import world_of


def test_open_accounts_have_examples_of_credentials(client: TestClient) -> None:
    emma, engagelab = client.get("/_emulator/credentials").json()["vendors"]
    home = str(client.base_url)
    assert emma == {
        "vendor": "emma",
        "title": "Emma",
        "base_url": f"{home}/100",
        "account": "100",
        "user": "public_key",
        "key": "private_key",
        "hosts": ["api.e2ma.net", "events.e2ma.net"],
        "variables": {
            "EMMA_BASE_URL": f"{home}/100",
            "EMMA_ACCOUNT_ID": "100",
            "EMMA_PUBLIC_KEY": "public_key",
            "EMMA_PRIVATE_KEY": "private_key",
        },
    }
    assert engagelab["base_url"] == home
    assert (engagelab["account"], engagelab["user"], engagelab["key"]) == ("api_user", "api_user", "api_key")


def test_the_first_account_with_keys_is_named(client: TestClient) -> None:
    accounts = [{"account_id": 5}, {"account_id": 7, "keys": {"mine": "secret"}}, {"account_id": 8, "keys": {"b": "c"}}]
    client.put("/_world/w/_emulator/state", json={"emma": {"accounts": accounts}})
    found = client.get("/_world/w/_emulator/credentials?vendor=emma").json()["vendors"]
    assert [(each["account"], each["user"], each["key"]) for each in found] == [("7", "mine", "secret")]
    assert found[0]["base_url"] == f"{client.base_url}/_world/w/7"


def test_without_any_account_there_is_nothing(make_client: ClientFactory) -> None:
    for each in make_client(accounts="closed").get("/_emulator/credentials").json()["vendors"]:
        assert each["account"] is each["user"] is each["key"] is None
        assert list(each["variables"].values()) == [each["base_url"]]


def test_the_address_is_the_one_by_which_it_was_asked(client: TestClient) -> None:
    answer = client.get("/_emulator/credentials", headers={"Host": "127.0.0.1:9", "X-Emulator-World": "w"})
    assert answer.json()["vendors"][0]["base_url"] == "http://127.0.0.1:9/_world/w/100"


@pytest.mark.parametrize("query", ["vendor=acme", "colour=red"])
def test_a_query_that_makes_no_sense_is_refused(client: TestClient, query: str) -> None:
    assert client.get(f"/_emulator/credentials?{query}").status_code == 400


def test_how_far_loading_is_can_be_asked_and_makes_no_world(client: TestClient) -> None:
    answer = client.get("/_world/new/_emulator/state/progress").json()
    assert answer == {"loading": False, "rows": 0, "total": None}
    assert [each["name"] for each in client.get("/_emulator/worlds").json()["worlds"]] == ["default"]


def test_a_world_that_is_loaded_tells_its_rows(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []

    def loaded(*arguments: Any) -> None:
        load_files(*arguments)
        seen.append(client.get("/_world/w/_emulator/state/progress").json())

    monkeypatch.setattr("emulator.control.state.load_files", loaded)
    members = [{"member_id": number, "email": f"m{number}@shop.test"} for number in range(1, 4)]
    generate = [{"members": 5}]
    account = {"account_id": 7, "members": members, "generate": generate}
    assert client.put("/_world/w/_emulator/state", json={"emma": {"accounts": [account]}}).status_code == 200
    assert seen == [{"loading": True, "rows": 8, "total": 8}]
    assert client.get("/_world/w/_emulator/state/progress").json()["loading"] is False


def test_a_load_that_fails_is_over(client: TestClient) -> None:
    world_of(client)
    client.put("/_emulator/state", json={"emma": {"accounts": [{"account_id": 7, "members": [{}]}]}})
    assert client.get("/_emulator/state/progress").json()["loading"] is False


def test_before_it_is_ready_it_says_how_far_it_is() -> None:
    worlds = make_worlds(Settings())
    worlds.start.progress.rows, worlds.start.progress.total = 3, 10
    answer = TestClient(EmulatorApp(worlds, Settings())).get("/_emulator/readyz")
    assert (answer.status_code, answer.json()) == (503, {"status": "loading", "rows": 3, "total": 10})
