"""Marks in printed names: category (women, age, reserves) and Brazilian state, and what leagues say of a category.

A marker never takes the last word that could be the name itself.
"""

from __future__ import annotations

import re

from normalizer import vocabulary as words
from normalizer.folding import Word, plain_text, texts_of

_AGE_JOINED = re.compile(r"(?:u|sub|under)(\d{2})")
MAY_MARK = frozenset().union(
    *(words.WOMEN, words.WOMEN_LAST, words.YOUTH, words.RESERVE, words.RESERVE_LAST, words.RESERVE_IN_BRACKETS),
    *(words.RESERVE_FIRST, words.THIRD_LAST, words.VIRTUAL, words.AGE_WORDS),
    (f"{word}{age}" for word in words.AGE_WORDS for age in words.AGES),
    (tail[-1] for tail in words.RESERVE_TAILS),
)
"""A name without one of these carries no category."""
MAY_BE_STATE = words.STATES.union(words.DEMONYMS, words.SPELLED_STATE)
"""A name without one of these carries no state."""


def league_category(name: str) -> str:
    """The category that a league's name gives to teams whose own names carry none ('' for most leagues)."""
    texts = texts_of(plain_text(name))
    parts = set()
    for number, text in enumerate(texts):
        following = texts[number + 1] if number + 1 < len(texts) else ""
        age = _age(text, following)
        if age:
            parts.add(age)
        elif text in words.LEAGUE_WOMEN or (text, following) in words.LEAGUE_PHRASES_WOMEN:
            parts.add("women")
        elif text in words.LEAGUE_YOUTH:
            parts.add("youth")
        elif text in words.LEAGUE_RESERVE:
            parts.add("reserve")
        elif text in words.LEAGUE_VIRTUAL or (text == words.VIDEO_GAME and _is_edition(following)):
            parts.add("virtual")
    if any(part.startswith("u") for part in parts):
        parts.discard("youth")
    return join_category(parts)


def with_league(category: str, league: str) -> str:
    """A team's category inside a league: what the team's own name says, completed by what the league's says.

    Women, age and reserve are three independent questions; the team's own answer to one wins.
    """
    own = set(category.split("+")) - {""}
    added = set(league.split("+")) - {""}
    if any(_is_age(part) for part in own):
        added = {part for part in added if not _is_age(part)}
    if own & {"reserve", "third"}:
        added -= {"reserve", "third"}
    return join_category(own | added)


def join_category(parts: set[str]) -> str:
    """The canonical spelling of a set of category parts."""

    def place(part: str) -> tuple[int, str]:
        order = 0 if part == "women" else 1 if _is_age(part) else 2
        return order, part

    return "+".join(sorted(parts, key=place))


def _age(text: str, following: str) -> str:
    joined = _AGE_JOINED.fullmatch(text)
    number = joined.group(1) if joined else following if text in words.AGE_WORDS else ""
    return f"u{int(number)}" if number.isdecimal() and int(number) in words.AGES else ""


def _is_edition(text: str) -> bool:
    return len(text) == 2 and text.isdecimal()


def _is_age(part: str) -> bool:
    return part == "youth" or (part.startswith("u") and part[1:].isdigit())


def _carries_a_name(rest: list[Word]) -> bool:
    return any(not (word.text in words.STOP or word.text.isdigit() or _is_state(word)) for word in rest)


def take_markers(found: list[Word]) -> tuple[list[Word], set[str]]:
    """Everything that is no category marker, and the categories that the markers name."""
    parts: set[str] = set()
    rest = list(found)
    position = 0
    while position < len(rest):
        following = rest[position + 1].text if position + 1 < len(rest) else ""
        marker, width = _marker_anywhere(rest[position].text, following)
        without = rest[:position] + rest[position + width :]
        if marker and _carries_a_name(without):
            parts.add(marker)
            rest = without
        else:
            position += 1
    if len(rest) > 1 and rest[0].text in words.RESERVE_FIRST and _carries_a_name(rest[1:]):
        parts.add("reserve")
        rest = rest[1:]
    # A state may stand on either side of the last marker: "Guarani B (SP)", "Guarani-SP B".
    state: list[Word] = []
    while len(rest) > 1:
        marker, width = _marker_last(rest)
        if marker and _carries_a_name(rest[: len(rest) - width]):
            parts.add(marker)
            rest = rest[: len(rest) - width]
            if not width:
                break
        elif not state and _is_state(rest[-1]):
            state = [rest[-1]]
            rest = rest[:-1]
        else:
            break
    if any(_is_age(part) and part != "youth" for part in parts):
        parts.discard("youth")
    return rest + state, parts


def _marker_anywhere(text: str, following: str) -> tuple[str, int]:
    age = _age(text, following)
    if age:
        return age, 1 if _AGE_JOINED.fullmatch(text) else 2
    if text in words.WOMEN:
        return "women", 1
    if text in words.RESERVE:
        return "reserve", 1
    if text in words.VIRTUAL:
        return "virtual", 1
    return "", 0


def _marker_last(rest: list[Word]) -> tuple[str, int]:
    texts = tuple(word.text for word in rest)
    for tail, width in words.RESERVE_TAILS.items():
        if texts[-len(tail) :] == tail:
            return "reserve", width
    if any(texts[-len(name) :] == name for name in words.NOT_A_MARKER):
        return "", 0
    last = rest[-1]
    if last.text in words.YOUTH:
        return "youth", 1
    if _is_cut_or_joined(last, rest[-2]):
        return "", 0
    if last.text in words.WOMEN_LAST:
        return "women", 1
    if last.text in words.RESERVE_LAST or (last.before == "(" and last.text in words.RESERVE_IN_BRACKETS):
        return "reserve", 1
    if last.text in words.THIRD_LAST:
        return "third", 1
    return "", 0


def _is_cut_or_joined(last: Word, before: Word) -> bool:
    """Whether a letter at the end is no marker but what is left of a word ("Zulte W.", "Waasland-B."), or one
    half of a short form ("R&F", "B-B")."""
    if len(last.text) > 1 or last.before == "(":
        return False
    return last.dotted or "&" in last.gap or (last.before == "-" and len(before.text) == 1)


def _is_state(word: Word) -> bool:
    if word.text not in words.STATES:
        return False
    return word.before != " " or word.text not in words.STATES_NEED_SEPARATOR


def take_state(rest: list[Word]) -> tuple[list[Word], str]:
    state = ""
    last = rest[-1].text if len(rest) > 1 else ""
    if last in words.STATES and _is_state(rest[-1]) and _carries_letters(rest[:-1]):
        rest, state = rest[:-1], last
    elif last in words.DEMONYMS and len(rest) == 2 and rest[0].text in words.ATHLETIC_FORMS:
        rest, state = [Word("atletico", rest[0].gap)], words.DEMONYMS[last]
    elif last in words.DEMONYMS and _carries_a_name(rest[:-1]):
        rest, state = rest[:-1], words.DEMONYMS[last]
    for place, word in enumerate(rest):
        told = words.SPELLED_STATE.get(word.text)
        if told is not None:
            rest = [*rest[:place], Word(told[0], word.gap), *rest[place + 1 :]]
            state = state or told[1]
    if state and len(rest) > 1 and _is_state(rest[-1]) and rest[-1].text == state:
        rest = rest[:-1]
    # "Atlético Mineiro-MG" says it twice.
    if state and len(rest) > 1 and words.DEMONYMS.get(rest[-1].text) == state and _carries_a_name(rest[:-1]):
        rest = rest[:-1]
    return rest, state.upper()


def _carries_letters(rest: list[Word]) -> bool:
    return any(not word.text.isdigit() for word in rest)
