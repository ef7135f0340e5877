"""How a request that met a fault is held up, and how its answer is spoilt on its way out."""

from __future__ import annotations

import asyncio
import sys
from http.client import IncompleteRead, RemoteDisconnected
from typing import Protocol

from emulator.core.call import Call, NoAnswer, Receive, Send, head_of, send_answer
from emulator.core.errors import Injected, Unauthorized
from emulator.core.failures.effects import Effect, Hit
from emulator.core.failures.faults import find_fault
from emulator.core.journal import Entry, add_note
from emulator.core.operation import Operation
from emulator.core.proof.explanation import refusal_of
from emulator.core.vendor import Account, Answer, Vendor
from emulator.core.world import World

CONNECTION = "emulator.connection"
"""The ASGI extension under which a server offers the connection of a request."""

_MOST_PIECES = 100  # of a slow body


class Connection(Protocol):
    """What ASGI has no words for; the emulator's own server offers it."""

    def reset(self) -> None:
        """End the connection with a TCP reset."""

    def cut(self) -> None:
        """Close the connection after what was sent so far, although the answer is not complete."""

    def hurry(self) -> asyncio.Future[None]:
        """Is done when the server ends, and nobody must be kept waiting any more."""


async def meet_fault(
    vendor: Vendor, operation: Operation, account: Account, call: Call, receive: Receive, entry: Entry
) -> Account:
    """Find the fault that a request meets, if there is one, and do what it does before the rule.

    The account to go on with: a reset may make another one during a delay. Raises Injected, or NoAnswer; then the rule
    must not run.
    """
    hit = call.hit = find_fault(vendor, operation.id, account, call, entry.request)
    if hit is None:
        return account
    add_note(entry, str(hit))
    effect = hit.effect
    if effect.after:
        return account
    if hit.delay and not await wait(hit.delay, receive, _connection(call)):
        raise NoAnswer("the client went away meanwhile; nothing was done")
    if hit.leaves_no_answer:
        raise NoAnswer("nothing was done, and nothing was sent")
    if effect.status is not None:
        raise _injected(effect, effect.status, vendor)
    again = account.world.accounts[vendor.id].get(account.id)
    if again is None:
        raise Unauthorized
    return again


def spoil(hit: Hit, answer: Answer, vendor: Vendor | None, world: World, entry: Entry) -> Answer:
    """The answer as it goes on the wire, and a header that says whose doing it is."""
    effect = hit.effect
    if effect.after and effect.status is not None and vendor is not None:
        problem = _injected(effect, effect.status, vendor)
        entry.refusal = refusal_of(problem)
        answer = vendor.print_problem(problem, world)
    if effect.answer == "malformed":
        # Half of a JSON document and a `<` never make a document, whatever it was.
        answer = answer._replace(body=answer.body[: len(answer.body) // 2] + b"<")
    return answer._replace(headers=(*answer.headers, (b"x-emulator-fault", hit.id.encode())))


async def send_spoilt(call: Call, answer: Answer | None, receive: Receive, send: Send) -> None:
    """Send an answer the way the fault wants it; without one there is only a connection to end.

    Raises the read error of a client where there is no connection.
    """
    hit, connection = call.hit, _connection(call)
    assert hit is not None
    effect = hit.effect
    if effect.after and hit.delay and not await wait(hit.delay, receive, connection):
        return
    if hit.leaves_no_answer:
        _end(connection, reset=effect.answer == "reset")
    elif answer is None:
        return
    elif effect.answer == "truncated":
        await _truncate(answer, send, connection)
    elif effect.answer == "slow":
        await _trickle(answer, effect.seconds, receive, send, connection)
    else:
        await send_answer(answer, send)


async def wait(seconds: float, receive: Receive, connection: Connection | None) -> bool:
    """Whether the client is still there after so much wall time; the end of the server ends it early."""
    gone = asyncio.ensure_future(_until_gone(receive))
    ends: list[asyncio.Future[None]] = [gone] if connection is None else [gone, connection.hurry()]
    try:
        await asyncio.wait(ends, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return not gone.done()
    finally:
        gone.cancel()


def _connection(call: Call) -> Connection | None:
    """None where no server of ours is: in a test client without a socket, or under another server."""
    connection: Connection | None = (call.scope.get("extensions") or {}).get(CONNECTION)
    return connection


def _injected(effect: Effect, status: int, vendor: Vendor) -> Injected:
    """The error that is asked for, with what its shape says where the tester said nothing."""
    shape = vendor.error_shapes[status]
    message = shape.message if effect.message is None else effect.message
    return Injected(status, message or "", shape.code if effect.code is None else effect.code)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _truncate(answer: Answer, send: Send, connection: Connection | None) -> None:
    body = answer.body
    length = max(1, len(body))
    half = body[: len(body) // 2]
    if connection is None:
        raise _read_error(reset=False) from IncompleteRead(half, length - len(half))
    await send(head_of(answer, length))
    await send({"type": "http.response.body", "body": half, "more_body": True})
    connection.cut()


async def _trickle(answer: Answer, seconds: float, receive: Receive, send: Send, connection: Connection | None) -> None:
    body = answer.body
    size = max(1, -(-len(body) // _MOST_PIECES))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    await send(head_of(answer, len(body)))
    for piece in pieces:
        if not await wait(seconds / len(pieces), receive, connection):
            return
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _end(connection: Connection | None, *, reset: bool) -> None:
    if connection is None:
        raise _read_error(reset=reset) from (None if reset else RemoteDisconnected("no answer"))
    if reset:
        connection.reset()
    else:
        connection.cut()


def _read_error(*, reset: bool) -> Exception:
    """What a client in this process would have met on a socket, in the words of its library."""
    name = "ReadError" if reset else "RemoteProtocolError"
    text = "Connection reset by peer" if reset else "Server disconnected before the answer was complete"
    libraries = [sys.modules[library] for library in ("httpx2", "httpx") if library in sys.modules]
    kinds = [getattr(library, name) for library in libraries]
    error: Exception = type(name, (*kinds, ConnectionResetError), {})(text)
    return error
