"""The posts that a word about planned work needs: one draft per account and language, for people to approve."""

from __future__ import annotations

from collections.abc import Sequence

from domain.ids import stable_id
from domain.incidents.planned import PlannedWork, WorkUpdate
from domain.work import Delivery, DeliveryState
from status_page.words.posts import Outlet, made_to_fit
from status_page.words.work_words import Occasion, work_post_text, work_url


def draft_work_posts(
    work: PlannedWork, occasion: Occasion, update: WorkUpdate, outlets: Sequence[Outlet], page_url: str
) -> tuple[Delivery, ...]:
    """Draft a post for each outlet in each of its languages that the update was written in."""
    return tuple(
        _draft(work, occasion, update, outlet, language, page_url)
        for outlet in outlets
        for language in outlet.languages or tuple(update.texts)
        if update.texts.get(language)
    )


def _draft(
    work: PlannedWork, occasion: Occasion, update: WorkUpdate, outlet: Outlet, language: str, page_url: str
) -> Delivery:
    def write(room: int) -> str:
        text = work_post_text(work, occasion, update, language, page_url, room)
        return text if outlet.links else text.removesuffix(work_url(page_url, language, work)).rstrip()

    return Delivery(
        id=stable_id("del", update.id, outlet.name, language), channel=outlet.name, language=language,
        text=made_to_fit(write, outlet), state=DeliveryState.DRAFT, created_at=update.at, subject=update.id,
    )  # fmt: skip
