"""The site's text protocol: `F|CL;ID=1;TK=BFs=;|EV;...|MA;...|PA;ID=7;OD=0+3;|` to records. Knows nothing of bets.

Odds may be masked: every character of `OD` XOR one key, which the section's `CL` record hints at in `TK`. A masked
character can be a separator itself, so what a record lost to `;` or `|` is put back before it is unmasked.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from scrapers.platforms.reading import name_of

SNAPSHOT = "F"
UPDATE = "U"
"""Records that stand alone and say what the following ones are."""

SECTION = "CL"
KINDS = frozenset({SECTION, "CT", "EV", "MG", "MA", "CO", "PA"})
"""The record types that carry odds or say what they are about."""

_FRAMES = re.compile(r"[\x01\x02\x08\x14\x15\x16]")
"""Between the messages of a captured connection, and between a message's topic and its data. In a text that does
not begin with one they are masked digits."""
_START = re.compile(r"[A-Z]{2};|[FU]?$", re.ASCII)
_HEAD = re.compile(r"[\ufeff\s|]*(?:[FU]\||(?:CL|EV);)", re.ASCII)
_FIELD = re.compile(r"([A-Z][A-Z0-9]{0,3})=(.*)", re.ASCII | re.DOTALL)
_CLEAR = re.compile(r"\d+/\d+|SP", re.ASCII)


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its type and its fields. `OD` is unmasked where a key could be told, else as it came."""

    kind: str
    fields: Mapping[str, str]

    def get(self, name: str) -> str:
        """A field without blanks around it; empty when the record does not carry it."""
        return name_of(self.fields.get(name))


def looks_like_pipe(text: str) -> bool:
    """Whether a text begins as a message of the protocol does."""
    if _FRAMES.match(text):
        return re.search(r"\x01[FU]\|", text[:200]) is not None
    return _HEAD.match(text) is not None


def read_text(text: str) -> list[Record]:
    """Every record of a text, in order, odds unmasked section by section."""
    return unmask([_record(part) for part in _parts(text)])


def _parts(text: str) -> list[str]:
    """Records as text. A part that begins like no record was cut off the one before by a masked `|`."""
    parts: list[str] = []
    if _FRAMES.match(text):
        text = _FRAMES.sub("|", text)
    for part in text.removeprefix("\ufeff").split("|"):
        if parts and parts[-1].rpartition(";")[2].startswith("OD=") and not _START.match(part):
            parts[-1] += f"|{part}"
        elif part.strip():
            parts.append(part.lstrip())
    return parts


def _record(part: str) -> Record:
    kind, _, rest = part.removesuffix(";").partition(";")
    fields: dict[str, str] = {}
    name = ""
    for piece in rest.split(";"):
        found = _FIELD.fullmatch(piece)
        if found:
            name = found[1]
            fields[name] = found[2]
        elif name:
            fields[name] += f";{piece}"
    return Record(kind.strip(), fields)


def unmask(records: Sequence[Record]) -> list[Record]:
    """The same records with readable odds. Each `CL` record begins a section with a key of its own."""
    clear: list[Record] = []
    for section in _sections(records):
        hint = section[0].fields.get("TK", "") if section[0].kind == SECTION else ""
        odds = [text for record in section if (text := record.fields.get("OD"))]
        key = key_of(hint, odds) if hint else None
        if not key:
            clear += section
            continue
        for record in section:
            text = record.fields.get("OD")
            clear.append(Record(record.kind, {**record.fields, "OD": _xor(text, key)}) if text else record)
    return clear


def _sections(records: Sequence[Record]) -> Iterator[list[Record]]:
    section: list[Record] = []
    for record in records:
        if record.kind == SECTION and section:
            yield section
            section = []
        section.append(record)
    if section:
        yield section


def key_of(hint: str, odds: Sequence[str]) -> int | None:
    """The key that makes every one of `odds` readable; None when none does, or several that the hint does not name.

    Two ways to take the key from the hint agree in everything recorded (2023-05): its first byte after base64,
    and its first character XOR its second. Where neither fits, every key is tried.
    """
    if not odds:
        return None
    for key in _hinted(hint):
        if _fits(key, odds):
            return key
    fitting = [key for key in range(256) if _fits(key, odds)]
    return fitting[0] if len(fitting) == 1 else None


def _hinted(hint: str) -> Iterator[int]:
    try:
        first = b64decode(hint, validate=True)[:1]
    except (binascii.Error, ValueError):
        first = b""
    if first:
        yield first[0]
    if len(hint) > 1:
        yield (ord(hint[0]) ^ ord(hint[1])) & 0xFF


def _fits(key: int, odds: Sequence[str]) -> bool:
    return all(_CLEAR.fullmatch(_xor(text, key)) for text in odds)


def _xor(text: str, key: int) -> str:
    return "".join(chr(ord(letter) ^ key) for letter in text)
