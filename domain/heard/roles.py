"""Who speaks: the names the owner tells apart from customers, and the role they give to an author. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from domain.heard.mention import Author, Role


@dataclass(frozen=True, slots=True)
class Known:
    """The owner's lists, as `known` prepares them: handles, full handles, ids and addresses of profiles."""

    own: frozenset[str] = frozenset()
    employees: frozenset[str] = frozenset()
    bots: frozenset[str] = frozenset()
    competitors: frozenset[str] = frozenset()


NOBODY = Known()


def known(
    own: Iterable[str] = (), employees: Iterable[str] = (), bots: Iterable[str] = (), competitors: Iterable[str] = ()
) -> Known:
    """Prepare the lists of the settings: case, "@", "https://" and empty entries do not matter."""
    return Known(*(frozenset(map(_plain, names)) - {""} for names in (own, employees, bots, competitors)))


def role_of(author: Author, lists: Known) -> Role:
    """Say who an author is; on several lists, the one that is nearest to us wins. A shown name proves nothing."""
    if lists == NOBODY:
        return Role.CUSTOMER
    names = frozenset(_names_of(author))
    ranked = (
        (lists.own, Role.OWN),
        (lists.employees, Role.EMPLOYEE),
        (lists.competitors, Role.COMPETITOR),
        (lists.bots, Role.BOT),
    )
    return next((role for listed, role in ranked if names & listed), Role.CUSTOMER)


def _names_of(author: Author) -> Iterator[str]:
    handle, url = _plain(author.handle), author.url or ""
    yield from (_plain(author.id), handle, _plain(url))
    # A server shows its own people without its name: "nar" at town.example is nar@town.example, and nobody else is.
    host = _host(url)
    if handle and host and "@" not in handle:
        yield f"{handle}@{host}"


def _plain(name: str) -> str:
    name = name.strip().casefold()
    for start in ("https://", "http://", "www."):
        name = name.removeprefix(start)
    return name.lstrip("@").rstrip("/")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").casefold()
    except ValueError:  # "http://[": no address
        return ""
