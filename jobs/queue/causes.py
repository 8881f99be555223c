"""Why a job failed: a sentence, a traceback, and a fingerprint by which failures of one cause are found together.
Pure."""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
OUTSIDE = frozenset({".venv", "node_modules", "site-packages"})
MOST_REASON = 2_000
MOST_TRACEBACK = 20_000
"""Letters kept; of a traceback the last, where the cause stands."""

MOST_READ = 5
"""So many times more is looked at for secrets, so that none is cut in two where something is kept."""

FINGERPRINT = 12
"""Hexadecimal digits: one cause in 2**48 would be taken for another."""

CHANGING: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://\S+", re.IGNORECASE), "<url>"),
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", re.IGNORECASE), "#"),
    (re.compile(r"\b0x[0-9a-f]+\b", re.IGNORECASE), "#"),
    (re.compile(r"\b(?=[0-9a-f]*\d)[0-9a-f]{12,}\b", re.IGNORECASE), "#"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+\b"), "<mail>"),
    (re.compile(r"\d+(?:[.,:]\d+)*"), "#"),
    (re.compile(r"\s+"), " "),
)
"""What differs between two failures of one cause, and what stands in its place. Order matters: wholes before
parts."""

Clean = Callable[[str], str]
"""Takes secrets out of a text."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why an attempt failed. `reason`: one sentence with the error's type; `place`: where in our code, as
    module:function."""

    reason: str
    traceback: str
    fingerprint: str


def cause_of(kind: str, error: BaseException, clean: Clean) -> Cause:
    """The cause of a failed attempt of `kind`, without secrets."""
    message = clean(str(error)[: MOST_READ * MOST_REASON]).strip()[:MOST_REASON]
    name = type(error).__name__
    reason = f"{name}: {message}" if message else name
    trace = clean("".join(traceback.format_exception(error))[-MOST_READ * MOST_TRACEBACK :])
    return Cause(
        _storable(reason)[:MOST_REASON],
        _storable(trace)[-MOST_TRACEBACK:],
        fingerprint(kind, name, place_of(error), message),
    )


def fingerprint(kind: str, error: str, place: str, message: str) -> str:
    """Equal for failures of one kind of job that differ in ids, numbers and addresses alone."""
    for pattern, instead in CHANGING:
        message = pattern.sub(instead, message)
    text = "\n".join((kind, error, place, message.strip().lower()))
    return hashlib.sha256(text.encode(errors="replace")).hexdigest()[:FINGERPRINT]


def place_of(error: BaseException) -> str:
    """Where in our own code it happened, as `path:function`; the last frame of all where none is ours. No line
    number:
    the next release would make a new cause of the old one."""
    frames = traceback.extract_tb(error.__traceback__)
    for frame in reversed(frames):
        path = Path(frame.filename)
        if path.is_relative_to(ROOT) and not OUTSIDE & set(path.parts):
            return f"{path.relative_to(ROOT)}:{frame.name}"
    return f"{Path(frames[-1].filename).name}:{frames[-1].name}" if frames else ""


def _storable(text: str) -> str:
    """Postgres holds neither a zero byte nor half a surrogate pair."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode(errors="replace").decode()
