"""Results: whether they come in, agree with what else is known, and whether their site can be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from jobs.results.site import SITE
from monitoring.health import check_outbound
from monitoring.results import check_results
from standalone.doctor.findings import Finding
from standalone.settings import Settings

IMPORT = "standalone/run_batch.py --all"


def check_results_of(report: Mapping[str, Any], settings: Settings) -> Iterator[Finding]:
    """One finding for each thing. `report`: what `results_health` answers."""
    if not report["results"] and not report["failed_rounds"]:
        yield Finding("results", "ok", "nenhum importado ainda / none imported yet")
        return
    if settings.source == "live":
        reached = check_outbound([(urlsplit(SITE.site).hostname or "", 443)])
        if not reached.ok:
            yield Finding("results site", "warning", reached.reason, "rede, DNS / network, DNS; PROXY_LIST")
    agree = check_results(report)
    if not agree.ok:
        yield Finding("results", "error", agree.reason, "fleet report match N; veja o jogo no site / look there")
    late = {
        "sem resultado / without a result": report["missing"],
        "incompletos / partial": report["partial"],
        "rodadas com falha / failed rounds": report["failed_rounds"],
        "rejeitados / rejected": report["rejected"],
    }
    says = ", ".join(f"{number} {words}" for words, number in late.items() if number)
    if says:
        yield Finding("results", "warning", says, f"{IMPORT}; standalone/etl_dashboard.py --logs")
    elif agree.ok:
        yield Finding("results", "ok", f"{report['results']}, {report['linked']} ligados / linked")
