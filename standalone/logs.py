"""Logs: JSON lines on stdout for PM2, readable lines on a terminal, and no secret in either.

A line of a scraper says of which cycle it is: `scraper` and `cycle` (when it started, as in `scraper_cycles`), and
`event` where the page of one event is meant. What libraries log through `logging`, warnings, and exceptions that
end the process or a thread become lines like all others. PM2 keeps the lines; `log_rotation` keeps them few.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING

import orjson
from loguru import logger

from standalone.redaction import Redactor

if TYPE_CHECKING:
    from loguru import Message, Record

TERMINAL = "<green>{time:HH:mm:ss}</green> <level>{level: <7}</level> {extra[process]} {message}"
OURS = ("time", "level", "message", "exception")
"""Fields of a JSON line that no context may overwrite."""


def configure_logs(process: str, level: str = "INFO", secrets: Iterable[str] = ()) -> None:
    """Send every log line of this process to stdout, with the process's name bound to it.

    secrets: what never to print, as `Settings.secrets` gives it; what looks like a secret is not printed anyway.
    """
    redactor = Redactor(secrets)

    def write_text(message: Message) -> None:
        _write(redactor.text(message))

    def write_json(message: Message) -> None:
        _write(orjson.dumps(as_line(message.record, str(message), redactor)).decode() + "\n")

    logger.remove()
    logger.configure(extra={"process": process})
    if sys.stdout.isatty():
        logger.add(write_text, level=level, format=TERMINAL, colorize=True, backtrace=False, diagnose=False)
    else:
        # The text of a line is its exception; the message stands in the record.
        logger.add(write_json, level=level, format=lambda _: "{exception}", backtrace=False, diagnose=False)
    logging.basicConfig(handlers=[_Forward()], level=logging.WARNING, force=True)
    logging.captureWarnings(True)
    sys.excepthook = _log_end
    threading.excepthook = _log_end_of_thread


def as_line(record: Record, exception: str, redactor: Redactor) -> dict[str, object]:
    """A record as JSON-ready data; `exception`: the formatted one, empty when there is none."""
    line: dict[str, object] = {
        "time": record["time"].astimezone().isoformat(timespec="milliseconds"),
        "level": record["level"].name.lower(),
        "message": redactor.text(record["message"]),
    }
    context = {name: value for name, value in record["extra"].items() if name not in OURS}
    line.update(redactor.value(context))
    if exception.strip():
        line["exception"] = redactor.text(exception.strip())
    return line


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


class _Forward(logging.Handler):
    """Hands over what libraries log."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            level: str | int = logger.level(record.levelname).name
        except ValueError:  # a level of the library's own
            level = record.levelno
        logger.bind(library=record.name).opt(exception=record.exc_info).log(level, "{}", record.getMessage())


def _log_end(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if issubclass(kind, KeyboardInterrupt):
        return
    logger.opt(exception=(kind, error, trace)).critical("the process ends: {!r}", error)


def _log_end_of_thread(ended: threading.ExceptHookArgs) -> None:
    name = ended.thread.name if ended.thread is not None else "?"
    error = ended.exc_value
    trace = (ended.exc_type, error, ended.exc_traceback) if error is not None else None
    logger.opt(exception=trace).error("the thread {} ends: {!r}", name, error)
