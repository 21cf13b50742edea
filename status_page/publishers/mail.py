"""Answers by mail, to those who left an address: over SMTP, or into a Maildir where another program sends."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import aiosmtplib

from domain.errors import AuthError, PermanentError, TemporaryError
from domain.work import Delivery
from status_page.publishers.publisher import Published

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
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
            await asyncio.to_thread(_file, _folder(urlsplit(self.url)), delivery.id, message)
        else:
            await self._send(message)
        return Published(str(message["Message-ID"]))

    async def _send(self, message: EmailMessage) -> None:
        where = urlsplit(self.url)
        try:
            await aiosmtplib.send(
                message, hostname=where.hostname or "localhost", port=where.port, timeout=20,
                use_tls=where.scheme == "smtps", start_tls=_start_tls(where, self.password),
                username=unquote(where.username) if where.username else None, password=self.password,
            )  # fmt: skip
        except aiosmtplib.SMTPAuthenticationError as err:
            raise AuthError(f"Mail ({self.name}): the server refuses our credentials.") from err
        except aiosmtplib.SMTPRecipientsRefused as err:
            # 4xx is greylisting: the same mail is taken a little later.
            kind = PermanentError if all(refused.code >= 500 for refused in err.recipients) else TemporaryError
            raise kind(f"Mail ({self.name}): the server refuses the recipient.") from err
        except aiosmtplib.SMTPResponseException as err:
            kind = PermanentError if err.code >= 500 else TemporaryError
            raise kind(f"Mail ({self.name}): the server answers {err.code}.") from err
        except (aiosmtplib.SMTPNotSupported, ValueError) as err:
            raise PermanentError(f"Mail ({self.name}): the server cannot take this mail.") from err
        except (aiosmtplib.SMTPException, OSError) as err:
            raise TemporaryError(f"Mail ({self.name}): the server cannot be reached ({type(err).__name__}).") from err


def compose(delivery: Delivery, sender: str) -> EmailMessage:
    """Write the mail. Raises PermanentError for an address that could smuggle in headers."""
    message = EmailMessage()
    message["From"], message["To"] = sender, _recipient(delivery.to or "")
    message["Subject"] = SUBJECTS.get(delivery.language, SUBJECTS["en"])
    message["Date"] = format_datetime(delivery.created_at)
    message["Message-ID"] = f"<{delivery.id}@{sender.rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(delivery.text)
    return message


def _recipient(to: str) -> Address:
    unusable = PermanentError("There is no usable mail address for this answer.")
    if any(c.isspace() or ord(c) < 32 or c in ',;:<>()[]"\\' for c in to):
        raise unusable
    try:
        address = Address(addr_spec=to)
    except (MessageError, ValueError, IndexError, AttributeError) as err:  # the library's parser trips in many ways
        raise unusable from err
    if not address.username or not address.domain:
        raise unusable
    return address


def _start_tls(where: SplitResult, password: str | None) -> bool | None:
    """Insist on encryption before a password leaves this machine; else take it where it is offered (None)."""
    if where.scheme == "smtps":
        return False
    return True if password and where.hostname not in _LOOPBACK else None


def _folder(where: SplitResult) -> Path:
    return Path(unquote(where.netloc + where.path))


def _file(folder: Path, key: str, message: EmailMessage) -> None:
    """Put the mail into new/ under a name that a repeat would only overwrite, unless it was taken on from there."""
    try:
        for room in ("tmp", "new", "cur"):
            (folder / room).mkdir(parents=True, exist_ok=True)
        if any((folder / "cur").glob(f"{key}*")):
            return
        temporary = folder / "tmp" / key
        temporary.write_bytes(message.as_bytes())
        temporary.rename(folder / "new" / key)
    except OSError as err:
        raise TemporaryError(f"The Maildir {folder} cannot be written ({err.strerror}).") from err
