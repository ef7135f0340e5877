"""The one way a request to an emulated API travels: world, journal, vendor, operation, credentials, limits, input,
rule, render, commit. Nothing goes back up that list.
"""

from __future__ import annotations

import logging
from collections.abc import Generator

from msgspec import json

from emulator.core.call import CONTROL, WORLD, App, Call, NoAnswer, Receive, Scope, Send, read_body, send_answer
from emulator.core.clock import stopwatch
from emulator.core.commit import admit, commit, recover
from emulator.core.credentials import CredentialsCache
from emulator.core.driver import touch
from emulator.core.errors import (
    InternalFault,
    NotEmulated,
    NotReady,
    Problem,
    TooLarge,
    Unauthorized,
    Unavailable,
    UnknownOperation,
    UserError,
)
from emulator.core.failures.magic import MARK, PATH_MARK
from emulator.core.failures.sending import meet_fault, send_spoilt, spoil
from emulator.core.input import InputReader
from emulator.core.journal import Entry, Journal, add_note
from emulator.core.operation import Declined, Operation
from emulator.core.proof import explain
from emulator.core.proof.explanation import refusal_of
from emulator.core.routing import Params
from emulator.core.senders import Names
from emulator.core.slices import run_slices
from emulator.core.vendor import Account, Answer, Vendor
from emulator.core.world import World
from emulator.core.worlds import Worlds

logger = logging.getLogger("emulator")

_HOSTS_REMEMBERED = 256


class Pipeline:
    """Pure ASGI: serves the vendors' operations, and hands `/_emulator/...` on to the application behind it."""

    def __init__(self, app: App, *, worlds: Worlds, max_body: int, names: Names) -> None:
        self.app = app
        self.names = names
        self.worlds = worlds
        self.max_body = max_body
        self._credentials = CredentialsCache()
        self._inputs = {vendor.id: InputReader(vendor.schemas, lenient=vendor.lenient) for vendor in worlds.vendors}
        self._by_host: dict[bytes, Vendor | None] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        call = Call(scope)
        if call.segments[0] == CONTROL:
            await self.app(_control_scope(scope, call), receive, send)
            return
        answer = await self.answer(call, receive)
        if call.hit is not None:
            await send_spoilt(call, answer, receive, send)
        elif answer is not None:
            await send_answer(answer, send)

    async def answer(self, call: Call, receive: Receive) -> Answer | None:
        """What to send; None when nobody is there to receive it."""
        vendor = self._vendor(call)
        try:
            if call.by_browser:
                self.names.check(call.scope)
            world = self._world(call)
        except UserError as error:
            return _refuse(vendor, None, Unavailable(str(error), error.status))
        journal = world.journal
        entry = journal.open(world.clock.now(), call.method, call.path)
        entry.headers = call.headers
        entry.query = call.query
        started = entry.began = stopwatch()
        too_large = None
        try:
            if call.has_body:
                too_large = await self._read_body(vendor, call, receive, entry)
            if world.busy:
                touch(world)
            answer = await self._serve(vendor, world, call, receive, entry, too_large)
        except Problem as problem:
            journal.current = entry
            answer = _refuse(vendor, world, problem, entry)
        except NoAnswer as reason:
            add_note(entry, str(reason))
            journal.close(entry)
            return None
        except Exception:
            logger.exception("internal error in world %r, journal entry %d", world.name, entry.id)
            answer = _refuse(vendor, world, InternalFault(entry.id), entry)
        finally:
            journal.current = None
        if call.hit is not None:
            answer = spoil(call.hit, answer, vendor, world, entry)
        if too_large is not None:
            # The rest of the body is on its way and nobody will read it.
            answer = answer._replace(headers=(*answer.headers, (b"connection", b"close")))
        entry.duration = stopwatch() - started
        _close(world, journal, entry, answer)
        return answer

    async def _read_body(self, vendor: Vendor | None, call: Call, receive: Receive, entry: Entry) -> TooLarge | None:
        # Read before anything is decided, so that the journal shows what was sent even when it is refused.
        limit, hint = self.max_body, "the emulator's own limit; start with a higher --max-body"
        if vendor is not None and vendor.max_body is not None and vendor.max_body <= limit:
            limit, hint = vendor.max_body, f"the limit of {vendor.title}"
        try:
            entry.request = await read_body(receive, call.content_length, limit)
        except TooLarge as problem:
            return TooLarge(problem.limit, hint)
        return None

    async def _serve(
        self,
        vendor: Vendor | None,
        world: World,
        call: Call,
        receive: Receive,
        entry: Entry,
        too_large: TooLarge | None,
    ) -> Answer:
        """From the operation to the commit, in the order of the design."""
        if world.file is not None and world.file.failure is not None:
            await recover(world.file)
        vendor, operation, account, params = self._admit(vendor, world, call, entry, too_large)
        if world.faults.on or MARK in entry.request or MARK in call.query or PATH_MARK in call.path:
            # Others are served meanwhile.
            world.journal.current = None
            account = await meet_fault(vendor, operation, account, call, receive, entry)
        journal = world.journal
        journal.current = entry
        try:
            values = self._inputs[vendor.id].read(operation, params, call.query, entry.request)
            if world.file is not None:
                admit(world.file, operation, account)
            result = operation.rule(account, values)
            if isinstance(result, Generator):
                result = await run_slices(result, journal, entry)
                journal.current = entry
            answer = Answer(200, operation.output(account, result))
        finally:
            journal.current = None
        if world.file is not None:
            await commit(world.file, operation, account)
        return answer

    def _admit(
        self, vendor: Vendor | None, world: World, call: Call, entry: Entry, too_large: TooLarge | None
    ) -> tuple[Vendor, Operation, Account, Params]:
        """From the operation to the limits."""
        if vendor is None:
            raise UnknownOperation(explain.nearest(self.worlds.vendors, world, call.method, call.segments))
        entry.vendor = vendor.id
        segments = call.segments
        if vendor.lenient and "" in segments:
            segments = [segment for segment in segments if segment]
        found = vendor.router.match(call.method, segments)
        if found is None or not world.has(found[0]):
            raise UnknownOperation(explain.nearest([vendor], world, call.method, segments))
        route, params = found
        entry.operation = route.id
        journal = world.journal
        journal.current = entry
        credentials = self._credentials.read(call.authorization)
        if credentials.scheme not in vendor.schemes:
            raise Unauthorized
        account = vendor.admit(world.accounts[vendor.id], credentials, params)
        entry.account = account.id
        if world.limits.on:
            world.limits.count(vendor, account, credentials, entry)
        if too_large is not None:
            raise too_large
        if isinstance(route, Declined):
            raise NotEmulated(route.id, route.reason)
        return vendor, route, account, params

    def _vendor(self, call: Call) -> Vendor | None:
        try:
            vendor = self._by_host[call.host]
        except KeyError:
            vendor = self._remember_host(call)
        if vendor is not None:
            return vendor
        for vendor in self.worlds.vendors:
            if vendor.owns(call.segments):
                return vendor
        return None

    def _remember_host(self, call: Call) -> Vendor | None:
        name = call.host_name()
        vendor = next((each for each in self.worlds.vendors if name in each.hosts), None)
        if len(self._by_host) >= _HOSTS_REMEMBERED:
            self._by_host.clear()
        self._by_host[call.host] = vendor
        return vendor

    def _world(self, call: Call) -> World:
        if not self.worlds.ready:
            raise NotReady("the scenario is still being loaded; wait until GET /_emulator/readyz answers 200")
        return self.worlds.get(call.world)


def _close(world: World, journal: Journal, entry: Entry, answer: Answer) -> None:
    """What the journal keeps of the answer; and what the rule has begun goes on."""
    entry.status = answer.status
    entry.response = answer.body
    journal.close(entry)
    if world.busy:
        touch(world)


def _refuse(vendor: Vendor | None, world: World | None, problem: Problem, entry: Entry | None = None) -> Answer:
    answer = _print_for_nobody(problem) if vendor is None else vendor.print_problem(problem, world)
    headers = answer.headers
    hint = _hint(problem)
    if hint is not None:
        headers += ((b"x-emulator-hint", hint.encode("ascii", "replace")),)
        if entry is not None:
            entry.hint = hint
    if entry is not None:
        entry.refusal = refusal_of(problem)
    return answer._replace(headers=headers)


def _hint(problem: Problem) -> str | None:
    """What the emulator adds where the vendor would say less, or where the refusal is its own."""
    match problem:
        case UnknownOperation():
            return explain.hint(problem.nearest)
        case TooLarge():
            return f"{problem}, {problem.hint}"
        case NotEmulated() | Unavailable() | InternalFault():
            return str(problem)
        case _:
            return None


def _print_for_nobody(problem: Problem) -> Answer:
    """The answer on a path that belongs to no vendor."""
    match problem:
        case UnknownOperation():
            status, text = 404, explain.hint(problem.nearest)
        case Unavailable():
            status, text = problem.status, str(problem)
        case _:
            status, text = 500, str(problem)
    return Answer(status, json.encode({"error": text}))


def _control_scope(scope: Scope, call: Call) -> Scope:
    path = "/" + "/".join(call.segments)
    return {**scope, "path": path, "raw_path": call.path.encode("latin-1"), WORLD: call.world}
