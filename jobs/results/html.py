"""Reading the site's HTML without trusting it: a tree whatever the bytes are, and texts without their layout."""

from __future__ import annotations

import re

from selectolax.lexbor import LexborHTMLParser, LexborNode

from normalizer.names import fold
from scrapers.errors import PayloadShapeError

MOST_TEXT = 200
_SCORE = re.compile(r"(\d{1,2})\s*[-–]\s*(\d{1,2})")
_PENALTIES = re.compile(rf"{_SCORE.pattern}\s*(?:g\.\s*)?pen", re.IGNORECASE)


def tree_of(body: bytes) -> LexborHTMLParser:
    """The document, as a browser would understand it. UTF-8; bytes that are none of it become replacement marks."""
    return LexborHTMLParser(body.decode("utf-8", "replace"))


def shape_error(expected: str, found: str, body: bytes) -> PayloadShapeError:
    """For a page that is not the one that was expected."""
    return PayloadShapeError(f"expected {expected}, but {found}", body=body)


def text_of(node: LexborNode | None, *, deep: bool = True) -> str:
    """Its text in one line, at most so long; '' of nothing. Not `deep`: without that of the elements in it."""
    if node is None:
        return ""
    return " ".join(node.text(deep=deep, separator=" ").split())[:MOST_TEXT]


def folded(node: LexborNode | None) -> str:
    """Its text as words of the vocabulary are compared."""
    return fold(text_of(node))


def classes_of(node: LexborNode) -> frozenset[str]:
    """The classes that an element has."""
    return frozenset((node.attributes.get("class") or "").split())


def address_of(node: LexborNode | None) -> str:
    """Where a link leads; '' where it does not."""
    return "" if node is None else (node.attributes.get("href") or "").strip()


def number_in(node: LexborNode | None, name: str) -> int | None:
    """An attribute that is a whole number of at most 12 digits; None where it is none."""
    value = "" if node is None else (node.attributes.get(name) or "").strip()
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None


def score_in(text: str) -> tuple[int, int] | None:
    """The score that a text is ("2-1"); None when it is anything else."""
    found = _SCORE.fullmatch(text.strip())
    return (int(found[1]), int(found[2])) if found else None


def penalties_in(text: str) -> tuple[int, int] | None:
    """The shoot-out in a text ("(5-4 Pen.)"); None when it tells none."""
    found = _PENALTIES.search(text)
    return (int(found[1]), int(found[2])) if found else None
