"""What a printed name says: the words of a team's name, and apart from them its category and its state.

Category (women, age, reserves) and Brazilian state are hard parts of an identity. They are read off here once,
and nothing fuzzy ever touches them again.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

from normalizer import vocabulary as words

_APOSTROPHES = re.compile("['`]")
_CURLY = str.maketrans(dict.fromkeys("\u2019\u2018\u02bc\u00b4", "'"))
_INITIALS = re.compile(r"(?<!\w)(?:[^\W\d_]\.)+[^\W\d_]?(?!\w)")
_SPONSOR = re.compile(r"\$\$.*?\$\$")
_WORD = re.compile(r"([\W_]*)([^\W_]+)(\.?)")
_TEXT = re.compile(r"[^\W_]+")
_AGE_JOINED = re.compile(r"(?:u|sub|under)(\d{2})")
_FIRST_COMBINING = "\u0300"
_MAY_MARK = frozenset().union(
    *(words.WOMEN, words.WOMEN_LAST, words.YOUTH, words.RESERVE, words.RESERVE_LAST, words.RESERVE_IN_BRACKETS),
    *(words.RESERVE_FIRST, words.THIRD_LAST, words.VIRTUAL, words.AGE_WORDS),
    (f"{word}{age}" for word in words.AGE_WORDS for age in words.AGES),
    (tail[-1] for tail in words.RESERVE_TAILS),
)
_MAY_BE_STATE = words.STATES.union(words.DEMONYMS, words.SPELLED_STATE)
_MAY_SAY_MORE = _MAY_MARK.union(_MAY_BE_STATE, words.COUNTRY_TAGS)
"""A name without one of these carries no category, state or country, and most names do not: they are read in a
third of the time."""


class TeamName(NamedTuple):
    """A printed team name, taken apart.

    folded    the literal name as it is compared exactly: lower case, no accents or punctuation, single spaces,
              without category markers, with the state as printed
    tokens    the words that carry the name, in printed order, without legal forms and state; never empty
              unless the name has no letter or digit at all
    category  '' senior men; else 'women', an age such as 'u20', 'youth', 'reserve', 'third', 'virtual', joined
              by '+' in that order ('women+u20')
    state     Brazilian state in capitals ('MG'), '' when the name carries none
    raw       as printed
    country   the country that a tag in brackets names ("Barcelona (Ecu)"), '' when there is none; the tag stays in
              `folded` and is no token
    words     the tokens with the legal forms in their places
    """

    folded: str
    tokens: tuple[str, ...]
    category: str
    state: str
    raw: str
    country: str = ""
    words: tuple[str, ...] = ()


class _Word(NamedTuple):
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
    return " ".join(_TEXT.findall(_plain(text)))


@lru_cache(maxsize=8192)
def parse_team(raw: str) -> TeamName:
    """Take a printed team name apart. A marker never takes the last word that could be the name itself."""
    return read_team(raw)


def read_team(raw: str) -> TeamName:
    """`parse_team` without its memory, for those who read each name once."""
    plain = _plain(raw)
    texts = _TEXT.findall(plain)
    if _MAY_SAY_MORE.isdisjoint(texts):
        return TeamName(" ".join(texts), _without_legal_forms(texts), "", "", raw, "", tuple(texts))
    rest = _split(plain)
    parts: set[str] = set()
    if not _MAY_MARK.isdisjoint(texts):
        rest, parts = _take_markers(rest)
        texts = [word.text for word in rest]
    folded = " ".join(texts)
    country = ""
    if len(rest) > 1 and texts[-1] in words.COUNTRY_TAGS and "(" in rest[-1].gap:
        country = words.COUNTRY_TAGS[texts[-1]]
        rest = rest[:-1]
    state = ""
    if not _MAY_BE_STATE.isdisjoint(texts):
        rest, state = _take_state(rest)
        texts = [word.text for word in rest]
    elif country:
        texts = texts[:-1]
    category = join_category(parts) if parts else ""
    return TeamName(folded, _without_legal_forms(texts), category, state, raw, country, tuple(texts))


def league_category(name: str) -> str:
    """The category that a league's name gives to teams whose own names carry none ('' for most leagues)."""
    texts = _TEXT.findall(_plain(name))
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


def is_generic(token: str) -> bool:
    """Whether many clubs share this word, so that it cannot make two names agree on its own."""
    return token in words.GENERIC or token.isdigit()


def meaningful(name: TeamName) -> tuple[str, ...]:
    """The tokens that tell a club apart; all of them when every one is generic (América, Nacional)."""
    return tuple(token for token in name.tokens if not is_generic(token)) or name.tokens


def variant(token: str) -> str:
    """One spelling for a word that desks write in several languages."""
    return words.VARIANTS.get(token, token)


def block_keys(name: TeamName) -> frozenset[str]:
    """Keys that two spellings of one team nearly always share: first letters of its meaningful words, initials.

    They only propose candidates; nothing is decided by them.
    """
    keys = set()
    for token in meaningful(name):
        for reading in (token, *words.ABBREVIATIONS.get(token, ())):
            keys.add(variant(reading)[:4])
    parts = name.folded.split()
    if len(parts) >= 3:
        keys.add("".join(part[0] for part in parts)[:4])
        keys.add("".join(token[0] for token in name.tokens)[:4])
    return frozenset(keys)


def _without_legal_forms(texts: list[str]) -> tuple[str, ...]:
    """The words that carry a name; all of them when every one is a legal form."""
    if words.STOP.isdisjoint(texts):
        return tuple(texts)
    return tuple([text for text in texts if text not in words.STOP or text in words.KEPT]) or tuple(texts)


def _split(plain: str) -> list[_Word]:
    """The words of a `_plain` text."""
    return [_Word(word, gap, bool(dot)) for gap, word, dot in _WORD.findall(plain)]


def _plain(text: str) -> str:
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


def _age(text: str, following: str) -> str:
    joined = _AGE_JOINED.fullmatch(text)
    number = joined.group(1) if joined else following if text in words.AGE_WORDS else ""
    return f"u{int(number)}" if number.isdecimal() and int(number) in words.AGES else ""


def _is_edition(text: str) -> bool:
    return len(text) == 2 and text.isdecimal()


def _is_age(part: str) -> bool:
    return part == "youth" or (part.startswith("u") and part[1:].isdigit())


def _carries_a_name(rest: list[_Word]) -> bool:
    return any(not (word.text in words.STOP or word.text.isdigit() or _is_state(word)) for word in rest)


def _take_markers(found: list[_Word]) -> tuple[list[_Word], set[str]]:
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
    state: list[_Word] = []
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


def _marker_last(rest: list[_Word]) -> tuple[str, int]:
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


def _is_cut_or_joined(last: _Word, before: _Word) -> bool:
    """Whether a letter at the end is no marker but what is left of a word ("Zulte W.", "Waasland-B."), or one
    half of a short form ("R&F", "B-B")."""
    if len(last.text) > 1 or last.before == "(":
        return False
    return last.dotted or "&" in last.gap or (last.before == "-" and len(before.text) == 1)


def _is_state(word: _Word) -> bool:
    if word.text not in words.STATES:
        return False
    return word.before != " " or word.text not in words.STATES_NEED_SEPARATOR


def _take_state(rest: list[_Word]) -> tuple[list[_Word], str]:
    state = ""
    last = rest[-1].text if len(rest) > 1 else ""
    if last in words.STATES and _is_state(rest[-1]) and _carries_letters(rest[:-1]):
        rest, state = rest[:-1], last
    elif last in words.DEMONYMS and len(rest) == 2 and rest[0].text in words.ATHLETIC_FORMS:
        rest, state = [_Word("atletico", rest[0].gap)], words.DEMONYMS[last]
    elif last in words.DEMONYMS and _carries_a_name(rest[:-1]):
        rest, state = rest[:-1], words.DEMONYMS[last]
    for place, word in enumerate(rest):
        told = words.SPELLED_STATE.get(word.text)
        if told is not None:
            rest = [*rest[:place], _Word(told[0], word.gap), *rest[place + 1 :]]
            state = state or told[1]
    if state and len(rest) > 1 and _is_state(rest[-1]) and rest[-1].text == state:
        rest = rest[:-1]
    # "Atlético Mineiro-MG" says it twice.
    if state and len(rest) > 1 and words.DEMONYMS.get(rest[-1].text) == state and _carries_a_name(rest[:-1]):
        rest = rest[:-1]
    return rest, state.upper()


def _carries_letters(rest: list[_Word]) -> bool:
    return any(not word.text.isdigit() for word in rest)
