"""The sections of the site, in the order of its navigation."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A page that the navigation leads to. `phrase`: key of its name. `admin`: needs a login."""

    path: str
    phrase: str
    admin: bool = False


SECTIONS: tuple[Section, ...] = (
    Section("/", "nav.board"),
    Section("/surebets", "nav.surebets"),
    Section("/duplo-green", "nav.duplo_green"),
    Section("/calculator", "nav.calculator"),
    Section("/admin/scraper-status", "nav.status", admin=True),
    Section("/admin/coverage", "nav.coverage", admin=True),
    Section("/admin/matching", "nav.matching", admin=True),
    Section("/admin/etl", "nav.etl", admin=True),
    Section("/admin/jobs", "nav.jobs", admin=True),
    Section("/admin/alerts", "nav.alerts", admin=True),
    Section("/admin/audit", "nav.audit", admin=True),
)
