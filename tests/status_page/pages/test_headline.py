"""The headline may never say that all is well while something is open; checked through to what is published."""

from __future__ import annotations

import json
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.component import ComponentStatus
from domain.incidents.incident import Headline, Impact, Incident, IncidentStatus, headline
from status_page.render import render_site
from tests.status_page.builders import NOW, incident, minutes, page, site, update

COMPONENTS = ("payments", "delivery", "gone")


@st.composite
def incidents(draw: st.DrawFn) -> list[Incident]:
    """Make up to three incidents with any course of states."""
    made = []
    for number in range(draw(st.integers(0, 3))):
        steps = draw(st.lists(st.sampled_from(IncidentStatus), min_size=1, max_size=4))
        updates = [
            update(
                step, status, at=NOW - minutes(60 - step),
                components=draw(st.dictionaries(st.sampled_from(COMPONENTS), st.sampled_from(ComponentStatus))),
            )
            for step, status in enumerate(steps)
        ]  # fmt: skip
        made.append(incident(*updates, id=f"inc_{number}", impact=draw(st.sampled_from(Impact))))
    return made


def anything_open(known: Iterable[Incident]) -> bool:
    """Say whether an incident is open."""
    return any(i.is_open for i in known)


@settings(deadline=None)
@given(incidents())
def test_operational_is_said_exactly_when_nothing_is_open(known: list[Incident]) -> None:
    level = headline(("payments", "delivery"), known)
    assert (level is Headline.OPERATIONAL) == (not anything_open(known))


@settings(deadline=None)
@given(incidents())
def test_the_headline_is_no_better_than_the_worst_impact(known: list[Incident]) -> None:
    order = [Headline.OPERATIONAL, Headline.MAINTENANCE, Headline.MINOR, Headline.MAJOR, Headline.CRITICAL]
    like = {Impact.NONE: Headline.MINOR, Impact.MINOR: Headline.MINOR, Impact.MAJOR: Headline.MAJOR,
            Impact.CRITICAL: Headline.CRITICAL}  # fmt: skip
    level = headline(("payments", "delivery"), known)
    for one in known:
        if one.is_open and one.impact is not Impact.NONE:
            assert order.index(level) >= order.index(like[one.impact])


@settings(max_examples=25, deadline=None)
@given(incidents())
def test_page_and_api_never_claim_that_all_is_well_while_something_is_open(known: list[Incident]) -> None:
    made = site(*known, languages=("en",))
    soup = page(made)
    green = soup.select_one(".headline.operational") is not None
    status = json.loads(render_site(made)["api/v2/status.json"])["status"]
    assert green == (not anything_open(known))
    assert (status["indicator"] == "none") == green
    assert (status["description"] == "All Systems Operational") == green
