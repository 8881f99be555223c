"""What a verdict is about, as `fleet review list` names it, and what it asks of the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import click

from scrapers.errors import DeclarationError

if TYPE_CHECKING:
    from store.backend import Backend

Row = Mapping[str, Any]
Kind = Literal["alias", "event", "merge", "merge-match"]

FORMS: Mapping[str, tuple[Kind, int]] = {
    "alias:N": ("alias", 1),
    "event:N": ("event", 1),
    "merge:KEEP+GONE": ("merge", 2),
    "merge-match:KEEP+GONE": ("merge-match", 2),
}
"""How a subject is written -> its kind and how many numbers it has."""

PAIRS: Mapping[Kind, str] = {"merge": "teams", "merge-match": "matches"}
"""Kind of pair -> what the database calls it."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An alias, an event, or two teams or matches (the one to keep first)."""

    kind: Kind
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who decides, and why; kept beside the verdict."""

    actor: str
    reason: str

    def as_args(self) -> dict[str, str]:
        """As every audited function takes it."""
        return {"p_actor": self.actor, "p_reason": self.reason}


class SubjectType(click.ParamType[Subject]):
    """`alias:12`, `event:345`, `merge:6+7` or `merge-match:8+9`."""

    name = "subject"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Subject:
        """Read it; a usage error names the known forms."""
        kind, _, rest = str(value).partition(":")
        numbers = rest.split("+")
        for known, count in FORMS.values():
            if kind == known and len(numbers) == count and all(number.isdecimal() for number in numbers):
                return Subject(known, tuple(map(int, numbers)))
        self.fail(f"{value!r} is none of {', '.join(FORMS)}", param, ctx)


def accept(
    backend: Backend, subject: Subject, author: Author, *, match_id: int | None, swapped: bool | None
) -> Row:
    """The alias is its team's, the event its candidate (or `match_id`), the pair is one.

    Args:
        swapped: whether the event, or second match, lists its sides the other way round; None: as the candidate,
            the teams, or an event that could be either match say.

    Returns:
        What the database answers: "review_id" and "touched". Raises StoreError for what it refuses, and
        DeclarationError when there is no such event or no single candidate.
    """
    if subject.kind == "alias":
        return _judge_alias(backend, subject, author, accept=True)
    if subject.kind == "event":
        event = _event(backend, subject)
        candidate = _candidate(event, match_id)
        turned = bool(candidate.get("swapped")) if swapped is None else swapped
        return _judge_event(backend, event, candidate["match_id"], author, accept=True, swapped=turned)
    keep, gone = subject.numbers
    pair = {"p_keep": keep, "p_gone": gone, **author.as_args()}
    if subject.kind == "merge":
        return _row(backend.call("merge_teams", pair))
    return _row(backend.call("merge_matches", {**pair, "p_swapped": swapped}))


def reject(backend: Backend, subject: Subject, author: Author, *, match_id: int | None) -> Row:
    """The alias is not its team's, the event not its match (or `match_id`), the pair are two. As `accept` else."""
    if subject.kind == "alias":
        return _judge_alias(backend, subject, author, accept=False)
    if subject.kind == "event":
        event = _event(backend, subject)
        wrong = match_id or event["match_id"] or _candidate(event, None)["match_id"]
        return _judge_event(backend, event, wrong, author, accept=False, swapped=False)
    one, other = subject.numbers
    pair = {"p_subject": PAIRS[subject.kind], "p_one": one, "p_other": other}
    return _row(backend.call("keep_apart", {**pair, **author.as_args()}))


def _judge_alias(backend: Backend, subject: Subject, author: Author, *, accept: bool) -> Row:
    args = {"p_alias_id": subject.numbers[0], "p_accept": accept}
    return _row(backend.call("review_alias", {**args, **author.as_args()}))


def _judge_event(
    backend: Backend, event: Row, match_id: int, author: Author, *, accept: bool, swapped: bool
) -> Row:
    from normalizer.spelling import side_spellings

    args = {
        "p_event_id": event["event_id"],
        "p_match_id": match_id,
        "p_accept": accept,
        "p_swapped": swapped,
        "p_sides": side_spellings(event),
    }
    return _row(backend.call("review_event", {**args, **author.as_args()}))


def _event(backend: Backend, subject: Subject) -> Row:
    (number,) = subject.numbers
    event: Row | None = backend.call("event_for_review", {"p_event_id": number})
    if event is None:
        raise DeclarationError(f"no event {number}")
    return event


def _candidate(event: Row, match_id: int | None) -> Row:
    """The candidate that a verdict means: the named one, or the only one."""
    known = [each for each in event["candidates"] if each.get("match_id") is not None]
    if match_id is not None:
        return next((each for each in known if each["match_id"] == match_id), {"match_id": match_id})
    if len(known) != 1:
        raise DeclarationError(f"event {event['event_id']} has {len(known)} candidates; name one with --match")
    return _row(known[0])


def _row(answer: Any) -> Row:
    row: Row = answer
    return row
