"""Addresses people type, brought into the one form that is stored and sent to, or refused with a reason."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from enum import StrEnum

import idna
from yarl import URL

from config.subscribers import PUSH_HOSTS
from domain.told.subscriber import Channel

MAX_MAIL, MAX_LOCAL, MAX_URL = 254, 64, 2000
SLACK_HOST = "hooks.slack.com"
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
# One address in ASCII, and nothing that could end a header or begin a second recipient (RFC 5321 4.1.2, no quotes).
MAIL = re.compile(rf"{_ATOM}(?:\.{_ATOM})*@(?:[a-z0-9](?:[a-z0-9-]{{0,61}}[a-z0-9])?\.)+[a-z][a-z0-9-]{{0,61}}[a-z0-9]")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")  # nothing that another program might read as another host
_HIDDEN = "\u200b\u200e\u200f\u2066\u2067\u2068\u2069\ufeff"  # come along when an address is copied


class AddressProblem(StrEnum):
    """What is wrong with an address; the page says it in the reader's language."""

    MAIL = "mail"
    URL = "url"
    SLACK = "slack"
    PUSH = "push"


def read_address(
    channel: Channel, typed: str, *, plain_http: bool = False, push_hosts: Sequence[str] | None = PUSH_HOSTS
) -> str | AddressProblem:
    """Give the one form of an address, or what is wrong with it.

    `push_hosts` are the push services (None: any host, to look somebody up); `plain_http` takes addresses without TLS,
    and any host as Slack: for tests.
    """
    if channel is Channel.MAIL:
        return mail_address(typed) or AddressProblem.MAIL
    url = web_address(typed, ("https", "http") if plain_http else ("https",))
    if channel is Channel.SLACK and not plain_http and not _is_slack(url):
        url = None
    if channel is Channel.PUSH and push_hosts is not None and not is_push_address(url or "", push_hosts):
        url = None
    return url or _WRONG[channel]


def _is_slack(url: str | None) -> bool:
    where = URL(url or "")
    return where.host == SLACK_HOST and where.path.startswith("/services/")


def is_push_address(url: str, hosts: Sequence[str]) -> bool:
    """Say whether an address is at one of these push services, or at a host below it; on port 443 if none is named."""
    where = URL(url)
    host = where.raw_host or ""
    place = f".{host}" if where.is_default_port() else f".{host}:{where.port}"
    return _HOST.fullmatch(host) is not None and any(place.endswith(f".{known}") for known in hosts)


def mail_address(typed: str) -> str | None:
    """Give a mail address with its domain in ASCII and lower case; None for what is none, or more than one."""
    bare = typed.strip().strip(_HIDDEN)
    local, at, domain = bare.rpartition("@")
    if not at or len(bare) > MAX_MAIL or len(local) > MAX_LOCAL:
        return None
    try:
        # Persian and Turkish domains: IDNA 2008 keeps the half-space and ı, which Python's own codec (2003) loses.
        ascii_domain = idna.encode(domain.rstrip("."), uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        return None
    address = f"{local}@{ascii_domain}"
    return address if len(address) <= MAX_MAIL and MAIL.fullmatch(address) else None


def browser_keys(p256dh: str, auth: str) -> dict[str, str] | None:
    """Check the keys of a browser (RFC 8291): an uncompressed point of P-256 and 16 bytes; None if they are none."""
    point, secret = unpadded(p256dh), unpadded(auth)
    if point is None or secret is None or len(point) != 65 or point[0] != 4 or len(secret) != 16:
        return None
    return {"p256dh": p256dh, "auth": auth}


def unpadded(text: str) -> bytes | None:
    """Decode base64url without padding; None for anything else."""
    if not re.fullmatch(r"[A-Za-z0-9_-]{1,200}", text):
        return None
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except binascii.Error:
        return None


def veiled(channel: Channel, address: str) -> str:
    """Show an address to whoever holds its link, so that they know it again and others learn little."""
    if channel is not Channel.MAIL:
        return URL(address).host or "…"
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}"


def web_address(typed: str, schemes: tuple[str, ...]) -> str | None:
    """Give an address of the web in its one form; None for what is none, or carries a password."""
    bare = typed.strip().strip(_HIDDEN)
    if len(bare) > MAX_URL or any(c.isspace() or ord(c) < 32 for c in bare):
        return None
    try:
        url = URL(bare).with_fragment(None)
        usable = all((url.scheme in schemes, url.host, url.port, url.user is None, url.password is None))
    except ValueError:
        return None
    return str(url) if usable and len(str(url)) <= MAX_URL else None


_WRONG = {
    Channel.WEBHOOK: AddressProblem.URL, Channel.SLACK: AddressProblem.SLACK, Channel.PUSH: AddressProblem.PUSH,
}  # fmt: skip
