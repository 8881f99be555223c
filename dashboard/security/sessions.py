"""Being logged in: one shared token opens, a signed cookie remembers.

The cookie says who it is (a name for the audit, no account) and holds a random id that form tokens are bound to.
Its key is derived from ADMIN_TOKEN, so another token ends every session, and slowly (scrypt), so that a cookie that
somebody got hold of does not tell a short token by trying.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from itsdangerous import BadSignature, URLSafeTimedSerializer
from starlette.requests import HTTPConnection
from starlette.responses import Response

COOKIE = "fleet_session"
VISIT_COOKIE = "fleet_visit"
SESSION_S = 12 * 3600
FORM_S = 3600
"""How long a login form may lie open."""
NAME_MAX = 40
DEFAULT_NAME = "admin"
SCRYPT_COST = 2**13
"""8 MB and some 20 ms, once at the start."""


@dataclass(frozen=True, slots=True)
class Session:
    """Who is logged in. `name` is what they called themselves, for the audit."""

    id: str
    name: str


class Gate:
    """Knows the token and signs what it handed out. Without a token nobody gets in."""

    def __init__(self, token: str | None) -> None:
        self.configured = bool(token)
        self._digest = _digest(token or secrets.token_urlsafe(32))
        key = hashlib.scrypt(
            (token or secrets.token_urlsafe(32)).encode(), salt=b"odds-fleet dashboard", n=SCRYPT_COST, r=8, p=1
        )
        self._sessions = URLSafeTimedSerializer(key, salt="session")
        self._forms = URLSafeTimedSerializer(key, salt="form")
        # Anybody gets a login form. Its signature must tell nothing of the token, so its key is nobody's.
        self._visits = URLSafeTimedSerializer(secrets.token_bytes(32), salt="visit")

    def opens(self, token: str) -> bool:
        """Whether this is the token; takes the same time for every wrong one."""
        return hmac.compare_digest(_digest(token), self._digest) and self.configured

    def bearer(self, connection: HTTPConnection) -> bool | None:
        """Whether an `Authorization: Bearer` header carries the token; None when there is no such header."""
        scheme, _, token = connection.headers.get("authorization", "").partition(" ")
        return self.opens(token.strip()) if scheme.lower() == "bearer" else None

    def session(self, connection: HTTPConnection) -> Session | None:
        """Who is logged in, None when nobody is."""
        if not self.configured:
            return None
        try:
            found = self._sessions.loads(connection.cookies.get(COOKIE, ""), max_age=SESSION_S)
        except BadSignature:
            return None
        return Session(found["id"], found["name"])

    def enter(self, response: Response, name: str, *, secure: bool) -> Session:
        """Log somebody in: the cookie of a new session."""
        session = Session(secrets.token_urlsafe(16), " ".join(name.split())[:NAME_MAX] or DEFAULT_NAME)
        signed = self._sessions.dumps({"id": session.id, "name": session.name})
        _set(response, COOKIE, signed, SESSION_S, secure=secure)
        response.delete_cookie(VISIT_COOKIE)
        return session

    def leave(self, response: Response) -> None:
        """Log out: the browser forgets the cookie."""
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")

    def form_token(self, session: Session) -> str:
        """What a form of this session must carry."""
        return self._forms.dumps(session.id)

    def is_form_of(self, session: Session, token: str) -> bool:
        """Whether a form was made for this session."""
        try:
            found = self._forms.loads(token, max_age=SESSION_S)
        except BadSignature:
            return False
        return hmac.compare_digest(str(found), session.id)

    def visit(self, connection: HTTPConnection) -> str:
        """The id of a visitor who is not logged in; a new one when the browser names none."""
        return connection.cookies.get(VISIT_COOKIE, "")[:64] or secrets.token_urlsafe(16)

    def keep_visit(self, response: Response, visit: str, *, secure: bool) -> None:
        """Have the browser name this visit with its login."""
        _set(response, VISIT_COOKIE, visit, FORM_S, secure=secure)

    def login_token(self, visit: str) -> str:
        """What the login form of this visit must carry."""
        return self._visits.dumps(visit)

    def is_login_of(self, connection: HTTPConnection, token: str) -> bool:
        """Whether a login form was made for this visitor, within the last hour and by this very process."""
        visit = connection.cookies.get(VISIT_COOKIE, "")
        try:
            return bool(visit) and hmac.compare_digest(str(self._visits.loads(token, max_age=FORM_S)), visit)
        except BadSignature:
            return False


def _set(response: Response, name: str, value: str, max_age: int, *, secure: bool) -> None:
    response.set_cookie(name, value, max_age=max_age, secure=secure, httponly=True, samesite="strict")


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
