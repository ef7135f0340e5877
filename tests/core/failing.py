"""Setting faults in the world of a test, and what refuses them."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.core.errors import Invalid, dotted
from emulator.core.failures.fault_reader import add_faults
from emulator.core.world import World
from tests.core.acme import Acme


def fail(world: World, *faults: dict[str, Any]) -> None:
    """Add faults to a world of Acme's."""
    add_faults(world, list(faults), [Acme()])


def refusal(world: World, fault: object) -> str:
    """Why a fault is not taken."""
    with pytest.raises(Invalid) as caught:
        add_faults(world, [fault], [Acme()])
    return f"{dotted(caught.value.location[1:])} {caught.value.reason}".lstrip()
