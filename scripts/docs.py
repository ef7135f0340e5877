"""Writes what comes from the code: the tables in README.md and docs/, and the schema of scenarios.

`--check` only says whether they are current.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Annotated, Literal, get_args, get_origin

from pydantic import BaseModel

from emulator.app import make_vendors
from emulator.cli import make_parser
from emulator.control.routes import ROUTES
from emulator.core.failures.fault_models import ToldFault
from emulator.core.failures.magic import DOMAIN
from emulator.core.limits import MOST_CALLS, MOST_SECONDS
from emulator.core.operation import Declined, Operation
from emulator.core.scenarios.blocks import inner_model
from emulator.core.vendor import Vendor
from emulator.engagelab import errors
from emulator.settings import DEFAULTS, TABLE, flag, variable
from emulator.verbs.options import Parser
from emulator.verbs.result import EXIT_CODES

ROOT = Path(__file__).parent.parent
FILES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SCHEMA = ROOT / "fixtures" / "schema.json"
_SECTION = re.compile(r"(<!-- generated: ([\w ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    columns = list(head)
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |\n" for line in lines)


def _routes(routes: Iterable[Operation | Declined]) -> str:
    rows = ((f"`{each.method} {each.path}`", f"`{each.id}`", each.source) for each in routes)
    return _table(("request", "operation", "source"), rows)


def vendors() -> str:
    rows = (
        (
            f"[{vendor.title}](docs/{vendor.id}.md#operations)",
            str(len(vendor.operations)),
            str(len(vendor.declined)),
            str(len(vendor.behaviours)),
            f"`{vendor.id}-documentation`",
        )
        for vendor in make_vendors()
    )
    return _table(("vendor", "operations served", "declined", "behaviours", "scenario of its documents"), rows)


def scenario(vendor: Vendor) -> str:
    """The keys of a vendor's block, from its models, each with type and default."""
    module = import_module(f"emulator.{vendor.id}.seed")
    return _table(("key", "type", "default"), _keys(module.Block, ""))


def _keys(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        inner = inner_model(field.annotation)
        path = f"{prefix}{name}"
        if inner is None:
            default = (
                "required"
                if field.is_required()
                else ""
                if field.default in (None, [], {})
                else f"`{str(field.default).lower()}`"
            )
            yield f"`{path}`", _type(field.annotation), default
        else:
            yield from _keys(inner, f"{path}[]." if "list" in str(field.annotation) else f"{path}.")


def _type(annotation: object) -> str:
    """A type as people write it in YAML."""
    if get_origin(annotation) is Annotated:
        return _type(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return ", ".join(f"`{each}`" for each in get_args(annotation))
    if get_origin(annotation) is list:
        return f"list of {_type(get_args(annotation)[0])}"
    if get_origin(annotation) is dict:
        key, value = (_type(each) for each in get_args(annotation))
        return f"{value} by {key}"
    kinds = [each for each in get_args(annotation) if each is not type(None)]
    if kinds:
        return " or ".join(_type(each) for each in kinds)
    return {
        "str": "text",
        "int": "number",
        "float": "number",
        "bool": "true or false",
        "Any": "value",
        "Sheet": "text",
    }[getattr(annotation, "__name__", "Any")]


def operations(vendor: Vendor) -> str:
    return _routes(vendor.operations)


def declined(vendor: Vendor) -> str:
    return _routes(vendor.declined)


def behaviours(vendor: Vendor) -> str:
    rows = (
        (
            f"`{each.id}`",
            " ".join([f"**{each.default}**", *each.choices[1:]])
            if each.choices
            else f"**{each.default}**, {each.wanted}",
            each.about,
            each.evidence,
            each.source,
        )
        for each in vendor.behaviours
    )
    return _table(("behaviour", "choices (default first)", "about", "evidence", "source"), rows)


def statuses(vendor: Vendor) -> str:
    """The HTTP statuses that a fault may ask for."""
    rows = (
        (str(status), "no body" if each.message is None else each.message, "" if each.code is None else str(each.code))
        for status, each in vendor.error_shapes.items()
    )
    return _table(("status", "message", "code"), rows)


def magic(vendor: Vendor) -> str:
    """What magic addresses ask for."""
    return _table(
        ("address", "what happens"), ((f"`{word}+...@{DOMAIN}`", each.about) for word, each in vendor.magic.items())
    )


def settings() -> str:
    def default(name: str) -> str:
        value = DEFAULTS[name]
        return "" if value in (None, (), False) else f"`{value}`"

    rows = ((f"`{flag(name)}`", f"`{variable(name)}`", default(name), each.about) for name, each in TABLE.items())
    return _table(("flag", "variable", "default", "meaning"), rows)


def engagelab_codes() -> str:
    rows = [
        (str(code), "plausible" if code < 30900 else "assigned", f"400: `{name}` is wrong")
        for name, code in errors.PARAMETER_CODES.items()
    ]
    rows += [
        (str(errors.TOO_MANY_MEMBERS), "plausible", "400: more than 1000 members"),
        (str(errors.NOT_EMULATED), "assigned", "501: a real operation that is not emulated"),
        (str(errors.TOO_LARGE), "assigned", "413: body over `--max-body`"),
        (str(errors.UNAVAILABLE), "assigned", "400 or 503: bad world name, too many worlds, scenario still loading"),
        (str(errors.INTERNAL_FAULT), "assigned", "500: a bug of the emulator; the message has the journal id"),
        (str(errors.AUTHENTICATION_FAILED), "documented", "401: Authentication failed"),
        (str(errors.RESOURCE_NOT_FOUND), "documented", "200 (switchable): resource not found"),
    ]
    return _table(("code", "origin", "HTTP status and meaning"), sorted(rows))


def control() -> str:
    rows = [
        (f"`{method} {route.path}`", " ".join((route.endpoint.__doc__ or "").split()))
        for route in ROUTES
        for method in sorted(route.methods or ())
        if method != "HEAD"
    ]
    return _table(("request", "what it does"), rows)


def verbs() -> str:
    """The verbs with their own arguments; flags that all have, and the settings of a start, are not repeated."""
    rows = (
        (f"`{name}`", ", ".join(_arguments(verb)), str(verb.description)) for name, verb in make_parser().verbs.items()
    )
    return _table(("verb", "arguments", "what it does"), rows)


def _arguments(verb: Parser) -> Iterator[str]:
    """As they are written, each with its help if it has one."""
    own = [each for each in verb.arguments if each.default is not argparse.SUPPRESS]
    if {flag(name) for name in TABLE} <= {option for each in own for option in each.option_strings}:
        yield "the [settings](../README.md#settings)"
        return
    for each in own:
        value = "|".join(each.choices) if each.choices else str(each.metavar or "")
        written = " ".join(filter(None, [*each.option_strings, "" if each.nargs == 0 else value]))
        yield f"`{written}`" + (f" ({each.help})" if each.help else "")


def exit_codes() -> str:
    return _table(("code", "meaning"), ((str(code), meaning) for code, meaning in EXIT_CODES.items()))


SECTIONS: dict[str, Callable[[], str]] = {
    f"{vendor.id} {table.__name__}": partial(table, vendor)
    for vendor in make_vendors()
    for table in (operations, declined, scenario, behaviours, statuses, magic)
} | {
    "vendors": vendors,
    "settings": settings,
    "engagelab codes": engagelab_codes,
    "control": control,
    "verbs": verbs,
    "exit codes": exit_codes,
}


_LIMIT = {
    "anyOf": [
        {"type": "boolean"},
        {
            "type": "object",
            "additionalProperties": False,
            "minProperties": 1,
            "properties": {
                "calls": {"type": "integer", "minimum": 1, "maximum": MOST_CALLS},
                "seconds": {"type": "number", "exclusiveMinimum": 0, "maximum": MOST_SECONDS},
            },
        },
    ]
}


def schema() -> str:
    """The JSON Schema of scenarios, for editors."""
    behaviours: dict[str, object] = {}
    vendors_blocks: dict[str, object] = {}
    limits: dict[str, object] = {}
    for vendor in make_vendors():
        block = import_module(f"emulator.{vendor.id}.seed").Block
        vendors_blocks[vendor.id] = block.model_json_schema(ref_template=f"#/properties/{vendor.id}/$defs/{{model}}")
        if vendor.rate_limit is not None:
            limits[vendor.id] = _LIMIT
        for each in vendor.behaviours:
            choice = {"enum": _written(each.choices)} if each.choices else {"type": "number", "minimum": each.least}
            behaviours[each.id] = {"description": each.about, **choice}
    document = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario of the Audience Emulator",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "include": {"type": "array", "items": {"type": "string", "minLength": 1}},
            "remarks": {"type": "array", "items": {"type": "string"}},
            "clock": {
                "type": "object",
                "additionalProperties": False,
                "required": ["mode"],
                "properties": {"mode": {"enum": ["real", "frozen", "shifted"]}, "at": {"type": "string"}},
            },
            "behaviours": {"type": "object", "additionalProperties": False, "properties": behaviours},
            **vendors_blocks,
            "faults": {
                "type": "array",
                "items": ToldFault.model_json_schema(ref_template="#/properties/faults/items/$defs/{model}"),
            },
            "limits": {"type": "object", "additionalProperties": False, "properties": limits},
        },
    }
    return json.dumps(document, indent=1) + "\n"


def _written(choices: Iterable[str]) -> list[object]:
    """Choices as YAML may have them: some look like numbers or booleans."""
    forms: list[object] = list(choices)
    forms += [int(choice) for choice in choices if choice.isdigit()]
    return forms + [choice == "true" for choice in choices if choice in ("true", "false")]


def current(text: str) -> str:
    """The text of a document with its generated sections made anew."""
    return _SECTION.sub(lambda match: match[1] + SECTIONS[match[2]]() + match[3], text)


def main() -> int:
    made = {file: current(file.read_text()) for file in FILES} | {SCHEMA: schema()}
    stale = [file for file, text in made.items() if not file.exists() or file.read_text() != text]
    for file in stale:
        if "--check" in sys.argv:
            print(f"{file.relative_to(ROOT)} is not current; run python scripts/docs.py")
        else:
            file.write_text(made[file])
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
