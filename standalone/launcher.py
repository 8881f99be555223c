"""`make run`, `make stop`: starting and stopping the whole fleet under PM2, safe to repeat.

python -m standalone.launcher start [--mode parallel|sequential|workers]
python -m standalone.launcher stop
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import click
import orjson
import psutil

from scrapers.errors import FleetError, OtherSourceError, StoreError
from scrapers.registry import load_registry
from standalone.connect import claim_source, open_backend
from standalone.declare import register
from standalone.pm2_apps import FOUNDATIONS, SECRET_SETTINGS, Mode, every_name, fleet_apps, service_names
from standalone.settings import ROOT, Settings, load_settings
from standalone.workers.names import bookmakers_of_workers, dead_after_s, every_worker_name, workers_here
from store import migrate
from store.backend import Backend

CONFIG = {
    "parallel": "ecosystem.config.js",
    "sequential": "ecosystem.sequential.config.js",
    "workers": "ecosystem.workers.config.js",
}
PM2 = ROOT / "node_modules" / ".bin" / "pm2"
READY_WITHIN_S = 180.0
LOOK_EVERY_S = 1.0


class LaunchError(FleetError):
    """The fleet could not be started or stopped as asked."""


def start(mode: Mode, settings: Settings) -> None:
    """Start what `mode` needs, stop what only other modes need, wait until every scraper has delivered.

    What runs already is left alone.
    """
    wanted = [str(app["name"]) for app in fleet_apps(mode, settings)]
    warn_about_shell_secrets()
    if not _daemon_alive():
        # What outlived a killed PM2 holds the ports and locks that its successors need.
        _end_leftovers(settings)
    _prepare_database(settings)
    _remember_daemon(settings)
    listed = _ours()
    at_work = {name for name, app in listed.items() if name in wanted and app["pm2_env"]["status"] == "online"}
    if stale := sorted(listed.keys() - at_work):
        _pm2("delete", *stale)
    missing = [name for name in wanted if name not in at_work]
    # Scrapers would read whatever answers there, and people would look at it.
    if "simulator" in missing:
        check_port_is_free("127.0.0.1", settings.simulator_port, "SIMULATOR_PORT")
    if "dashboard" in missing:
        check_port_is_free(settings.dashboard_host, settings.dashboard_port, "DASHBOARD_PORT")
    if missing:
        # Without names PM2 would restart what is at work, too.
        _pm2("start", CONFIG[mode], "--only", ",".join(missing))
    _wait_until_ready(mode, wanted, settings)
    if "json-generator" in wanted:
        click.echo(f"odds.json: {settings.published / 'odds.json'}")


def stop(settings: Settings) -> None:
    """Stop and remove exactly the fleet of this folder; the PM2 daemon too when `start` brought it up."""
    running = _ours().keys()
    # Whoever stops gives its leases back and says why it ended: the database goes when nobody writes any more.
    for names in (running - FOUNDATIONS, running & FOUNDATIONS):
        if names:
            _pm2("delete", *sorted(names))
    _end_leftovers(settings)
    marker = _daemon_marker(settings)
    if marker.exists() and marker.read_text() == str(_pm2_home()):
        if not _list():
            _pm2("kill")
        marker.unlink()


def warn_about_shell_secrets() -> None:
    """PM2 would write the shell's variables into its dump, so secrets among them are not passed on."""
    found = sorted(name for name in os.environ if any(part in name for part in SECRET_SETTINGS))
    if found:
        click.echo(
            f"AVISO: {', '.join(found)} no ambiente não chega aos processos; ponha no arquivo .env. / "
            "WARNING: not passed on to the processes; put them into .env.",
            err=True,
        )


def check_port_is_free(host: str, port: int, setting: str) -> None:
    """Raise LaunchError, naming the setting to change, when somebody listens on that port already."""
    with suppress(OSError), socket.create_connection((host, port), timeout=1):
        raise LaunchError(
            f"a porta {port} está ocupada por outro programa; defina {setting} no .env / "
            f"port {port} is taken by another program; set {setting} in .env"
        )


def _prepare_database(settings: Settings) -> None:
    """Bring a database of the operator's own up to date; the embedded one does so itself when it starts."""
    if settings.uses_embedded_database:
        return
    if settings.database_url is not None:
        migrate.apply(settings.database_url.get_secret_value())
    with closing(open_backend(settings)) as backend:
        register(backend, load_registry().check())


def _wait_until_ready(mode: Mode, wanted: list[str], settings: Settings) -> None:
    """Every process online and every scraper heard of; raises LaunchError naming what is missing."""
    expected = scrapers_here(mode, settings)
    services = [name for name in service_names() if name in wanted]
    workers = set(wanted) & set(every_worker_name())
    deadline = time.monotonic() + READY_WITHIN_S
    backend = open_backend(settings)
    missing: list[str] = ["the first look"]
    while missing:
        if time.monotonic() > deadline:
            raise LaunchError(
                f"ainda não está pronto após {READY_WITHIN_S:.0f} s: {', '.join(missing)}; veja: make status / "
                f"not ready yet; see: make status"
            )
        time.sleep(LOOK_EVERY_S)
        apps = _ours()
        missing = [name for name in wanted if name not in apps or apps[name]["pm2_env"]["status"] != "online"]
        try:
            claim_source(backend, settings.source, claim=False)
            if mode != "workers":
                # What workers left that were killed all together would wait for ever.
                backend.call("withdraw_cycles", {"p_dead_after_s": dead_after_s(settings)})
            report = backend.call("status_report", {})
            heard = workers_heard_of(backend, settings) if workers else set()
        except OtherSourceError:
            raise
        except StoreError as error:
            missing.append(f"the database ({error})")
            continue
        missing += [
            row["scraper_name"]
            for row in report["scrapers"]
            if row["scraper_name"] in expected
            and (row["last_heartbeat"] is None or row["computed_status"] == "offline")
        ]
        missing += sorted(workers - heard)
        missing += [
            name for name in services if name not in {service["service_name"] for service in report["services"]}
        ]
    backend.close()


def workers_heard_of(backend: Backend, settings: Settings) -> set[str]:
    """Names of this machine's workers whose sign of life the queue has. Raises what Backend.call raises."""
    return {
        row["worker"]
        for row in backend.call("jobs_overview", {})["workers"]
        if row["host"] == socket.gethostname() and row["seconds_since_heartbeat"] < dead_after_s(settings)
    }


def scrapers_here(mode: Mode, settings: Settings) -> set[str]:
    """The bookmakers that this machine alone would collect in `mode`."""
    registry = load_registry()
    if mode != "workers":
        return set(registry.bookmakers)
    of_workers = bookmakers_of_workers(registry, settings)
    kinds = {kind for kind, _ in workers_here(settings)}
    others = registry.bookmakers.keys() - of_workers.keys() if settings.run_services else set[str]()
    return {slug for slug, one in of_workers.items() if one.transport in kinds} | others


def _ours() -> dict[str, dict[str, Any]]:
    """This folder's processes in PM2 by name. Raises LaunchError when another folder's carry our names."""
    names = set(every_name())
    found = {app["name"]: app for app in _list() if app["name"] in names}
    foreign = {app["pm2_env"]["pm_cwd"] for app in found.values() if Path(app["pm2_env"]["pm_cwd"]) != ROOT}
    if foreign:
        raise LaunchError(
            f"o PM2 já roda uma frota de {', '.join(sorted(foreign))}: pare aquela antes, ou defina PM2_HOME / "
            "PM2 already runs a fleet from there: stop that one first, or set PM2_HOME"
        )
    return found


def _list() -> list[dict[str, Any]]:
    if not _daemon_alive():
        return []
    out = _pm2("jlist", quiet=True)
    # PM2 may print notices before the list.
    apps: list[dict[str, Any]] = orjson.loads(out[out.index("[{") :] if "[{" in out else "[]")
    return apps


def _pm2(*args: str, quiet: bool = False) -> str:
    if not PM2.exists():
        raise LaunchError(
            "o PM2 não está instalado aqui; rode: make install / PM2 is not installed here; run: make install"
        )
    env = {**os.environ, "PM2_CONCURRENT_ACTIONS": "6"}
    done = subprocess.run(
        [str(PM2), *args, *([] if quiet else ["--silent"])],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LaunchError(f"pm2 {args[0]} falhou / failed: {done.stdout.strip()[-2000:]}")
    return done.stdout


def _pm2_home() -> Path:
    return Path(os.environ.get("PM2_HOME") or Path.home() / ".pm2")


def _daemon_alive() -> bool:
    try:
        pid = int((_pm2_home() / "pm2.pid").read_text())
        # After a reboot the number may be another program's.
        return "God Daemon" in " ".join(psutil.Process(pid).cmdline())
    except (OSError, ValueError, psutil.Error):
        return False


def _daemon_marker(settings: Settings) -> Path:
    return settings.data_dir / "pm2-daemon-started-here"


def _remember_daemon(settings: Settings) -> None:
    if not _daemon_alive():
        marker = _daemon_marker(settings)
        marker.parent.mkdir(parents=True, exist_ok=True)
        marker.write_text(str(_pm2_home()))


def _end_leftovers(settings: Settings) -> None:
    """Processes of this folder that outlived PM2 (its daemon was killed): ask them to end, then make them.

    Raises LaunchError when another PM2 supervises them: it would only start them again.
    """
    leftovers = [process for process in psutil.process_iter(["cmdline"]) if _is_ours(process, settings)]
    for process in leftovers:
        supervisor = " ".join((process.parent() or process).cmdline())
        if "God Daemon" in supervisor:
            home = supervisor.partition("(")[2].partition(")")[0]
            raise LaunchError(
                f"outro PM2 cuida desta frota; repita com PM2_HOME={home} / "
                f"another PM2 runs this fleet; repeat with PM2_HOME={home}"
            )
    for process in leftovers:
        process.send_signal(signal.SIGINT)
    _, alive = psutil.wait_procs(leftovers, timeout=15)
    for process in alive:
        process.kill()


def _is_ours(process: psutil.Process, settings: Settings) -> bool:
    words = process.info["cmdline"] or []
    if process.pid == os.getpid() or not words:
        return False
    if any(word.startswith(f"{ROOT}/standalone/run_") and word.endswith(".py") for word in words[:4]):
        try:
            folder = process.environ().get("DATA_DIR")
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False
        # One that names no folder has the one of `.env`, as we do. Another folder is another fleet.
        return not folder or (ROOT / folder).resolve() == settings.data_dir.resolve()
    data = str(settings.data_dir / "postgres")
    return Path(words[0]).name == "postgres" and words[1:3] == ["-D", data]


@click.group()
def main() -> None:
    """Start and stop the fleet under PM2."""


@main.command("start")
@click.option("--mode", type=click.Choice(sorted(CONFIG)), default="parallel", show_default=True)
def start_command(mode: Mode) -> None:
    """Start the fleet and wait until every process is ready."""
    start(mode, load_settings())


@main.command("stop")
def stop_command() -> None:
    """Stop and remove what start started."""
    stop(load_settings())


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except FleetError as error:
        click.echo(f"odds fleet: {error}", err=True)
        sys.exit(2)
