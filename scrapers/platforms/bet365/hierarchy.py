"""The protocol's records put together by position, before anybody asks what they mean.

A `PA` (selection) belongs to the last `MA` or `CO` (column), that to the last `MG` (market group), that to the last
`EV` (event), that to the last `CL` (sport). In play there are no groups: an `MA` is a market of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from scrapers.platforms.bet365.pipe import SECTION, SNAPSHOT, UPDATE, Record
from scrapers.platforms.reading import Reason
from scrapers.records import Rejected

HEADER_CELL = "PC"
"""How the id of a cell begins that heads a row or column and has no price."""

_BUILDER = ("#PB#", "#BBC")
"""How the topic of a bet builder's section begins; its odds are those of combinations."""


def is_suspended(record: Record) -> bool:
    """Whether a record carries the mark itself."""
    return record.get("SU") == "1"


@dataclass(slots=True)
class Column:
    """An `MA` or `CO` and its cells. `suspended`: a mark on it or above it."""

    record: Record
    cells: list[Record] = field(default_factory=list)
    suspended: bool = False

    @property
    def heads(self) -> bool:
        """Whether its cells, none of which has a price, are the headers of the rows beside them."""
        if not self.cells or any(cell.get("OD") for cell in self.cells):
            return False
        return self.record.get("PY") == "da" or all(cell.get("ID").startswith(HEADER_CELL) for cell in self.cells)


@dataclass(slots=True)
class Group:
    """A market, or the markets that share a grid."""

    market_id: str
    name: str
    columns: list[Column] = field(default_factory=list)

    @property
    def selections(self) -> int:
        """How many cells are more than headers."""
        return sum(len(column.cells) for column in self.columns if not column.heads)


@dataclass(slots=True)
class Page:
    """An `EV` record with what stands under it."""

    event: Record
    sport_id: str
    competition: str
    groups: list[Group] = field(default_factory=list)


def put_together(records: Sequence[Record], rejected: list[Rejected]) -> list[Page]:
    """Every event's page. Sections and updates that are left out go to `rejected`, and what belongs to nothing."""
    tree = _Tree(rejected)
    for record in records:
        tree.add(record)
    return tree.pages


class _Tree:
    """Where the next record belongs."""

    def __init__(self, rejected: list[Rejected]) -> None:
        self.pages: list[Page] = []
        self._rejected = rejected
        self._sport_id = self._competition = ""
        self._page: Page | None = None
        self._group: Group | None = None
        self._in_group = False
        self._left_out = self._updating = False

    def add(self, record: Record) -> None:
        """Put a record in its place; types that say nothing of odds are passed over."""
        if record.kind in (SNAPSHOT, UPDATE):
            self._begin_message(record)
        elif self._updating:
            return
        elif record.kind == SECTION:
            self._begin_section(record)
        elif self._left_out:
            return
        elif record.kind == "CT":
            self._competition, self._page = record.get("NA"), None
        elif record.kind == "EV":
            sport_id = record.get("CL") or self._sport_id
            self._page = Page(record, sport_id, record.get("CT") or self._competition)
            self.pages.append(self._page)
            self._group, self._in_group = None, False
        elif record.kind == "MG":
            self._begin_group(record, in_group=True)
        elif record.kind in ("MA", "CO"):
            self._begin_column(record)
        elif record.kind == "PA":
            self._take(record)

    def _begin_message(self, record: Record) -> None:
        self._sport_id = self._competition = ""
        self._page, self._left_out = None, False
        self._updating = record.kind == UPDATE
        if self._updating:
            self._rejected.append(Rejected("page", Reason.UNKNOWN_EVENT, "an update without its snapshot"))

    def _begin_section(self, record: Record) -> None:
        self._sport_id, self._competition, self._page = record.get("ID"), "", None
        topic = record.get("IT")
        self._left_out = topic.startswith(_BUILDER)
        if self._left_out:
            self._rejected.append(Rejected(f"market:{topic}", Reason.UNKNOWN_MARKET, "a bet builder's section"))

    def _begin_group(self, record: Record, *, in_group: bool) -> None:
        # Coupons put a letter before the number of a market.
        self._group, self._in_group = Group(record.get("ID").lstrip("GM"), record.get("NA")), in_group
        if self._page is not None:
            self._page.groups.append(self._group)

    def _begin_column(self, record: Record) -> None:
        if self._page is None:
            return
        if record.kind == "MA" and not self._in_group:
            self._begin_group(record, in_group=False)
        if self._group is None:
            return
        above = [self._page.event]
        if record.kind == "CO":
            above += [column.record for column in self._group.columns[:1]]
        self._group.columns.append(Column(record, suspended=any(map(is_suspended, [*above, record]))))

    def _take(self, record: Record) -> None:
        if self._page is None:
            self._reject(record, Reason.UNKNOWN_EVENT)
        elif self._group is None or not self._group.columns:
            self._reject(record, Reason.UNKNOWN_ODD)
        else:
            self._group.columns[-1].cells.append(record)

    def _reject(self, record: Record, reason: Reason) -> None:
        self._rejected.append(Rejected(f"odd:{record.get('ID')}", reason, record.get("NA")))
