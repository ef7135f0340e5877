"""What pytest shows of a test's world."""

from __future__ import annotations

from emulator.client import Client
from emulator.client.results import Entry
from emulator.core.errors import UserError
from emulator.core.printable import printable


def journal(world: Client, count: int) -> str:
    """The newest requests, each with why it got its answer."""
    try:
        entries = world.journal.entries(limit=count)
    except UserError as error:
        return f"the journal can not be read: {error}"
    except Exception as error:  # noqa: BLE001 - a report of a failure must not end the session, whatever it meets
        return f"the journal can not be read: {type(error).__name__}: {str(error).partition(chr(10))[0]}"
    if not entries:
        return "no request came to this world; is the base URL of the code under test the one of the fixture?"
    return "\n".join(printable(line) for entry in entries for line in _lines(entry))


def unmatched(world: Client) -> str:
    """The requests that met no operation; nothing if there are none."""
    found = world.journal.unmatched()
    if not found:
        return ""
    said = [
        f"{each.method} {each.path}, {each.times} times; near: {', '.join(each.nearest) or 'none'}" for each in found
    ]
    return "\n".join(["calls that met no operation of the vendors:", *map(printable, said)])


def _lines(entry: Entry) -> list[str]:
    query = f"?{entry.query}" if entry.query else ""
    answer = entry.status or "no answer"
    said = [f"{entry.id}  {entry.method} {entry.path}{query}  {answer}  {entry.operation or 'no operation'}"]
    refused = entry.explain.refused if entry.explain is not None else None
    if refused is not None and entry.hint is None:  # which says more
        said.append(f"    refused by {refused.by or 'the emulator'} ({refused.stage}): {refused.why}")
    if entry.hint is not None:
        said.append(f"    hint: {entry.hint}")
    if entry.explain is not None:
        unread = [key for keys in (entry.explain.unread or {}).values() for key in keys]
        said += [f"    nothing reads: {', '.join(unread)}"] if unread else []
        choices = [f"{each.id}={each.choice} ({each.evidence})" for each in entry.explain.behaviours]
        said += [f"    looked up: {', '.join(choices)}"] if choices else []
    return said + [f"    note: {note}" for note in entry.notes]
