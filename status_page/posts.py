"""The posts an update needs: one draft per account and language, for the people on call to approve."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.ids import stable_id
from domain.incident import Incident, Update
from domain.work import Delivery, DeliveryState
from status_page.words import incident_url, post_text


@dataclass(frozen=True, slots=True)
class Outlet:
    """An account or address that posts go to: its name, the languages it speaks, the length it takes."""

    name: str
    languages: tuple[str, ...]  # empty: every language of the update
    limit: int | None  # characters of a whole post, address included; None: no limit


def draft_posts(incident: Incident, update: Update, outlets: Sequence[Outlet], page_url: str) -> tuple[Delivery, ...]:
    """Draft a post for each outlet in each of its languages that the update was written in."""
    return tuple(
        _draft(incident, update, outlet, language, page_url)
        for outlet in outlets
        for language in outlet.languages or tuple(update.texts)
        if update.texts.get(language)
    )


def _draft(incident: Incident, update: Update, outlet: Outlet, language: str, page_url: str) -> Delivery:
    return Delivery(
        id=stable_id("del", update.id, outlet.name, language), channel=outlet.name, language=language,
        text=post_text(incident, update, language, page_url, _room(outlet, incident, language, page_url)),
        state=DeliveryState.DRAFT, created_at=update.at, subject=update.id,
    )  # fmt: skip


def _room(outlet: Outlet, incident: Incident, language: str, page_url: str) -> int:
    """Say how many characters stand before the address; at least some, so that a post is never only a link."""
    if outlet.limit is None:
        return _NO_LIMIT
    address = len(incident_url(page_url, language, incident))
    return max(outlet.limit - address - 1, _LEAST)


_NO_LIMIT = 10_000
_LEAST = 40
