"""What a check says: how a thing is, and what to do where it is not as it should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "error"]
ORDER: Mapping[Level, int] = {"ok": 0, "warning": 1, "error": 2}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    what   its name, for people and scripts: lower-case words
    level  `error`: odds are lost or nobody can see them; `warning`: something is missing or about to go wrong
    says   how it is
    mend   what to do, Portuguese first; '' when nothing is to be done
    """

    what: str
    level: Level
    says: str
    mend: str = ""


def worst(findings: list[Finding]) -> Level:
    """The level of the worst of them; `ok` of none."""
    return max((finding.level for finding in findings), key=ORDER.__getitem__, default="ok")
