#!/bin/sh
# Makes the virtual environment: make_venv.sh PYTHON FOLDER. Debian and Ubuntu ship python3 without ensurepip
# (package python3-venv); as root, or with passwordless sudo, it is installed, else one line says what to do.
set -eu
python=$1
folder=$2
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
  echo "odds fleet: Python 3.11 or later is needed, $("$python" --version 2>&1) was found; set PYTHON=..." >&2
  exit 2
}
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
  package=$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  if [ "$(id -u)" = 0 ]; then sudo=; elif sudo -n true 2>/dev/null; then sudo="sudo -n"; else
    echo "odds fleet: Python has no venv module here; run: sudo apt-get install $package" >&2
    exit 2
  fi
  $sudo apt-get update -qq && $sudo apt-get install -y -qq "$package" >/dev/null
fi
rm -rf "$folder"
"$python" -m venv "$folder"
