"""What becomes of alerts over time: told once, over once, whatever the readings do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from monitoring.alerts.alert import Alert, Event, Silence
from monitoring.alerts.findings import find, observed_topics
from monitoring.alerts.machine import advance
from monitoring.alerts.readings import Reading
from monitoring.alerts.rules import RuleBook
from monitoring.alerts.telling import Notice, tell

STEP_S = 10.0

WIDE: dict[str, Any] = {
    "id": "down", "source": "database", "topic": "database", "severity": "error", "survives": True,
    "when": [["away", "==", True]], "keep_s": 0, "settle_s": 30, "title": "database", "advice": "",
}  # fmt: skip
NARROW: dict[str, Any] = {
    "id": "silent", "source": "scrapers", "topic": "scraper", "severity": "error",
    "hidden_by": ["database", "family"],
    "when": [["condition", "==", "silent"]], "keep_s": 20, "remind_s": 0, "title": "{name}", "advice": "{error}",
}  # fmt: skip
MILD: dict[str, Any] = {**NARROW, "id": "slow", "severity": "warning", "when": [["condition", "==", "slow"]]}
FAMILY: dict[str, Any] = {
    "id": "family", "source": "groups", "topic": "family", "severity": "error", "when": [["share", ">=", 0.75]],
    "keep_s": 0, "title": "{name}", "advice": "",
}  # fmt: skip


def book(*rules: Mapping[str, Any], **more: Any) -> RuleBook:
    return RuleBook.model_validate({"rules": rules or (WIDE, FAMILY, NARROW, MILD), **more})


def scraper(slug: str, condition: str, family: str = "f") -> Reading:
    fields = {"name": slug, "condition": condition, "error": "why"}
    return Reading(subject=slug, label=slug, fields=fields, belongs={"family": family})


@dataclass
class World:
    """Everything that happened, look by look."""

    rules: RuleBook
    now: float = 1_000_000.0
    alerts: dict[str, Alert] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def look(self, readings: Mapping[str, Sequence[Reading]], silences: Sequence[Silence] = ()) -> list[Notice]:
        """One look, a step later; what is said. State goes through JSON, as it does through a restart."""
        self.now += STEP_S
        before = {key: Alert.model_validate_json(alert.model_dump_json()) for key, alert in self.alerts.items()}
        advanced = advance(
            self.rules, before, find(self.rules, readings), observed_topics(self.rules, readings), self.now
        )
        told = tell(self.rules, advanced.alerts, silences, self.now)
        self.alerts = told.alerts
        self.notices += told.notices
        self.events += [*advanced.events, *told.events]
        return told.notices

    def scrapers(self, *silences: Silence, **conditions: str) -> list[tuple[str, ...]]:
        """One look at these scrapers, the database being there; (kind, keys...) of what is said."""
        readings = {
            "database": [Reading("", "", {"away": False})],
            "scrapers": [scraper(slug, condition) for slug, condition in conditions.items()],
        }
        return said(self.look(readings, silences))


def said(notices: Sequence[Notice]) -> list[tuple[str, ...]]:
    return [(notice.kind, *(alert.key for alert in notice.alerts)) for notice in notices]


def test_it_fires_after_its_time_and_is_over_after_its_time() -> None:
    world = World(book({**NARROW, "for_s": 2 * STEP_S, "hidden_by": []}))
    assert world.scrapers(a="silent") == []
    assert world.scrapers(a="silent") == []
    assert world.scrapers(a="silent") == [("fired", "scraper/a")]
    assert world.scrapers(a="silent") == []
    assert world.scrapers(a="ok") == []
    assert world.scrapers(a="silent") == []
    assert world.scrapers(a="ok") == []
    assert world.scrapers(a="ok") == []
    assert world.scrapers(a="ok") == [("recovered", "scraper/a")]
    assert [event.kind for event in world.events] == ["fired", "recovered"]


def test_trouble_that_ends_before_its_time_is_never_told() -> None:
    world = World(book({**NARROW, "for_s": 2 * STEP_S, "hidden_by": []}))
    for condition in ("silent", "silent", "ok", "silent", "ok"):
        assert world.scrapers(a=condition) == []
    assert world.alerts == {}


def test_the_database_hides_scrapers_and_what_settles_in_time_is_never_told() -> None:
    world = World(book())
    away = {"database": [Reading("", "", {"away": True})]}
    assert said(world.look(away)) == [("fired", "database/")]
    assert said(world.look(away)) == []
    assert world.scrapers(a="silent", b="silent", c="silent") == [("recovered", "database/")]
    assert world.scrapers(a="silent", b="ok", c="silent") == []
    # Two were silent before the settling ended, one of them still is.
    assert world.scrapers(a="ok", b="ok", c="silent") == []
    assert world.scrapers(a="ok", b="ok", c="silent") == [("fired", "scraper/c")]
    for _ in range(5):
        assert set(world.scrapers(a="ok", b="ok", c="silent")) == set()


def test_a_family_hides_its_own_only() -> None:
    world = World(book())
    readings = {
        "database": [Reading("", "", {"away": False})],
        "groups": [Reading("f", "f", {"kind": "family", "name": "f", "share": 0.8})],
        "scrapers": [scraper("a", "silent"), scraper("b", "silent", family="g")],
    }
    assert sorted(said(world.look(readings))) == [("fired", "family/f"), ("fired", "scraper/b")]


def test_many_at_once_are_one_message_and_wait_for_each_other() -> None:
    world = World(book({**NARROW, "group_s": 2 * STEP_S, "hidden_by": []}))
    assert world.scrapers(a="silent") == []
    assert world.scrapers(a="silent", b="silent") == []
    assert world.scrapers(a="silent", b="silent", c="silent") == [("fired", "scraper/a", "scraper/b", "scraper/c")]
    world.scrapers(a="ok", b="ok", c="ok")
    looks = [world.scrapers(a="ok", b="ok", c="ok") for _ in range(5)]
    assert [one for look in looks for one in look] == [("recovered", "scraper/a", "scraper/b", "scraper/c")]


def test_what_comes_and_goes_is_told_as_unstable_and_over_when_it_is_calm() -> None:
    rules = book({**NARROW, "keep_s": 0, "hidden_by": []}, flapping={"times": 3, "window_s": 600, "calm_s": 40})
    world = World(rules)
    for _ in range(6):
        world.scrapers(a="silent")
        world.scrapers(a="ok")
    for _ in range(5):
        world.scrapers(a="ok")
    kinds = [notice.kind for notice in world.notices]
    assert kinds == ["fired", "recovered", "fired", "recovered", "unstable", "recovered"]
    for _ in range(70):
        world.scrapers(a="ok")
    assert world.alerts == {}


def test_worse_is_told_and_milder_is_not() -> None:
    world = World(book())
    assert world.scrapers(a="slow") == [("fired", "scraper/a")]
    assert world.scrapers(a="silent") == [("changed", "scraper/a")]
    assert world.scrapers(a="slow") == []
    assert world.scrapers(a="silent") == []
    assert world.alerts["scraper/a"].rule == "silent"


def test_it_is_said_again_until_somebody_has_seen_it() -> None:
    world = World(book({**NARROW, "remind_s": 3 * STEP_S, "hidden_by": []}))
    kinds = [kind for _ in range(7) for kind, _ in world.scrapers(a="silent")]
    assert kinds == ["fired", "reminded", "reminded"]
    world.alerts = {key: alert.but(acknowledged=True) for key, alert in world.alerts.items()}
    assert [world.scrapers(a="silent") for _ in range(4)] == [[]] * 4


def test_a_silence_is_kept_and_what_still_fires_afterwards_is_told() -> None:
    world = World(book())
    silence = Silence(pattern="scraper/*", ends_at=world.now + 3.5 * STEP_S)
    assert [world.scrapers(silence, a="silent", b="ok") for _ in range(3)] == [[]] * 3
    assert world.scrapers(silence, a="silent", b="ok") == [("fired", "scraper/a")]
    literal = Silence(pattern="scraper/[a]", ends_at=world.now + 1000)
    assert world.scrapers(literal, a="silent", b="silent") == [("fired", "scraper/b")]


def test_what_cannot_be_read_changes_nothing() -> None:
    world = World(book())
    world.scrapers(a="silent")
    before = dict(world.alerts)
    for _ in range(10):
        assert world.look({"database": [Reading("", "", {"away": False})]}) == []
    assert world.alerts == before


def test_an_alert_without_a_rule_ends_without_a_word() -> None:
    world = World(book())
    world.scrapers(a="silent")
    world.rules = book(WIDE)
    for _ in range(6):
        assert world.scrapers(a="silent") == []
    world.now += 3600
    world.scrapers()
    assert world.alerts == {}


CONDITIONS = st.sampled_from(["ok", "slow", "silent"])
LOOKS = st.lists(
    st.tuples(
        st.sampled_from(["here", "away", "unread"]), st.tuples(CONDITIONS, CONDITIONS, CONDITIONS), st.booleans()
    ),
    max_size=60,
)


@given(LOOKS, st.integers(0, 3), st.integers(0, 3), st.integers(0, 2))
def test_whatever_happens_each_alert_is_told_once_and_its_end_once(
    looks: list[tuple[str, tuple[str, str, str], bool]], for_steps: int, keep_steps: int, group_steps: int
) -> None:
    times = {"for_s": for_steps * STEP_S, "keep_s": keep_steps * STEP_S, "group_s": group_steps * STEP_S}
    world = World(book(WIDE, FAMILY, {**NARROW, **times}, {**MILD, **times}))
    silence = Silence(pattern="scraper/a", ends_at=1e12)
    open_keys: set[str] = set()

    def check(notices: Sequence[Notice]) -> None:
        for notice in notices:
            for alert in notice.alerts:
                assert (alert.key in open_keys) is (notice.kind not in ("fired", "unstable"))
                if notice.kind == "recovered":
                    open_keys.discard(alert.key)
                else:
                    open_keys.add(alert.key)

    for database, conditions, silenced in looks:
        readings: dict[str, list[Reading]] = {"database": [Reading("", "", {"away": database == "away"})]}
        if database == "here":
            readings["scrapers"] = [
                scraper(slug, condition) for slug, condition in zip("abc", conditions, strict=True)
            ]
        notices = world.look(readings, [silence] if silenced else [])
        check(notices)
        if database == "away":
            # Nobody but the database itself is spoken of; an end that was seen before may still wait for its group.
            spoken = [(notice.kind, alert) for notice in notices for alert in notice.alerts]
            for kind, alert in spoken:
                assert alert.topic == "database" or (kind == "recovered" and (alert.resolved_at or 0) < world.now)
        if silenced:
            assert all(alert.key != "scraper/a" for notice in notices for alert in notice.alerts)
            if world.alerts.get("scraper/a") is None or world.alerts["scraper/a"].phase == "resolved":
                open_keys.discard("scraper/a")  # its end came while nobody was to be told
    # In the end everything is well: what was told is told to be over, and then all is forgotten.
    fine = {"database": [Reading("", "", {"away": False})], "scrapers": [scraper(slug, "ok") for slug in "abc"]}
    for _ in range(100):
        check(world.look(fine))
    assert open_keys == set()
    world.now += 3700
    world.look(fine)
    assert world.alerts == {}
