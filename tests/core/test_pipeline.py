"""The engine serves a vendor it has never heard of."""

from __future__ import annotations

import logging

import pytest

from emulator.core import pipeline
from emulator.core.journal import Entry
from emulator.core.worlds import Worlds
from tests.core.acme import Acme, make_worlds, notes_of
from tests.core.caller import BASIC, MAX_BODY, Caller

CHUNKED = (b"transfer-encoding", b"chunked")


def last(call: Caller, world: str = "default") -> Entry:
    entries: list[Entry] = list(call.world(world).journal)
    return entries[-1]


def test_what_was_written_is_read_back(call: Caller) -> None:
    assert call("PUT", "/acme/notes/one", b'{"text": "first"}').status == 200
    assert call("GET", "/acme/notes/one").json() == {"key": "one", "text": "first"}


def test_an_answer_says_its_type_and_length(call: Caller) -> None:
    reply = call("PUT", "/acme/notes/one", b'{"text": "first"}')
    assert reply.headers == {"content-type": "application/json", "content-length": str(len(reply.body))}


def test_an_encoded_slash_stays_in_its_segment(call: Caller) -> None:
    call("PUT", "/acme/notes/a%2Fb", b'{"text": "x"}')
    assert notes_of(call.world()) == {"a/b": "x"}


def test_a_plus_in_a_path_stays_a_plus(call: Caller) -> None:
    call("PUT", "/acme/notes/ann+1%2B2", b'{"text": "x"}')
    assert notes_of(call.world()) == {"ann+1+2": "x"}


def test_a_problem_is_printed_in_the_vendors_words(call: Caller) -> None:
    reply = call("GET", "/acme/notes/none")
    assert (reply.status, reply.json()) == (404, {"acme": "NotFound", "says": "note none not found"})


def test_a_bad_input_never_reaches_the_rule(call: Caller) -> None:
    assert call("PUT", "/acme/notes/one", b'{"text": 7}').json()["says"] == "text must be a string"
    assert notes_of(call.world()) == {}


def test_a_call_without_credentials_is_refused_before_its_input_is_read(call: Caller) -> None:
    assert call("PUT", "/acme/notes/one", b"no JSON", auth=False).status == 401


@pytest.mark.parametrize(("key", "status"), [(b"YW5uOnNlZWRlZA==", 404), (b"YW5uOnNlY3JldA==", 401)])
def test_a_closed_account_opens_with_its_own_key_only(key: bytes, status: int) -> None:
    call = Caller(make_worlds(open_accounts=False))
    call.worlds.vendors[0].seed(call.worlds.start, {"ann": {}})
    reply = call("GET", "/acme/notes/none", b"", (b"authorization", b"Basic " + key), auth=False)
    assert reply.status == status


def test_a_declined_operation_is_a_501_that_names_it(call: Caller) -> None:
    reply = call("GET", "/acme/pages")
    assert (reply.status, reply.json()["says"]) == (501, "acme.pages.list is not emulated yet, nobody reads them")
    assert reply.headers["x-emulator-hint"] == "acme.pages.list is not emulated yet, nobody reads them"


def test_an_operation_that_is_switched_off_is_unknown(call: Caller) -> None:
    assert call("HEAD", "/acme/notes/one").status == 404
    assert "x-emulator-hint" in call("HEAD", "/acme/notes/one").headers
    call("PUT", "/acme/notes/one", b'{"text": "first"}')
    call.world().behaviours.set({"acme.peek": "yes"})
    assert call("HEAD", "/acme/notes/one").status == 200


def test_an_unknown_method_is_the_vendors_404_with_a_hint(call: Caller) -> None:
    reply = call("PATCH", "/acme/notes/one")
    assert (reply.status, reply.json()["acme"]) == (404, "UnknownOperation")
    assert "acme.notes.get (GET /acme/notes/{key})" in reply.headers["x-emulator-hint"]
    assert last(call).hint == reply.headers["x-emulator-hint"]


def test_a_path_of_no_vendor_is_a_404_with_the_same_hint_in_body_and_header(call: Caller) -> None:
    reply = call("GET", "/acmee/notes/one")
    assert (reply.status, reply.json()) == (404, {"error": reply.headers["x-emulator-hint"]})
    assert "acme.notes.get" in reply.headers["x-emulator-hint"]
    assert (last(call).vendor, last(call).status) == (None, 404)


def test_a_host_decides_the_vendor_where_the_path_does_not(call: Caller) -> None:
    for _ in range(2):
        reply = call("GET", "/elsewhere", b"", (b"host", b"API.acme.example:443"))
        assert reply.json()["acme"] == "UnknownOperation"


class EasyAcme(Acme):
    """The same vendor with manners of another kind."""

    title = "Easy Notes"
    lenient = True
    max_body = 100
    schemes = frozenset({"basic", "bearer"})


@pytest.fixture
def easy() -> Caller:
    worlds = Worlds([EasyAcme()], cap=8, journal_entries=100, journal_bytes=10**6, open_accounts=True)
    worlds.ready = True
    return Caller(worlds)


@pytest.mark.parametrize("path", ["/acme//notes/one", "/acme/notes/one/", "/acme///notes//one//"])
def test_empty_segments_are_ignored_where_the_vendor_does(call: Caller, easy: Caller, path: str) -> None:
    assert easy("PUT", path, b'{"text": "first"}').status == 200
    assert notes_of(easy.world()) == {"one": "first"}
    assert last(easy).path == path
    assert call("PUT", path, b'{"text": "first"}').status == 404


def test_a_vendor_has_a_limit_of_its_own_on_bodies(easy: Caller) -> None:
    assert easy("PUT", "/acme/notes/one", b'{"text": "first"}'.rjust(100)).status == 200
    reply = easy("PUT", "/acme/notes/one", b'{"text": "first"}'.rjust(101))
    assert (reply.status, reply.json()["says"]) == (413, "the request body is larger than 100 bytes")
    assert reply.headers["x-emulator-hint"].endswith("the limit of Easy Notes")


def test_a_vendors_limit_does_not_raise_that_of_the_emulator(easy: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EasyAcme, "max_body", MAX_BODY + 1)
    reply = easy("PUT", "/acme/notes/one", b"x" * (MAX_BODY + 1))
    assert reply.status == 413
    assert "--max-body" in reply.headers["x-emulator-hint"]


def test_a_token_opens_an_account_only_where_the_vendor_takes_tokens(call: Caller, easy: Caller) -> None:
    token = (b"authorization", b"Bearer secret")
    assert easy("GET", "/acme/notes/one", b"", token, auth=False).status == 404
    assert call("GET", "/acme/notes/one", b"", token, auth=False).status == 401


def test_many_hosts_do_not_fill_the_memory(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipeline, "_HOSTS_REMEMBERED", 3)
    for number in range(10):
        assert call("GET", "/acme/notes/none", b"", (b"host", b"h%d" % number)).status == 404
        assert len(call.pipeline._by_host) <= 3


def test_an_internal_fault_is_a_500_that_names_its_journal_entry(call: Caller) -> None:
    reply = call("POST", "/acme/notes/one/burn")
    assert (reply.status, reply.json()["says"]) == (500, f"internal error, see journal entry {last(call).id}")
    assert (last(call).operation, last(call).status) == ("acme.notes.burn", 500)


def test_a_traceback_is_in_the_log_and_nowhere_else(call: Caller, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.ERROR, "emulator"):
        reply = call("POST", "/acme/notes/one/burn")
    assert "RuntimeError: the fire went out under one" in caplog.text
    assert b"fire" not in reply.body
    assert "fire" not in str(reply.headers)


def test_the_emulator_serves_on_after_an_internal_fault(call: Caller) -> None:
    call("POST", "/acme/notes/one/burn")
    assert call("PUT", "/acme/notes/one", b'{"text": "first"}').status == 200
    assert last(call).notes == ["colour red"]


def test_the_journal_tells_the_whole_call(call: Caller) -> None:
    reply = call("PUT", "/acme/notes/one?debug=1", b'{"text": "first"}')
    entry = last(call)
    assert (entry.method, entry.path, entry.query) == ("PUT", "/acme/notes/one", b"debug=1")
    assert (entry.request, entry.response, entry.status) == (b'{"text": "first"}', reply.body, 200)
    assert (entry.vendor, entry.operation, entry.account) == ("acme", "acme.notes.put", "ann")
    assert entry.notes == ["colour red"]


def test_the_journal_holds_no_credentials(call: Caller) -> None:
    call("GET", "/acme/notes/one")
    assert last(call).headers == [(BASIC[0], b"Basic ***")]


def test_the_journal_has_a_refused_body_that_was_read(call: Caller) -> None:
    call("PUT", "/acme/notes/one", b"{")
    assert (last(call).request, last(call).status) == (b"{", 400)


def test_a_chunked_body_is_put_together(call: Caller) -> None:
    reply = call.send("PUT", "/acme/notes/one", [b'{"text": ', b'"first"}'], BASIC, CHUNKED)
    assert reply is not None
    assert reply.json() == {"key": "one", "text": "first"}


def test_a_chunked_body_is_refused_while_it_arrives(call: Caller) -> None:
    reply = call.send("PUT", "/acme/notes/one", [b"x" * MAX_BODY, b"y", b"z"], BASIC, CHUNKED)
    assert reply is not None
    assert (reply.status, reply.json()["says"]) == (413, "the request body is larger than 1000 bytes")
    assert call.unread == 1


def test_a_body_that_is_too_large_ends_the_connection_and_names_the_flag(call: Caller) -> None:
    reply = call("PUT", "/acme/notes/one", b"x" * (MAX_BODY + 1))
    assert reply.headers["connection"] == "close"
    assert "--max-body" in reply.headers["x-emulator-hint"]


def test_a_path_or_credentials_that_are_wrong_matter_more_than_a_large_body(call: Caller) -> None:
    large = b"x" * (MAX_BODY + 1)
    assert call("PUT", "/nowhere", large).status == 404
    assert call("PUT", "/acme/notes/one", large, auth=False).status == 401


def test_a_refusal_that_leaves_a_body_unread_ends_the_connection(call: Caller) -> None:
    reply = call("PUT", "/acme/notes/one", b"x" * (MAX_BODY + 1), auth=False)
    assert reply.headers.get("connection") == "close"


def test_the_journal_names_the_vendor_of_an_unknown_operation(call: Caller) -> None:
    call("PATCH", "/acme/notes/one")
    assert (last(call).vendor, last(call).operation) == ("acme", None)


def test_a_client_that_hangs_up_gets_nothing_and_changes_nothing(call: Caller) -> None:
    assert call.send("PUT", "/acme/notes/one", [b'{"text": "first"}', None], BASIC, CHUNKED) is None
    assert notes_of(call.world()) == {}
    assert last(call).status is None
    assert "closed the connection" in last(call).notes[0]
    assert last(call).headers == [(BASIC[0], b"Basic ***"), CHUNKED]


def test_two_worlds_do_not_see_each_other(call: Caller) -> None:
    call("PUT", "/_world/red/acme/notes/one", b'{"text": "first"}')
    assert call("GET", "/_world/red/acme/notes/one").status == 200
    assert call("GET", "/acme/notes/one").status == 404
    assert call("GET", "/_world/blue/acme/notes/one").status == 404
    assert [entry.status for entry in call.world("red").journal] == [200, 200]


def test_a_header_selects_the_same_world_as_the_path(call: Caller) -> None:
    call("PUT", "/_world/red/acme/notes/one", b'{"text": "first"}')
    assert call("GET", "/acme/notes/one", b"", (b"x-emulator-world", b"red")).status == 200


def test_a_bad_world_name_is_refused_and_not_repeated_in_a_header(call: Caller) -> None:
    reply = call("GET", "/_world/a%0Ab/acme/notes/one")
    assert (reply.status, reply.json()["acme"]) == (400, "Unavailable")
    assert reply.headers["x-emulator-hint"].startswith("world names have 1 to 64 letters")


@pytest.mark.parametrize(("path", "key"), [("/acme/notes/one", "says"), ("/nowhere", "error")])
def test_the_cap_on_worlds_is_a_clear_503(path: str, key: str) -> None:
    call = Caller(make_worlds(cap=1))
    call("GET", "/acme/notes/one")
    reply = call("GET", f"/_world/second{path}")
    assert reply.status == 503
    assert reply.json()[key].startswith("there are 1 worlds already, the limit")


def test_nothing_is_served_before_the_scenario_is_in() -> None:
    call = Caller(make_worlds(ready=False))
    reply = call("GET", "/acme/notes/one")
    assert (reply.status, reply.json()["acme"]) == (503, "Unavailable")
    assert "readyz" in reply.headers["x-emulator-hint"]


def test_an_internal_fault_on_a_path_of_no_vendor_is_a_500(call: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr("emulator.core.proof.explain.nearest")
    reply = call("GET", "/nowhere")
    assert (reply.status, reply.json()) == (500, {"error": "internal error, see journal entry 1"})


def test_a_control_request_goes_to_the_application_behind_with_its_world(call: Caller) -> None:
    assert call.send("GET", "/_world/red/_emulator/a%2Fb", [b""]) is None
    (scope,) = call.behind
    assert (scope["path"], scope["raw_path"]) == ("/_emulator/a/b", b"/_emulator/a%2Fb")
    assert scope["emulator.world"] == "red"
    assert list(call.worlds) == []


def test_what_is_not_http_goes_to_the_application_behind(call: Caller) -> None:
    call.hand_over({"type": "lifespan"})
    assert call.behind == [{"type": "lifespan"}]
