"""What else could explain a rise: real figures, monitors, holidays, providers, sources that cannot be seen."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from app.desk.monitors import MonitorDesk
from app.pipeline.proof import Beat, Proof, bars, causes
from app.pipeline.providers import Providers, trouble_in
from domain.records import MonitorAlert
from listener.http import Web
from sentiment.spikes import Reading, minute_of
from sentiment.spikes.scan import Finding
from tests.app.desk.office import Office, open_office
from tests.domain.make import NOW, mention, record

ENDS = minute_of(NOW)


def beats(neutral: int = 2, usual: float = 2.0, duplicates: int = 0) -> list[Beat]:
    return [Beat(ENDS - 30 + i, 1, 0.1, neutral, usual, duplicates) for i in range(30)]


@pytest.mark.parametrize(
    ("window", "holiday", "trouble", "said"),
    [
        (beats(), None, None, ["other talk is 1.0 times the usual", "no flood of copies"]),
        (beats(neutral=9), None, None,
         ["A campaign or viral topic: other talk is 4 times the usual.", "no flood of copies"]),
        (beats(duplicates=2), None, None,
         ["A bot flood: 60 near-identical posts were folded and not counted.", "other talk is 1.0 times the usual"]),
        (beats(usual=0.0, neutral=0), "a holiday in the settings", "GitHub (Minor Outage)",
         ["Today is a holiday in the settings: the usual volume may not apply.",
          "An upstream provider reports trouble: GitHub (Minor Outage)", "no flood of copies"]),
        ([], None, None, ["no flood of copies"]),
    ],
)  # fmt: skip
def test_other_causes_come_with_their_figures(
    window: list[Beat], holiday: str | None, trouble: str | None, said: list[str]
) -> None:
    assert list(causes(window, 10, holiday, trouble)) == said


def test_minutes_become_bars_of_five() -> None:
    assert bars(beats()[:7]) == ((5, 2), (0.5, 0.2))


READING = Reading(ENDS, "open", 12.0, 0.1, Finding(12.0, 25, 6.0, 1.0, "region:west"))  # type: ignore[arg-type]


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        said = mention(region="west", created_at=NOW - timedelta(minutes=5))
        await opened.store.add(record(said))
        yield opened


async def test_the_evidence_names_monitors_regions_holidays_and_what_cannot_be_seen(office: Office) -> None:
    since = NOW - timedelta(minutes=20)
    await MonitorDesk(office.store, office.clock).hear([MonitorAlert("m", "prom", "Slow", "payments", since, NOW)])
    proof = Proof(
        office.store, {NOW.date()}, lambda: "GitHub (Minor Outage)", lambda: ("bluesky (since 16:05 UTC: 503)",)
    )
    found = await proof.gather("payments", READING, beats())
    assert found is not None
    assert found.evidence.unseen == ("bluesky (since 16:05 UTC: 503)",)
    assert found.evidence.regions == {"west": 1}
    assert found.evidence.checked == (
        "monitor prom says: Slow firing since 16:25 UTC",
        "Today is a holiday in the settings: the usual volume may not apply.",
        "An upstream provider reports trouble: GitHub (Minor Outage)",
        "other talk is 1.0 times the usual", "no flood of copies", "loudest in region west",
    )  # fmt: skip


# --- providers


@pytest.mark.parametrize(
    ("answer", "trouble"),
    [
        ({"status": {"indicator": "none", "description": "All Systems Operational"}}, None),
        ({"status": {"indicator": "minor", "description": "Partial System Outage"}}, "Partial System Outage"),
        ({"status": {"indicator": "major"}}, "trouble"),
        ({"status": "down"}, None),
        ([], None),
    ],
)
def test_a_status_page_says_whether_there_is_trouble(answer: object, trouble: str | None) -> None:
    assert trouble_in(answer) == trouble


async def test_pages_are_asked_and_a_failing_one_says_nothing() -> None:
    answers = {
        "good": {"status": {"indicator": "none"}},
        "bad": {"status": {"indicator": "major", "description": "Down"}},
    }

    async def answer(request: web.Request) -> web.Response:
        known = answers.get(request.match_info["name"])
        return web.json_response(known) if known else web.Response(status=500)

    application = web.Application()
    application.router.add_get("/{name}", answer)
    server = TestServer(application)
    await server.start_server()
    async with aiohttp.ClientSession() as session:
        pages = {name: str(server.make_url(f"/{name}")) for name in ("good", "bad", "gone")}
        providers = Providers(Web(session, lambda: NOW), pages)
        await providers.poll()
        assert providers.trouble == "bad (Down)"
        del answers["bad"]
        await providers.poll()
        assert providers.trouble is None
    await server.close()
