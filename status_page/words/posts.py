"""The posts an update needs: one draft per account and language, for the people on call to approve."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from domain.ids import stable_id
from domain.incidents.incident import Incident, Update
from domain.work import Delivery, DeliveryState
from status_page.publishers.publisher import Charges, Edits, Measures, Publisher, Withdraws
from status_page.words.incident_words import incident_url, post_text
from status_page.words.lengths import Measure, fitting


@dataclass(frozen=True, slots=True)
class Outlet:
    """An account or address that posts go to: its languages, its rules, what it can do with a post that was sent."""

    name: str
    languages: tuple[str, ...]  # empty: every language of the update
    limit: int | None  # of a whole post, address included, as `measure` counts; None: no limit
    measure: Measure = len
    cost: Callable[[str], float] | None = None  # US dollars; None: free
    links: bool = True  # posts carry the address of the incident's page
    edits: bool = False
    withdraws: bool = False


def outlet_of(publisher: Publisher, languages: tuple[str, ...], links: bool) -> Outlet:
    """Describe a publisher as it is now: a server may have told its own limit meanwhile."""
    return Outlet(
        publisher.name, languages, publisher.limit,
        publisher.measure if isinstance(publisher, Measures) else len,
        publisher.cost_of if isinstance(publisher, Charges) else None,
        links, isinstance(publisher, Edits), isinstance(publisher, Withdraws),
    )  # fmt: skip


def draft_posts(incident: Incident, update: Update, outlets: Sequence[Outlet], page_url: str) -> tuple[Delivery, ...]:
    """Draft a post for each outlet in each of its languages that the update was written in."""
    return tuple(
        _draft(incident, update, outlet, language, page_url)
        for outlet in outlets
        for language in outlet.languages or tuple(update.texts)
        if update.texts.get(language)
    )


def _draft(incident: Incident, update: Update, outlet: Outlet, language: str, page_url: str) -> Delivery:
    def write(room: int) -> str:
        text = post_text(incident, update, language, page_url, room)
        return text if outlet.links else text.removesuffix(incident_url(page_url, language, incident)).rstrip()

    return Delivery(
        id=stable_id("del", update.id, outlet.name, language), channel=outlet.name, language=language,
        text=made_to_fit(write, outlet), state=DeliveryState.DRAFT, created_at=update.at, subject=update.id,
    )  # fmt: skip


def made_to_fit(write: Callable[[int], str], outlet: Outlet) -> str:
    """Give the longest text of `write(room)` that an outlet takes; `room` is in characters before the address."""
    limit = min(_MOST if outlet.limit is None else outlet.limit, _MOST)
    measure = outlet.measure if limit < _MOST else lambda text: max(len(text), outlet.measure(text))
    return fitting(write, measure, limit, _LEAST)


def why_not(text: str, outlet: Outlet) -> str | None:
    """Say why a text cannot be posted there, None when it can."""
    if not text.strip():
        return "An empty post cannot be sent."
    if outlet.limit is not None and (length := outlet.measure(text)) > outlet.limit:
        return f"This is {length - outlet.limit} over the {outlet.limit:,} that {outlet.name} takes: shorten it."
    return None


def remark(text: str, outlet: Outlet) -> str:
    """Say beside the preview of a post what it costs, and how much of the room it takes."""
    words = []
    if outlet.cost is not None and (price := outlet.cost(text)):
        words.append(f"${price:.3f}".removesuffix("0") + (": it has a link" if price > outlet.cost("") else ""))
    if outlet.limit is not None:
        length = outlet.measure(text)
        words.append(f"{length:,} of {outlet.limit:,}" + (": too long" if length > outlet.limit else ""))
    return " · ".join(words)


_MOST = 3000  # characters that a form in Slack can hold, so that no word is lost when a draft is edited there
_LEAST = 40  # so that a post is never only a link
