"""Printed text as it is compared: folded, and taken apart into words with what stood between them."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from normalizer import vocabulary as words

_APOSTROPHES = re.compile("['`]")
_CURLY = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4", "'"))
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]?(?!\w)")
_SPONSOR = re.compile(r"\$\$.*?\$\$")
_WORD = re.compile(r"([\W_]*)([^\W_]+)(\.?)")
_TEXT = re.compile(r"[^\W_]+")
_FIRST_COMBINING = "\u0300"


class Word(NamedTuple):
    """gap: what stands between the word before and this one, as printed. dotted: a full stop follows it."""

    text: str
    gap: str
    dotted: bool = False

    @property
    def before(self) -> str:
        """What separates it from the word before: '(', '-', '/' or ' '."""
        return next((sign for sign in "(/-" if sign in self.gap), " ")


def fold(text: str) -> str:
    """Lower case without accents, punctuation or double spaces; every script is kept. Idempotent."""
    return " ".join(texts_of(plain_text(text)))


def texts_of(plain: str) -> list[str]:
    """The words of a plain text, as text alone."""
    return _TEXT.findall(plain)


def split_words(plain: str) -> list[Word]:
    """The words of a plain text."""
    return [Word(word, gap, bool(dot)) for gap, word, dot in _WORD.findall(plain)]


def plain_text(text: str) -> str:
    """Lower case without accents, sponsors' marks, apostrophes and the dots of initials."""
    if "$" in text:
        text = _SPONSOR.sub(" ", text)
    if text.isascii():
        text = text.lower()
    else:
        text = _without_accents(text)
        # Again: decomposing can bring capitals (the letterlike symbols), lower-casing can bring marks (a dotted I).
        text = text.lower() if text.isascii() else _without_accents(text).translate(_CURLY)
    if "'" in text or "`" in text:
        text = _APOSTROPHES.sub("", text)
    if "." in text:
        text = _INITIALS.sub(_without_dots, text)
    return text


def _without_accents(text: str) -> str:
    text = unicodedata.normalize("NFKD", text.casefold().translate(words.LETTERS))
    return "".join([char for char in text if char < _FIRST_COMBINING or not unicodedata.combining(char)])


def _without_dots(match: re.Match[str]) -> str:
    # One letter and its dot are no initials but a word cut short, which is told from a marker by the dot.
    initials = match.group()
    return initials if len(initials) == 2 else initials.replace(".", "")
