"""One scenario as a file: finding it, reading its YAML or JSON, and saying on which line something is wrong."""

from __future__ import annotations

import re
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emulator.core.errors import Location, UserError
from emulator.core.scenarios.aliases import DEEPEST, refuse_expansion
from emulator.core.scenarios.folder import DiskFolder, Folder, NoFolder
from emulator.core.scenarios.scenario_json import read_json

if TYPE_CHECKING:
    from yaml import MappingNode, Node

# What PyYAML lets through for tags that do not fit their values, and for nesting without end.
_YAML_SLIPS = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
_BRACKET = re.compile(rb"[\[\]{}]")
_TWO_ESCAPES = re.compile(rb"(?<!\\)((?:\\\\)*)\\u([dD][89abAB][0-9a-fA-F]{2})\\u([dD][c-fC-F][0-9a-fA-F]{2})")
SUFFIXES = (".yaml", ".yml", ".json")


class ScenarioFile:
    """A scenario's name as people know it, its text and what the text says.

    `folder` has the files that it may name, and `path` is its own place there.
    """

    def __init__(self, name: str, text: bytes, folder: Folder | None = None, path: str = "") -> None:
        """Raises UserError when the text is no scenario at all."""
        self.name = name
        self.folder = folder or NoFolder()
        self.path = path
        self._text = _without_surrogates(text)
        self.document = self._parse()

    def error(self, location: Location, text: str) -> UserError:
        """An error about this place in the file, to be raised."""
        line = self._line(location)
        return UserError(f"{self.name}: {text}" if line is None else f"{self.name}, line {line}: {text}")

    def _parse(self) -> dict[str, object]:
        may_be_deep = _may_be_deep(self._text)
        if not may_be_deep and (document := read_json(self._text)) is not None:
            return document
        # Imported here because a start without a scenario does not need it.
        import yaml

        try:
            if may_be_deep:
                _refuse_depth(self._text)
            # JSON is YAML, so what is wrong with it is said by this reader.
            document = yaml.load(self._text, Loader=_loader())  # noqa: S506 - it is a safe one
        except yaml.MarkedYAMLError as error:
            at = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
            said = _one_line(error.problem or error.context or "it breaks off")
            raise UserError(f"{self.name}{at}: not readable as YAML or JSON: {said}") from None
        except (yaml.YAMLError, *_YAML_SLIPS) as error:
            raise UserError(f"{self.name}: not readable as YAML or JSON: {_one_line(error)}") from None
        if document is None:
            return {}
        if not isinstance(document, dict):
            raise UserError(f"{self.name}: the top level must be an object, for example `clock: {{mode: real}}`")
        return document

    def _line(self, location: Location) -> int | None:
        """The line of the deepest part of the location that there is; None at the top."""
        import yaml

        try:
            node: Node | None = yaml.compose(self._text, Loader=_loader())
        except yaml.YAMLError:  # JSON that is no YAML
            return None
        line = None
        for part in location:
            found = _inside(node, part)
            if found is None:
                break
            node, line = found
        return line


def built_in() -> dict[str, Traversable]:
    """The scenarios that come with the emulator, by name."""
    shipped = resources.files("emulator") / "fixtures"
    # In a checkout they lie beside the package; the wheel carries them inside it.
    folder = shipped if shipped.is_dir() else Path(__file__).parents[3] / "fixtures"
    return {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}


def names_file(reference: str) -> bool:
    """Whether this is a file; everything else is the name of a built-in scenario."""
    path = Path(reference)
    return path.suffix in SUFFIXES or len(path.parts) > 1


def read_scenario(reference: str) -> ScenarioFile:
    """A file, which may name others in its folder, or a built-in scenario. Raises UserError."""
    return ScenarioFile(*scenario_text(reference))


def read_built_in(name: str) -> ScenarioFile:
    """One that comes with the emulator, and no file. Raises UserError."""
    return ScenarioFile(*_built_in_text(name))


def scenario_text(reference: str) -> tuple[str, bytes, Folder, str]:
    """Name, text, folder and path of a scenario that is not read yet. Raises UserError."""
    path = Path(reference)
    try:
        if names_file(reference):
            return reference, path.read_bytes(), DiskFolder(path.parent), path.name
        if path.is_file():
            raise UserError(f"scenario {reference}: the name of the file must end in {', '.join(SUFFIXES)}")
    except OSError as error:
        raise UserError(f"scenario {reference}: {error.strerror or error}") from None
    return _built_in_text(reference)


def _built_in_text(name: str) -> tuple[str, bytes, Folder, str]:
    scenarios = built_in()
    if name not in scenarios:
        raise UserError(
            f"scenario {name!r} is unknown; name one of {', '.join(sorted(scenarios))} or a .yaml or .json file"
        )
    return f"scenario {name}", scenarios[name].read_bytes(), NoFolder(), ""


def _loader() -> Any:
    """PyYAML's safe loader, in C where there is one, that refuses a key given twice and says where a value is bad."""
    import yaml

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        def __init__(self, stream: bytes) -> None:
            super().__init__(stream)
            self._seen: set[int] = set()
            self._has_aliases = b"*" in stream

        def construct_document(self, node: Node) -> Any:
            if self._has_aliases:
                refuse_expansion(node)
            return super().construct_document(node)

        def flatten_mapping(self, node: MappingNode) -> None:
            # On the first visit, before a merge (`<<`) brings other keys along.
            if id(node) not in self._seen:
                self._seen.add(id(node))
                _refuse_double([key for key, _ in node.value])
            super().flatten_mapping(node)

        def construct_object(self, node: Node, deep: bool = False) -> Any:
            try:
                return super().construct_object(node, deep=deep)
            except _YAML_SLIPS as error:  # such as a date that there is not
                raise yaml.constructor.ConstructorError(None, None, str(error), node.start_mark) from None

    return Loader


def _refuse_double(keys: list[Node]) -> None:
    """Raise the loader's own error for the second key of a name."""
    import yaml

    seen: dict[str, int] = {}
    for key in keys:
        first = seen.get(str(key.value))
        if first is not None:
            problem = f"the key {key.value!r} is given twice, first on line {first}"
            raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
        seen[str(key.value)] = key.start_mark.line + 1


def _inside(node: Node | None, part: str | int) -> tuple[Node, int] | None:
    """What lies under a key or an index, and its line."""
    import yaml

    if isinstance(node, yaml.SequenceNode):
        there = isinstance(part, int) and 0 <= part < len(node.value)
        return (node.value[part], node.value[part].start_mark.line + 1) if there else None
    pairs = node.value if isinstance(node, yaml.MappingNode) else []
    written = (str(part), str(part).lower())  # a key may be a number or a boolean
    return next(((value, key.start_mark.line + 1) for key, value in pairs if key.value in written), None)


def _may_be_deep(text: bytes) -> bool:
    """Whether nesting may be so deep that reading it would crash the process; cheap, and now and then wrong."""
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth += 1 if bracket[0] in b"[{" else -1
        if depth > DEEPEST:
            return True
    return any(line.count(b"- ") + line.count(b"? ") > DEEPEST for line in text.splitlines())


def _refuse_depth(text: bytes) -> None:
    """Raise the loader's own error for nesting that is too deep; events are read without recursion."""
    import yaml

    depth = 0
    mark: Any = None
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > DEEPEST:
                mark = event.start_mark
                break
    except yaml.MarkedYAMLError as error:
        if "nesting depth" not in str(error.problem):  # a limit of the parser itself, which looks ahead
            raise
        mark = error.problem_mark
    if mark is not None:
        raise yaml.constructor.ConstructorError(None, None, "it is nested too deeply", mark)


def _without_surrogates(text: bytes) -> bytes:
    """JSON may write one character as two escapes, which YAML does not know."""
    return _TWO_ESCAPES.sub(_one_character, text) if text.lstrip()[:1] in (b"{", b"[") else text


def _one_character(match: re.Match[bytes]) -> bytes:
    high, low = int(match[2], 16), int(match[3], 16)
    return match[1] + chr(0x10000 + ((high & 0x3FF) << 10) + (low & 0x3FF)).encode()


def _one_line(error: object) -> str:
    return " ".join(str(error).split())
