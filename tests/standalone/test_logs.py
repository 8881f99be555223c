"""Log lines: what stands in them, and that no secret ever does, whichever way it comes."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from standalone.redaction import STARS, Redactor
from standalone.settings import ROOT, Settings

PASSWORD, TOKEN, HOOK = "s3gr&do/42", "tok-9f8e7d6c5b4a", "9a8b7c6d-0000-4111-8222-123456789abc"
SETTINGS = Settings(
    _env_file=None,
    DATABASE_URL="postgresql://fleet:s3gr%26do%2F42@db.example:5432/odds",
    ADMIN_TOKEN=TOKEN,
    ALERT_URLS=f"tgram://123456789:AAbbCCddEEff-gghh/987654321, https://hooks.example/{HOOK}",
    PROXY_LIST="direct,residential=http://user:pr0xyw0rd@proxy.example:8080",
)

PROGRAM = """
import logging, sys, threading, warnings
import apprise, httpx
from loguru import logger
from standalone.logs import configure_logs

secrets = sys.argv[1:]
password, token, hook = "s3gr&do/42", "tok-9f8e7d6c5b4a", "9a8b7c6d-0000-4111-8222-123456789abc"
configure_logs("probe", "DEBUG", secrets)
logger.info("message {} and {}", token, password)
logger.bind(
    deep={"list": [{"inner": f"x {token} y"}], "password": "short", 7: (1.5, None, True, 2**70)},
    raw=token.encode(), error=ValueError(password), time="mine", level="mine", message="mine",
).warning("context")
with logger.contextualize(scraper="alpha", cycle="2026-11-22T12:00:00+00:00"):
    logger.info("{braces} stay")
try:
    try:
        raise ValueError(f"inner {password}")
    except ValueError as inner:
        raise RuntimeError(f"outer https://u:hunter22@host/?api_key={token}") from inner
except RuntimeError:
    logger.exception("caught")
try:
    httpx.get(f"http://fleet:{token}@127.0.0.1:9/path?token={hook}", trust_env=False)
except httpx.HTTPError as error:
    logger.error("{} {}", error, error.request.url)
try:
    httpx.get("unknown://u:hunter22@host")
except httpx.HTTPError as error:
    logging.getLogger("httpx").error("failed: %s for %s", error, f"https://hooks.example/{hook}", exc_info=True)
targets = apprise.Apprise()
targets.add(f"nosuchscheme://{token}/{hook}")
targets.add("json://127.0.0.1:9/" + hook)
targets.notify(body=token)
warnings.warn(f"a warning about {token}")
def work():
    raise KeyError(token)
thread = threading.Thread(target=work, name="worker")
thread.start()
thread.join()
print("loose", file=sys.stderr)
raise SystemError(f"the end {password} tgram://123456789:AAbbCCddEEff-gghh/987654321")
"""


@pytest.fixture(scope="module")
def printed() -> str:
    """Everything that a process prints which logs secrets in every way there is."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *SETTINGS.secrets],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    return done.stdout


@pytest.fixture(scope="module")
def lines(printed: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in printed.splitlines() if line != "loose"]


@pytest.mark.parametrize("secret", [PASSWORD, TOKEN, HOOK, "hunter22", "AAbbCCddEEff", "987654321", "s3gr%26do"])
def test_no_secret_is_printed(printed: str, secret: str) -> None:
    assert "the end" in printed
    assert secret not in printed


def test_every_line_is_json_with_time_level_process_and_message(lines: list[dict[str, Any]]) -> None:
    assert len(lines) >= 11
    for line in lines:
        assert line.keys() >= {"time", "level", "message", "process"}, line
        assert line["process"] == "probe"


def by_start(lines: list[dict[str, Any]], start: str) -> dict[str, Any]:
    (found,) = [line for line in lines if line["message"].startswith(start)]
    return found


def test_context_is_kept_as_data_and_cannot_replace_the_lines_own_fields(lines: list[dict[str, Any]]) -> None:
    line = by_start(lines, "context")
    assert line["deep"] == {
        "list": [{"inner": "x *** y"}],
        "password": STARS,
        "7": [1.5, None, True, str(2**70)],
    }
    assert (line["raw"], line["error"], line["level"]) == (STARS, STARS, "warning")
    assert "mine" not in line.values()


def test_what_a_cycle_logs_names_scraper_and_cycle(lines: list[dict[str, Any]]) -> None:
    line = by_start(lines, "{braces} stay")
    assert (line["scraper"], line["cycle"]) == ("alpha", "2026-11-22T12:00:00+00:00")


def test_exceptions_come_with_their_causes(lines: list[dict[str, Any]]) -> None:
    line = by_start(lines, "caught")
    assert "ValueError: inner ***" in line["exception"]
    assert "RuntimeError: outer https://***@host/?api_key=***" in line["exception"]


def test_libraries_threads_warnings_and_the_end_are_lines_too(lines: list[dict[str, Any]]) -> None:
    assert by_start(lines, "failed: ")["library"] == "httpx"
    assert any(line.get("library") == "apprise" for line in lines)
    assert any(line.get("library") == "py.warnings" for line in lines)
    assert "KeyError" in by_start(lines, "the thread worker ends")["exception"]
    assert by_start(lines, "the process ends")["level"] == "critical"


def test_on_a_terminal_lines_are_for_people_and_as_discreet() -> None:
    main, other = pty.openpty()
    program = (
        "import sys; from loguru import logger; from standalone.logs import configure_logs\n"
        "configure_logs('probe', 'INFO', sys.argv[1:])\n"
        "logger.info('olá {}', sys.argv[1])\n"
        "try:\n    raise ValueError(sys.argv[1])\n"
        "except ValueError:\n    logger.exception('caught')\n"
    )
    subprocess.run([sys.executable, "-c", program, TOKEN], cwd=ROOT, stdout=other, timeout=30, check=True)
    os.close(other)
    shown = os.read(main, 65536).decode()
    os.close(main)
    assert "olá ***" in shown
    assert "ValueError" in shown
    assert TOKEN not in shown
    assert not shown.startswith("{")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("GET https://a.example/odds?league=71&line=2.5", "GET https://a.example/odds?league=71&line=2.5"),
        ("selection_key=42 at 127.0.0.1:54329", "selection_key=42 at 127.0.0.1:54329"),
        ("scraper-betano ok: 300 events, 9000 prices", "scraper-betano ok: 300 events, 9000 prices"),
        ("https://x.example/?access_token=abc&b=1", "https://x.example/?access_token=***&b=1"),
        ("Authorization: Bearer abcdefgh12345", "Authorization: ***"),
        ("header 'Cookie: sid=1; other=2'", "header 'Cookie: ***'"),
        ("{'api_key': 'abc', 'price': 2.5}", "{'api_key': '***', 'price': 2.5}"),
        ('{"access-token":"abc"}', '{"access-token":"***"}'),
        ("got eyJhbGciOiJI.eyJzdWIi.c2ln here", "got *** here"),
        ("https://discord.com/api/webhooks/12345/abcdefghijkl", "https://discord.com/api/webhooks/***"),
        ("https://api.telegram.org/bot12345:AAAAAAAAAAAA/sendMessage", "https://api.telegram.org/bot***"),
        ("discord://123/abc failed", "discord://*** failed"),
        ("socks5://me:pw@10.0.0.1:1080", "socks5://***@10.0.0.1:1080"),
        ("lone \ud800 surrogate", "lone ? surrogate"),
    ],
)
def test_what_looks_like_a_secret_goes_and_the_rest_stays(text: str, shown: str) -> None:
    assert Redactor().text(text) == shown


def test_context_under_a_secrets_name_goes_and_under_any_other_stays() -> None:
    secret = [
        "token",
        "admin_token",
        "api-key",
        "apikey",
        "DATABASE_PASSWORD",
        "proxy-authorization",
        "cookie",
        "session",
    ]
    plain = ["fingerprint", "key", "selection_key", "author", "page", "tokens_left"]
    context = dict.fromkeys(secret + plain, "word") | {"session_s": 3}
    assert Redactor().value(context) == dict.fromkeys(secret, STARS) | dict.fromkeys(plain, "word") | {
        "session_s": 3
    }


def test_settings_name_their_secrets() -> None:
    assert PASSWORD not in SETTINGS.secrets
    kept = Redactor(SETTINGS.secrets)
    assert kept.text("fleet odds direct user db.example") == "fleet odds direct user db.example"
    assert kept.text(f"pw {PASSWORD} px pr0xyw0rd") == f"pw {STARS} px {STARS}"
    every = [
        name
        for name, field in Settings.model_fields.items()
        if SecretStr in getattr(field.annotation, "__args__", ())
    ]
    assert len(every) >= 4
    settings = Settings(_env_file=None)
    for name in every:
        setattr(settings, name, SecretStr(f"word-of-{name}"))
    assert sorted(settings.secrets) == sorted(f"word-of-{name}" for name in every)


@given(st.text(min_size=4, max_size=30).filter(str.strip), st.text(max_size=50), st.text(max_size=50))
def test_a_secret_word_is_found_wherever_it_stands(secret: str, before: str, after: str) -> None:
    line = {"a": [before + secret + after], "b": {secret: 1}}
    clean = Redactor([secret]).value(line)
    word = secret.strip()
    if "://" not in word and len(word) >= 4 and word not in STARS * 4:
        assert word not in str(clean).replace(STARS, "\x00")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(), inner),
        max_leaves=12,
    )
)
def test_any_context_can_be_written(value: object) -> None:
    assert orjson.loads(orjson.dumps(Redactor().value({"x": value}))).keys() == {"x"}
