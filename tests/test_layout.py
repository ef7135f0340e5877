"""The rules of the house, read from the source files."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from http import HTTPStatus
from importlib import import_module
from pathlib import Path

import msgspec
import pytest

import emulator
from emulator.app import make_vendors
from emulator.core.operation import Declined, Operation
from emulator.core.vendor import Vendor

PACKAGE = Path(emulator.__file__).parent
SOURCES = sorted(PACKAGE.rglob("*.py"))
CORE = [path for path in SOURCES if path.is_relative_to(PACKAGE / "core")]
VENDOR_FOLDERS = sorted(path.parent for path in SOURCES if path.name == "operations.py")
VENDORS = make_vendors()

# Besides rules a vendor has its table of operations, its spelling, and tables for people, which may say "HTTP 400".
NOT_RULES = {"__init__", "operations", "wire", "errors", "behaviours", "declined"}
RULE_MODULES = [
    path for folder in VENDOR_FOLDERS for path in sorted(folder.rglob("*.py")) if path.stem not in NOT_RULES
]
STATUSES = {status.value for status in HTTPStatus if status >= HTTPStatus.OK}

# Numbers that look like a status and are none.
NO_STATUSES = {
    "emulator.emma.field_types": {200, 201, 202, 203},  # ids of the default fields
    "emulator.emma.windows": {500},  # most records of a page
}

MOST_LINES = 300
OF_THE_MACHINE = re.compile(
    r"(datetime\.)*(datetime|date)\.(now|utcnow|today)|time\.(time|time_ns|localtime|gmtime)"
    r"|os\.(urandom|getrandom)|(random|uuid|secrets)(\..*)?"
)

# What gives the same numbers for the same seed.
SEEDED = {"random", "random.Random"}


def name(path: Path) -> str:
    """The module in a file: `emulator.core.clock`."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Every module, or name in one, that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found.update(alias.name for alias in names)
            case ast.ImportFrom(module=str(module), names=names, level=0):
                found.update(f"{module}.{alias.name}" for alias in names)
            case ast.ImportFrom():
                raise AssertionError(f"{path}: write imports in full")
    return found


def is_in(module: str, *packages: str) -> bool:
    return any(f"{module}.".startswith(f"{package}.") for package in packages)


def ours(path: Path) -> set[str]:
    return {module for module in imports(path) if is_in(module, "emulator")}


def uses(path: Path) -> set[str]:
    """Dotted names that a file uses, with what `from ... import` brought written in full."""
    tree = ast.parse(path.read_text())
    brought = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    } | {
        alias.asname: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
        if alias.asname
    }
    found = set(brought.values()) | imports(path)
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute | ast.Name):
            head, _, rest = ast.unparse(node).partition(".")
            found.add(f"{brought.get(head, head)}.{rest}" if rest else brought.get(head, head))
    return found


def numbers(path: Path) -> set[int]:
    return {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, int)
    }


def names(path: Path) -> set[str]:
    """Every identifier, and every word of a string or comment, in lower case."""
    words: set[str] = set()
    for token in tokenize.generate_tokens(io.StringIO(path.read_text()).readline):
        words.update(re.findall(r"[a-z]+", token.string.lower()))
    return words


per_core_file = pytest.mark.parametrize("path", CORE, ids=name)
per_source = pytest.mark.parametrize("path", SOURCES, ids=name)
per_rule_module = pytest.mark.parametrize("path", RULE_MODULES, ids=name)
per_vendor = pytest.mark.parametrize("vendor", VENDORS, ids=lambda vendor: vendor.id)
per_operation = pytest.mark.parametrize(
    ("vendor", "operation"),
    [(vendor, each) for vendor in VENDORS for each in vendor.operations],
    ids=lambda each: each.id,
)


def test_there_is_something_to_look_at() -> None:
    assert {folder.name for folder in VENDOR_FOLDERS} == {vendor.id for vendor in VENDORS}
    assert len(CORE) > 10
    assert RULE_MODULES


@per_core_file
def test_the_core_names_no_vendor(path: Path) -> None:
    for folder in VENDOR_FOLDERS:
        assert re.search(rf"\b{folder.name}\b|{folder.name}_", path.read_text(), re.IGNORECASE) is None


@per_core_file
def test_the_core_imports_nothing_of_the_house_but_itself(path: Path) -> None:
    assert {module for module in ours(path) if not is_in(module, "emulator.core")} == set()


@pytest.mark.parametrize("folder", VENDOR_FOLDERS, ids=lambda folder: folder.name)
def test_a_vendor_imports_the_core_and_itself_and_no_web_server(folder: Path) -> None:
    for path in folder.rglob("*.py"):
        assert {module for module in ours(path) if not is_in(module, "emulator.core", name(folder))} == set()
        assert not any(is_in(module, "starlette", "uvicorn") for module in imports(path))


def test_the_control_plane_knows_the_core_and_no_vendor() -> None:
    allowed = ("emulator.core", "emulator.control", "emulator.__version__")
    for path in (PACKAGE / "control").rglob("*.py"):
        assert {module for module in ours(path) if not is_in(module, *allowed)} == set()


def test_the_client_knows_of_the_emulator_only_its_clock_its_errors_and_how_scenarios_are_sent() -> None:
    allowed = ("emulator.client", "emulator.core.clock", "emulator.core.errors")
    for path in (PACKAGE / "client").rglob("*.py"):
        sending = (
            ("emulator.core.scenarios.bundle", "emulator.core.scenarios.scenario_file")
            if path.stem == "scenarios"
            else ()
        )
        assert {module for module in ours(path) if not is_in(module, *allowed, *sending)} == set()


@per_source
def test_only_clock_and_ids_read_the_machines_time_or_chance(path: Path) -> None:
    if name(path) not in ("emulator.core.clock", "emulator.core.ids"):
        allowed = SEEDED if name(path) == "emulator.core.scenarios.chance" else set()
        assert {each for each in uses(path) if OF_THE_MACHINE.fullmatch(each)} == allowed


def test_chance_always_has_a_seed() -> None:
    calls = [
        node
        for node in ast.walk(ast.parse((PACKAGE / "core" / "scenarios" / "chance.py").read_text()))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "random.Random"
    ]
    assert calls
    assert all(call.args for call in calls)


@per_source
def test_only_people_come_from_the_library_of_fake_data(path: Path) -> None:
    if name(path) != "emulator.core.scenarios.people":
        assert not any(is_in(module, "faker") for module in imports(path))


@per_rule_module
def test_a_rule_knows_no_http(path: Path) -> None:
    assert names(path).isdisjoint({"http", "starlette", "uvicorn"})
    assert numbers(path).isdisjoint(STATUSES - NO_STATUSES.get(name(path), set()))


@per_source
def test_a_source_file_fits_in_a_head(path: Path) -> None:
    assert len(path.read_text().splitlines()) < MOST_LINES


@per_source
def test_middleware_is_pure_asgi(path: Path) -> None:
    assert "BaseHTTPMiddleware" not in path.read_text()


@per_operation
def test_the_input_of_an_operation_can_be_built(vendor: Vendor, operation: Operation) -> None:
    if isinstance(operation.input, str):
        assert hasattr(import_module(vendor.schemas), operation.input)
    else:
        in_path = re.findall(r"\{(\w+)\}", operation.path)
        assert set(operation.input.__struct_fields__) == {*in_path, *operation.query}
        assert {field.name for field in msgspec.structs.fields(operation.input) if field.required} <= set(in_path)


@per_operation
def test_the_rule_of_an_operation_says_what_it_does(vendor: Vendor, operation: Operation) -> None:
    assert operation.rule.__doc__


@per_vendor
def test_operation_ids_are_unique_and_begin_with_the_vendors(vendor: Vendor) -> None:
    ids = [route.id for route in routes(vendor)]
    assert len(ids) == len(set(ids))
    assert all(each.startswith(f"{vendor.id}.") for each in ids)


@per_vendor
def test_behaviours_begin_with_the_vendors_id_and_default_to_a_choice(vendor: Vendor) -> None:
    assert all(each.id.startswith(f"{vendor.id}.") for each in vendor.behaviours)
    assert all(each.allows(each.default) for each in vendor.behaviours)
    assert all(each.choices[0] == each.default for each in vendor.behaviours if each.choices)


@per_vendor
def test_an_operation_depends_only_on_behaviours_that_exist(vendor: Vendor) -> None:
    choices = {(each.id, choice) for each in vendor.behaviours for choice in each.choices}
    assert {each.enabled_by for each in vendor.operations if each.enabled_by} <= choices


def routes(vendor: Vendor) -> list[Operation | Declined]:
    return [*vendor.operations, *vendor.declined]
