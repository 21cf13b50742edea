"""The desk's page of subscribers: figures, mailings, and one address that somebody typed in full."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from app.outbox.posting import switch
from app.store import Store
from app.web.desk.subscribers import growth, mailing_words, masked
from domain.records import AuditEntry
from domain.told.mailing import Mailing, MailingState
from domain.told.subscriber import Channel, Standing, Subscriber, stopped, subscriber_id
from tests.app.web.desk.conftest import Opened
from tests.app.web.desk.hall import Browser, Clock, Page
from tests.domain.make import ADA, NOW, incident

URL = "/desk/subscribers"
ADDRESS = "deniz@mail.example"
DAY = timedelta(days=1)
SENT = Mailing("mailing_1", Channel.MAIL, "inc_1", "upd_1", NOW, NOW)


def person(address: str = ADDRESS, channel: Channel = Channel.MAIL, **changes: Any) -> Subscriber:
    parts = {"state": Standing.ACTIVE, "confirmed_at": NOW - DAY, **changes}
    return Subscriber(subscriber_id(channel, address), channel, address, "en", NOW - 2 * DAY, **parts)


def rows(page: Page, selector: str = "#counts tbody tr") -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.soup.select(selector)]


async def log(store: Store) -> list[AuditEntry]:
    """What was done beyond signing in."""
    return sorted((e for e in await store.find(AuditEntry) if e.action != "sign_in"), key=lambda e: e.action)


# --- figures


async def test_where_nothing_is_offered_the_page_says_how_to_begin(desk: Browser) -> None:
    page = await desk.get(URL)
    assert "No way of getting news is offered" in page.part("main")
    assert "Nobody has signed up yet." in page.part("#counts")
    assert page.part("nav [aria-current]") == "Subscribers"


async def test_the_counts_say_channel_state_and_language(open_desk: Opened, store: Store) -> None:
    desk = await open_desk(mail={"url": "smtp://127.0.0.1", "sender": "a@nar.example"}, subscribers={"mail": True})
    await desk.sign_in()
    await store.add(
        *(person(f"a{n}@mail.example") for n in range(3)), person("p@x.example", state=Standing.PENDING),
        person("b@x.example", state=Standing.BOUNCED), person("s@x.example", state=Standing.STOPPED),
        replace(person("t@x.example"), language="tr"), person("https://h.example/1", Channel.WEBHOOK),
    )  # fmt: skip
    page = await desk.get(URL)
    assert "No way of getting news" not in page.text
    assert [cell.get_text() for cell in page.soup.select("#counts thead th")][1:] == ["Mail", "Webhooks"]
    assert rows(page) == ["Confirmed 4 1", "Unconfirmed 1 0", "Stopped 1 0", "Bounced 1 0"]
    assert [tag.get_text() for tag in page.soup.select("#counts .tag")] == ["English 4", "Turkish 1"]


async def test_growth_counts_days_on_which_somebody_came_or_went(desk: Browser, store: Store, clock: Clock) -> None:
    await store.add(
        person("a@x.example"), person("b@x.example"), person("c@x.example", confirmed_at=NOW - 29 * DAY),
        person("old@x.example", confirmed_at=NOW - 30 * DAY), stopped(person("d@x.example"), NOW),
    )  # fmt: skip
    grown = await growth(store, clock())
    assert (sum(grown.joined), grown.joined[0], grown.joined[-2], grown.left[-1]) == (4, 1, 3, 1)
    page = await desk.get(URL)
    assert "4 confirmed, 1 stopped or bounced" in page.part("#growth")
    assert rows(page, "#growth tbody tr") == ["06 Mar 0 1", "05 Mar 3 0", "05 Feb 1 0"]


async def test_no_page_lists_an_address(desk: Browser, store: Store) -> None:
    bad = replace(SENT, error=f"550 5.1.1 <{ADDRESS}>: unknown", not_before=NOW + DAY)
    await store.add(person(error=f"550 <{ADDRESS}> unknown", failures=1), incident(), bad)
    for path in (URL, f"{URL}/{person().id}", "/desk/audit"):
        assert "deniz" not in (await desk.get(path)).text


# --- mailings


@pytest.mark.parametrize(
    ("changes", "level", "words"),
    [
        ({}, "hears", "on its way"),
        ({"error": "The mail server cannot be reached."}, "waits",
         "the channel has trouble, tried again by itself: The mail server cannot be reached."),
        ({"created_at": NOW - 2 * DAY}, "deaf", "stuck: nothing goes out"),
        ({"created_at": NOW - 2 * DAY, "error": "down"}, "deaf", "stuck: down"),
        ({"state": MailingState.HELD, "held_by": "Ada"}, "waits", "paused by Ada"),
        ({"state": MailingState.DONE}, "gone", "done"),
        ({"state": MailingState.DONE, "held_by": "Ada"}, "waits", "paused by Ada"),
        ({"state": MailingState.SUPERSEDED}, "gone", "ended: a newer word went out instead"),
    ],
)  # fmt: skip
def test_how_a_mailing_is_said(changes: dict[str, Any], level: str, words: str) -> None:
    assert mailing_words(replace(SENT, **changes), NOW)[:2] == (level, words)


def test_while_posting_is_stopped_nothing_is_stuck() -> None:
    late = replace(SENT, created_at=NOW - DAY)
    assert mailing_words(late, NOW, halted=True)[:2] == ("waits", "posting is stopped, so it waits")


async def test_a_mailing_shows_how_far_it_is_and_leads_to_its_story(desk: Browser, store: Store) -> None:
    people = sorted((person(f"a{n}@mail.example") for n in range(8)), key=lambda each: each.id)
    going = replace(SENT, position=people[3].id, done=(people[4].id,), sent=4, refused=1)
    over = replace(SENT, id="mailing_2", about="inc_9", state=MailingState.DONE, sent=1200, owed=2, finished_at=NOW)
    await store.add(*people, incident(), going, over)
    page = await desk.get(URL)
    first, second = rows(page, "#mailings .source")
    assert first == "Payments fail Mail: on its way 62% Sent 4 Waiting 3 Refused 1 Pause"
    assert "a story that is gone Mail: done" in second
    assert "Sent 1,200 Put off 2 tried again by itself Try again now Pause" in second
    link = page.soup.select_one("#mailings a")
    assert link is not None
    assert link["href"] == "/desk/incidents/inc_1"


async def test_pausing_going_on_and_trying_again_are_one_press_each(desk: Browser, store: Store) -> None:
    await store.add(incident(), replace(SENT, error="down", not_before=NOW + DAY))
    page = await desk.press(await desk.get(URL), "/retry_mailing")
    assert page.word == "Tried again now."
    page = await desk.press(page, "/pause_mailing")
    assert "Paused" in page.word
    assert "paused by Operator" in page.part("#mailings")
    assert page.form("/pause_mailing") is None
    page = await desk.press(page, "/resume_mailing")
    assert page.word == "It goes on where it stopped."
    assert [e.action for e in await log(store)] == ["pause_mailing", "resume_mailing", "retry_mailing"]


async def test_a_press_that_comes_too_late_is_told_beside_the_mailing(desk: Browser, store: Store) -> None:
    await store.add(incident(), SENT)
    page = await desk.get(URL)
    await store.replace(replace(SENT, state=MailingState.DONE, finished_at=NOW))
    answer = await desk.press(page, "/pause_mailing")
    assert answer.status == 422
    assert answer.part(f"#m-{SENT.id} .problem") == "This mailing is over."


async def test_that_posting_is_stopped_or_rehearsed_stands_above(open_desk: Opened, store: Store) -> None:
    desk = await open_desk(publishing={"dry_run": True})
    await desk.sign_in()
    await switch(store, True, ADA, NOW, "a mistake")
    said = (await desk.get(URL)).part("#mailings")
    assert "Posting is stopped by Ada" in said
    assert "This is a dry run: nobody is written to." in said


# --- one address


async def found(desk: Browser, typed: str = f" {ADDRESS.title()} ") -> Page:
    return await desk.press(await desk.get(URL), "/find", address=typed)


async def test_whoever_types_the_whole_address_sees_its_state_and_history(desk: Browser, store: Store) -> None:
    await store.add(person(components=("payments",), failures=1, error="552 mailbox full", refused_at=NOW))
    page = await found(desk)
    assert page.status == 200
    assert page.part("h1") == ADDRESS
    assert "Confirmed Mail · English Wants news about Payments" in page.part("#head")
    assert "Refusals in a row 1 Why 552 mailbox full" in page.part("main")
    (entry,) = await log(store)
    assert (entry.action, entry.subject, entry.detail) == ("look_up_subscriber", person().id, "Found.")
    assert ADDRESS not in str(page.response.url)


async def test_its_own_page_hides_the_address(desk: Browser, store: Store) -> None:
    await store.add(person())
    page = await desk.get(f"{URL}/{person().id}")
    assert page.part("h1") == "d***@mail.example"
    assert "To see it, find it by typing it." in page.part("#head")


def test_of_a_web_address_only_the_host_is_shown() -> None:
    url = "https://hooks.slack.com/services/T1/B1/secret"
    assert masked(person(url, Channel.SLACK)) == "hooks.slack.com/***"


@pytest.mark.parametrize(
    ("typed", "words"),
    [("deniz", "Nobody is known at this address."), ("%@mail.example", "Nobody is known at this address."),
     ("  ", "Type the whole address."), ("other@mail.example", "Nobody is known at this address.")],
)  # fmt: skip
async def test_nothing_less_than_the_whole_address_finds_anybody(
    desk: Browser, store: Store, typed: str, words: str
) -> None:
    await store.add(person())
    page = await found(desk, typed)
    assert (page.status, page.part("form .problem")) == (404, words)
    assert "deniz@" not in page.text


async def test_an_address_is_never_asked_for_in_the_address_line(desk: Browser, store: Store) -> None:
    await store.add(person())
    assert (await desk.get(f"{URL}/find?address={ADDRESS}")).status == 404
    form = (await desk.get(URL)).form("/find")
    assert form is not None
    assert form["method"] == "post"


async def test_stopping_goes_back_to_the_page_with_the_address_hidden(desk: Browser, store: Store) -> None:
    await store.add(person())
    page = await desk.press(await found(desk), "/stop_subscriber")
    assert page.word.startswith("Stopped: this address gets no more news")
    assert page.part("h1") == "d***@mail.example"
    assert page.form("/stop_subscriber") is None
    assert "stop subscriber" in page.part("main")
    known = await store.get(Subscriber, person().id)
    assert known is not None
    assert known.state is Standing.STOPPED


async def test_erasing_leaves_neither_the_address_nor_its_id(desk: Browser, store: Store) -> None:
    await store.add(person())
    page = await desk.press(await found(desk), "/erase_subscriber")
    assert page.word == "Erased: an address on the channel mail."
    assert await store.find(Subscriber) == []
    shown = (await desk.get("/desk/audit")).text
    assert person().id not in shown
    assert ADDRESS not in shown
    assert (await desk.get(f"{URL}/{person().id}")).status == 404


@pytest.mark.parametrize("path", ["/find", "/pause_mailing", "/sub_1/stop_subscriber", "/sub_1/erase_subscriber"])
async def test_nobody_acts_without_signing_in_or_from_another_page(
    desk: Browser, open_desk: Opened, store: Store, path: str
) -> None:
    await store.add(person(), SENT)
    data = {"address": ADDRESS, "mailing": SENT.id}
    assert (await desk.post(URL + path, data)).status == 403, "no word of the session"
    assert (await desk.post(URL + path, data, Origin="https://evil.example")).status == 403
    stranger = await open_desk()
    assert (await stranger.post(URL + path, data)).status == 403
    assert "sign-in" in str((await stranger.get(URL)).response.url)
    assert await log(store) == []


@pytest.mark.parametrize("path", ["/resolve", "/sub_1/resolve", "/sub_1/pause_mailing"])
async def test_other_verbs_are_not_for_here(desk: Browser, path: str) -> None:
    page = await desk.get(URL)
    token = page.soup.select_one("[name=csrf]")
    assert token is not None
    assert (await desk.post(URL + path, {"csrf": str(token["value"])})).status in (404, 405)


async def test_hostile_words_stay_text(desk: Browser, store: Store) -> None:
    bad = "<script>alert(1)</script>"
    await store.add(incident(titles={"en": bad}), replace(SENT, error=bad), person(error=bad))
    for path in (URL, f"{URL}/{person().id}"):
        assert bad not in (await desk.get(path)).text
