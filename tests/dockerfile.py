"""The Dockerfile as data: its stages, and each one's steps."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import NamedTuple

from dockerfile_parse import DockerfileParser

ROOT = Path(__file__).parent.parent


class Step(NamedTuple):
    instruction: str
    value: str

    @property
    def words(self) -> list[str]:
        """What stands in the exec form, or separated by blanks."""
        return json.loads(self.value) if self.value.startswith("[") else shlex.split(self.value)


class Stage(NamedTuple):
    base: str
    name: str
    steps: list[Step]

    def last(self, instruction: str) -> Step:
        return next(step for step in reversed(self.steps) if step.instruction == instruction)

    def pairs(self, instruction: str) -> dict[str, str]:
        """NAME=VALUE of all ENV or LABEL steps."""
        steps = [step for step in self.steps if step.instruction == instruction]
        return dict(pair.split("=", 1) for step in steps for pair in step.words)

    def variables(self, inherited: dict[str, str]) -> dict[str, str]:
        """The environment that ENV steps make of the one that the base image has."""

        def known(name: re.Match[str]) -> str:
            return inherited[name[1]]

        return inherited | {name: re.sub(r"\$(\w+)", known, value) for name, value in self.pairs("ENV").items()}

    @property
    def health_check(self) -> list[str]:
        words: list[str] = json.loads(self.last("HEALTHCHECK").value.partition("CMD ")[2])
        return words


def stages() -> list[Stage]:
    """In the order in which they stand."""
    found: list[Stage] = []
    for each in DockerfileParser(str(ROOT / "Dockerfile")).structure:
        if each["instruction"] == "FROM":
            base, _, name = each["value"].partition(" AS ")
            found.append(Stage(base, name, []))
        elif each["instruction"] != "COMMENT":
            found[-1].steps.append(Step(each["instruction"], each["value"]))
    return found
