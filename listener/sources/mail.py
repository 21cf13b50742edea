"""A mailbox customers write to, read over IMAP; mails stay as they are, unread ones stay unread."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated, Literal

from pydantic import Field

from domain.heard.mention import Batch
from listener.cursor import read_cursor, write_cursor
from listener.items import moment_of, number_at, text_at
from listener.options import SecretProblem
from listener.source import Configured
from listener.sources.imap import Mailbox, Place, look
from listener.sources.letters import parse_letters

_HERE = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, slots=True)
class MailOptions:
    """Which mailbox, and how to get in."""

    host: Annotated[str, Field(min_length=1)]
    user: Annotated[str, Field(min_length=1)]
    port: Annotated[int, Field(ge=1, le=65535)] | None = None  # None: 993, without TLS from the start 143
    folder: Annotated[str, Field(min_length=1)] = "INBOX"
    tls: Literal["tls", "starttls", "none"] = "tls"
    limit: Annotated[int, Field(ge=1, le=200)] = 50  # mails in one go
    lookback_days: Annotated[int, Field(ge=0, le=366)] = 1  # how far the first look reaches back


def problems_of(options: MailOptions, base_url: str | None, secrets: object) -> list[str]:
    """Say what is missing or unsafe."""
    problems = []
    if base_url is not None:
        problems.append("`base_url` is not for mail: name the server with option `host`.")
    password = text_at(secrets, "password")
    if not password or not password.isprintable():
        problems.append(
            SecretProblem("secret `password` is missing or unreadable: the mailbox's password, or an app password.")
        )
    if options.tls == "none" and options.host not in _HERE:
        problems.append("option `tls` is wrong: without TLS the password would travel readable for everyone.")
    if not (options.host + options.user + options.folder).isprintable():
        problems.append("option `host`, `user` or `folder` is wrong: it has characters that cannot be printed.")
    return problems


class Mail(Configured[MailOptions]):
    """Looks into the mailbox at each poll; the cursor is the number of the last mail that was read."""

    async def fetch(self, cursor: str | None) -> Batch:
        """Get the next mails; mails are numbered anew when UIDVALIDITY changes, and then read again by date."""
        state, origin = read_cursor(cursor), self.setup.origin()
        today = origin.now.date()
        place = Place(number_at(state, "validity") or 0, number_at(state, "uid") or 0, self._since(state, today))
        found = await look(self._mailbox(), place, self.options.limit)
        parsed = await asyncio.to_thread(parse_letters, found.letters, origin, self.options.user)
        mark = write_cursor(validity=found.validity, uid=found.uid, day=today.isoformat())
        return Batch(parsed.mentions, mark, parsed.set_aside, found.more)

    def _since(self, state: object, today: date) -> date:
        """Give the day to read from: the day before the last look, or as far as the first look reaches."""
        seen = moment_of(text_at(state, "day"))
        return min(seen.date(), today) - timedelta(days=1) if seen else today - timedelta(self.options.lookback_days)

    def _mailbox(self) -> Mailbox:
        options = self.options
        port = options.port or (993 if options.tls == "tls" else 143)
        password = self.setup.secrets.get("password", "")
        return Mailbox(options.host, options.user, password, port, options.folder, options.tls)
