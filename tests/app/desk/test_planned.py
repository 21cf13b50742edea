"""Planned work from announcement to end: by people's hands, by the clock, and what leaves the building."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from app.desk.mutes import LOOK_BACK, mutes
from app.desk.planned import PLANNED_VERBS, moment
from app.outbox.delivery import Outbox
from app.store.protocol import Where
from app.upkeep import Upkeep
from domain.action import Verb
from domain.errors import Refused
from domain.incidents.maintenance import Maintenance
from domain.incidents.notice import Notice, NoticeKind
from domain.incidents.planned import PlannedWork, WorkStatus
from domain.incidents.signal import Signal, SignalState
from domain.records import AuditEntry
from domain.work import HUBBUB, DeliveryState
from tests.app.desk.office import LANGUAGES, Crash, Crashing, Office, front_desk, open_office
from tests.domain.make import NOW, evidence

HOUR = timedelta(hours=1)
PLAN = {"components": "payments", "starts_at": "2026-03-06T20:00", "ends_at": "2026-03-06T22:00"}
SPOKEN = {"title.en": "New database", "text.en": "Cards may fail."}


@pytest.fixture
async def office() -> AsyncIterator[Office]:
    async with open_office() as opened:
        yield opened


async def announced(office: Office, **values: str) -> PlannedWork:
    """Announce work for this evening."""
    await office.do(Verb.ANNOUNCE_WORK, "", PLAN | values, key="a1")
    return await the_work(office)


async def the_work(office: Office) -> PlannedWork:
    """Give the only work there is."""
    (work,) = await office.store.find(PlannedWork)
    return work


async def clock_to(office: Office, **span: float) -> PlannedWork:
    """Let time pass and do what it brings."""
    office.clock.passes(**span)
    assert office.front.planned is not None
    await office.front.planned.upkeep()
    return await the_work(office)


def states(work: PlannedWork) -> list[str]:
    """Give the states of the posts."""
    return [d.state for d in work.deliveries]


# --- by people's hands


async def test_announcing_writes_the_plan_its_first_word_and_the_drafts_in_one(office: Office) -> None:
    word = await office.do(Verb.ANNOUNCE_WORK, "", PLAN | SPOKEN, key="a1")
    work = await the_work(office)
    assert word.startswith("Announced: the page, the feeds and the calendar say so.")
    assert (work.status, work.components) == (WorkStatus.SCHEDULED, ("payments",))
    assert (work.starts_at, work.ends_at) == (NOW + timedelta(minutes=195), NOW + timedelta(minutes=315))
    assert (work.titles, work.updates[0].texts) == ({"en": "New database"}, {"en": "Cards may fail."})
    (post,) = work.deliveries
    assert (post.channel, post.state) == ("mastodon", DeliveryState.DRAFT)
    assert post.text == (
        "New database\n6 March 2026, 20:00–22:00 UTC\nCards may fail.\n"
        f"https://status.example/en/maintenance/{work.id}.html"
    )
    assert [line.text for line in work.history] == ["announced the maintenance"]
    (entry,) = await office.store.find(AuditEntry)
    assert (entry.action, entry.actor) == ("announce_work", "Ada (U1)")


async def test_without_words_hubbub_writes_true_ones_in_every_language(office: Office) -> None:
    work = await announced(office, components="payments,delivery")
    assert work.titles["en"] == "Planned maintenance: Payments and Delivery"
    assert "Ödemeler" in work.titles["tr"]
    assert "پرداخت" in work.updates[0].texts["fa"]
    assert [d.language for d in work.deliveries] == list(LANGUAGES)


async def test_announcing_twice_with_one_form_announces_once(office: Office) -> None:
    await announced(office)
    assert await office.do(Verb.ANNOUNCE_WORK, "", PLAN, key="a1") == "This maintenance is announced already."
    assert await office.store.count(PlannedWork) == 1


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"components": ""}, "Choose at least one component"), ({"components": "fax"}, "'fax' is no component"),
        ({"starts_at": ""}, "Give the start as a date and a time, e.g. 2026-11-22 22:00."),
        ({"ends_at": "tomorrow"}, "e.g. 2026-11-22 22:00, not 'tomorrow'."),
        ({"ends_at": "0001-01-01T00:00+23:59"}, "Give the end as a date and a time"),
        ({"ends_at": "2026-03-06T19:00"}, "The end must be later than the start."),
        ({"starts_at": "2026-03-05T19:00", "ends_at": "2026-03-05T20:00"}, "The end must be in the future."),
        ({"ends_at": "2027-03-06T19:00"}, "Planned work may last 31 days at most."),
        ({"text.en": "x" * 3001}, "The text in en is longer than 3000 characters."),
    ],
)  # fmt: skip
async def test_a_plan_that_cannot_be_is_refused_in_words(office: Office, values: dict[str, str], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        await office.do(Verb.ANNOUNCE_WORK, "", PLAN | values)
    assert await office.store.count(PlannedWork) == 0


@pytest.mark.parametrize(
    ("said", "utc"),
    [("2026-03-06T20:00", "2026-03-06T20:00:00+00:00"), ("2026-03-06 20:00:59Z", "2026-03-06T20:00:00+00:00"),
     ("2026-03-06T20:00+03:30", "2026-03-06T16:30:00+00:00")],
)  # fmt: skip
def test_a_moment_is_utc_unless_it_says_otherwise(said: str, utc: str) -> None:
    assert moment({"starts_at": said}, "starts_at").isoformat() == utc


async def test_moving_it_tells_the_new_time_everywhere(office: Office) -> None:
    work = await announced(office)
    word = await office.do(Verb.MOVE_WORK, work.id, {"starts_at": "2026-03-07T01:00", "ends_at": "2026-03-07T02:30"})
    work = await the_work(office)
    assert "new time" in word
    assert (work.starts_at.isoformat(), work.sequence) == ("2026-03-07T01:00:00+00:00", 1)
    assert "new time: 7 March 2026, 01:00–02:30 UTC." in work.updates[-1].texts["en"]
    assert work.updates[-1].status is WorkStatus.SCHEDULED
    assert work.deliveries[3].text.startswith("New time: Planned maintenance: Payments\n7 March 2026, 01:00–02:30 UTC")


async def test_only_the_end_of_what_has_begun_can_be_moved(office: Office) -> None:
    work = await announced(office)
    await office.do(Verb.START_WORK, work.id, key="s")
    await office.do(Verb.MOVE_WORK, work.id, {"ends_at": "2026-03-06T23:00"}, key="m")
    assert (await the_work(office)).ends_at.hour == 23
    with pytest.raises(Refused, match="only its end can be changed"):
        await office.do(Verb.MOVE_WORK, work.id, {"starts_at": "2026-03-06T21:00"}, key="n")


async def test_each_step_has_its_word_and_its_posts(office: Office) -> None:
    work = await announced(office, **SPOKEN)
    assert await office.do(Verb.START_WORK, work.id, key="s") == (
        "It is in progress. The page says so; the posts wait for your approval."
    )
    await office.do(Verb.UPDATE_WORK, work.id, {"text.en": "Half done."}, key="u")
    await office.do(Verb.UPDATE_WORK, work.id, {"status": "verifying"}, key="v")
    await office.do(Verb.COMPLETE_WORK, work.id, {"text.en": "All done."}, key="c")
    work = await the_work(office)
    assert [(u.status, u.texts["en"][:10]) for u in work.updates] == [
        ("scheduled", "Cards may "), ("in_progress", "The planne"), ("in_progress", "Half done."),
        ("verifying", "The work o"), ("completed", "All done."),
    ]  # fmt: skip
    english = [d.text.split("\n")[0] for d in work.deliveries if d.language == "en"]
    assert english == [
        "New database",
        "In progress: New database",
        "In progress: New database",
        "Verifying: New database",
        "Completed: New database",
    ]
    assert work.finished_at == NOW


async def test_calling_it_off_says_so_and_ends_it(office: Office) -> None:
    work = await announced(office)
    await office.do(Verb.CANCEL_WORK, work.id)
    work = await the_work(office)
    assert (work.status, work.turns_at, work.sequence) == (WorkStatus.CANCELLED, None, 1)
    assert work.updates[-1].texts["en"] == "The planned maintenance of Payments will not take place."
    assert work.deliveries[-3].text.startswith("Cancelled: Planned maintenance: Payments")


async def test_an_update_that_says_nothing_is_refused(office: Office) -> None:
    work = await announced(office)
    with pytest.raises(Refused, match="Write the text in at least one language"):
        await office.do(Verb.UPDATE_WORK, work.id, {"text.en": "  "})


@pytest.mark.parametrize("verb", sorted(PLANNED_VERBS - {Verb.ANNOUNCE_WORK}))
async def test_what_is_not_known_is_said_in_words(office: Office, verb: Verb) -> None:
    with pytest.raises(Refused, match="This maintenance is not known"):
        await office.do(verb, "mnt_x", {"text.en": "x"})


async def test_a_desk_without_planned_work_refuses_it(office: Office) -> None:
    office.front = replace(office.front, planned=None)
    with pytest.raises(Refused, match="is not known"):
        await office.do(Verb.ANNOUNCE_WORK, "", PLAN)


# --- by the clock


async def test_it_begins_and_ends_by_itself_and_reminds_an_hour_before(office: Office) -> None:
    await announced(office, **SPOKEN)
    work = await clock_to(office, minutes=134)
    assert (len(work.updates), len(work.deliveries)) == (1, 1)
    work = await clock_to(office, minutes=1)
    assert (len(work.updates), work.reminded_of) == (1, work.starts_at)
    assert work.deliveries[1].text.startswith("Soon: New database\n6 March 2026, 20:00–22:00 UTC")
    work = await clock_to(office, hours=1)
    assert (work.status, work.begun_at, work.updates[-1].by) == (WorkStatus.IN_PROGRESS, office.clock.at, "hubbub")
    work = await clock_to(office, hours=1)
    assert work.status is WorkStatus.IN_PROGRESS
    work = await clock_to(office, hours=1)
    assert (work.status, work.finished_at) == (WorkStatus.COMPLETED, office.clock.at)
    notices = await office.store.find(Notice, order="at")
    assert [n.text.partition(". ")[0] for n in notices] == [
        "Planned maintenance “New database” begins at 20:00 UTC", "Planned maintenance “New database” has begun",
        "Planned maintenance “New database” has ended as planned",
    ]  # fmt: skip
    assert {n.kind for n in notices} == {NoticeKind.MAINTENANCE}
    assert "4 posts wait for approval" in notices[0].text


async def test_rounds_may_be_repeated(office: Office) -> None:
    await announced(office)
    for span in (135, 0, 60, 0, 120, 0):
        await clock_to(office, minutes=span)
        before = await the_work(office)
        assert await clock_to(office) == before
    assert await office.store.count(Notice) == 3


async def test_after_a_long_sleep_it_begins_and_ends_at_once(office: Office) -> None:
    await announced(office)
    work = await clock_to(office, hours=9)
    assert [u.status for u in work.updates] == ["scheduled", "in_progress", "completed"]


async def test_what_a_person_wants_to_begin_waits_for_the_person(office: Office) -> None:
    work = await announced(office, by_itself="no", **SPOKEN)
    work = await clock_to(office, minutes=135)
    (notice,) = await office.store.find(Notice)
    assert "once somebody starts it" in notice.text
    work = await clock_to(office, hours=9)
    assert work.status is WorkStatus.SCHEDULED


async def test_work_that_was_moved_is_reminded_of_again(office: Office) -> None:
    work = await announced(office)
    await clock_to(office, minutes=135)
    await office.do(Verb.MOVE_WORK, work.id, {"starts_at": "2026-03-07T10:00", "ends_at": "2026-03-07T11:00"})
    work = await clock_to(office, hours=1)
    assert work.status is WorkStatus.SCHEDULED
    work = await clock_to(office, hours=13)
    assert work.reminded_of == work.starts_at
    assert await office.store.count(Notice) == 2


async def test_upkeep_turns_planned_work(office: Office) -> None:
    async def nobody(signal: Signal, call: object) -> None:
        raise AssertionError("nobody is to be called")

    front = office.front
    await announced(office)
    office.clock.passes(hours=4)
    desks = (front.care, front.incidents, front.follow_ups)
    await Upkeep(office.store, *desks, office.clock, [], nobody, planned=front.planned).run()
    assert (await the_work(office)).status is WorkStatus.IN_PROGRESS


@pytest.mark.parametrize("written", [True, False])
@pytest.mark.parametrize("after", [1, 2])
async def test_a_kill_while_it_turns_loses_and_doubles_nothing(office: Office, after: int, written: bool) -> None:
    await announced(office)
    office.clock.passes(hours=4)
    dying = front_desk(Crashing(office.store, after, written=written), office.clock)  # type: ignore[arg-type]
    assert dying.planned is not None
    with pytest.raises(Crash):
        await dying.planned.upkeep()
    work = await clock_to(office)
    assert [u.status for u in work.updates] == ["scheduled", "in_progress"]
    assert len({d.id for d in work.deliveries}) == len(work.deliveries) == 6


# --- what leaves the building


async def test_approved_posts_go_out_in_one_thread(office: Office) -> None:
    work = await announced(office, **SPOKEN)
    outbox = Outbox(office.store, office.tapes, None, office.clock)
    await outbox.run()
    assert office.tapes["mastodon"].sent == [], "nothing leaves without approval"
    await office.do(Verb.APPROVE_POST, work.id, {"delivery": work.deliveries[0].id})
    await outbox.run()
    work = await clock_to(office, minutes=195)
    begun = next(d for d in work.deliveries if d.text.startswith("In progress") and d.language == "en")
    await office.do(Verb.EDIT_POST, work.id, {"delivery": begun.id, "text": "We have begun."})
    await office.do(Verb.APPROVE_POST, work.id, {"delivery": begun.id})
    await outbox.run()
    first, second = office.tapes["mastodon"].sent
    assert (first.text[:12], second.text) == ("New database", "We have begun.")
    assert (second.reply_to, second.root) == ("mastodon-1", "mastodon-1")
    assert states(await the_work(office)).count(DeliveryState.SENT) == 2


# --- complaints meanwhile


async def observe(office: Office) -> int:
    """Let customers report payments; returns how many signals there are."""
    await office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    return await office.store.count(Signal, Where("active_key", "ne", None))


async def test_while_it_goes_on_complaints_about_its_components_call_nobody(office: Office) -> None:
    await announced(office)
    assert "payments" not in await office.incidents.muted()
    await clock_to(office, minutes=195)
    assert await office.incidents.muted() == {"payments"}
    assert await observe(office) == 0
    office.clock.passes(hours=2)
    assert "payments" not in await office.incidents.muted(), "customers were told it would be over"
    assert await observe(office) == 1


async def test_completing_it_early_lets_complaints_call_again(office: Office) -> None:
    work = await announced(office)
    await office.do(Verb.START_WORK, work.id, key="s")
    assert await observe(office) == 0
    office.clock.passes(minutes=10)
    await office.do(Verb.COMPLETE_WORK, work.id, key="c")
    assert await observe(office) == 1


async def test_settings_and_planned_work_mute_together_and_what_is_long_over_is_forgotten(office: Office) -> None:
    fixed = Maintenance((), NOW, NOW + HOUR)
    work = await announced(office)
    assert await mutes(office.store, [fixed], NOW) == (fixed, work.mute())
    await office.do(Verb.CANCEL_WORK, work.id)
    assert await mutes(office.store, [fixed], NOW) == (fixed,)
    done = replace(work, id="mnt_2", begun_at=NOW, finished_at=NOW, announced_by=HUBBUB)
    await office.store.add(done)
    assert len(await mutes(office.store, [], NOW + LOOK_BACK / 2)) == 1
    assert await mutes(office.store, [], NOW + LOOK_BACK) == ()
