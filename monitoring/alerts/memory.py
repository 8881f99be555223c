"""Where the state of alerts and the outbox live: the database, and for what must work without it, a file.

Both write state and messages in one step, so that whatever ends the process, neither is there without the other.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol
from uuid import uuid4

import orjson
from loguru import logger
from pydantic import BaseModel, ConfigDict, ValidationError

from monitoring.alerts.alert import Alert, Event, Silence
from monitoring.alerts.messages import Message
from scrapers.errors import StoreError
from store.backend import Backend


@dataclass(frozen=True, slots=True)
class Kept:
    """What is remembered. revision: of the database's state, to be named when it is written; 0 in the file."""

    alerts: Mapping[str, Alert]
    silences: Sequence[Silence] = ()
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Changes:
    """What a look changed: alerts as they are now, keys that are forgotten, what happened, what is to be said.

    events   event key (a UUID) -> event
    """

    alerts: Sequence[Alert] = ()
    forgotten: Sequence[str] = ()
    events: Mapping[str, Event] = field(default_factory=dict)
    messages: Sequence[Message] = ()

    def __bool__(self) -> bool:
        return bool(self.alerts or self.forgotten or self.events or self.messages)


class Waiting(NamedTuple):
    """A message that waits for one target. attempts: how often it failed; created_at: epoch s."""

    message: Message
    reference: int | str
    created_at: float
    attempts: int


class Outbox(Protocol):
    """Messages on their way."""

    def due(self, target: str, limit: int) -> list[Waiting]:
        """What waits for a target, oldest first. Raises StoreError when that cannot be told."""
        ...

    def settle(self, waiting: Waiting, target: str, error: str | None, *, give_up: bool = False) -> None:
        """Note how a delivery went; None: it arrived. Harmless when repeated. Raises StoreError."""
        ...


class DatabaseMemory:
    """State and outbox in the database (migration 0015)."""

    def __init__(self, backend: Backend, targets: Sequence[str]) -> None:
        """targets: who gets every new message."""
        self._backend = backend
        self._targets = list(targets)

    def load(self) -> Kept:
        """Everything. Raises StoreError."""
        answer = self._backend.call("alerts_state", {})
        alerts = [Alert.model_validate(row) for row in answer["alerts"]]
        return Kept(
            {alert.key: alert for alert in alerts},
            [Silence.model_validate(row) for row in answer["silences"]],
            answer["revision"],
        )

    def save(self, changes: Changes, revision: int) -> None:
        """Write what was decided on the state of `revision`.

        Raises StateConflictError when another process was faster, else StoreError.
        """
        self._backend.call(
            "save_alerts",
            {
                "p_save_id": str(uuid4()),
                "p_revision": revision,
                "p_alerts": [alert.as_json() for alert in changes.alerts],
                "p_forgotten": list(changes.forgotten),
                "p_events": [{"event_key": key} | one.model_dump() for key, one in changes.events.items()],
                "p_messages": [message.as_json() for message in changes.messages],
                "p_targets": self._targets,
            },
        )

    def due(self, target: str, limit: int) -> list[Waiting]:
        """See Outbox.due."""
        rows = self._backend.call("due_alert_messages", {"p_target": target, "p_limit": limit})
        return [
            Waiting(Message.model_validate(row), row["message_id"], row["created_at"], row["attempts"])
            for row in rows
        ]

    def settle(self, waiting: Waiting, target: str, error: str | None, *, give_up: bool = False) -> None:
        """See Outbox.settle."""
        self._backend.call(
            "settle_alert_delivery",
            {
                "p_message_id": waiting.reference,
                "p_target": target,
                "p_error": error,
                "p_give_up": give_up,
            },
        )


class _Letter(BaseModel):
    """A message in the file, and for whom it waits: target -> failed attempts."""

    model_config = ConfigDict(extra="ignore")

    message: Message
    created_at: float
    waits_for: dict[str, int]


class _Content(BaseModel):
    """What the file holds. to_mirror: events, by key, that the database's history does not have yet."""

    model_config = ConfigDict(extra="ignore")

    alerts: dict[str, Alert] = {}
    silences: list[Silence] = []
    letters: list[_Letter] = []
    to_mirror: dict[str, Event] = {}


class FileMemory:
    """State and outbox in one small file that is replaced whole. One process writes it; its threads take turns."""

    def __init__(self, path: Path, targets: Sequence[str]) -> None:
        self._path = path
        self._targets = list(targets)
        self._turn = threading.Lock()
        self._content = self._read()

    def load(self, silences: Sequence[Silence] | None = None) -> Kept:
        """Everything. silences: as the database just told them; without, those it told last are still in force."""
        with self._turn:
            if silences is not None and list(silences) != self._content.silences:
                self._content.silences = list(silences)
                self._write()
            return Kept(dict(self._content.alerts), list(self._content.silences))

    def save(self, changes: Changes) -> None:
        """Write what was decided. Raises StoreError when the disk does not take it."""
        if not changes:
            return
        with self._turn:
            content = self._content
            content.alerts = {
                key: alert for key, alert in content.alerts.items() if key not in set(changes.forgotten)
            } | {alert.key: alert for alert in changes.alerts}
            content.to_mirror |= dict(changes.events)
            if self._targets:
                content.letters += [
                    _Letter(message=one, created_at=time.time(), waits_for=dict.fromkeys(self._targets, 0))
                    for one in changes.messages
                ]
            self._write()

    def to_mirror(self) -> Changes:
        """What the database's record lacks: empty when it has everything."""
        with self._turn:
            events = dict(self._content.to_mirror)
            keys = {event.key for event in events.values()}
            alerts = [alert for key, alert in self._content.alerts.items() if key in keys]
            return Changes(alerts=alerts, events=events)

    def mirrored(self, changes: Changes) -> None:
        """The database has these now."""
        if changes.events:
            with self._turn:
                for key in changes.events:
                    self._content.to_mirror.pop(key, None)
                self._write()

    def due(self, target: str, limit: int) -> list[Waiting]:
        """See Outbox.due."""
        with self._turn:
            return [
                Waiting(letter.message, letter.message.message_key, letter.created_at, letter.waits_for[target])
                for letter in self._content.letters
                if target in letter.waits_for
            ][:limit]

    def settle(self, waiting: Waiting, target: str, error: str | None, *, give_up: bool = False) -> None:
        """See Outbox.settle."""
        with self._turn:
            for letter in self._content.letters:
                if letter.message.message_key == waiting.reference and target in letter.waits_for:
                    letter.waits_for[target] += 1
                    if error is None or give_up:
                        del letter.waits_for[target]
            self._content.letters = [letter for letter in self._content.letters if letter.waits_for]
            self._write()

    def _read(self) -> _Content:
        try:
            return _Content.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return _Content()
        except ValidationError as error:
            aside = self._path.with_suffix(".damaged")
            self._path.replace(aside)
            logger.error("the state of alerts could not be read and was moved to {}: {}", aside, error)
            return _Content()

    def _write(self) -> None:
        """Synced before it takes the old one's place: a message that was promised is not lost with the power."""
        beside = self._path.with_suffix(".part")
        body = orjson.dumps(self._content.model_dump(mode="json"))
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with beside.open("wb") as file:
                file.write(body)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise StoreError(f"{self._path} cannot be written: {error.strerror}") from error
