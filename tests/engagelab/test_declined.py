"""What EngageLab has and the emulator does not."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from emulator.core.operation import Declined
from emulator.engagelab.declined import DECLINED


@pytest.mark.parametrize("declined", DECLINED, ids=lambda declined: f"{declined.method} {declined.path}")
def test_a_declined_operation_is_501_and_named(client: TestClient, declined: Declined) -> None:
    method = "GET" if declined.method == "*" else declined.method
    path = declined.path.replace("/*", "/7").replace("{tag_id}", "7").replace("{field_id}", "7")
    path = path.replace("{segment_id}", "7").replace("{campaign_id}", "7")
    answer = client.request(method, path)
    assert answer.status_code == 501
    assert list(answer.json()) == ["code", "message"]
    assert answer.json()["message"] == f"{declined.id} is not emulated yet, {declined.reason}"
    assert declined.id in answer.headers["X-Emulator-Hint"]
    assert client.get("/_emulator/journal?limit=1").json()["entries"][0]["operation"] == declined.id


def test_a_module_is_declined_at_its_root_too(client: TestClient) -> None:
    assert client.post("/v1/address_lists").status_code == 501
    assert client.delete("/v1/unsubscribes/a/b/c").status_code == 501


def test_credentials_come_first(client: TestClient) -> None:
    assert client.get("/v1/marketing/lists/tags", headers={"Authorization": ""}).status_code == 401
