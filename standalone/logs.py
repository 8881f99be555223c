"""Logs: JSON lines on stdout for PM2, readable lines on a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import orjson
from loguru import logger

if TYPE_CHECKING:
    from loguru import Message


def configure_logs(process: str, level: str = "INFO") -> None:
    """Send every log line of this process to stdout, with the process's name bound to it."""
    logger.remove()
    logger.configure(extra={"process": process})
    if sys.stdout.isatty():
        form = "<green>{time:HH:mm:ss}</green> <level>{level: <7}</level> {extra[process]} {message}"
        logger.add(sys.stdout, level=level, format=form, backtrace=False, diagnose=False)
    else:
        logger.add(_write_json, level=level, format="{message}", backtrace=False, diagnose=False)


def _write_json(message: Message) -> None:
    record = message.record
    line: dict[str, object] = {
        "time": record["time"].astimezone().isoformat(timespec="milliseconds"),
        "level": record["level"].name.lower(),
        "message": record["message"],
        **record["extra"],
    }
    if record["exception"] is not None:
        line["exception"] = str(message).removeprefix(record["message"]).strip()
    sys.stdout.write(orjson.dumps(line, default=str).decode() + "\n")
    sys.stdout.flush()
