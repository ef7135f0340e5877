"""Rules that Emma's documents state in words, beside their samples."""

from __future__ import annotations

import itertools
import time

import pytest

from contract_tests.emma.conftest import Call

_WAIT_SECONDS = 30
_WORDS = {"a": "active", "e": "error", "f": "forwarded", "o": "opt-out"}
_MORE_THAN_A_PAGE = 501

# reference/emma.md section 3: paths that a member called "delete", "status" and so on would have, too.
_LITERALS = [
    ("GET", "/members/imports", None),
    ("GET", "/members/email/tony@myemma.com", None),
    ("POST", "/members/add", {"email": "benjamin@myemma.com"}),
    ("POST", "/members/signup", {"email": "benjamin@myemma.com"}),
    ("POST", "/members/purge", {"member_ids": [202]}),
    ("PUT", "/members/delete", {"member_ids": [202]}),
    ("PUT", "/members/status", {"member_ids": [202], "status_to": "e"}),
    ("PUT", "/members/groups/remove", {"member_ids": [202], "group_ids": [151]}),
    ("PUT", "/members/purgeall", None),
    ("GET", "/webhooks/events", None),
]

# Member 203 was deleted on 2011-01-02.
_DELETED_RANGES = [
    ("2011-01-02~2011-01-02", [203]),
    ("2011-01-02~", [203]),
    ("2011-01-03~", []),
    ("~2011-01-02", [203]),
    ("~2011-01-01", []),
    ("2011-01-02", [203]),
    ("2011-01-01", []),
]


def _page(call: Call, query: str) -> list[int]:
    return [member["member_id"] for member in call("GET", f"/members?{query}").json()]


def _import(call: Call, emails: list[str]) -> int:
    """Import these and wait for the end; the id of the import."""
    started = call("POST", "/members", {"members": [{"email": email} for email in emails]}).json()
    import_id: int = started["import_id"]
    end = time.monotonic() + _WAIT_SECONDS
    while call("GET", f"/members/imports/{import_id}").json()["status"] in ("q", "p"):
        assert time.monotonic() < end, "the import does not end"
        time.sleep(0.05)
    return import_id


def test_a_webhook_is_called_with_post_unless_get_is_asked_for(call: Call) -> None:
    """reference/emma.md section 7."""
    wanted = {"url": "https://myemma.com/blog/", "event": "member_add"}
    ids = [call("POST", "/webhooks", body).json() for body in (wanted, wanted | {"method": "GET"})]
    assert [call("GET", f"/webhooks/{each}").json()["method"] for each in ids] == ["POST", "GET"]


def test_a_webhook_may_name_a_key_in_two_ways(call: Call) -> None:
    """reference/emma.md section 7: the old name is user_id."""
    for key in ("public_key", "user_id"):
        body = {"url": "https://myemma.com/blog/", "event": "member_add", key: "public_key"}
        assert isinstance(call("POST", "/webhooks", body).json(), int)


def test_an_update_of_a_webhook_changes_what_it_names(call: Call) -> None:
    """reference/emma.md section 7."""
    assert call("PUT", "/webhooks/100", {"event": "member_add"}).json() == 100
    webhook = call("GET", "/webhooks/100").json()
    assert (webhook["event"], webhook["url"]) == ("member_add", "https://myemma.com")


def test_all_webhooks_of_the_account_can_be_deleted(call: Call) -> None:
    """reference/emma.md section 7."""
    assert call("DELETE", "/webhooks").json() is True
    assert call("GET", "/webhooks").json() == []


@pytest.fixture
def long_list(call: Call) -> None:
    """Members for more than one page of 500."""
    _import(call, [f"member{number}@myemma.com" for number in range(_MORE_THAN_A_PAGE)])


@pytest.mark.parametrize(("method", "path", "body"), _LITERALS)
def test_a_literal_path_wins_over_a_member_id(method: str, path: str, body: object, call: Call) -> None:
    assert call(method, path, body).status_code == 200


def test_the_number_in_members_copy_is_a_group(call: Call) -> None:
    """Copy all account members of one or more statuses into a group."""
    assert call("PUT", "/members/150/copy", {"member_status_id": ["a"]}).status_code == 200
    assert call("PUT", "/members/200/copy", {"member_status_id": ["a"]}).status_code == 404


def test_a_page_ends_before_its_end(call: Call) -> None:
    assert (_page(call, "start=0&end=2"), _page(call, "start=2&end=4")) == ([200, 201], [202, 204])


def test_a_page_behind_the_last_is_empty(call: Call) -> None:
    assert _page(call, "start=500&end=1000") == []


@pytest.mark.parametrize(("query", "number"), [("", 4), ("&deleted=true", 5), ("&deleted_only=true", 1)])
def test_count_is_a_bare_number_of_what_the_listing_has(query: str, number: int, call: Call) -> None:
    assert call("GET", f"/members?count=true{query}").text == str(number)


@pytest.mark.usefixtures("long_list")
@pytest.mark.parametrize(("query", "first", "last"), [("", 0, 500), ("start=1", 1, 501), ("start=2&end=2000", 2, 502)])
def test_a_page_has_at_most_500_records(query: str, first: int, last: int, call: Call) -> None:
    everybody = [*_page(call, "start=0&end=400"), *_page(call, "start=400&end=800")]
    assert _page(call, query) == everybody[first:last]


@pytest.mark.parametrize(("status_from", "status_to"), list(itertools.permutations("aefo", 2)))
def test_a_status_shifts_to_any_other(status_from: str, status_to: str, call: Call) -> None:
    """Valid statuses are a, e, f and o: active, error, forwarded, optout."""
    for each in _WORDS:
        assert call("PUT", f"/members/status/{each}/to/{status_from}").json() is True
    assert call("PUT", f"/members/status/{status_from}/to/{status_to}").json() is True
    members = call("GET", "/members").json()
    shown = {(member["member_status_id"], member["status"]) for member in members}
    assert shown == {(status_to, _WORDS[status_to])}


def test_only_members_of_the_given_status_and_group_shift(call: Call) -> None:
    call("PUT", "/members/status/a/to/e", {"group_id": 151})
    members = call("GET", "/members").json()
    shown = {member["member_id"]: member["member_status_id"] for member in members}
    assert shown == {200: "e", 201: "o", 202: "e", 204: "a"}


def test_enlisting_answers_with_those_only_that_were_not_in_the_group(call: Call) -> None:
    """If a member already exists in the group or is not a valid member, that reference will not be returned."""
    assert call("PUT", "/groups/150/members", {"member_ids": [200, 202, 999]}).json() == [202]


def test_opting_out_again_is_true(call: Call) -> None:
    """True if member status change was successful or member was already opted out."""
    assert call("PUT", "/members/email/optout/gladys@myemma.com", {}).json() is True


def test_deleting_several_members_is_true_if_all_were_there(call: Call) -> None:
    """True if all members are successfully deleted, otherwise False."""
    assert call("PUT", "/members/delete", {"member_ids": [200, 999]}).json() is False
    assert call("PUT", "/members/delete", {"member_ids": [201, 202]}).json() is True
    assert _page(call, "deleted_only=true") == [200, 201, 202, 203]


def test_a_deleted_member_can_be_updated(call: Call) -> None:
    """Update the information for an existing member (even if they are marked as deleted)."""
    assert call("PUT", "/members/203", {"email": "gregory@myemma.com"}).json() is True
    assert call("GET", "/members/203?deleted=true").json()["email"] == "gregory@myemma.com"


def test_a_purged_member_is_gone_for_good(call: Call) -> None:
    assert call("POST", "/members/purge", {"member_ids": [203]}).json() is True
    assert call("GET", "/members/203?deleted=true").status_code == 404


@pytest.mark.parametrize(("span", "member_ids"), _DELETED_RANGES)
def test_deleted_range_has_those_deleted_on_its_days(span: str, member_ids: list[int], call: Call) -> None:
    assert _page(call, f"deleted_range={span}") == member_ids


def test_an_import_tells_its_state_and_whom_it_added(call: Call) -> None:
    """You can use this ID to check the status and results of your import."""
    import_id = _import(call, ["michelle@myemma.com", "emma@myemma.com"])
    assert call("GET", f"/members/imports/{import_id}").json()["status"] == "o"
    changes = call("GET", f"/members/imports/{import_id}/members").json()
    assert [(each["change_type"], each["email"]) for each in changes] == [
        ("a", "michelle@myemma.com"),
        ("u", "emma@myemma.com"),
    ]


def test_a_number_of_ten_digits_comes_back_in_international_form(call: Call) -> None:
    added = call("POST", "/members/add", {"email": "benjamin@myemma.com", "sms": {"phone_number": "1234567890"}}).json()
    sms = call("GET", f"/members/{added['member_id']}").json()["sms"]
    assert (sms["phone_number"], sms["region_code"]) == ("+11234567890", "US")


def test_signing_up_again_without_a_new_group_changes_nothing(call: Call) -> None:
    """If no new group ids are provided for an existing member, [...] performing no additional actions."""
    before = call("GET", "/members/200").json()
    again = {"email": "emma@myemma.com", "fields": {"first_name": "Ella"}, "group_ids": [150]}
    assert call("POST", "/members/signup", again).json() == {"status": "a", "member_id": 200}
    assert call("GET", "/members/200").json() == before
