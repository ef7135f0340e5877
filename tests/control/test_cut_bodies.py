"""What the journal does not have of a long body, it does not swear to."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.testclient import TestClient

from emulator.core.journal import BODY_KEPT
from tests.control.test_journal import entries
from tests.control.test_proof import GET, SAVE, WAIT, verify
from tests.support import MEMBERS, create, save

ANN = {"operation": SAVE, "body": "members[0].email=ann@shop.test"}
BOB = {"operation": SAVE, "body": "members[0].email=bob@shop.test"}
CUT = "can not be known of entry"


@pytest.fixture
def cut(client: TestClient) -> TestClient:
    """A client that has made three calls: Ann; something long, with Ann at its beginning; and a miss."""
    create(client)
    save(client, {"email": "ann@shop.test", "fields": {"Note": "x" * BODY_KEPT}})
    client.get(f"{MEMBERS}/8")
    return client


def test_an_entry_that_was_cut_says_how_long_it_was(cut: TestClient) -> None:
    short, long, _ = entries(cut)
    assert (short["request_cut"], short["response_cut"]) == (None, None)
    assert long["request_cut"] > BODY_KEPT > len(long["request"]) - 1
    assert long["response_cut"] is None


@pytest.mark.parametrize(
    ("document", "ok"),
    [
        (ANN, True),  # one is enough
        ({**ANN, "at_least": 2}, None),
        ({**ANN, "at_least": 3}, False),
        ({**ANN, "count": 1}, None),
        ({**ANN, "count": 2}, None),
        ({**ANN, "count": 0}, False),
        ({**ANN, "at_most": 2}, True),
        ({**ANN, "at_most": 1}, None),
        (BOB, None),
        ({**BOB, "count": 0}, None),
        ({**BOB, "count": 0, "where": {"account": "other"}}, True),
        ({**BOB, "count": 0, "where": {"operation": GET}}, True),
        ({**BOB, "count": 0, "status": 400}, True),
        ({"operation": SAVE, "response": "created_count=7", "count": 0}, True),
        ({"operation": SAVE, "count": 2}, True),
        ({"expect": [ANN, {"operation": GET}], "in_order": True}, True),
        ({"expect": [BOB, {"operation": GET}], "in_order": True}, None),
        ({"expect": [{"operation": GET}, BOB], "in_order": True}, None),
        ({"expect": [ANN, {"operation": SAVE}, {"operation": GET}], "exactly": True}, True),
        ({"expect": [ANN, BOB, {"operation": GET}], "exactly": True}, None),
        ({"expect": [ANN, BOB, {"operation": GET}], "exactly": True, "in_order": True}, None),
        ({"expect": [{"operation": SAVE}], "where": {"body": ANN["body"]}, "exactly": True}, None),
        ({"expect": [{"operation": SAVE}], "where": {"body": ANN["body"]}, "in_order": True}, True),
        ({"operation": SAVE, "count": 1, "where": {"body": ANN["body"]}}, None),
        ({"operation": GET, "count": 0, "where": {"body": ANN["body"]}}, True),
    ],
    ids=str,
)
def test_what_a_cut_body_may_have_is_neither_proved_nor_disproved(
    cut: TestClient, document: dict[str, Any], ok: bool | None
) -> None:
    verdict = verify(cut, **document)
    assert verdict["ok"] == (ok is True)
    assert any(CUT in line for line in verdict["instead"]) == (ok is None)


def test_a_doubt_says_of_what_and_how_to_mend_it(cut: TestClient) -> None:
    size = entries(cut)[1]["request_cut"]
    assert verify(cut, **BOB, count=0)["instead"] == [
        f"operation={SAVE}, body=members[0].email=bob@shop.test: {CUT} 2 (POST {MEMBERS}, 200): "
        f"a body of {size} bytes, of which the journal keeps {BODY_KEPT}; "
        "ask without body and response, or of other requests"
    ]


def test_a_long_answer_is_doubted_too(client: TestClient) -> None:
    save(client, *({"email": f"p{number}@shop.test"} for number in range(1000)))
    assert entries(client)[0]["response_cut"] > BODY_KEPT
    verdict = verify(client, operation=SAVE, response="..email=nobody@shop.test", count=0)
    assert (verdict["ok"], CUT in verdict["instead"][0]) == (False, True)


def test_a_wait_in_vain_names_what_it_could_not_see(cut: TestClient) -> None:
    answer = cut.get(WAIT, params={**BOB, "timeout": 0})
    assert answer.status_code == 408
    assert CUT in answer.json()["near"][-1]
