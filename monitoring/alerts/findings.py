"""From readings to findings: what is wrong right now, by the rules. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from monitoring.alerts.alert import Details, Finding, key_of
from monitoring.alerts.readings import Reading
from monitoring.alerts.rules import Rule, RuleBook
from monitoring.alerts.wording import fill, plain

LONGEST_LABEL = 80

Readings = Mapping[str, Sequence[Reading]]
"""Source -> its readings. A source that is missing could not be read: nothing is known of its topics."""


def find(book: RuleBook, readings: Readings) -> dict[str, Finding]:
    """Everything that is wrong, by key; of several rules of one topic the first one speaks."""
    found: dict[str, Finding] = {}
    for topic, rules in book.by_topic.items():
        for reading in readings.get(rules[0].source, ()):
            rule = next((rule for rule in rules if rule.finds(reading)), None)
            if rule is not None:
                finding = _finding(topic, rule, reading)
                found[finding.key] = finding
    return found


def observed_topics(book: RuleBook, readings: Readings) -> frozenset[str]:
    """Topics of which it is known what is wrong and what is not."""
    return frozenset(topic for topic, rules in book.by_topic.items() if rules[0].source in readings)


def _finding(topic: str, rule: Rule, reading: Reading) -> Finding:
    return Finding(
        key=key_of(topic, reading.subject),
        topic=topic,
        subject=reading.subject,
        rule=rule.id,
        severity=rule.severity,
        title=fill(rule.title, reading.fields),
        reason=fill(rule.advice, reading.fields),
        details=Details(label=plain(reading.label, LONGEST_LABEL), path=reading.path, links=reading.links),
        belongs=dict(reading.belongs),
    )
