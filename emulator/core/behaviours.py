"""Points where a vendor's documents are silent or contradict each other, as named, switchable settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from emulator.core.errors import Conflict, UnknownName, UserError

if TYPE_CHECKING:
    from emulator.core.journal import Journal

Evidence = Literal["documented", "observed", "inferred"]


@dataclass(frozen=True, slots=True)
class Behaviour:
    """One such point. `evidence` and `source` speak of the default.

    `fixed_at_start`: the data depends on it, so only a scenario or the command line sets it, not a running world.
    `least`: the choice is a number, this or greater, and there are no `choices`.
    """

    id: str
    about: str
    choices: tuple[str, ...]
    default: str
    evidence: Evidence
    source: str
    fixed_at_start: bool = False
    least: float | None = None

    def allows(self, choice: str) -> bool:
        if self.least is None:
            return choice in self.choices
        try:
            return self.least <= float(choice) < float("inf")
        except ValueError:
            return False

    @property
    def wanted(self) -> str:
        """What may be chosen, for people."""
        return " or ".join(self.choices) if self.least is None else f"a number, {self.least:g} or greater"


class Behaviours:
    """The choices in force in one world: `behaviours["vendor.name"]` is the choice.

    `stamp` is another object after every change, so that what was derived from the choices can be known as stale.
    What is looked up for a request stands in its entry of the `journal`.
    """

    __slots__ = ("_chosen", "declared", "journal", "stamp")

    def __init__(self, declared: Iterable[Behaviour]) -> None:
        self.declared: Mapping[str, Behaviour] = {behaviour.id: behaviour for behaviour in declared}
        self._chosen = {behaviour.id: behaviour.default for behaviour in self.declared.values()}
        self.stamp = object()
        self.journal: Journal | None = None

    def __getitem__(self, behaviour_id: str) -> str:
        choice = self._chosen[behaviour_id]
        # Written out, because rules ask several times in a request.
        if (journal := self.journal) is not None and (entry := journal.current) is not None:
            if entry.choices is None:
                entry.choices = {behaviour_id: choice}
            else:
                entry.choices[behaviour_id] = choice
        return choice

    def set(self, changes: Mapping[str, object], *, starting: bool = False) -> None:
        """Choose; either every change is made or none.

        Raises UserError for an unknown id or choice, and Conflict for one that only a starting world takes.
        """
        chosen: dict[str, str] = {}
        for behaviour_id, value in changes.items():
            behaviour = self.declared.get(behaviour_id)
            if behaviour is None:
                raise UnknownName(f"behaviour {behaviour_id!r} is unknown{_suggest(behaviour_id, self.declared)}")
            choice = _text(value)
            if choice is None:
                raise UserError(
                    f"{behaviour_id}: this is neither text nor number nor boolean; choose {behaviour.wanted}"
                )
            if not behaviour.allows(choice):
                raise UserError(f"{behaviour_id}: {choice!r} is no choice; choose {behaviour.wanted}")
            chosen[behaviour_id] = choice
            if behaviour.fixed_at_start and not starting and choice != self._chosen[behaviour_id]:
                raise Conflict(
                    f"{behaviour_id} shapes the data, so a running world keeps it; "
                    f"start with --behaviour {behaviour_id}={choice} or set it in a scenario"
                )
        self._chosen.update(chosen)
        self.stamp = object()

    def keep_fixed(self, others: Behaviours) -> None:
        """Choose as they do where the data depends on it."""
        fixed = (behaviour.id for behaviour in self.declared.values() if behaviour.fixed_at_start)
        self._chosen.update({behaviour_id: others[behaviour_id] for behaviour_id in fixed})

    def chosen(self) -> dict[str, str]:
        return dict(self._chosen)

    def copy(self) -> Behaviours:
        twin = Behaviours(())
        twin.declared = self.declared
        twin._chosen = dict(self._chosen)
        return twin


def read_choice(text: str) -> tuple[str, str]:
    """Split `id=choice`, as the command line takes it. Raises UserError."""
    behaviour_id, equals, choice = text.partition("=")
    if not (behaviour_id and equals and choice):
        raise UserError(f"behaviour {text!r}: write it as ID=CHOICE")
    return behaviour_id.strip(), choice.strip()


def _text(choice: object) -> str | None:
    """A choice as written; YAML and JSON read some as numbers or booleans. None for what no choice looks like."""
    if isinstance(choice, bool):
        return str(choice).lower()
    try:
        return str(choice) if isinstance(choice, str | int | float) else None
    except ValueError:  # a number of thousands of digits
        return None


def _suggest(name: object, known: Iterable[str]) -> str:
    close = get_close_matches(str(name), known, n=1)
    return f"; did you mean {close[0]}?" if close else "; GET /_emulator/behaviours lists them"
