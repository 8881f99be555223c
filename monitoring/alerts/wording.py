"""How values are written in messages: ages, shares, and text that came from outside."""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Mapping
from typing import Any

UNITS = ((86400, "d"), (3600, "h"), (60, "min"))
LONGEST_TEXT = 300
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
"""Unicode categories that a message does not carry: controls, direction marks, surrogates, private use."""


def age(seconds: float) -> str:
    """A time span as people say it: '100 s', '3 min', '5 h', '2 d', a unit from its double on."""
    for size, unit in UNITS:
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def plain(text: str, longest: int = LONGEST_TEXT) -> str:
    """Text from outside as one line that no receiver takes for more than text.

    Marks that turn the reading direction or hide are dropped, `@everyone` and `<!channel>` lose their power, and
    what is too long is cut visibly.
    """
    visible = "".join(
        " " if letter.isspace() else letter
        for letter in text
        if letter.isspace() or unicodedata.category(letter) not in INVISIBLE
    )
    calm = " ".join(visible.split()).replace("@", "＠").replace("<", "‹").replace(">", "›").replace("`", "'")
    return calm if len(calm) <= longest else calm[: longest - 1] + "…"


class Filler(string.Formatter):
    """Fills a rule's text from a reading: `{name}`, `{heartbeat_age_s:age}`, `{completeness:share}`, `{free:.1f}`.

    Text is made plain; a field that is None is written as '?'.
    """

    def get_field(self, field_name: str, args: Any, kwargs: Mapping[str, Any]) -> Any:
        """Fields are plain names: no attribute or item of a value is reached."""
        return kwargs[field_name], field_name

    def format_field(self, value: Any, format_spec: str) -> str:
        """One value by its format."""
        if value is None:
            return "?"
        if isinstance(value, bool | int | float):
            if format_spec == "age":
                return age(value)
            return format(value, ".0%" if format_spec == "share" else format_spec)
        return plain(str(value))  # whatever a service's report holds where a number was expected


def fields_of(template: str) -> set[str]:
    """The names of a rule's text that a reading must have. Raises ValueError when it is no template."""
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def fill(template: str, fields: Mapping[str, Any]) -> str:
    """The text with its fields filled in."""
    return Filler().vformat(template, (), fields)
