"""What is patched while a block is open."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from importlib import import_module

from emulator.client import Client
from emulator.interception import guard
from emulator.interception.patches import Patch, Patches
from emulator.interception.routes import ROUTES

_CORES = ("httpcore", "httpcore2")


# Of the process, like the libraries; changed while the routes are locked.
PATCHES = Patches()


@contextmanager
def routed(client: Client) -> Iterator[None]:
    """Calls for the vendors' hosts go into this world.

    Each block patches anew, so that it stands above mocks that began since the one around it.
    """
    mine: list[Patch] = []
    try:
        with ROUTES.lock:
            for patch in _seams():
                made = patch()
                PATCHES.add(made)
                mine += made
            route = ROUTES.open(client)
        try:
            yield
        finally:
            ROUTES.close(route)
    finally:
        with ROUTES.lock:
            PATCHES.release(mine)


def _seams() -> Iterator[Callable[[], list[Patch]]]:
    guard.watch()
    yield guard.patch
    # Imported here, because any of them may be missing; code in the block may import it only later.
    for name in _CORES:
        try:
            library = import_module(name)
        except ImportError:
            continue
        from emulator.interception import cores

        yield partial(cores.patch, library)
    try:
        import_module("urllib3")
    except ImportError:
        return
    from emulator.interception import pools

    yield pools.patch
