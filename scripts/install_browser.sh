#!/bin/sh
# Installs the lightest Chromium that can mint a session. Safe to repeat; quiet when one is there.
#
# Bookmakers with transport "browser" need it only when plain HTTP is refused, so a failure here is a
# warning: the rest of the fleet works without, and `scraper_status` says what to do.
set -u
cd "$(dirname "$0")/.." || exit 0

python=.venv/bin/python
found() {
    [ -n "${BROWSER_PATH:-}" ] && [ -x "${BROWSER_PATH}" ] && return 0
    command -v chromium-headless-shell >/dev/null 2>&1 && return 0
    command -v chromium >/dev/null 2>&1 && return 0
    ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/*/chrome-headless-shell >/dev/null 2>&1 && return 0
    ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/*/headless_shell >/dev/null 2>&1 && return 0
    ls "${PLAYWRIGHT_BROWSERS_PATH:-$HOME/.cache/ms-playwright}"/chromium*/*/chrome >/dev/null 2>&1
}

found && exit 0

as_root=
if [ "$(id -u)" != 0 ]; then
    if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then as_root="sudo -n"; else as_root=no; fi
fi

if [ "$as_root" != no ] && command -v apt-get >/dev/null 2>&1; then
    echo "installing Chromium (headless) from the distribution ..." >&2
    log=$(mktemp)
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq >"$log" 2>&1
    for package in chromium-headless-shell chromium; do
        if $as_root env DEBIAN_FRONTEND=noninteractive \
            apt-get install -y -qq --no-install-recommends "$package" >>"$log" 2>&1 && found; then
            rm -f "$log"
            exit 0
        fi
    done
    tail -n 3 "$log" >&2
    rm -f "$log"
fi

if [ -x "$python" ]; then
    echo "installing Chromium (headless) with Playwright ..." >&2
    "$python" -m playwright install chromium-headless-shell >&2 && found && exit 0
fi

echo "warning: no Chromium could be installed; bookmakers that need a browser session will be 'blocked'." >&2
echo "         as root: apt-get install chromium-headless-shell, or set BROWSER_PATH in .env" >&2
exit 0
