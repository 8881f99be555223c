"""What one run did."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from jobs.results.linking import Linked


@dataclass(slots=True)
class Report:
    """Numbers of a run; of finished matches, processed = successful + failed + skipped.

    rounds      looked at; failed_rounds: of those, without an end
    whole       rounds that the database called whole, so that nobody was asked
    new, changed, same   results written, or read again and found as they were
    failed      matches whose page could not be read (their score is kept), and rows that could not be
    skipped     matches that the database holds whole
    to_come     listed matches without a score
    requests    pages asked for
    failures    round -> reason
    """

    rounds: int = 0
    failed_rounds: int = 0
    whole: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    failed: int = 0
    skipped: int = 0
    to_come: int = 0
    requests: int = 0
    failures: dict[str, str] = field(default_factory=dict)
    links: Linked = field(default_factory=Linked)

    def wrote(self, how: str) -> None:
        """Count a result by what `record_result` answered."""
        self.new += how == "new"
        self.changed += how == "changed"
        self.same += how == "same"

    @property
    def successful(self) -> int:
        """Results that were read whole or as far as the site tells them."""
        return self.new + self.changed + self.same

    @property
    def some_failed(self) -> bool:
        """Whether rounds or matches failed while the others were done."""
        return bool(self.failed_rounds or self.failed)

    @property
    def did_nothing(self) -> bool:
        """Whether the database is as it was."""
        return not (self.new or self.changed or self.failed or self.failed_rounds or self.links.linked)

    def as_json(self) -> dict[str, Any]:
        """Every number by its name."""
        return asdict(self) | {"successful": self.successful}
