"""All that a world shows."""

from __future__ import annotations

from starlette.testclient import TestClient

LOOKS = (
    "/100/members?deleted=true",
    "/100/groups",
    "/100/groups/1024/members",
    "/100/fields",
    "/100/members/imports",
    "/100/members/imports/1024",
    "/100/members/imports/1024/members",
    "/100/members/1024/mailings",
    "/_emulator/jobs",
    "/_emulator/clock",
    "/_emulator/behaviours",
    "/_emulator/snapshots",
    "/_emulator/mail",
)


def views(client: TestClient, world: str = "") -> dict[str, bytes]:
    """Answers that show all of a world."""
    shown = {path: client.get(f"{world}{path}").content for path in LOOKS}
    shown["lab"] = client.post(f"{world}/v1/marketing/lists/list_members?limit=100", json={}).content
    return shown
