"""Operations and behaviours."""

from __future__ import annotations

from starlette.testclient import TestClient

from emulator.app import make_vendors
from tests.conftest import ClientFactory


def test_operations_lists_all_that_is_served_and_declined(client: TestClient) -> None:
    answer = client.get("/_emulator/operations").json()
    vendors = make_vendors()
    assert [row["id"] for row in answer["served"]] == [each.id for vendor in vendors for each in vendor.operations]
    assert [row["id"] for row in answer["declined"]] == [each.id for vendor in vendors for each in vendor.declined]
    assert all(row["source"] and row["success"] and row["errors"] for row in answer["served"])
    assert all(row["reason"] for row in answer["declined"])


def test_behaviours_are_listed_with_choices_and_evidence(client: TestClient) -> None:
    rows = client.get("/_emulator/behaviours").json()["behaviours"]
    assert [row["id"] for row in rows] == [each.id for vendor in make_vendors() for each in vendor.behaviours]
    assert all(row["choice"] == row["default"] for row in rows)
    for row in rows:
        assert row["default"] in row["choices"] if row["choices"] else float(row["default"]) >= row["least"]
    assert all(row["evidence"] in ("documented", "observed", "inferred") and row["source"] for row in rows)


def test_a_choice_holds_in_its_world_only(client: TestClient) -> None:
    client.put("/_world/a/_emulator/behaviours", json={"engagelab.patch": "update"})
    assert client.patch("/_world/a/v1/marketing/lists/members/8", json={}).status_code == 200
    assert client.patch("/_world/b/v1/marketing/lists/members/8", json={}).status_code == 404


def test_a_choice_that_json_reads_as_a_number_or_a_boolean_counts(client: TestClient) -> None:
    choices = {"engagelab.not_found_status": 404, "engagelab.missing_update_existing": True}
    assert client.put("/_emulator/behaviours", json=choices).status_code == 200
    assert client.get("/v1/marketing/lists/members/8").status_code == 404


def test_one_wrong_choice_changes_nothing(client: TestClient) -> None:
    answer = client.put("/_emulator/behaviours", json={"engagelab.patch": "update", "engagelab.list_key": "rows"})
    assert answer.status_code == 400
    assert answer.json()["error"] == "engagelab.list_key: 'rows' is no choice; choose result or list"
    assert client.patch("/v1/marketing/lists/members/8", json={}).status_code == 404


def test_an_unknown_behaviour_is_404_with_a_suggestion(client: TestClient) -> None:
    answer = client.put("/_emulator/behaviours", json={"engagelab.pach": "update"})
    assert answer.status_code == 404
    assert "did you mean engagelab.patch?" in answer.json()["error"]


def test_what_shapes_the_data_can_not_be_switched_while_it_runs(client: TestClient) -> None:
    answer = client.put("/_emulator/behaviours", json={"engagelab.email_case": "sensitive"})
    assert answer.status_code == 409
    assert "--behaviour engagelab.email_case=sensitive" in answer.json()["error"]


def test_choices_made_at_the_start_hold_in_every_world(make_client: ClientFactory) -> None:
    client = make_client(behaviour=(("engagelab.not_found_status", "404"),))
    assert client.get("/v1/marketing/lists/members/8").status_code == 404
    assert client.get("/_world/other/v1/marketing/lists/members/8").status_code == 404
