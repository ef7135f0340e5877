"""The documents' generated tables are those of the code."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.docs import FILES, SECTIONS, current


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_generated_tables_are_current(file: Path) -> None:
    assert file.read_text() == current(file.read_text()), "run python scripts/docs.py"


def test_every_table_is_in_a_document() -> None:
    texts = "".join(file.read_text() for file in FILES)
    assert all(f"<!-- generated: {name} -->" in texts for name in SECTIONS)
