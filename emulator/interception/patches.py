"""Attributes of libraries that are others for a while."""

from __future__ import annotations

from typing import Any

_NONE = object()


class Patch:
    """An attribute of a class; whoever patches it later stands above, and takes theirs away first."""

    def __init__(self, owner: type, name: str, function: Any) -> None:
        self.released = False
        self._owner = owner
        self._name = name
        self._function = function
        self._before = owner.__dict__.get(name, _NONE)
        setattr(owner, name, function)

    def undo(self) -> bool:
        """Put back what was there, if nobody stands above; whether it is done."""
        if self._owner.__dict__.get(self._name) is not self._function:
            return False
        if self._before is _NONE:
            delattr(self._owner, self._name)
        else:
            setattr(self._owner, self._name, self._before)
        return True


class Patches:
    """All that there are, from the lowest to the highest.

    Blocks of several threads end in any order, and mocks of users' own may outlive one; what is below another patch
    then does nothing until that is gone.
    """

    def __init__(self) -> None:
        self._all: list[Patch] = []

    def add(self, patches: list[Patch]) -> None:
        self._all += patches

    def release(self, patches: list[Patch]) -> None:
        for each in patches:
            each.released = True
        left = [each for each in reversed(self._all) if not (each.released and each.undo())]
        self._all = left[::-1]
