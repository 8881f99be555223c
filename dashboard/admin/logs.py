"""The end of a log file, read from the end: however long the file is, only its last bytes are touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from monitoring.watchdog.decide import process_of

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


def tail(files: Sequence[Path], scraper: str) -> list[Line]:
    """The last lines of these files (the newest file first), newest first, without those of other scrapers."""
    found: list[Line] = []
    for path in files:
        for raw in reversed(_last_lines(path)):
            line = _line(raw)
            if line is not None and line[1] in ("", scraper):
                found.append(line[0])
                if len(found) == LINES:
                    return found
    return found


def log_files(logs: Mapping[str, Path], row: Mapping[str, Any]) -> list[Path]:
    """Where the process logs that last wrote a scraper (a row of its status): the file and the one before it.

    `logs`: process -> its log; empty when no supervisor keeps any.
    """
    log = logs.get(process_of(row))
    return [] if log is None else [log, log.with_name(f"{log.name}.1")]


def _last_lines(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            lines = file.read(TAIL_BYTES).splitlines()
    except (FileNotFoundError, PermissionError):
        return []
    return lines[1:] if size > TAIL_BYTES else lines  # the first is a part of one


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
