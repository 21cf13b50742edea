"""The second channel: a signed webhook or a mail, for when Slack is down or nobody looks there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

import aiohttp
import aiosmtplib

from alerts.slack_errors import retry_after
from alerts.text import clean, plain
from domain.errors import AuthError, NotFound, PermanentError, RateLimited, ServiceError, TemporaryError
from domain.signing import SIGNATURE_HEADER, sign

TIMEOUT = aiohttp.ClientTimeout(total=10, connect=5)
_AUTO = "auto-generated"  # RFC 3834: no holiday notes in answer


async def send_webhook(
    session: aiohttp.ClientSession, url: str, payload: Mapping[str, object], secret: str, *, key: str, now: datetime
) -> None:
    """Send `payload` as signed JSON; `key` is the same for each try, so that the receiver acts once."""
    body = json.dumps(payload, ensure_ascii=False, sort_keys=True, default=str).encode("utf-8", "replace")
    headers = {"Content-Type": "application/json", "Idempotency-Key": plain(key, 200), "User-Agent": "hubbub"}
    if secret:
        headers[SIGNATURE_HEADER] = sign(body, secret, now)
    try:
        # No redirects: the receiver was named by the owner, not by whoever answers there.
        async with session.post(url, data=body, headers=headers, timeout=TIMEOUT, allow_redirects=False) as answer:
            if error := _refused(answer.status, answer.headers):
                raise error
    except (aiohttp.InvalidURL, aiohttp.NonHttpUrlClientError) as err:
        raise PermanentError("The webhook's address is no web address.") from err
    except (aiohttp.ClientError, TimeoutError, OSError) as err:
        # Not the error's own words: a webhook's address is often its secret.
        raise TemporaryError(f"The webhook could not be reached ({type(err).__name__}).") from err


def _refused(status: int, headers: Mapping[str, str]) -> ServiceError | None:
    said = f"The webhook answered HTTP {status}."
    if 200 <= status < 300:
        return None
    if status == 429:
        return RateLimited(said, retry_after(headers))
    if status in {401, 403}:
        return AuthError(said)
    if status in {404, 410}:
        return NotFound(said)
    if status >= 500 or status in {408, 425}:
        return TemporaryError(said, retry_after(headers))
    return PermanentError(said)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in; `tls` is "starttls", "tls" (port 465) or "none" (loopback only)."""

    host: str
    port: int
    sender: str
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: str = "starttls"
    timeout_s: float = 15


async def send_mail(
    server: MailServer, to: str, subject: str, text: str, *, key: str, now: datetime, in_reply_to: str | None = None
) -> str:
    """Send one plain mail and give its Message-ID, which follows from `key`: a repeat is the same mail."""
    message = compose_mail(server.sender, to, subject, text, key=key, now=now, in_reply_to=in_reply_to)
    try:
        await aiosmtplib.send(
            message, hostname=server.host, port=server.port, username=server.username, password=server.password,
            use_tls=server.tls == "tls", start_tls=server.tls == "starttls", timeout=server.timeout_s,
        )  # fmt: skip
    except aiosmtplib.SMTPException as err:
        raise _mail_error(err) from err
    except (OSError, TimeoutError) as err:
        raise TemporaryError(f"The mail server could not be reached ({type(err).__name__}).") from err
    except ValueError as err:
        raise PermanentError("The mail server's settings contradict each other.") from err
    return str(message["Message-ID"])


def compose_mail(
    sender: str, to: str, subject: str, text: str, *, key: str, now: datetime, in_reply_to: str | None = None
) -> EmailMessage:
    """Write the mail; nothing from outside can add a header or a recipient. Raises PermanentError on a bad address."""
    message = EmailMessage()
    origin = _address(sender)
    message["From"], message["To"] = origin, _address(to)
    message["Subject"] = plain(subject, 200)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = _message_id(key, origin.domain)
    message["Auto-Submitted"] = _AUTO
    if in_reply_to:
        message["In-Reply-To"] = plain(in_reply_to, 200)
    message.set_content(clean(text) + "\n")
    return message


def _message_id(key: str, domain: str) -> str:
    return f"<{hashlib.sha256(key.encode('utf-8', 'replace')).hexdigest()[:32]}@{domain}>"


def _address(text: str) -> Address:
    wrong = PermanentError("The mail address is not complete.")
    bare = text.strip()
    if len(bare) > 254 or any(sign in bare for sign in ',;:<>()[]"\\ \t\r\n\x00'):
        raise wrong
    try:
        address = Address(addr_spec=bare)
        address.domain.encode("ascii")
    except (MessageError, ValueError, IndexError, AttributeError) as err:
        raise wrong from err
    if not address.username or not address.domain:
        raise wrong
    return address


def _mail_error(err: aiosmtplib.SMTPException) -> ServiceError:
    if isinstance(err, aiosmtplib.SMTPAuthenticationError):
        return AuthError(f"The mail server refuses the user name or password ({err.code}).")
    if isinstance(err, aiosmtplib.SMTPRecipientsRefused):
        codes = [refused.code for refused in err.recipients]
        said = f"The mail server refuses the recipient ({', '.join(map(str, codes))})."
        return NotFound(said) if all(code >= 500 for code in codes) else TemporaryError(said)
    if isinstance(err, aiosmtplib.SMTPResponseException):
        said = f"The mail server answered {err.code}."
        return PermanentError(said) if err.code >= 500 else TemporaryError(said)
    # A missing STARTTLS is the bare class; everything about the way there has a class of its own.
    if isinstance(err, aiosmtplib.SMTPNotSupported) or type(err) is aiosmtplib.SMTPException:
        return PermanentError("The mail server does not offer what the settings ask for (TLS or sign-in).")
    return TemporaryError(f"The mail server could not be reached ({type(err).__name__}).")
