"""Webhooks of a running emulator: real sockets, real time, receivers that behave badly."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.process import Running, running
from tests.receiver import Receiver, dead, endless, receiving, wait_until

KEYS = ("public_key", "private_key")
QUICK = 4.0  # seconds; one bad receiver takes five


@pytest.fixture(scope="module")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("emulator")) as process:
        yield process


@pytest.fixture
def world(emulator: Running, request: pytest.FixtureRequest) -> Iterator[httpx2.Client]:
    """A client in a world of the test's own."""
    name = "w" + request.node.name[-40:].replace("[", ".").replace("]", "").replace(" ", ".")
    with httpx2.Client(base_url=f"{emulator.url}/_world/{name}", auth=KEYS, timeout=30, trust_env=False) as client:
        yield client
        client.delete("/_emulator/webhooks")


def ok(answer: httpx2.Response) -> Any:
    assert answer.status_code == 200, answer.text
    return answer.json()


def tell(client: httpx2.Client, url: str, *events: str) -> None:
    for event in events or ("group_create",):
        ok(client.post("/100/webhooks", json={"event": event, "url": url}))


def make_groups(client: httpx2.Client, *names: str) -> None:
    ok(client.post("/100/groups", json={"groups": [{"group_name": name} for name in names]}))


def names(receiver: Receiver) -> list[str]:
    return [each.payload["data"]["group_name"] for each in receiver.received]


def states(client: httpx2.Client) -> dict[str, int]:
    result: dict[str, int] = ok(client.get("/_emulator/webhooks"))["states"]
    return result


def test_it_is_delivered_without_being_asked(world: httpx2.Client, receiver: Receiver) -> None:
    tell(world, receiver.url)
    make_groups(world, "a")
    receiver.wait_for(1)
    wait_until(lambda: states(world) == {"delivered": 1})


def test_what_comes_later_comes_in_time_though_nobody_asks(world: httpx2.Client, receiver: Receiver) -> None:
    ok(world.put("/_emulator/behaviours", json={"emma.webhook_delay_seconds": 0.3}))
    tell(world, receiver.url)
    make_groups(world, "a")
    started = time.monotonic()
    receiver.wait_for(1)
    assert time.monotonic() - started > 0.2


def test_a_retry_comes_though_nobody_asks(world: httpx2.Client, receiver: Receiver) -> None:
    ok(world.put("/_emulator/behaviours", json={"emma.webhook_attempts": 2, "emma.webhook_retry_seconds": 1}))
    receiver.status = 500
    tell(world, receiver.url)
    make_groups(world, "a")
    receiver.wait_for(1)
    receiver.status = 200
    receiver.wait_for(2)
    wait_until(lambda: states(world) == {"delivered": 1})


def test_an_import_in_the_background_is_told_when_it_ends(world: httpx2.Client, receiver: Receiver) -> None:
    tell(world, receiver.url, "import_finish")
    ok(world.post("/100/members", json={"members": [{"email": f"m{each}@shop.test"} for each in range(500)]}))
    receiver.wait_for(1)
    assert receiver.received[0].payload["data"]["contact_count"] == 500


@pytest.mark.parametrize("kind", ["dead", "dripping", "endless"])
def test_a_bad_receiver_holds_up_no_answer_and_no_other_webhook(
    world: httpx2.Client, receiver: Receiver, kind: str
) -> None:
    bad = {
        "dead": dead(),
        "dripping": endless(b"HTTP/1.1 200 OK\r\nX: "),
        "endless": endless(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 100_000, 0.0),
    }[kind]
    with bad as url:
        tell(world, url)
        tell(world, receiver.url)
        started = time.monotonic()
        for number in range(20):
            make_groups(world, str(number))
        receiver.wait_for(20)
        assert time.monotonic() - started < QUICK
        assert names(receiver) == [str(number) for number in range(20)]
        assert len(ok(world.get("/100/groups"))) == 20
        ok(world.delete("/_emulator/webhooks"))


def test_many_events_are_delivered_in_their_order(world: httpx2.Client, receiver: Receiver) -> None:
    tell(world, receiver.url)
    wanted = [str(number) for number in range(300)]
    make_groups(world, *wanted)
    assert ok(world.post("/_emulator/webhooks/flush"))["states"] == {"delivered": 300}
    assert names(receiver) == wanted


def test_two_worlds_under_load_never_mix(emulator: Running, receiver: Receiver) -> None:
    """Each world counts its groups, and tells its own path; the other one has a receiver that is dead, too."""
    wanted = 60

    def work(name: str, url: str) -> None:
        with httpx2.Client(base_url=f"{emulator.url}/_world/{name}", auth=KEYS, timeout=30, trust_env=False) as client:
            tell(client, url)
            tell(client, f"{receiver.url}/{name}")
            for number in range(wanted):
                make_groups(client, f"{name}-{number}")

    with dead() as url:
        threads = [
            threading.Thread(target=work, args=(name, other))
            for name, other in (("left", url), ("right", receiver.url))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        receiver.wait_for(3 * wanted)
        for name in ("left", "right"):
            told = [each.payload["data"]["group_name"] for each in receiver.received if each.path.endswith(f"/{name}")]
            assert told == [f"{name}-{number}" for number in range(wanted)]
        listed = ok(httpx2.get(f"{emulator.url}/_world/right/_emulator/webhooks?limit=1000", trust_env=False))
        assert {each["request"]["data"]["group_name"].partition("-")[0] for each in listed["deliveries"]} == {"right"}
        httpx2.delete(f"{emulator.url}/_world/left/_emulator/webhooks", trust_env=False)


def test_dead_receivers_of_one_world_hold_up_no_other_world(emulator: Running, receiver: Receiver) -> None:
    clients = [
        httpx2.Client(base_url=f"{emulator.url}/_world/{name}", auth=KEYS, timeout=30, trust_env=False)
        for name in ("slow", "quick")
    ]
    with clients[0] as slow, clients[1] as quick, dead() as url:
        for number in range(16):
            # What is forgotten or left behind by a reset is under way nevertheless.
            tell(slow, url, *["group_create"] * 4)
            make_groups(slow, f"g{number}")
            if number % 2:
                ok(slow.delete("/_emulator/webhooks"))
            else:
                ok(slow.post("/_emulator/reset"))
        tell(quick, receiver.url)
        started = time.monotonic()
        for number in range(20):
            make_groups(quick, f"g{number}")
        receiver.wait_for(20)
        assert time.monotonic() - started < QUICK
        assert names(receiver) == [f"g{number}" for number in range(20)]


def test_webhooks_of_two_worlds_under_load_do_not_touch_each_other(emulator: Running) -> None:
    def work(client: httpx2.Client, world: str) -> None:
        for number in range(60):
            make_groups(client, f"{world}{number}")

    clients = {
        world: httpx2.Client(base_url=f"{emulator.url}/_world/{world}", auth=KEYS, timeout=30, trust_env=False)
        for world in ("ours", "theirs")
    }
    with receiving() as ours, receiving() as theirs, clients["ours"], clients["theirs"]:
        receivers = {"ours": ours, "theirs": theirs}
        theirs.status = 500
        for world, client in clients.items():
            tell(client, receivers[world].url)
        workers = [threading.Thread(target=work, args=(client, world)) for world, client in clients.items()]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        for world, receiver in receivers.items():
            receiver.wait_for(60)
            assert names(receiver) == [f"{world}{number}" for number in range(60)]
            wait_until(lambda world=world: "sending" not in states(clients[world]))
        assert (states(clients["ours"]), states(clients["theirs"])) == ({"delivered": 60}, {"failed": 60})


def test_it_ends_at_once_although_a_receiver_hangs(tmp_path: Path) -> None:
    with (
        dead() as url,
        running(tmp_path) as process,
        httpx2.Client(base_url=process.url, auth=KEYS, trust_env=False) as client,
    ):
        tell(client, url)
        make_groups(client, "a")
        wait_until(lambda: states(client) == {"sending": 1})
        started = time.monotonic()
        code, _, errors = process.stop()
        assert (code, errors) == (0, "")
        assert time.monotonic() - started < QUICK


@pytest.mark.parametrize(("arguments", "wanted"), [((), "refused"), (("--webhooks-anywhere",), "failed")])
def test_other_machines_are_reached_only_when_that_is_wanted(
    tmp_path: Path, arguments: tuple[str, ...], wanted: str
) -> None:
    # An address that no machine has; a network that says so at once, or nothing at all, is as good.
    with (
        running(tmp_path, *arguments) as process,
        httpx2.Client(base_url=process.url, auth=KEYS, trust_env=False, timeout=30) as client,
    ):
        tell(client, "http://240.0.0.1/hook")
        make_groups(client, "a")
        assert ok(client.post("/_emulator/webhooks/flush"))["states"] == {wanted: 1}
