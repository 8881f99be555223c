"""Asking the next question while an answer is being used: the database and we then work at the same time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


def answers(ask: Callable[[Question], Answer], questions: Sequence[Question]) -> Iterator[Answer]:
    """The answers in the order of the questions. One question alone is asked without a thread.

    `ask` runs in a thread of its own, one question at a time. Raises what it raises, in place of that answer; what
    follows is not asked then.
    """
    if len(questions) == 1:
        yield ask(questions[0])
        return
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as asking:
        waiting: Future[Answer] | None = None
        for question in questions:
            before, waiting = waiting, asking.submit(ask, question)
            if before is not None:
                yield before.result()
        if waiting is not None:
            yield waiting.result()
