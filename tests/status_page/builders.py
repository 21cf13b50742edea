"""Incidents and sites for the tests of the page: small, in three languages, with things that must stay inside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bs4 import BeautifulSoup

from domain.care.case import Case, FlagCode, FlagReason
from domain.component import Component, ComponentStatus
from domain.heard.classification import Kind
from domain.incidents.incident import Impact, Incident, IncidentStatus, Update
from domain.work import Actor, Line
from status_page.render import Site, render_site

NOW = datetime(2026, 11, 21, 14, 10, tzinfo=UTC)
LANGUAGES = ("en", "tr", "fa")
PAYMENTS = Component("payments", {"en": "Payments", "tr": "Ödemeler", "fa": "پرداخت"})
DELIVERY = Component("delivery", {"en": "Deliveries", "tr": "Teslimat", "fa": "تحویل سفارش"})
TITLES = {"en": "Cards are declined", "tr": "Kartlar reddediliyor", "fa": "پرداخت با کارت انجام نمی‌شود"}
TEXTS = {"en": "We look for the cause.", "tr": "Nedenini arıyoruz.", "fa": "در حال بررسی علت هستیم."}
SECRET = "Deniz Internal"


HOUR_AGO, FELT_SINCE, TWO_DAYS_AGO = (NOW - timedelta(minutes=ago) for ago in (60, 73, 2 * 24 * 60))
HOUR_AND_A_HALF = timedelta(minutes=92)


def minutes(count: float) -> timedelta:
    """Give so many minutes."""
    return timedelta(minutes=count)


def update(
    number: int = 1, status: IncidentStatus = IncidentStatus.INVESTIGATING, *, at: datetime = HOUR_AGO,
    texts: Mapping[str, str] = TEXTS, components: Mapping[str, ComponentStatus] | None = None,
    due: datetime | None = None,
) -> Update:  # fmt: skip
    """Make a public word; the first one makes payments partly unavailable."""
    if components is None:
        components = {"payments": ComponentStatus.PARTIAL_OUTAGE} if number == 1 else {}
    return Update(f"upd_{number}", at, status, texts, SECRET, components, due)


def incident(
    *updates: Update, id: str = "inc_1", titles: Mapping[str, str] = TITLES, impact: Impact = Impact.MAJOR,
    started_at: datetime = FELT_SINCE,
) -> Incident:  # fmt: skip
    """Make an incident; it is over when its last update says so."""
    updates = updates or (update(),)
    last = updates[-1]
    return Incident(
        id=id, titles=titles, impact=impact, started_at=started_at, declared_at=updates[0].at,
        declared_by=Actor("u1", SECRET), updates=updates, signal_ids=("sig_1",),
        resolved_at=last.at if last.status is IncidentStatus.RESOLVED else None,
        history=(Line(NOW, SECRET, "an internal remark"),),
    )  # fmt: skip


def resolved(id: str = "inc_old", ended: datetime = TWO_DAYS_AGO, lasted: timedelta = HOUR_AND_A_HALF,
             state: ComponentStatus = ComponentStatus.MAJOR_OUTAGE) -> Incident:  # fmt: skip
    """Make an incident that is over."""
    start = ended - lasted
    return incident(
        update(1, at=start, components={"payments": state}),
        update(2, IncidentStatus.RESOLVED, at=ended, components={"payments": ComponentStatus.OPERATIONAL}),
        id=id, started_at=start,
    )  # fmt: skip


def site(*incidents: Incident, **changes: object) -> Site:
    """Make a site in three languages."""
    made = Site(
        brand="Kiosk", brand_url="https://kiosk.example", public_url="https://status.kiosk.example",
        components=(PAYMENTS, DELIVERY), incidents=incidents, languages=LANGUAGES, now=NOW, report_form=True,
    )  # fmt: skip
    return replace(made, **changes)  # type: ignore[arg-type]


def page(of: Site, path: str = "en/index.html") -> BeautifulSoup:
    """Render a site and parse one of its pages."""
    return BeautifulSoup(render_site(of)[path], "html.parser")


def words(of: BeautifulSoup) -> str:
    """Give the text of a page with single spaces."""
    return " ".join(of.get_text(" ").split())


def case(language: str = "en", kind: Kind = Kind.PAYMENT_BILLING, *, contacts: int = 1) -> Case:
    """Make a case of somebody who complained."""
    return Case(
        id="case_1", person_id="per_1", component="payments", kind=kind, language=language,
        reason=FlagReason(FlagCode.COMPLAINT, 0.9), opened_at=NOW, due_at=NOW + minutes(60), author="@ayse",
        source="mastodon", source_type="mastodon", mention_ids=("men_1",), text="card declined", contacts=contacts,
    )  # fmt: skip


def joined(files: Mapping[str, bytes], kinds: Sequence[str] = (".html", ".json", ".atom", ".rss")) -> str:
    """Put everything the public can read into one string."""
    return "\n".join(content.decode() for path, content in files.items() if path.endswith(tuple(kinds)))
