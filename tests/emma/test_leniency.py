"""What real clients send that no document describes."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from tests.conftest import ClientFactory
from tests.emma.importing import imported, people
from tests.emma.support import (
    FIELDS,
    GROUPS,
    MEMBERS,
    add,
    archive,
    emails,
    group,
    groups_of,
    mail,
    member,
    ok,
    refused,
    sign_up,
    status,
)


@pytest.mark.parametrize(
    "content_type", [None, "application/json", "application/x-www-form-urlencoded", "text/plain; charset=x"]
)
def test_json_is_read_whatever_the_content_type(client: TestClient, content_type: str | None) -> None:
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = client.post(f"{MEMBERS}/add", content=b'{"email": "ann@shop.test"}', headers=headers)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("body", [b"", b" ", b"{}", b"null", b"[]", b" [] \n"])
def test_a_body_without_parameters_can_be_written_in_many_ways(client: TestClient, body: bytes) -> None:
    member_id = add(client)
    for method, path in [
        ("PUT", f"{MEMBERS}/email/optout/ann@shop.test"),
        ("PUT", f"{MEMBERS}/status/o/to/e"),
        ("PUT", f"{MEMBERS}/{member_id}"),
        ("PUT", f"{MEMBERS}/{group(client)}/copy"),
        ("PUT", f"{MEMBERS}/purgeall"),
        ("PUT", f"{FIELDS}/200"),
        ("POST", f"{FIELDS}/200/clear"),
    ]:
        assert client.request(method, path, content=body).status_code == 200, path
    assert status(client, member_id) == "e"


@pytest.mark.parametrize("body", [b"null", b"[]", b""])
def test_where_a_parameter_is_needed_no_body_is_a_400(client: TestClient, body: bytes) -> None:
    assert client.post(f"{MEMBERS}/add", content=body).status_code == 400


@pytest.mark.parametrize("body", [b'{"start": 1, "count": true, "deleted": true}', b"{", b"\xff"])
def test_a_body_on_get_is_ignored(client: TestClient, body: bytes) -> None:
    archive(client, add(client))
    add(client, "bob@shop.test")
    listed = ok(client.request("GET", MEMBERS, content=body))
    assert [each["email"] for each in listed] == ["bob@shop.test"]


@pytest.mark.parametrize("body", [b'{"member_status_id": "o"}', b"{"])
def test_a_body_on_delete_is_ignored(client: TestClient, body: bytes) -> None:
    add(client)
    ok(client.request("DELETE", f"{MEMBERS}?member_status_id=a", content=body))
    assert emails(client) == []


def test_unknown_keys_are_ignored(client: TestClient) -> None:
    group_id = group(client)
    leaked = {"member_ids": [7], "groups": "x", "start": 3, "account_id": 200, "member_id": 9}
    body = {"email": "ann@shop.test", "group_ids": [group_id], "deleted": 0, **leaked}
    answer = ok(client.post(f"{MEMBERS}/add?colour=red&member_id=9", json=body))
    assert answer == {"status": "a", "added": True, "member_id": 1024}
    assert emails(client, member_id=9, account_id=200) == ["ann@shop.test"]


def test_ids_may_be_decimal_texts(client: TestClient) -> None:
    group_id = group(client)
    member_id = add(client, group_ids=[str(group_id)])
    assert groups_of(client, member_id) == [group_id]
    body = {"member_ids": [str(member_id)], "status_to": "e"}
    assert ok(client.put(f"{MEMBERS}/status", json=body)) is True
    assert ok(client.put(f"{MEMBERS}/status/e/to/o", json={"group_id": str(group_id)})) is True
    assert status(client, member_id) == "o"


def test_a_single_id_is_as_good_as_a_list_of_it(client: TestClient) -> None:
    group_id = group(client)
    assert groups_of(client, add(client, group_ids=str(group_id))) == [group_id]


def test_ids_may_be_larger_than_32_bits(declared: ClientFactory) -> None:
    account = "{account_id: 100, members: [{member_id: 21694690510, email: ann@shop.test}]}"
    client = declared(f"emma: {{accounts: [{account}]}}")
    assert member(client, 21694690510)["email"] == "ann@shop.test"
    assert add(client, "bob@shop.test") == 21694690511


@pytest.mark.parametrize(("text", "shown"), [("true", 2), ("True", 2), ("1", 2), ("false", 1), ("False", 1), ("0", 1)])
def test_booleans_of_a_query_have_three_spellings(client: TestClient, text: str, shown: int) -> None:
    archive(client, add(client))
    add(client, "bob@shop.test")
    assert len(emails(client, deleted=text)) == shown


@pytest.mark.parametrize(("value", "mailed"), [(1, 1), ("true", 1), (0, 0), ("False", 0)])
def test_booleans_of_a_body_may_be_numbers_and_texts(client: TestClient, value: object, mailed: int) -> None:
    body = {"email": "ann@shop.test", "group_ids": [group(client)], "opt_in_confirmation": value}
    ok(client.post(f"{MEMBERS}/signup", json=body))
    assert len(client.get("/_emulator/mail").json()["mail"]) == mailed


@pytest.mark.parametrize("query", ["group_types=g,h", "group_types=g&group_types=h", "group_types=g,h&group_types=g"])
def test_a_list_of_a_query_may_be_joined_by_commas_or_repeated(declared: ClientFactory, query: str) -> None:
    groups = ", ".join(f"{{group_name: {letter}, group_type: {letter}}}" for letter in "gth")
    client = declared(f"emma: {{accounts: [{{account_id: 100, groups: [{groups}]}}]}}")
    assert [each["group_name"] for each in ok(client.get(f"{GROUPS}?{query}"))] == ["g", "h"]


@pytest.mark.parametrize("path", ["/100//members", "/100/members/", "/100///members//"])
def test_double_slashes_are_merged(client: TestClient, path: str) -> None:
    add(client)
    assert len(ok(client.get(path))) == 1


@pytest.mark.parametrize("written", ["ann+news@shop.test", "ann%2Bnews%40shop.test", "ANN+news@shop.test"])
def test_an_address_in_a_path_may_be_encoded_and_a_plus_is_a_plus(client: TestClient, written: str) -> None:
    add(client, "ann news@shop.test")
    member_id = add(client, "ann+news@shop.test")
    assert ok(client.get(f"{MEMBERS}/email/{written}"))["member_id"] == member_id
    assert ok(client.put(f"{MEMBERS}/email/optout/{written}")) is True
    assert status(client, member_id) == "o"


def test_an_address_in_a_path_may_contain_an_encoded_slash(client: TestClient) -> None:
    member_id = add(client, "a/b@shop.test")
    assert ok(client.get(f"{MEMBERS}/email/a%2Fb@shop.test"))["member_id"] == member_id


@pytest.mark.parametrize("query", ["start=&end=&count=", "deleted=", "deleted_range=&exclude_fields=", "&&", "start"])
def test_a_parameter_without_a_value_is_as_good_as_none(client: TestClient, query: str) -> None:
    add(client)
    assert [each["email"] for each in ok(client.get(f"{MEMBERS}?{query}"))] == ["ann@shop.test"]


def test_listing_parameters_on_other_calls_are_ignored(client: TestClient) -> None:
    member_id = add(client)
    assert ok(client.get(f"{MEMBERS}/{member_id}?count=true&start=0&end=9"))["member_id"] == member_id
    assert ok(client.put(f"{MEMBERS}/{member_id}?count=true", json={})) is True


@pytest.mark.parametrize(
    "more", [{"criteria": []}, {"criteria": {"sms": []}}, {"criteria": {}}, {"criteria": None}, {"add_only": None}]
)
def test_an_option_of_an_import_that_says_nothing_is_as_good_as_none(client: TestClient, more: dict[str, Any]) -> None:
    add(client, "m0@shop.test")
    answer = imported(client, *people(2), **more)
    assert (answer["style"], answer["num_members_added"], answer["num_members_updated"]) == ("add_and_update", 1, 1)


def test_a_confirmation_that_is_neither_wanted_nor_denied_is_sent(client: TestClient) -> None:
    sign_up(client, group_ids=[group(client)], opt_in_confirmation=None)
    assert len(mail(client)) == 1


@pytest.mark.parametrize(
    "body",
    [
        b'{"members": [{"email": "ann\xff@shop.test"}, {"email": "bob@shop.test"}]}',
        b'{"members": [{"email": "ann@shop.test", "first\xffname": 1}]}',
        b'{"members": [{"email": "ann@shop.test", "tags": [{"\xc3": ["\xe2\x82"]}]}]}',
        b'{"members": [{"email": "ann@shop.test"}], "source_filename": "\xed\xa0\x80"}',
        b'{"members": [{"email": "ann@shop.test"}], "m\xc3": 1}',
        b'{"members": [{"email": "ann@shop.test"}]}\xff',
    ],
)
def test_an_import_that_is_no_utf_8_anywhere_is_refused_whole(client: TestClient, body: bytes) -> None:
    assert refused(client.post(MEMBERS, content=body)) == (400, "Unable to parse JSON request")
    assert ok(client.get(f"{MEMBERS}/imports")) == []
