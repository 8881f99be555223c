"""What PM2 says of our processes, and restarting them. Facts of PM2 7.0.4, read from its source or tried."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import orjson
import psutil

from monitoring.watchdog.decide import Process
from scrapers.errors import FleetError

LIST_WITHIN_S = 30.0
RESTART_WITHIN_S = 120.0
"""A hung process gets SIGINT and, after its `kill_timeout` (10 s), SIGKILL: that ends a stopped one, too."""

KEPT_VARIABLES = ("PATH", "HOME", "LANG", "PM2_HOME", "USER", "LOGNAME")
"""The rest of our environment is what PM2 gave us: with NODE_CHANNEL_FD, node would look for a parent."""


class Pm2Error(FleetError):
    """PM2 did not do what it was asked for; the message says what it printed."""


class Pm2:
    """PM2's command line. root: the checkout whose processes are ours."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._command = root / "node_modules" / ".bin" / "pm2"
        self._home = Path(os.environ.get("PM2_HOME") or Path.home() / ".pm2")

    def processes(self) -> list[Process]:
        """Our processes; empty when no PM2 runs. Costs some 150 ms and a short-lived process. Raises Pm2Error."""
        if not self._is_running():
            return []  # asking would start it
        out = self._run("jlist", within_s=LIST_WITHIN_S)
        # PM2 may print notices before the list.
        try:
            rows = orjson.loads(out[out.index("[{") :] if "[{" in out else "[]")
            return [
                Process(
                    name=row["name"],
                    status=row["pm2_env"]["status"],
                    uptime_s=time.time() - row["pm2_env"].get("pm_uptime", 0) / 1000,
                    restarts=row["pm2_env"].get("restart_time", 0),
                )
                for row in rows
                if Path(row["pm2_env"].get("pm_cwd", "")) == self._root
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise Pm2Error(f"pm2 jlist: {error!r}") from error

    def restart(self, names: Sequence[str]) -> None:
        """Restart these and wait until they were started anew. Raises Pm2Error."""
        self._run("restart", *names, "--silent", within_s=RESTART_WITHIN_S)

    def _is_running(self) -> bool:
        try:
            pid = int((self._home / "pm2.pid").read_text())
            # After a reboot the number may be another program's.
            return "God Daemon" in " ".join(psutil.Process(pid).cmdline())
        except (OSError, ValueError, psutil.Error):
            return False

    def _run(self, *args: str, within_s: float) -> str:
        environment = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        try:
            done = subprocess.run(
                [str(self._command), *args],
                cwd=self._root,
                env={**environment, "PM2_CONCURRENT_ACTIONS": "6"},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=within_s,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Pm2Error(f"pm2 {args[0]}: {type(error).__name__}") from error
        if done.returncode != 0:
            raise Pm2Error(f"pm2 {args[0]}: {done.stdout.strip()[-500:]}")
        return done.stdout
