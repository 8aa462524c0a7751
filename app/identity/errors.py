"""Why somebody is not let in."""

from collections.abc import Mapping
from http import HTTPStatus

from app.core.problems import Conflict, Invalid, Problem


class NotSignedIn(Problem):
    """No token, or one that is not valid any more."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not-signed-in"
    title = "Sign in first"
    headers: Mapping[str, str] = {"WWW-Authenticate": "Bearer"}


class WrongCredentials(NotSignedIn):
    """The name or the password is wrong; which of them is not told."""

    code = "wrong-credentials"
    title = "The user name or the password is wrong"


class TooManyAttempts(Problem):
    """A password was wrong too often; the header Retry-After says for how many seconds none is checked."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "too-many-attempts"
    title = "Too many attempts to sign in"


class NameTaken(Conflict):
    """There is such a thing already."""

    code = "name-taken"
    title = "The name is taken"


class OldPasswordWrong(Invalid):
    """Whoever wants another password does not know his present one."""

    code = "old-password-wrong"
    title = "The old password is wrong"
