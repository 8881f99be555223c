"""Words, numbers and times as a reader's language has them.

`phrases/<language>/<area>.json` hold every phrase; its key is `<area>.<name>`. Both languages have the same keys
and the same {fields}; a test compares them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Literal, get_args
from zoneinfo import ZoneInfo

import orjson

Language = Literal["pt", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)
TAGS: Mapping[Language, str] = {"pt": "pt-BR", "en": "en"}
"""What the page says of its language."""

FOLDER = Path(__file__).resolve().parent / "phrases"
UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
WEEKDAYS: Mapping[Language, tuple[str, ...]] = {
    "pt": ("seg", "ter", "qua", "qui", "sex", "sáb", "dom"),
    "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"),
}


@cache
def phrases(language: Language) -> Mapping[str, str]:
    """Every phrase of a language by key."""
    return {
        f"{path.stem}.{name}": text
        for path in sorted((FOLDER / language).glob("*.json"))
        for name, text in orjson.loads(path.read_bytes()).items()
    }


class Wording:
    """How one page speaks. Everything it gives is plain text: the template escapes it."""

    def __init__(self, language: Language, timezone: ZoneInfo) -> None:
        self.language = language
        self.tag = TAGS[language]
        self.timezone = timezone
        self._phrases = phrases(language)

    def t(self, key: str, **fields: object) -> str:
        """The phrase of this key with its {fields} filled in. KeyError: there is none."""
        text = self._phrases[key]
        return text.format(**fields) if fields else text

    def has(self, key: str) -> bool:
        """Whether there is such a phrase: words that the database stores may be newer than the pages."""
        return key in self._phrases

    def word(self, area: str, stored: str) -> str:
        """The phrase for a word that the database stores; the word itself where there is none."""
        return self._phrases.get(f"{area}.{stored}", stored)

    def number(self, value: float | None, digits: int = 0) -> str:
        """A number with so many decimals and grouped thousands; a dash for None."""
        if value is None:
            return "–"
        text = f"{value:,.{digits}f}"
        return text.translate(_SWAPPED) if self.language == "pt" else text

    def percent(self, share: float | None, digits: int = 0) -> str:
        """0.5 as 50%; a dash for None."""
        return "–" if share is None else f"{self.number(share * 100, digits)}%"

    def bytes(self, size: float) -> str:
        """A size in the unit that suits it: 512 B, 20 kB, 3.4 MB."""
        for limit, unit, digits in ((1e3, "B", 0), (1e6, "kB", 0), (1e9, "MB", 1)):
            if size < limit:
                return f"{self.number(size / limit * 1e3, digits)} {unit}"
        return f"{self.number(size / 1e9, 1)} GB"

    def age(self, seconds: float | None) -> str:
        """A length of time as people say it: 100 s, 3 min, 5 h, a unit from its double on; a dash for None."""
        if seconds is None:
            return "–"
        for size, unit in UNITS:
            if seconds >= 2 * size:
                return f"{seconds / size:.0f} {unit}"
        return f"{max(0.0, seconds):.0f} s"

    def ago(self, seconds: float | None) -> str:
        """How long ago: "há 3 min", "3 min ago"; "nunca" for None."""
        return self.t("page.never") if seconds is None else self.t("page.ago", age=self.age(seconds))

    def local(self, at: datetime | str | float) -> datetime:
        """An instant (aware, ISO text or epoch seconds) in the zone of the pages."""
        if isinstance(at, str):
            at = datetime.fromisoformat(at)
        elif not isinstance(at, datetime):
            at = datetime.fromtimestamp(at, UTC)
        return at.astimezone(self.timezone)

    def clock(self, at: datetime | str | float, *, seconds: bool = False) -> str:
        """The time of day: 21:30."""
        return self.local(at).strftime("%H:%M:%S" if seconds else "%H:%M")

    def day(self, at: datetime | str | float) -> str:
        """The day: "sáb 22/11", "Sat 22 Nov"."""
        local = self.local(at)
        weekday = WEEKDAYS[self.language][local.weekday()]
        return f"{weekday} {local:%d/%m}" if self.language == "pt" else f"{weekday} {local.day} {local:%b}"

    def moment(self, at: datetime | str | float) -> str:
        """Day and time of day."""
        return f"{self.day(at)} {self.clock(at)}"


_SWAPPED = str.maketrans(",.", ".,")
