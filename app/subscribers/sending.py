"""Mail to subscribers leaves here: over a few kept SMTP connections, or into a Maildir where another program sends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from app.subscribers.judging import judge
from app.subscribers.letters import Envelope
from domain.errors import AuthError, PermanentError, TemporaryError
from domain.told.mailing import SENT, Outcome

PER_CONNECTION = 100  # mails; many servers end a connection that brings more
TIMEOUT_S = 60.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_CLOSING = 421


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server as `mail.url` names it: smtp://[user@]host[:port] or smtps://..."""

    url: str
    password: str | None = field(default=None, repr=False)

    def client(self) -> aiosmtplib.SMTP:
        """Make a client that is not connected yet; a password never travels in the clear to another machine."""
        where = urlsplit(self.url)
        secure = where.scheme == "smtps"
        must = True if self.password and where.hostname not in _LOOPBACK else None
        return aiosmtplib.SMTP(
            hostname=where.hostname or "localhost", port=where.port, timeout=TIMEOUT_S, use_tls=secure,
            start_tls=False if secure else must, username=unquote(where.username) if where.username else None,
            password=self.password,
        )  # fmt: skip


class Exit(Protocol):
    """A place where mail is handed over, kept open between mails."""

    async def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail over. Raises ServiceError when the place itself has trouble."""

    async def close(self) -> None:
        """Let go of it."""


@dataclass(slots=True)
class Connection:
    """One SMTP connection, renewed after `PER_CONNECTION` mails and once when it breaks.

    A mail is lost never, doubled only when the connection breaks between "accepted" and our reading of it.
    """

    server: Server
    client: aiosmtplib.SMTP | None = None
    used: int = 0

    async def send(self, envelope: Envelope) -> Outcome:
        """Hand one mail over; a refusal is an outcome, a server that is not there is TemporaryError."""
        try:
            return await self._try(envelope)
        except TemporaryError:
            await self.close()
            return await self._try(envelope)  # servers drop idle connections: a new one may do

    async def _try(self, envelope: Envelope) -> Outcome:
        try:
            client = await self._open()
            await client.sendmail(envelope.sender, [envelope.to], envelope.content)
        except aiosmtplib.SMTPRecipientsRefused as err:
            return _judged(err.recipients[0].code, err.recipients[0].message)
        except aiosmtplib.SMTPDataError as err:
            return _judged(err.code, err.message)
        except aiosmtplib.SMTPAuthenticationError as err:
            raise AuthError("The mail server refuses our user name or password.") from err
        except aiosmtplib.SMTPResponseException as err:
            # To MAIL FROM or the greeting: that is about us, not about a recipient.
            raise TemporaryError(f"The mail server answers {err.code} {err.message[:100]}") from err
        except (aiosmtplib.SMTPNotSupported, ValueError) as err:
            raise PermanentError("The mail server does not offer what the settings ask for (TLS or sign-in).") from err
        except (aiosmtplib.SMTPException, OSError) as err:
            raise TemporaryError(f"The mail server cannot be reached ({type(err).__name__}).") from err
        self.used += 1
        return SENT

    async def _open(self) -> aiosmtplib.SMTP:
        if self.used >= PER_CONNECTION:
            await self.close()
        if self.client is None or not self.client.is_connected:
            self.client, self.used = self.server.client(), 0
            await self.client.connect()
        return self.client

    async def close(self) -> None:
        """Say goodbye, without waiting for a server that does not answer."""
        client, self.client = self.client, None
        if client is None:
            return
        try:
            if client.is_connected:
                await client.quit(timeout=2)
        except (aiosmtplib.SMTPException, OSError):
            client.close()


def _judged(code: int, said: str) -> Outcome:
    if code == _CLOSING:  # the server ends the connection; it says nothing about the recipient
        raise TemporaryError(f"The mail server closes: {said[:100]}")
    return judge(code, said)


@dataclass(frozen=True, slots=True)
class Maildir:
    """A folder that another program empties; a repeated mail overwrites the first, so it is never doubled."""

    folder: Path

    async def send(self, envelope: Envelope) -> Outcome:
        """Write one mail."""
        await asyncio.to_thread(self._write, envelope)
        return SENT

    async def close(self) -> None:
        """Nothing is kept open."""

    def _write(self, envelope: Envelope) -> None:
        try:
            for room in ("tmp", "new", "cur"):
                (self.folder / room).mkdir(parents=True, exist_ok=True)
            if any((self.folder / "cur").glob(f"{envelope.key}*")):
                return
            draft = self.folder / "tmp" / envelope.key
            draft.write_bytes(envelope.content)
            draft.rename(self.folder / "new" / envelope.key)
        except OSError as err:
            raise TemporaryError(f"The Maildir {self.folder} cannot be written ({err.strerror}).") from err


@dataclass(slots=True)
class Exits:
    """Keeps exits open from one batch to the next."""

    make: Callable[[], Exit]
    idle: list[Exit] = field(default_factory=list)

    @asynccontextmanager
    async def one(self) -> AsyncIterator[Callable[[Envelope], Awaitable[Outcome]]]:
        """Lend one."""
        exit_ = self.idle.pop() if self.idle else self.make()
        try:
            yield exit_.send
        finally:
            self.idle.append(exit_)

    async def close(self) -> None:
        """Close all that are not lent."""
        while self.idle:
            await self.idle.pop().close()


def exits(url: str, password: str | None) -> Exits:
    """Give the way out that `mail.url` names."""
    if url.startswith("maildir:"):
        where = urlsplit(url)
        folder = Maildir(Path(unquote(where.netloc + where.path)))
        return Exits(lambda: folder)
    server = Server(url, password)
    return Exits(lambda: Connection(server))
