"""Alert rules as data: which readings are wrong, for how long they must be, what is said, what hides what."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from monitoring.alerts.readings import SOURCES, Reading, has_field
from monitoring.alerts.wording import fields_of
from scrapers.errors import DeclarationError

RULES = Path(__file__).with_name("rules.json")

Severity = Literal["info", "warning", "error"]
RANK: Mapping[str, int] = {"info": 0, "warning": 1, "error": 2}

Operator = Literal["==", "!=", "<", "<=", ">", ">=", "in"]
OPERATORS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "in": lambda value, several: value in several,
}
Value = bool | float | str | tuple[str, ...]


class Rule(BaseModel):
    """One rule. All tests of `when` must hold for a reading to be wrong.

    topic      alerts are told apart by topic and subject: of the rules of one topic the first in the file that
               finds a subject wrong speaks for it
    when       (field, operator, value); a field that is not known holds no test
    for_s      how long it must be wrong before it fires
    keep_s     how long it must be right before it is over
    remind_s   how often it is said again while nobody acknowledged it; 0: never
    group_s    how long the first message waits for others of the same rule, to be told with them
    settle_s   how long after its end it still hides others
    hidden_by  topics whose alert explains this one: for all (subject ''), or for those that belong to its subject
    recovers   whether its end is said
    survives   it is kept in a file: it must work while the database is away
    title, many_title, advice   what is said, in Portuguese; many_title has {n}
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    source: str
    topic: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    severity: Severity
    when: tuple[tuple[str, Operator, Value], ...] = Field(min_length=1)
    for_s: float = Field(0, ge=0)
    keep_s: float = Field(30, ge=0)
    remind_s: float = Field(14_400, ge=0)
    group_s: float = Field(0, ge=0)
    settle_s: float = Field(0, ge=0)
    hidden_by: tuple[str, ...] = ()
    recovers: bool = True
    survives: bool = False
    title: str
    many_title: str = ""
    advice: str

    @model_validator(mode="after")
    def _fields_exist(self) -> Rule:
        if self.source not in SOURCES:
            raise ValueError(f"{self.id}: no source {self.source!r}; there are {', '.join(sorted(SOURCES))}")
        named = {name for name, _, _ in self.when} | fields_of(self.title) | fields_of(self.advice)
        unknown = sorted(name for name in named if not has_field(self.source, name))
        if unknown:
            raise ValueError(f"{self.id}: readings of {self.source} have no {', '.join(unknown)}")
        if fields_of(self.many_title) - {"n"}:
            raise ValueError(f"{self.id}: many_title knows {{n}} alone")
        return self

    def finds(self, reading: Reading) -> bool:
        """Whether this reading is wrong."""
        return all(self._holds(reading.fields.get(name), op, value) for name, op, value in self.when)

    @staticmethod
    def _holds(found: Any, op: Operator, value: Value) -> bool:
        if found is None:
            return False
        try:
            return OPERATORS[op](found, value)
        except TypeError:
            # A service's report may hold anything: a word where a number was expected proves nothing.
            return False


class Flapping(BaseModel):
    """An alert that fired `times` within `window_s` is told as unstable, and over after `calm_s` of calm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    times: int = Field(3, ge=2)
    window_s: float = Field(3600, gt=0)
    calm_s: float = Field(900, ge=0)


class Patience(BaseModel):
    """When the watchdog acts (monitoring/watchdog).

    intervals     expected ones without progress; `least_s` seconds at least
    cool_down_s   between two restarts of one process
    cap_an_hour   restarts of one process: what these did not mend, another will not; a person is needed
    look_every_s  asking PM2 starts a process of its own, and who is silent now is silent in a minute
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    intervals: int = Field(3, ge=2)
    least_s: float = Field(90, gt=0)
    cool_down_s: float = Field(300, ge=0)
    cap_an_hour: int = Field(4, ge=1)
    look_every_s: float = Field(60, ge=0)


class RuleBook(BaseModel):
    """All rules, in order.

    group_from    so many alerts of one rule at once are one message
    list_at_most  a message names so many and counts the rest
    start_grace_s when nobody watched for a while (the machine was off), what scrapers and services last said is old
                  news: for so long they may speak first
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group_from: int = Field(3, ge=2)
    list_at_most: int = Field(12, ge=1)
    start_grace_s: float = Field(60, ge=0)
    flapping: Flapping = Flapping()
    watchdog: Patience = Patience()
    rules: tuple[Rule, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _names_fit(self) -> RuleBook:
        if len(self.by_id) != len(self.rules):
            raise ValueError("two rules have one id")
        for topic, rules in self.by_topic.items():
            if len({(rule.source, rule.survives) for rule in rules}) > 1:
                raise ValueError(f"topic {topic}: its rules differ in source or survives")
        for rule in self.rules:
            if unknown := set(rule.hidden_by) - self.by_topic.keys():
                raise ValueError(f"{rule.id}: hidden_by names no topic of a rule: {', '.join(sorted(unknown))}")
        return self

    @cached_property
    def by_id(self) -> Mapping[str, Rule]:
        """Rules by id."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def by_topic(self) -> Mapping[str, tuple[Rule, ...]]:
        """The rules of each topic, in order."""
        topics: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            topics[rule.topic] = (*topics.get(rule.topic, ()), rule)
        return topics

    def survives(self, topic: str) -> bool:
        """Whether alerts of this topic are kept in the file."""
        return topic in self.by_topic and self.by_topic[topic][0].survives


def load_rules(path: Path = RULES) -> RuleBook:
    """Read a file of rules. Raises DeclarationError naming what is wrong in it."""
    try:
        return RuleBook.model_validate_json(path.read_bytes())
    except OSError as error:
        raise DeclarationError(f"alert rules: {error}") from error
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc'])}: {fault['msg']}"
            for fault in error.errors(include_url=False, include_input=False)
        )
        raise DeclarationError(f"alert rules ({path}): {faults}") from None
