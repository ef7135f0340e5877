"""Rate limits through the control plane."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

LIMITS = "/_emulator/limits"
OFF = {
    "vendor": "emma",
    "on": False,
    "calls": 180,
    "seconds": 60.0,
    "documented": {"calls": 180, "seconds": 60.0},
    "callers": [],
}


def test_the_documented_limits_are_listed_and_off(client: TestClient) -> None:
    assert client.get(LIMITS).json() == {"limits": [OFF]}


def test_a_limit_can_be_another_one(client: TestClient) -> None:
    answer = client.put(LIMITS, json={"emma": {"calls": 1, "seconds": 5}})
    assert answer.json()["limits"] == [OFF | {"on": True, "calls": 1, "seconds": 5.0}]
    assert [client.get("/100/groups").status_code for _ in range(3)] == [200, 403, 403]
    callers = client.get(LIMITS).json()["limits"][0]["callers"]
    assert callers == [{"caller": "100", "refused": 2, "early": 1}]
    assert client.put(LIMITS, json={"emma": False}).json()["limits"] == [OFF]
    assert client.get("/100/groups").status_code == 200


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"emma": 5}, "emma must be true, false, or an object"),
        ({"engagelab": True}, "engagelab can not be limited: EngageLab Email documents no limit on its operations"),
        ({"emma": True, "nobody": True}, "nobody is no vendor"),
    ],
)
def test_a_refusal_is_one_line_and_changes_nothing(client: TestClient, body: object, words: str) -> None:
    answer = client.put(LIMITS, json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert client.get(LIMITS).json() == {"limits": [OFF]}
