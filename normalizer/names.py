"""What a printed name says: the words of a team's name, and apart from them its category and its state.

Category (women, age, reserves) and Brazilian state are hard parts of an identity. They are read off here once,
and nothing fuzzy ever touches them again.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from normalizer import vocabulary as words
from normalizer.folding import fold, plain_text, split_words, texts_of
from normalizer.marks import (
    MAY_BE_STATE,
    MAY_MARK,
    join_category,
    league_category,
    take_markers,
    take_state,
    with_league,
)

__all__ = [
    "TeamName",
    "block_keys",
    "fold",
    "league_category",
    "meaningful",
    "parse_team",
    "read_team",
    "with_league",
]

_MAY_SAY_MORE = MAY_MARK.union(MAY_BE_STATE, words.COUNTRY_TAGS)
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


@lru_cache(maxsize=8192)
def parse_team(raw: str) -> TeamName:
    """Take a printed team name apart. A marker never takes the last word that could be the name itself."""
    return read_team(raw)


def read_team(raw: str) -> TeamName:
    """`parse_team` without its memory, for those who read each name once."""
    plain = plain_text(raw)
    texts = texts_of(plain)
    if _MAY_SAY_MORE.isdisjoint(texts):
        return TeamName(" ".join(texts), _without_legal_forms(texts), "", "", raw, "", tuple(texts))
    rest = split_words(plain)
    parts: set[str] = set()
    if not MAY_MARK.isdisjoint(texts):
        rest, parts = take_markers(rest)
        texts = [word.text for word in rest]
    folded = " ".join(texts)
    country = ""
    if len(rest) > 1 and texts[-1] in words.COUNTRY_TAGS and "(" in rest[-1].gap:
        country = words.COUNTRY_TAGS[texts[-1]]
        rest = rest[:-1]
    state = ""
    if not MAY_BE_STATE.isdisjoint(texts):
        rest, state = take_state(rest)
        texts = [word.text for word in rest]
    elif country:
        texts = texts[:-1]
    category = join_category(parts) if parts else ""
    return TeamName(folded, _without_legal_forms(texts), category, state, raw, country, tuple(texts))


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
