"""Answers come in order, whatever was asked ahead of time; a failure comes in the place of its answer."""

from __future__ import annotations

import threading

import pytest

from board.ahead import answers


@pytest.mark.parametrize("count", [0, 1, 2, 7])
def test_answers_come_in_the_order_of_the_questions(count: int) -> None:
    assert list(answers(lambda question: question * 10, range(count))) == [10 * number for number in range(count)]


def test_the_next_one_is_asked_for_while_an_answer_is_used() -> None:
    asked = [threading.Event() for _ in range(3)]

    def ask(question: int) -> int:
        asked[question].set()
        return question

    for answer in answers(ask, range(3)):
        following = min(answer + 1, 2)
        assert asked[following].wait(10)


def test_a_failure_ends_it_in_its_place() -> None:
    came = []
    with pytest.raises(ValueError, match="two"):  # noqa: PT012 - what came before counts
        for answer in answers(lambda question: question if question != 2 else int("two"), range(5)):
            came.append(answer)
    assert came == [0, 1]
