"""One alert and what happens to it. Times are epoch seconds, UTC."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from monitoring.alerts.rules import Severity

Phase = Literal["pending", "firing", "resolved"]
EventKind = Literal["fired", "changed", "unstable", "recovered", "reminded"]


class Memory(BaseModel):
    """What only the state machine needs to know of an alert.

    calm_since  since when it is right again while it still fires; None: it is wrong
    told_as     the severity that was told
    fires       when it fired, as far back as flapping is judged
    unstable    it comes and goes: its end waits for a longer calm
    belongs     topic -> subject of the wider trouble that would explain it
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    calm_since: float | None = None
    told_as: Severity | None = None
    fires: tuple[float, ...] = ()
    unstable: bool = False
    belongs: Mapping[str, str] = {}


class Details(BaseModel):
    """What messages and pages show of an alert besides its text.

    label  what people call the subject
    path   the dashboard's page about it
    links  (words, address) to act on
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    label: str = ""
    path: str = ""
    links: tuple[tuple[str, str], ...] = ()


class Alert(BaseModel):
    """The state of one alert. An immutable value; `alerts_state` and `save_alerts` carry it as it is.

    since         first seen wrong
    fired_at      None while pending for the first time
    resolved_at   None unless phase is resolved
    told_at       when it was last spoken of; None: nobody was told, or its end was told
    acknowledged  a person has seen it; read from the database, never written
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    key: str
    topic: str
    subject: str
    rule: str
    severity: Severity
    phase: Phase
    title: str
    reason: str = ""
    since: float
    fired_at: float | None = None
    resolved_at: float | None = None
    told_at: float | None = None
    acknowledged: bool = False
    details: Details = Details()
    memory: Memory = Memory()

    def but(self, **changes: Any) -> Alert:
        """The same alert with some fields changed."""
        return self.model_copy(update=changes)

    def remembering(self, **changes: Any) -> Alert:
        """The same alert with some of its memory changed."""
        return self.but(memory=self.memory.model_copy(update=changes))

    def as_json(self) -> dict[str, Any]:
        """As `save_alerts` takes it."""
        return self.model_dump(mode="json", exclude={"acknowledged"})


class Finding(BaseModel):
    """A reading that a rule found wrong, with its text filled in."""

    model_config = ConfigDict(frozen=True)

    key: str
    topic: str
    subject: str
    rule: str
    severity: Severity
    title: str
    reason: str
    details: Details = Details()
    belongs: Mapping[str, str] = {}


class Event(BaseModel):
    """Something that happened to an alert, for the history."""

    model_config = ConfigDict(frozen=True)

    at: float
    key: str
    kind: EventKind
    rule: str
    severity: Severity
    text: str = Field(default="")


class Silence(BaseModel):
    """No message about alerts whose key fits `pattern` ('*' stands for anything) until `ends_at` (epoch s)."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    pattern: str
    ends_at: float


def key_of(topic: str, subject: str) -> str:
    """The name of an alert: 'scraper/kto', 'database/'."""
    return f"{topic}/{subject}"
