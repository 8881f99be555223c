"""Messages arrive: every one, in order, once, whoever else is down."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from monitoring.alerts.delivery import DeliveryError, Target
from monitoring.alerts.delivery.apprise_target import AppriseTarget, without_secrets
from monitoring.alerts.delivery.deadman import DeadMan
from monitoring.alerts.delivery.open import open_targets, split_addresses
from monitoring.alerts.delivery.postman import Postman
from monitoring.alerts.delivery.webhook import Webhook, signature
from monitoring.alerts.memory import Changes, DatabaseMemory, FileMemory
from monitoring.alerts.messages import Message
from scrapers.errors import DeclarationError
from store.postgres import PostgresBackend
from tests.support.receiver import SECRET, Receiver


@pytest.fixture
def receivers() -> Iterator[tuple[Receiver, Receiver]]:
    with ExitStack() as stack:
        yield stack.enter_context(Receiver()), stack.enter_context(Receiver())


def message(number: int) -> Message:
    return Message(
        message_key=f"00000000-0000-0000-0000-{number:012d}",
        kind="fired",
        severity="error",
        title=f"t{number}",
        body="b",
        link="",
        alerts=(f"scraper/{number}",),
    )


def put(box: DatabaseMemory | FileMemory, *numbers: int) -> None:
    changes = Changes(messages=[message(number) for number in numbers])
    if isinstance(box, FileMemory):
        box.save(changes)
    else:
        box.save(changes, box.load().revision)


@pytest.fixture(params=["database", "file"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def box_of(kind: str, targets: list[Target], backend: PostgresBackend, folder: Path) -> DatabaseMemory | FileMemory:
    names = [target.name for target in targets]
    return DatabaseMemory(backend, names) if kind == "database" else FileMemory(folder / "state.json", names)


def titles(receiver: Receiver) -> list[str]:
    return [str(one["title"]) for one in receiver.messages]


def test_who_is_down_holds_nobody_up_and_gets_everything_afterwards_once(
    receivers: tuple[Receiver, Receiver], kind: str, backend: PostgresBackend, tmp_path: Path
) -> None:
    up, down = receivers
    down.down = True
    targets: list[Target] = [Webhook(up.url, SECRET), Webhook(down.url, SECRET)]
    box = box_of(kind, targets, backend, tmp_path)
    put(box, 1, 2)
    first = Postman(targets, [box], first_retry_s=0.02)
    first.start()
    up.wait(2, within_s=10)
    put(box, 3)
    first.notify()
    up.wait(3, within_s=10)
    with down.news:
        assert down.news.wait_for(lambda: down.refused >= 3, 10)
    first.stop(5)

    # Another process goes on with what is left.
    down.down = False
    again = Postman(targets, [box_of(kind, targets, backend, tmp_path)], first_retry_s=0.02)
    again.start()
    down.wait(3, within_s=10)
    again.stop(5)
    assert titles(up) == titles(down) == ["t1", "t2", "t3"]
    left = box_of(kind, targets, backend, tmp_path)
    assert [left.due(target.name, 10) for target in targets] == [[], []]


class Broken:
    """A target that never takes anything."""

    name = "broken-1"
    gap_s = 0.0

    def __init__(self) -> None:
        self.tried = threading.Event()

    def send(self, message: Message) -> None:
        self.tried.set()
        raise DeliveryError("no")


def test_what_nobody_took_for_a_day_is_given_up(backend: PostgresBackend, database_url: str) -> None:
    import psycopg

    target = Broken()
    box = DatabaseMemory(backend, [target.name])
    put(box, 1)
    with psycopg.connect(database_url, autocommit=True) as db:
        db.execute("update alert_messages set created_at = now() - interval '25 hours'")
        postman = Postman([target], [box])
        postman.start()
        assert target.tried.wait(10)
        postman.stop(5)
        assert db.execute("select given_up_at is not null, last_error from alert_deliveries").fetchone() == (
            True,
            "no",
        )
    assert box.due(target.name, 10) == []


def test_a_receiver_gets_no_more_than_it_allows(
    receivers: tuple[Receiver, Receiver], backend: PostgresBackend
) -> None:
    class Slow(Webhook):
        gap_s = 0.15

    target = Slow(receivers[0].url, SECRET)
    box = DatabaseMemory(backend, [target.name])
    put(box, 1, 2, 3)
    begin = time.monotonic()
    postman = Postman([target], [box])
    postman.start()
    receivers[0].wait(3, within_s=10)
    assert time.monotonic() - begin >= 0.3
    postman.stop(5)


def test_a_forged_signature_is_noticed(receivers: tuple[Receiver, Receiver]) -> None:
    Webhook(receivers[0].url, SECRET).send(message(1))
    receivers[0].wait(1, within_s=5)
    Webhook(receivers[0].url, "another").send(message(2))
    assert titles(receivers[0]) == ["t1"]
    assert receivers[0].refused == 1


def test_the_documented_check_accepts_ours_alone() -> None:
    page = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text(encoding="utf-8")
    scope: dict[str, Any] = {}
    exec(page.partition("```python\n")[2].partition("```")[0], scope)  # the operator copies it as it stands
    now = str(int(time.time()))
    headers = {"Odds-Timestamp": now, "Odds-Signature": signature(SECRET, now, b"{}")}
    assert scope["is_ours"](headers, b"{}", SECRET)
    assert not scope["is_ours"](headers, b"{ }", SECRET)
    old = str(int(time.time()) - 400)
    late = {"Odds-Timestamp": old, "Odds-Signature": signature(SECRET, old, b"{}")}
    assert not scope["is_ours"](late, b"{}", SECRET)


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/hook?key=s3cret", "http://\x00/s3cret"])
def test_an_address_stands_in_no_error(url: str) -> None:
    with pytest.raises(DeliveryError) as caught:
        Webhook(url, "s3cret").send(message(1))
    assert "s3cret" not in str(caught.value)


def test_apprise_delivers_from_a_process_of_its_own(receivers: tuple[Receiver, Receiver]) -> None:
    port = receivers[0].url.rpartition(":")[2].partition("/")[0]
    # The receiver refuses what carries no signature of ours, and says so by its count.
    target = AppriseTarget(f"json://user:s3cretword@127.0.0.1:{port}/hook")
    target.send(message(1))
    assert receivers[0].refused == 1
    receivers[0].down = True
    with pytest.raises(DeliveryError) as caught:
        target.send(message(2))
    assert "s3cretword" not in str(caught.value)


def test_what_apprise_says_is_shown_without_the_address() -> None:
    url = "tgram://123456:abcdefgh/-100200?format=text"
    said = "Failed to send to https://api.telegram.org/bot123456:abcdefgh/sendMessage for -100200: error=401"
    assert (
        without_secrets(said, url)
        == "Failed to send to https://api.telegram.org/bot***:***/sendMessage for ***: error=401"
    )


def test_addresses_are_read_and_named() -> None:
    urls = "tgram://123:abc/1, mailtos://u:p@gmail.com?to=a@b.c,d@e.f,webhook+https://h/x"
    assert split_addresses(urls) == [
        "tgram://123:abc/1",
        "mailtos://u:p@gmail.com?to=a@b.c,d@e.f",
        "webhook+https://h/x",
    ]
    targets = open_targets(urls, "", "secret")
    assert [target.name.partition("-")[0] for target in targets] == ["tgram", "mailtos", "webhook"]
    assert targets[0].gap_s == 3
    # An address that is named twice is told once.
    assert len(open_targets("webhook+https://h/x", "https://h/x", "secret")) == 1
    for wrong in ("no address", "webhook+ftp://h/x"):
        with pytest.raises(DeclarationError):
            open_targets(wrong, "", "secret")
    with pytest.raises(DeclarationError, match="ALERT_WEBHOOK_SECRET"):
        open_targets("", "https://h/x", "")


def test_the_dead_man_is_pinged_now_and_then(receivers: tuple[Receiver, Receiver]) -> None:
    pings = threading.Semaphore(0)
    receivers[0].on_get = pings.release
    deadman = DeadMan(receivers[0].url, every_s=3600)
    deadman.alive()
    assert pings.acquire(timeout=30)
    deadman.alive()
    DeadMan(None).alive()
    assert not pings.acquire(timeout=0.1)
