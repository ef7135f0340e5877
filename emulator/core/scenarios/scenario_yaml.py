"""A scenario as YAML, written a row at a time: PyYAML would hold up everybody while it writes a large one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from typing import Any

_AT_ONCE = 10  # lines
_OUTER = 2  # levels of the document whose keys get a line each
_BREAKS = frozenset("\n\x85\u2028\u2029")

Write = Callable[[object], str]


def write_yaml(document: Mapping[str, object]) -> Iterator[bytes]:
    """In parts that take less than a turn each; much slower than JSON."""
    lines = _mapping(document, "", 0, _writer())
    while part := "".join(islice(lines, _AT_ONCE)):
        yield part.encode()


def _mapping(values: Mapping[str, object], indent: str, depth: int, write: Write) -> Iterator[str]:
    for key, value in values.items():
        if isinstance(value, Iterator):
            yield f"{indent}{key}:\n"
            yield from _rows(value, indent + "  ", depth + 1, write)
        elif isinstance(value, Mapping) and value and depth + 1 < _OUTER:
            yield f"{indent}{key}:\n"
            yield from _mapping(value, indent + "  ", depth + 1, write)
        else:
            yield f"{indent}{key}: {write(value)}\n"


def _rows(values: Iterator[object], indent: str, depth: int, write: Write) -> Iterator[str]:
    empty = True
    for value in values:
        empty = False
        if isinstance(value, Mapping) and any(isinstance(each, Iterator) for each in value.values()):
            lines = _mapping(value, indent + "  ", depth + 1, write)
            yield f"{indent}- {next(lines).lstrip()}"
            yield from lines
        else:
            yield f"{indent}- {write(value)}\n"
    if empty:
        yield f"{indent}[]\n"


def _writer() -> Write:
    # Imported here because nothing else that runs needs it.
    import yaml

    class Dumper(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:
            return True

        def represent_text(self, text: str) -> Any:
            # On one line whatever is in it, because it stands in the middle of others.
            return self.represent_scalar("tag:yaml.org,2002:str", text, '"' if _BREAKS.intersection(text) else None)

    Dumper.add_representer(str, Dumper.represent_text)
    manner: Any = {"allow_unicode": True, "sort_keys": False, "width": 2**30, "default_flow_style": True}

    def write(value: object) -> str:
        text: str = yaml.dump([value], Dumper=Dumper, **manner)
        return text.strip()[1:-1]

    return write
