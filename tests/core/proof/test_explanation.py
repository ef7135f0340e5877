"""What is recorded of a request that is refused after a while."""

from __future__ import annotations

from emulator.core.errors import NotFound, Problem
from emulator.core.slices import Slices
from emulator.core.vendor import Answer
from emulator.core.world import World
from emulator.core.worlds import Worlds
from tests.core.acme import Acme, AcmeAccount, NoteRef, operation
from tests.core.caller import Caller


def search(account: AcmeAccount, note: NoteRef) -> Slices[None]:
    yield
    raise NotFound("note", note.key)


class Slow(Acme):
    """Searches long, and has two ways to say that nothing was found."""

    operations = (operation("acme.notes.search", "GET", "/acme/notes/{key}/search", rule=search),)  # type: ignore[assignment]

    def print_problem(self, problem: Problem, world: World | None) -> Answer:
        assert world is not None
        return Answer(404, world.behaviours["acme.colour"].encode())


def test_what_is_looked_up_to_print_a_late_refusal_is_recorded() -> None:
    worlds = Worlds([Slow()], cap=1, journal_entries=9, journal_bytes=10**6, open_accounts=True)
    worlds.open()
    caller = Caller(worlds)
    caller("GET", "/acme/notes/milk/search")
    (entry,) = caller.world().journal
    assert entry.choices == {"acme.colour": "red"}
    assert entry.refusal is not None
    assert (entry.refusal.kind, entry.refusal.text, entry.refusal.function) == (
        "NotFound",
        "note milk not found",
        "search",
    )
    assert caller.world().journal.current is None
