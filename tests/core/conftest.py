"""What the tests of the engine share."""

from __future__ import annotations

import pytest
from hypothesis import settings

from emulator.core.worlds import Worlds
from tests.core.acme import make_worlds
from tests.core.caller import Caller

# A busy machine is slow, not wrong.
settings.register_profile("core", deadline=None)
settings.load_profile("core")


@pytest.fixture
def worlds() -> Worlds:
    return make_worlds()


@pytest.fixture
def call(worlds: Worlds) -> Caller:
    return Caller(worlds)
