"""Answers by mail, to those who left an address: over SMTP, or into a Maildir where another program sends."""

from __future__ import annotations

import asyncio
import mailbox
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlsplit

import aiosmtplib

from domain.errors import AuthError, PermanentError, TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Published

SUBJECTS = {"en": "About your report", "tr": "Bildiriminiz hakkında", "fa": "دربارهٔ گزارش شما"}


@dataclass(frozen=True, slots=True)
class Mail:
    """Sends plain text from `sender`; `url` is smtp://[user@]host[:port], smtps://... or maildir:///path.

    The Message-ID follows from the delivery's id. SMTP itself cannot recognise a repeat; a Maildir can.
    """

    name: str
    url: str
    sender: str
    password: str | None = None
    limit: int | None = None

    def __repr__(self) -> str:
        """Leave the password out of logs."""
        return f"Mail({self.name!r}, {self.sender!r})"

    async def publish(self, delivery: Delivery) -> Published:
        """Send one answer to `delivery.to`."""
        message = compose(delivery, self.sender)
        if self.url.startswith("maildir:"):
            await asyncio.to_thread(_file, Path(urlsplit(self.url).path), delivery.id, message)
        else:
            await self._send(message)
        return Published(str(message["Message-ID"]))

    async def _send(self, message: EmailMessage) -> None:
        where = urlsplit(self.url)
        try:
            await aiosmtplib.send(
                message, hostname=where.hostname or "localhost", port=where.port, timeout=20,
                use_tls=where.scheme == "smtps", username=where.username, password=self.password,
            )  # fmt: skip
        except aiosmtplib.SMTPAuthenticationError as err:
            raise AuthError(f"Mail ({self.name}): the server refuses our credentials.") from err
        except aiosmtplib.SMTPRecipientsRefused as err:
            raise PermanentError(f"Mail ({self.name}): the server refuses the recipient.") from err
        except aiosmtplib.SMTPResponseException as err:
            kind = PermanentError if err.code >= 500 else TemporaryError
            raise kind(f"Mail ({self.name}): the server answers {err.code}.") from err
        except (aiosmtplib.SMTPException, OSError) as err:
            raise TemporaryError(f"Mail ({self.name}): the server cannot be reached ({type(err).__name__}).") from err


def compose(delivery: Delivery, sender: str) -> EmailMessage:
    """Write the mail. Raises PermanentError for an address that could smuggle in headers."""
    to = delivery.to or ""
    if not to or any(c.isspace() or ord(c) < 32 for c in to) or to.count("@") != 1 or "," in to:
        raise PermanentError("There is no usable mail address for this answer.")
    message = EmailMessage()
    message["From"], message["To"] = sender, to
    message["Subject"] = SUBJECTS.get(delivery.language, SUBJECTS["en"])
    message["Date"] = format_datetime(delivery.created_at)
    message["Message-ID"] = f"<{delivery.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(delivery.text)
    return message


def _file(folder: Path, key: str, message: EmailMessage) -> None:
    """Put the mail into new/ under a name that a repeat would only overwrite."""
    try:
        mailbox.Maildir(folder, create=True)  # makes tmp, new and cur
        temporary = folder / "tmp" / key
        temporary.write_bytes(message.as_bytes())
        temporary.rename(folder / "new" / key)
    except OSError as err:
        raise TemporaryError(f"The Maildir {folder} cannot be written ({err.strerror}).") from err
