"""The end of a log file, read from the end: however long the file is, only its last bytes are touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import orjson

TAIL_BYTES = 256_000
LINES = 150
MESSAGE_MAX = 600
LEVELS = {"warning": "warning", "error": "error", "critical": "error"}
"""Level of a log line -> colour; the rest is plain."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `time` as the log has it; empty, like `level`, for what is not one of our JSON lines."""

    time: str
    level: str
    message: str

    @property
    def state(self) -> str:
        """Its colour."""
        return LEVELS.get(self.level, "plain")


def tail(paths: Sequence[Path], scraper: str) -> list[Line]:
    """The last lines of the first of these files that is there, newest first, without those of other scrapers."""
    for path in paths:
        try:
            with path.open("rb") as file:
                size = file.seek(0, 2)
                file.seek(max(0, size - TAIL_BYTES))
                body = file.read(TAIL_BYTES)
        except (FileNotFoundError, PermissionError):
            continue
        whole = body.splitlines()[1 if size > TAIL_BYTES else 0 :]  # the first is a part of one
        lines = [line for line in map(_line, reversed(whole)) if line is not None and line[1] in ("", scraper)]
        return [line for line, _ in lines[:LINES]]
    return []


def log_files(folder: Path, slug: str, mode: str | None) -> list[Path]:
    """Where PM2 writes what a bookmaker's scraper says, in the mode that it last worked in."""
    kind, _, group = (mode or "").partition("-")
    names = [f"scraper-seq-{group}", f"scraper-{slug}"] if kind == "sequential" else [f"scraper-{slug}"]
    # PM2 (7.0.4) names a file with "-" for every sign of a process's name that is no letter, digit, "." or "-".
    return [folder / f"{name.replace('_', '-')}-out.log" for name in names]


def _line(raw: bytes) -> tuple[Line, str] | None:
    """A line and the scraper it is bound to; None for an empty one."""
    if not raw.strip():
        return None
    try:
        found = orjson.loads(raw)
        message = str(found["message"])
        if found.get("exception"):
            message += "\n" + str(found["exception"])
        return Line(str(found["time"]), str(found["level"]), message[:MESSAGE_MAX]), str(found.get("scraper", ""))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return Line("", "", raw.decode(errors="replace")[:MESSAGE_MAX]), ""
