"""Where somebody wants the news of his tasks sent: his own wish, which nobody else sees or sets."""

import re

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from app.core.problems import Invalid, pointer
from app.core.text import Text
from app.core.unit_of_work import UnitOfWork
from app.identity.models import user_account

_LONGEST = 254
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9](-*[A-Za-z0-9])*\.)+[A-Za-z]{2,63}", re.ASCII)


def news_to(connection: Connection, username: str) -> str:
    """Return the e-mail address that somebody's news go to; empty for who wants none."""
    query = sa.select(user_account.c.news_to).where(user_account.c.username == username)
    return connection.execute(query).scalar_one_or_none() or ""


def send_news_to(uow: UnitOfWork, username: str, address: str) -> None:
    """Send somebody's news to an address from now on; an empty one ends it.

    Raises:
        Invalid: it is no e-mail address.
    """
    address = address.strip()
    if address and (len(address) > _LONGEST or not _ADDRESS.fullmatch(address)):
        said = Text("Ini bukan alamat surel, misalnya budi@example.go.id.", "This is no e-mail address.")
        raise Invalid(said, errors=[{"pointer": pointer("news_to"), "message": said.en}])
    uow.write(sa.update(user_account).where(user_account.c.username == username), {"news_to": address or None})
