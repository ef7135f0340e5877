"""Aliases in scenarios: they may save writing, and may not stand for more than a machine can hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from emulator.core.errors import UserError
from emulator.core.scenarios.scenario_file import ScenarioFile
from tests.process import run


def grown(levels: int, times: int = 9) -> str:
    """Lists that hold the one before so many times; the last of them is `*last`."""
    lines = [f"  x0: &x0 [{', '.join('1' * times)}]"]
    lines += [f"  x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * times)}]" for n in range(1, levels)]
    return "\n".join(["remarks:", *lines, f"  end: &last [*x{levels - 1}]", ""])


def read(text: str) -> dict[str, Any]:
    return ScenarioFile("shop.yaml", text.encode()).document


@pytest.mark.parametrize(
    "use",
    [
        "behaviours: {emma.paging_end: *last}",
        "faults: [{operation: emma.members.add, status: 500, match: {body: *last}}]",
        "faults: [{operation: emma.members.add, status: 500, match: {body: {a: *last}}}]",
        "clock: {mode: frozen, at: *last}",
        "emma: {accounts: *last}",
        "limits: {emma: *last}",
        "? *last\n: x",
    ],
)
def test_a_small_file_that_stands_for_a_huge_one_is_refused_at_once(tmp_path: Path, use: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(grown(11) + use)
    done = run("validate", str(file))
    assert (done.returncode, done.stdout) == (
        1,
        f"{file}, line 7: not readable as YAML or JSON: aliases stand for more than 100000 values here; "
        "use fewer of them\n",
    )


def test_merged_keys_count_as_well() -> None:
    keys = ", ".join(f"k{n}: 1" for n in range(100))
    merged = "\n".join(f"  m{n}: {{<<: [{', '.join(['*m'] * 10)}]}}" for n in range(60))
    with pytest.raises(UserError, match="aliases stand for more than 100000 values"):
        read(f"remarks:\n  m: &m {{{keys}}}\n{merged}\n")


def test_what_is_written_out_may_be_large() -> None:
    rows = [f"  - {{email: a{n}@b.test}}\n" for n in range(40_000)]
    document = read("remarks: [&one 1, *one]\nemma:\n" + "".join(rows))
    assert len(document["emma"]) == 40_000


def test_a_list_that_several_accounts_share_is_written_once() -> None:
    document = read("remarks: &shared [{email: a@b.test}]\nemma: [*shared, *shared, {<<: {a: 1}}]\n")
    assert document["emma"] == [[{"email": "a@b.test"}], [{"email": "a@b.test"}], {"a": 1}]


def test_what_holds_itself_is_refused() -> None:
    with pytest.raises(UserError, match=r"^shop\.yaml, line 1: .*: it holds itself$"):
        read("emma: &a\n  accounts: [*a]\n")


def test_aliases_do_not_nest_deeper_than_brackets_may() -> None:
    lines = [f"  x{n}: &x{n} {'[' * 60}*x{n - 1}{']' * 60}" for n in range(1, 4)]
    with pytest.raises(UserError, match="it is nested too deeply"):
        read("\n".join(["remarks:", "  x0: &x0 1", *lines]))
