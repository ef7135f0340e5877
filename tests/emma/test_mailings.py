"""What members were mailed, how they opted out, and what a tester can make happen."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.emma.support import (
    MEMBERS,
    NOW,
    act,
    add,
    advance,
    archive,
    group,
    mail,
    member,
    ok,
    sign_up,
    status,
    update,
)


def history(client: TestClient, member_id: int, **query: Any) -> Any:
    return ok(client.get(f"{MEMBERS}/{member_id}/mailings", params=query))


def optouts(client: TestClient, member_id: int) -> Any:
    return ok(client.get(f"{MEMBERS}/{member_id}/optout"))


def test_a_member_has_no_history_until_something_was_mailed(client: TestClient) -> None:
    member_id = add(client)
    assert history(client, member_id) == []
    assert history(client, member_id, count="true") == 0


def test_a_delivery_is_in_the_members_history(client: TestClient) -> None:
    member_id, other = add(client), add(client, "bob@shop.test")
    told = act(client, "deliver", member_id=member_id, name="May", subject="Hello", opened="@D:2024-05-01T08:00:00")
    assert told == {"member_id": member_id, "mailing_id": 1024}
    assert history(client, member_id) == [
        {
            "delivery_type": "d",
            "clicked": None,
            "opened": "@D:2024-05-01T08:00:00",
            "mailing_id": 1024,
            "delivery_ts": NOW,
            "name": "May",
            "forwarded": None,
            "shared": None,
            "subject": "Hello",
            "sent": NOW,
            "account_id": 100,
        }
    ]
    assert history(client, other) == []


def test_a_history_shows_the_newest_mailing_first(client: TestClient) -> None:
    member_id = add(client)
    for day in ("02", "03", "01"):
        act(client, "deliver", member_id=member_id, name=day, sent=f"@D:2024-05-{day}T00:00:00")
    assert [each["name"] for each in history(client, member_id)] == ["03", "02", "01"]


@pytest.mark.parametrize("sent", ["@D:1900-01-01T00:00:00", "@D:9998-12-31T23:59:59"])
def test_a_mailing_may_be_of_long_ago_or_hence(client: TestClient, sent: str) -> None:
    member_id = add(client)
    act(client, "deliver", member_id=member_id, sent=sent)
    assert history(client, member_id)[0]["sent"] == sent


def test_the_pages_of_a_history_begin_with_the_newest(client: TestClient) -> None:
    member_id = add(client)
    for number in range(5):
        advance(client, 1)
        act(client, "deliver", member_id=member_id, name=str(number))
    pages = [history(client, member_id, start=start, end=start + 2) for start in (0, 2, 4, 6)]
    assert [[each["name"] for each in page] for page in pages] == [["4", "3"], ["2", "1"], ["0"], []]


def test_one_mailing_may_go_to_many_members(client: TestClient) -> None:
    members = [add(client), add(client, "bob@shop.test")]
    for member_id in members:
        act(client, "deliver", member_id=member_id, mailing_id=77)
    assert [history(client, each)[0]["mailing_id"] for each in members] == [77, 77]


def test_a_new_mailing_never_has_the_id_of_another(client: TestClient) -> None:
    member_id = sign_up(client)
    act(client, "deliver", member_id=member_id, mailing_id=1024)
    sign_up(client, group_ids=[group(client)])
    assert mail(client)[0]["mailing_id"] != 1024


def test_the_history_of_nobody_is_404(client: TestClient) -> None:
    assert client.get(f"{MEMBERS}/7/mailings").status_code == 404
    assert client.get(f"{MEMBERS}/7/optout").status_code == 404


def test_an_archived_member_has_its_history_still(client: TestClient) -> None:
    member_id = add(client)
    act(client, "deliver", member_id=member_id, name="May")
    archive(client, member_id)
    assert history(client, member_id)[0]["name"] == "May"


def test_a_member_that_did_not_opt_out_has_no_opt_out_detail(client: TestClient) -> None:
    assert optouts(client, add(client)) == []


def test_following_the_opt_out_link_of_a_mailing_is_an_opt_out_with_detail(client: TestClient) -> None:
    member_id = add(client)
    advance(client, "1h")
    told = act(client, "unsubscribe", member_id=member_id, mailing_id=77)
    assert told == {"member_id": member_id, "member_status_id": "o"}
    assert status(client, member_id) == "o"
    assert optouts(client, member_id) == [{"timestamp": "@D:2024-05-01T08:00:00", "mailing_id": 77}]


def test_an_opt_out_detail_is_gone_once_the_member_is_active_again(client: TestClient) -> None:
    member_id = add(client)
    act(client, "unsubscribe", member_id=member_id, mailing_id=77)
    act(client, "confirm", member_id=member_id)
    assert optouts(client, member_id) == []


def test_an_opt_out_without_a_mailing_does_not_have_the_detail_of_an_earlier_one(client: TestClient) -> None:
    member_id = add(client)
    act(client, "unsubscribe", member_id=member_id, mailing_id=77)
    act(client, "confirm", member_id=member_id)
    update(client, member_id, status_to="o")
    assert optouts(client, member_id) == []


def test_opt_out_details_are_counted(client: TestClient) -> None:
    member_id = add(client)
    assert ok(client.get(f"{MEMBERS}/{member_id}/optout?count=true")) == 0
    act(client, "unsubscribe", member_id=member_id, mailing_id=77)
    assert ok(client.get(f"{MEMBERS}/{member_id}/optout?count=true")) == 1
    assert ok(client.get(f"{MEMBERS}/{member_id}/optout?start=1")) == []


def test_a_bounce_of_a_bad_mailing_changes_nothing(client: TestClient) -> None:
    member_id = add(client)
    body = {"account": 100, "member_id": member_id, "mailing_id": "77"}
    assert client.post("/_emulator/actions/emma/bounce", json=body).status_code == 400
    answer = member(client, member_id)
    assert (answer["status"], answer["bounce_count"]) == ("active", 0)


def test_a_hard_bounce_puts_a_member_in_error(client: TestClient) -> None:
    member_id = add(client)
    told = act(client, "bounce", member_id=member_id, error="no such mailbox")
    assert told == {"member_id": member_id, "member_status_id": "e", "bounce_count": 1, "mailing_id": 1024}
    answer = member(client, member_id)
    assert (answer["status"], answer["email_error"], answer["bounce_count"]) == ("error", "no such mailbox", 1)


def test_three_soft_bounces_put_a_member_in_error(client: TestClient) -> None:
    member_id = add(client)
    letters = [act(client, "bounce", member_id=member_id, hard=False)["member_status_id"] for _ in range(3)]
    assert letters == ["a", "a", "e"]


def test_a_delivery_ends_a_row_of_soft_bounces(client: TestClient) -> None:
    member_id = add(client)
    for _ in range(2):
        act(client, "bounce", member_id=member_id, hard=False)
    act(client, "deliver", member_id=member_id)
    assert act(client, "bounce", member_id=member_id, hard=False)["member_status_id"] == "a"


@pytest.mark.parametrize(
    ("action", "arguments", "message"),
    [
        ("confirm", {}, "confirm: member_id must be a whole number"),
        ("confirm", {"member_id": True}, "confirm: member_id must be a whole number"),
        ("unsubscribe", {"member_id": 1024}, "unsubscribe: mailing_id must be a whole number"),
        ("bounce", {"member_id": 1024, "hard": "no"}, "bounce: hard must be true or false"),
        ("deliver", {"member_id": 1024, "delivery_type": "x"}, "deliver: delivery_type must be one of d, s, b"),
        ("deliver", {"member_id": 1024, "sent": "today"}, "deliver: sent must be a date like @D:2011-01-02T10:27:43"),
        ("deliver", {"member_id": 1024, "subject": 7}, "deliver: subject must be a text"),
        ("deliver", {"member_id": 1024, "sent": "@D:9999-12-31T23:59:59"}, "deliver: sent must be a date like"),
        ("deliver", {"member_id": 1024, "opened": "0001-01-01"}, "deliver: opened must be a date like"),
    ],
)
def test_an_action_that_makes_no_sense_is_refused(
    client: TestClient, action: str, arguments: dict[str, object], message: str
) -> None:
    add(client)
    answer = client.post(f"/_emulator/actions/emma/{action}", json={"account": "100", **arguments})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(message)


def test_an_action_on_nobody_is_404(client: TestClient) -> None:
    add(client)
    answer = client.post("/_emulator/actions/emma/confirm", json={"account": "100", "member_id": 7})
    assert (answer.status_code, answer.json()) == (404, {"error": "confirm: account 100 has no member 7"})
    answer = client.post("/_emulator/actions/emma/confirm", json={"account": "7", "member_id": 1024})
    assert answer.status_code == 404
