"""Files that describe the starting state of a world: accounts and rows, clock, behaviours.

clock: {mode: frozen, at: 2024-05-01T12:00:00Z}
behaviours: {vendor.some_behaviour: choice}
<vendor>: {accounts: [...]}            # the vendor's own seed format
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from emulator.core.clock import read_clock
from emulator.core.errors import UserError
from emulator.core.vendor import Vendor
from emulator.core.world import World

# What PyYAML lets through for tags that do not fit their values, and for nesting without end.
_YAML_SLIPS = (ValueError, LookupError, AttributeError, TypeError, ArithmeticError, RecursionError)
_SUFFIXES = (".yaml", ".yml", ".json")


def built_in() -> dict[str, Traversable]:
    """The scenarios that come with the emulator, by name."""
    shipped = resources.files("emulator") / "fixtures"
    # In a checkout they lie beside the package; the wheel carries them inside it.
    folder = shipped if shipped.is_dir() else Path(__file__).parents[2] / "fixtures"
    return {entry.name.removesuffix(".yaml"): entry for entry in folder.iterdir() if entry.name.endswith(".yaml")}


def load_scenarios(
    references: Sequence[str], vendors: Sequence[Vendor], world: World, overrides: Mapping[str, object]
) -> None:
    """Read built-in scenarios or files into a world, in this order; `overrides` are behaviours that win over theirs.

    Raises UserError.
    """
    documents = [(source, _parse(source, text)) for source, text in map(_read, references)]
    known = {vendor.id: vendor for vendor in vendors}
    for source, document in documents:
        _set_up(source, document, known, world)
    world.behaviours.set(overrides, starting=True)
    # Rows come last, because behaviours decide how some of them are kept.
    for source, document in documents:
        for vendor_id, vendor in known.items():
            if vendor_id in document:
                vendor.seed(world, document[vendor_id], source)


def _set_up(source: str, document: Mapping[str, object], known: Mapping[str, Vendor], world: World) -> None:
    allowed = ["clock", "behaviours", *known]
    unknown = sorted(str(key) for key in document.keys() - set(allowed))
    if unknown:
        raise UserError(f"{source}: unknown key {unknown[0]!r}; allowed are {', '.join(allowed)}")
    behaviours = document.get("behaviours") or {}
    if not isinstance(behaviours, Mapping):
        raise UserError(f"{source}: behaviours: write an object of ids and choices")
    try:
        if "clock" in document:
            world.clock = read_clock(document["clock"])
        world.behaviours.set(behaviours, starting=True)
    except UserError as error:
        raise UserError(f"{source}: {error}") from None


def _read(reference: str) -> tuple[str, bytes]:
    path = Path(reference)
    try:
        if path.suffix in _SUFFIXES or len(path.parts) > 1:
            return reference, path.read_bytes()
        if path.is_file():
            raise UserError(f"scenario {reference}: the name of the file must end in {', '.join(_SUFFIXES)}")
        scenarios = built_in()
        if reference in scenarios:
            return f"scenario {reference}", scenarios[reference].read_bytes()
    except OSError as error:
        raise UserError(f"scenario {reference}: {error.strerror or error}") from None
    raise UserError(
        f"scenario {reference!r} is unknown; name one of {', '.join(sorted(scenarios))} or a .yaml or .json file"
    )


def _parse(source: str, text: bytes) -> dict[str, object]:
    # Imported here because a start without a scenario does not need it.
    import yaml

    try:
        # JSON is YAML, so one reader serves both.
        document = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, *_YAML_SLIPS) as error:
        raise UserError(f"{source}: not readable as YAML or JSON: {_one_line(error)}") from None
    if document is None:
        return {}
    if not isinstance(document, dict):
        raise UserError(f"{source}: the top level must be an object, for example `clock: {{mode: real}}`")
    return document


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())
