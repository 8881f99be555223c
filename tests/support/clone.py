"""What an operator has after `git clone` and `make install`, made without a network in a second."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from standalone.settings import ROOT

INTERPRETERS = (Path(sys._base_executable), Path("/usr/bin/python3"))  # type: ignore[attr-defined]


def clone(folder: Path, *, interpreter: Path = INTERPRETERS[0]) -> Path:
    """A fresh clone of this repository in `folder`, ready for `make run`; its path.

    Its virtual environment is its own (so that its code is the one that runs) and borrows the packages that are
    installed here; `node_modules` leads here. Skips where this is no git repository or PM2 is not installed.
    """
    if not (ROOT / ".git").exists() or not (ROOT / "node_modules" / ".bin" / "pm2").exists():
        pytest.skip("needs the git repository and its node_modules (make install)")
    root = folder / "odds"
    subprocess.run(["git", "clone", "--quiet", "--depth=1", f"file://{ROOT}", str(root)], check=True)
    _overlay(root)
    subprocess.run([str(interpreter), "-m", "venv", "--without-pip", str(root / ".venv")], check=True)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = root / ".venv" / "lib" / version / "site-packages"
    (packages / "fleet.pth").write_text(f"{root}\n{Path(pytest.__file__).parent.parent}\n", encoding="utf-8")
    command = root / ".venv" / "bin" / "fleet"
    command.write_text(
        f"#!{root}/.venv/bin/python\nfrom standalone.commands import main\nmain()\n", encoding="utf-8"
    )
    command.chmod(0o755)
    modules = root / "node_modules"
    modules.mkdir()
    for entry in (ROOT / "node_modules").iterdir():
        if entry.name != ".installed":
            (modules / entry.name).symlink_to(entry)
    for stamp in (root / ".venv" / ".installed", modules / ".installed"):
        stamp.touch()
    return root


def _overlay(root: Path) -> None:
    """Bring in what is changed here and not committed yet: the tests judge the code that stands here."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    for name in os.fsdecode(listed.stdout).split("\0"):
        here, there = ROOT / name, root / name
        if name and here.is_file() and not name.startswith("tests/"):
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(here, there)


def ordinary_user() -> tuple[list[str], pwd.struct_passwd, Path]:
    """How to run a command as a user that is not root: prefix, user, and a Python that this user may run.

    Skips where these tests do not run as root, or where there is no such user or Python.
    """
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0 or setpriv is None:
        pytest.skip("not root: everything here runs as an ordinary user already")
    try:
        user = pwd.getpwnam("nobody")
    except KeyError:
        pytest.skip("no user nobody")
    prefix = [setpriv, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups", "--no-new-privs"]
    # setpriv itself still finds what only root may reach; the shell after it does not.
    prefix += ["sh", "-c", 'exec "$@"', "sh"]
    same = "import sys; sys.exit(sys.version_info[:2] != ({}, {}))".format(*sys.version_info[:2])
    for interpreter in INTERPRETERS:
        if subprocess.run([*prefix, str(interpreter), "-c", same], capture_output=True, cwd="/").returncode == 0:
            break
    else:
        pytest.skip("no Python of this version that an ordinary user may run")
    reachable = (ROOT, Path(pytest.__file__), ROOT / "node_modules" / ".bin" / "pm2")
    for path in reachable:
        if subprocess.run([*prefix, "test", "-r", str(path)], cwd="/").returncode != 0:
            pytest.skip(f"an ordinary user cannot read {path}")
    return prefix, user, interpreter


def give(folder: Path, user: pwd.struct_passwd) -> None:
    """Make `user` the owner of `folder` and all that is in it."""
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
