"""Why a page is refused. The error pages show each in the reader's language (`error_pages.py`)."""

from __future__ import annotations

from scrapers.errors import FleetError


class Refused(FleetError):
    """A request is answered with an explanation. `phrase` is its key, `status` the HTTP status.

    detail  what is told beside the phrase; empty: nothing
    """

    status = 400
    phrase = "error.bad_request"
    detail = ""


class LoginRequired(Refused):
    """Nobody is logged in. The answer is the login form."""

    status = 401
    phrase = "login.required"


class NoTokenSet(Refused):
    """No ADMIN_TOKEN is set, so nobody can log in. The answer says how to set one."""

    status = 403
    phrase = "login.no_token"


class TooManyTries(Refused):
    """Too many wrong tokens. `wait_s`: when to try again."""

    status = 429
    phrase = "login.too_many"

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many wrong tokens; again in {wait_s} s")
        self.wait_s = wait_s


class FormRefused(Refused):
    """A form that is not ours, not of this session, or not readable. `phrase` says which."""

    status = 403

    def __init__(self, phrase: str) -> None:
        super().__init__(phrase)
        self.phrase = phrase


class NotFound(Refused):
    """There is no such page, scraper, match."""

    status = 404
    phrase = "error.not_found"


class DatabaseRefused(Refused):
    """A write that the database refuses, with its words: something stands in the way, or it is so already."""

    status = 409
    phrase = "error.refused"

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.detail = said


class BadInput(Refused):
    """A field holds what it may not. `phrase` says what is expected, `detail` which field and what is wrong."""

    status = 422

    def __init__(self, phrase: str, detail: str = "") -> None:
        super().__init__(detail or phrase)
        self.phrase = phrase
        self.detail = detail


class TooLarge(Refused):
    """A body of more bytes than anything we take has."""

    status = 413
    phrase = "error.too_large"


class UnknownKind(Refused):
    """No kind of job of this name can be started. `detail` names those that can."""

    status = 404
    phrase = "jobs.unknown_kind"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail
