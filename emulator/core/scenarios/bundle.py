"""A scenario with all files that it names, as one JSON object that can be sent to another process.

{"scenario": "shop.yaml", "files": {"shop.yaml": TEXT, "people.csv": TEXT}, "folder": "where/they/lie"}

`folder` is only for what errors say.
"""

from __future__ import annotations

import json
from pathlib import Path

from emulator.core.errors import UserError
from emulator.core.scenarios.folder import Folder, NamedFile, SentFolder
from emulator.core.scenarios.includes import with_includes
from emulator.core.scenarios.scenario_file import ScenarioFile
from emulator.core.scenarios.sheet import KEY, named_sheets

SENT = "the scenario"
"""What errors call a scenario that came without a name."""
_BYTES = "surrogateescape"  # so that text in another encoding arrives as it is, and the error names its line


def packed(name: str, text: bytes, folder: Folder, path: str) -> bytes:
    """What to send of a scenario: its text, if it names no files. Raises UserError."""
    found = files_of(name, text, folder, path)
    if len(found) == 1:
        return text
    texts = {key: each.decode(errors=_BYTES) for key, each in found.items()}
    return json.dumps({"scenario": path, "files": texts, "folder": str(Path(name).parent)}).encode()


def files_of(name: str, text: bytes, folder: Folder, path: str) -> dict[str, bytes]:
    """A scenario and the files that it names, by their paths. Raises UserError."""
    found: dict[str, bytes] = {path: text}
    if b"include" not in text and KEY.encode() not in text:
        return found
    for file in with_includes([ScenarioFile(name, text, folder, path)]):
        if file.path and file.path not in found:
            found[file.path] = NamedFile(file.folder, file.path).read()
        for vendor in file.document:
            for _, sheet in named_sheets(file, str(vendor)):
                found[sheet.path] = sheet.read()
    return found


def unpacked(body: bytes) -> ScenarioFile:
    """The scenario that was sent, alone or with its files. Raises UserError."""
    sent = _read(body)
    if sent is None:
        return ScenarioFile(SENT, body)
    scenario, texts, where = sent.get("scenario"), sent.get("files"), sent.get("folder", "")
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise UserError('files: write {"scenario": NAME, "files": {NAME: TEXT, ...}}')
    if not isinstance(scenario, str) or scenario not in texts or not isinstance(where, str):
        raise UserError("scenario: name one of the files")
    try:
        folder = SentFolder({path: text.encode(errors=_BYTES) for path, text in texts.items()}, Path(where))
    except UnicodeEncodeError:
        raise UserError("files: a text has half a character, a surrogate that belongs to no byte") from None
    return ScenarioFile(folder.shown(scenario), folder.open(scenario).read(), folder, scenario)


def _read(body: bytes) -> dict[str, object] | None:
    """The object if the body is one of these, not a scenario itself."""
    if body.lstrip()[:1] != b"{" or b'"files"' not in body:
        return None
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return sent if isinstance(sent, dict) and {"scenario", "files"} <= sent.keys() else None
