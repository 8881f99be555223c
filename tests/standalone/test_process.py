"""A good process: it stops when told, whatever it waits for, says when it is ready, and is never there twice."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from standalone.process import NODE_CHANNEL, FileLock, Stop, report_ready

LONG_S = 30.0


@pytest.fixture
def listening() -> Iterator[Stop]:
    """A flag that real signals raise; the handlers of the test run come back afterwards."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield Stop().listen()
    for number, handler in before.items():
        signal.signal(number, handler)


def soon(number: signal.Signals) -> threading.Timer:
    """Send this process a signal while it waits."""
    timer = threading.Timer(0.05, os.kill, (os.getpid(), number))
    timer.start()
    return timer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_wakes_a_sleeper(listening: Stop, number: signal.Signals) -> None:
    timer, begin = soon(number), time.monotonic()
    assert listening.wait(LONG_S)
    assert time.monotonic() - begin < 5
    assert listening.is_set()
    assert listening.wait(LONG_S), "once raised, it stays raised"
    timer.join()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_wakes_every_task(listening: Stop, number: signal.Signals) -> None:
    async def main() -> list[bool]:
        async with asyncio.timeout(5):
            return await asyncio.gather(*(listening.wait_async(LONG_S) for _ in range(3)), listening.wait_async())

    timer = soon(number)
    assert asyncio.run(main()) == [True] * 4
    timer.join()
    assert asyncio.run(listening.wait_async())


def test_another_thread_wakes_threads_and_loops() -> None:
    stop, woken = Stop(), []

    def sleep() -> None:
        woken.append(stop.wait(LONG_S))

    def loop() -> None:
        woken.append(asyncio.run(stop.wait_async(LONG_S)))

    threads = [threading.Thread(target=work) for work in (sleep, loop, sleep, loop)]
    for thread in threads:
        thread.start()
    stop.set()
    stop.set()
    for thread in threads:
        thread.join(5)
    assert woken == [True] * 4


def test_waiting_ends_by_itself() -> None:
    stop = Stop()
    assert not stop.wait(0.01)
    assert not asyncio.run(stop.wait_async(0.01))
    assert not stop.is_set()


def test_a_waiter_that_was_cancelled_is_forgotten() -> None:
    stop = Stop()

    async def main() -> None:
        waiting = asyncio.create_task(stop.wait_async())
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    asyncio.run(main())
    stop.set()  # would call into the closed loop


def test_ready_goes_over_the_channel_once(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    monkeypatch.setenv(NODE_CHANNEL, str(writer))
    report_ready()
    assert os.read(reader, 100) == b'"ready"\n'
    report_ready()
    os.close(writer)
    assert os.read(reader, 100) == b""
    os.close(reader)


def test_without_a_channel_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(NODE_CHANNEL, raising=False)
    report_ready()


HOLDER = """
import sys
from pathlib import Path
from standalone.process import FileLock
lock = FileLock(Path(sys.argv[1]))
print(lock.acquire(), flush=True)
sys.stdin.read()
"""


def holder(path: Path) -> subprocess.Popen[bytes]:
    """Another process that tries to take the lock, and tells."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def told(process: subprocess.Popen[bytes]) -> bool:
    """Whether that process has the lock; then ends it hard."""
    assert process.stdout is not None
    return process.stdout.readline() == b"True\n"


def test_a_lock_is_exclusive_over_processes_and_freed_by_death(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "one.lock"
    mine = FileLock(path)
    with holder(path) as other:
        assert told(other)
        assert not mine.acquire()
        other.kill()
        other.wait()
        assert mine.acquire()
        assert mine.acquire(), "held already"
    with holder(path) as third:
        assert not told(third)
        third.kill()
    mine.release()
    mine.release()
    with holder(path) as fourth:
        assert told(fourth)
        fourth.kill()


def test_a_child_does_not_inherit_the_lock(tmp_path: Path) -> None:
    path = tmp_path / "one.lock"
    with FileLock(path) as lock:
        assert lock.acquire()
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child, FileLock(path) as again:
        assert again.acquire()
        child.kill()


WATCHED = """
import threading
from standalone.process import Stop, end_after
stop = Stop().listen()
end_after(stop, 0.3)
hanging = threading.Thread(target=threading.Event().wait)
hanging.start()
print("started", flush=True)
stop.wait(60)
"""


def test_a_thread_that_hangs_does_not_keep_a_stopped_process() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WATCHED], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(signal.SIGTERM)
        assert process.wait(5) == 1
        assert process.stderr is not None
        assert b"a call still hangs 0.3 s after the stop signal" in process.stderr.read()


STUCK = """
import time
from standalone.process import end_when_stuck
turned_at = time.monotonic()
end_when_stuck(lambda: turned_at, 2)
for _ in range(25):
    time.sleep(0.1)
    turned_at = time.monotonic()
print("turned", flush=True)
time.sleep(60)
"""


def test_a_process_whose_loop_is_stuck_ends() -> None:
    done = subprocess.run([sys.executable, "-c", STUCK], capture_output=True, timeout=30, check=False)
    assert done.returncode == 1
    assert done.stdout == b"turned\n"
    assert b"no turn for 2 s" in done.stderr
