"""Takes pictures of the page in every state, language, width and scheme: `python -m tests.page_pictures FOLDER`.

For looking at after a change; nothing compares them.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import UTC, datetime, timedelta
from itertools import product
from pathlib import Path
from typing import Any

from domain.component import Component, ComponentStatus, Group
from domain.incidents.incident import Incident, IncidentStatus
from status_page.pages.reports import EVERYTHING, SLOT, SLOTS, Line, Reports
from status_page.publish import publish_site
from status_page.render import Site, render_site
from tests.status_page.builders import DELIVERY, LANGUAGES, PAYMENTS, incident, resolved, site, update
from tests.status_page.surf import browser, served
from tests.status_page.works import going_on, work

NOW = datetime.now(UTC).replace(second=0, microsecond=0)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WIDTHS, SCHEMES = (320, 390, 1280), ("light", "dark")
OTHER_PAGES = ("history", "search", "report", "customer-reports", "incidents/inc_1", "maintenance/mnt_1")
GROUPS = (
    Group("shop", {"en": "Shopping", "tr": "Alışveriş", "fa": "خرید"}),
    Group("money", {"en": "Money", "tr": "Para", "fa": "پول"}),
)
COMPONENTS = (
    Component("app", {"en": "App", "tr": "Uygulama", "fa": "برنامه"}, group="shop"),
    Component("search", {"en": "Product search", "tr": "Ürün arama", "fa": "جست‌وجوی کالا"}, group="shop"),
    Component("payments", PAYMENTS.names, group="money", help={"en": "https://help.example", "fa": "https://help.example/fa"}),
    Component("wallet", {"en": "Wallet", "tr": "Cüzdan", "fa": "کیف پول"}, group="money"),
    DELIVERY,
    *(Component(f"d{n}", {"en": f"Depot {n}", "tr": f"Depo {n}", "fa": f"انبار {n}"}, group="shop") for n in range(5)),
)  # fmt: skip


def trouble() -> Incident:
    """Make an incident that began an hour ago, with a promise that is open."""
    slow, broken = ComponentStatus.DEGRADED_PERFORMANCE, ComponentStatus.PARTIAL_OUTAGE
    first = update(1, at=NOW - HOUR, components={"payments": slow, "wallet": slow}, due=NOW - HOUR / 2)
    found = {"payments": broken, "wallet": ComponentStatus.OPERATIONAL}
    text = {"en": "The cause is **our provider**.\n\n- bank transfer works", "tr": "Neden **sağlayıcımız**."}
    promised = NOW + HOUR / 2
    later = update(2, IncidentStatus.IDENTIFIED, at=NOW - HOUR / 2, components=found, texts=text, due=promised)
    return incident(first, later, started_at=NOW - HOUR)


def reports(*last: int) -> Reports:
    """Make a day of reports that ends with `last`."""
    usual = tuple(6 + 4 * ((place % 24) / 12 - 1) ** 2 for place in range(SLOTS))
    seen = tuple(int(value + place * 7 % 5 - 2) for place, value in enumerate(usual))[: SLOTS - len(last)] + last
    line = Line(seen, usual, sum(seen[-2:]))
    return Reports(
        NOW - SLOTS * SLOT, {EVERYTHING: line, "payments": line, "delivery": Line((1,) * SLOTS, (1.0,) * SLOTS)}
    )


def sites() -> dict[str, Site]:
    """Make a site for every state worth looking at."""
    old = [
        resolved(f"inc_old{n}", NOW - n * n * 2 * DAY, n * HOUR, ComponentStatus.PARTIAL_OUTAGE) for n in range(1, 8)
    ]
    soon = work(starts_at=NOW + 30 * HOUR, ends_at=NOW + 32 * HOUR)
    common: dict[str, Any] = {"components": COMPONENTS, "groups": GROUPS, "now": NOW, "subscribe": True}
    return {
        "green": site(*old, reports=reports(), **common),
        "incident": site(trouble(), *old, planned=(soon,), reports=reports(9, 31, 47), **common),
        "maintenance": site(*old, planned=(going_on(starts_at=NOW - HOUR, ends_at=NOW + HOUR),), **common),
        "stale": site(*old, **{**common, "now": NOW - 7 * HOUR}),
    }


def main(folder: Path) -> None:
    """Publish every site as plain files and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place, browser() as chromium:
        for state, made in sites().items():
            publish_site(render_site(made), Path(place) / state)
            names = ("index", *(OTHER_PAGES if state == "incident" else ()))
            with served(Path(place) / state) as address:
                for name, language, width, scheme in product(names, LANGUAGES, WIDTHS, SCHEMES):
                    path = folder / f"{state}-{name.replace('/', '-')}-{language}-{width}-{scheme}.png"
                    _shoot(chromium, f"{address}/{language}/{name}.html", path, width, scheme)


def _shoot(chromium: Any, url: str, path: Path, width: int, scheme: str) -> None:
    page = chromium.new_page(
        viewport={"width": width, "height": 900}, color_scheme=scheme, locale="en-GB", timezone_id="Europe/Istanbul"
    )
    page.goto(url)
    page.screenshot(path=path, full_page=True)
    page.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
