"""As which user Postgres runs: it refuses root, and the fleet often runs as root on a small VPS.

An ordinary user runs it as itself. Root steps down to the owner of the data folder, or to an
unprivileged system user. Where that user cannot reach the checkout (/root has mode 700), it keeps
the two capabilities that let it read there, and nothing else.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from scrapers.errors import StoreError

CREATED_USER = "odds-fleet"
SYSTEM_USERS = ("postgres", CREATED_USER)
CAPABILITY_STEPS = ((), ("dac_read_search",), ("dac_read_search", "dac_override"))
"""What an unprivileged user may need to keep in order to reach the checkout; the least that works is taken."""


@dataclass(frozen=True, slots=True)
class ServerUser:
    """Who runs Postgres. `prefix` is put before its command line; empty when that is already ourselves."""

    uid: int
    gid: int
    prefix: tuple[str, ...] = ()

    def own(self, folder: Path) -> None:
        """Give `folder` and what is in it to this user; nothing when it already is."""
        if folder.stat().st_uid == self.uid:
            return
        for path in (folder, *folder.rglob("*")):
            os.chown(path, self.uid, self.gid, follow_symlinks=False)


def choose_server_user(postgres: Path, folder: Path) -> ServerUser:
    """The user that runs the binary `postgres` on the data folder `folder` (which need not exist yet).

    Raises StoreError saying what to do when the folder belongs to somebody else, or when root finds no
    unprivileged user that reaches binary and folder.
    """
    owner = folder.stat().st_uid if folder.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise StoreError(
                f"{folder} belongs to user {_name(owner)}; start the fleet as that user or give the folder away: "
                f"sudo chown -R {_name(os.geteuid())} {folder}"
            )
        return ServerUser(os.geteuid(), os.getegid())
    setpriv = shutil.which("setpriv")
    if setpriv is None:
        raise StoreError(
            "Postgres refuses to run as root and setpriv (package util-linux) is missing; "
            "start the fleet as an ordinary user"
        )
    user = pwd.getpwuid(owner) if owner else _unprivileged_user()
    for kept in CAPABILITY_STEPS:
        prefix = (
            setpriv,
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--init-groups",
            *_keep(kept),
        )
        if _reaches(prefix, postgres, folder.parent):
            return ServerUser(user.pw_uid, user.pw_gid, prefix)
    raise StoreError(
        f"Postgres refuses to run as root, and user {user.pw_name} cannot reach {postgres} or {folder.parent} "
        "(no capabilities left to pass on); move the checkout out of /root or start the fleet as an ordinary user"
    )


def _keep(capabilities: tuple[str, ...]) -> tuple[str, ...]:
    if not capabilities:
        return ()
    names = ",".join(f"+{name}" for name in capabilities)
    # Postgres asks access(2) whether it may run itself, and without this bit that call ignores capabilities.
    return ("--securebits=+no_setuid_fixup", f"--inh-caps={names}", f"--ambient-caps={names}")


def _reaches(prefix: tuple[str, ...], postgres: Path, parent: Path) -> bool:
    # pg_config looks for itself in the same way as the server does; `postgres --version` does not.
    commands = (
        [str(postgres), "--version"],
        [str(postgres.with_name("pg_config")), "--bindir"],
        ["test", "-x", str(parent)],
    )
    return all(subprocess.run([*prefix, *command], capture_output=True).returncode == 0 for command in commands)


def _unprivileged_user() -> pwd.struct_passwd:
    for name in SYSTEM_USERS:
        if user := _user(name):
            return user
    useradd = shutil.which("useradd")
    if useradd is not None:
        subprocess.run(
            [useradd, "--system", "--user-group", "--no-create-home", "--shell", "/usr/sbin/nologin", CREATED_USER],
            capture_output=True,
        )
    user = _user(CREATED_USER) or _user("nobody")
    if user is None:
        raise StoreError(
            "Postgres refuses to run as root and no unprivileged user could be made; "
            f"make one (useradd --system {CREATED_USER}) or start the fleet as an ordinary user"
        )
    return user


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int | None) -> str:
    if uid is None:
        return "nobody"
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
