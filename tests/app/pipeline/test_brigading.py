"""Many hands at our own form: they raise a look at most, they hide nothing, and with others they count as ever."""

from __future__ import annotations

import pytest

from app.pipeline.others import KEPT_AS, Others
from app.pipeline.spotting import Spotting
from domain.care.case import Case
from domain.heard.mention import Author, MentionKind, Submission, mention_id
from domain.incidents.incident import Incident
from domain.incidents.signal import Signal, SignalState
from domain.records import DetectorRecord
from sentiment.spikes import Settings, State, learn
from tests.app.pipeline.watch import Watch, make_spotting, open_watch
from tests.domain.make import mention


async def fill_in(
    watch: Watch, count: int, networks: int, *, proven: bool = True, text: str = "card declined", first: int = 0
) -> None:
    """Let so many reports come in through the form, from so many networks in turn."""
    for n in range(first, first + count):
        native, network = f"f{n}", f"net{n % networks}"
        said = mention(
            text, native, id=mention_id("form", native), source="form", source_type="form", kind=MentionKind.REPORT,
            author=Author(f"visitor:{n}"), created_at=watch.office.clock(), about="payments",
            submission=Submission(network, f"visitor{n}", proven),
        )  # fmt: skip
        await watch.intake.take([said])


async def brigade(watch: Watch, minutes: int, each: int, networks: int, **how: object) -> None:
    """Let the form be flooded for some minutes."""
    for minute in range(minutes):
        await fill_in(watch, each, networks, first=minute * each, **how)  # type: ignore[arg-type]
        await watch.minute()


@pytest.mark.parametrize("proven", [False, True])
async def test_five_hundred_from_one_network_are_read_by_care_and_raise_nothing(proven: bool) -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 10, 50, networks=1, proven=proven)
        await watch.minutes(10)
        assert await watch.office.store.count(Case) == 500, "each is a case of the care team"
        assert await watch.signals() == []
        assert await watch.notices() == []
        counted = sum(beat.people for beat in watch.spotting.series["payments"])
        assert counted == (1 if proven else 0)


async def test_two_hundred_solved_from_many_networks_are_a_look_and_nothing_louder() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 10, 20, networks=150)
        await watch.minutes(30)
        (signal,) = await watch.signals()
        assert (signal.escalate_at, signal.escalations) == (None, 0)
        assert "only our own form reports it" in signal.evidence.quiet
        assert signal.evidence.quiet in signal.evidence.checked
        assert "only our own form reports it" in signal.history[0].text
        assert await watch.office.all(Incident) == []


async def test_the_evidence_says_how_many_reports_count_as_how_many() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 4, 20, networks=12)
        (signal,) = await watch.signals()
        assert signal.evidence.people <= 12
        told = [line for line in signal.evidence.checked if line.startswith("our form: ")]
        assert len(told) == 1 and "from 12 networks count as 12" in told[0]


async def test_ordinary_complaints_beside_a_brigade_do_not_make_it_loud() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 6, 20, networks=120)
        await watch.minute(complaints=1)
        await watch.minutes(20)
        (signal,) = await watch.signals()
        assert signal.evidence.quiet
        assert signal.escalate_at is None


ALONE = {0: 4, 10: 6}  # minutes of silence -> minutes that two others a minute then need to call people


async def loud_after(watch: Watch, each: int = 0, networks: int = 1, *, first: int = 0, proven: bool = True) -> int:
    """Let an outage begin; give after how many minutes people may be called."""
    for minute in range(12):
        await fill_in(watch, each, networks, first=first + minute * each, proven=proven)
        await watch.minute(complaints=2)
        signals = await watch.signals()
        if signals and not signals[0].evidence.quiet:
            assert signals[0].escalate_at is not None
            return minute + 1
    raise AssertionError("nobody is called")


@pytest.mark.parametrize("silence", list(ALONE))
async def test_how_long_the_others_alone_take(silence: int) -> None:
    async with open_watch(sources=[{"type": "rss", "name": "mastodon"}]) as watch:
        await watch.minutes(5 + silence)
        assert not watch.spotting.others.on
        assert await loud_after(watch) == ALONE[silence]


@pytest.mark.parametrize("proven", [True, False])
@pytest.mark.parametrize(("each", "networks"), [(0, 1), (1, 50), (20, 200)], ids=["silent", "a few", "a flood"])
async def test_a_true_outage_is_told_no_later_with_the_form_than_without(
    each: int, networks: int, proven: bool
) -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        assert await loud_after(watch, each, networks, proven=proven) <= ALONE[0]


async def test_an_outage_that_begins_behind_a_brigade_calls_people_as_soon_as_others_report_it() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 10, 20, networks=150)
        assert (await watch.signals())[0].escalate_at is None
        assert await loud_after(watch, 20, 150, first=200) <= ALONE[10]
        (signal,) = await watch.signals()
        assert any(line.text.startswith("other sources report it too") for line in signal.history)
        assert not any("only our own form" in words for words in signal.evidence.checked)


async def test_what_was_loud_once_stays_so_while_the_others_fall_silent() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await watch.minutes(8, complaints=3)
        (signal,) = await watch.signals()
        due = signal.escalate_at
        await brigade(watch, 20, 20, networks=150)
        (signal,) = await watch.signals()
        assert (signal.evidence.quiet, signal.escalate_at) == ("", due)


async def test_reports_without_work_count_while_others_report_the_same() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await watch.minutes(8, complaints=3)
        await watch.minutes(3)
        before = sum(beat.people for beat in watch.spotting.series["payments"])
        await fill_in(watch, 40, 5, proven=False)
        await watch.minutes(4)
        assert sum(beat.people for beat in watch.spotting.series["payments"]) == before + 5
        await watch.minutes(2)  # a live card is looked at every five minutes
        (signal,) = await watch.signals()
        assert "our form: 40 reports from 5 networks count as 5 (40 without proof of work)" in signal.evidence.checked


async def test_a_flood_of_other_words_cannot_hide_an_outage() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        for minute in range(10):
            await fill_in(watch, 40, 400, first=minute * 40, text="thank you, all is well")
            await watch.minute(complaints=2)
        assert (await watch.signals())[0].escalate_at is not None
        assert await watch.notices() == []


async def test_nothing_hides_behind_a_look_as_part_of_its_story() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 10, 20, networks=150)
        for _ in range(10):
            for number in range(3):
                watch.say(f"d{len(watch.square.posts)}x{number}", "parcel broken")
            await watch.minute()
        (delivery,) = await watch.signals("delivery")
        assert (delivery.parent_id, delivery.escalate_at is not None) == (None, True)


# --- memory


async def test_a_restart_takes_up_both_ears() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 10, 20, networks=150)
        kept = {record.id for record in await watch.office.all(DetectorRecord)}
        assert {"payments", f"payments{KEPT_AS}", "-", f"-{KEPT_AS}"} <= kept
        fresh: Spotting = make_spotting(watch.office)
        await fresh.restore()
        assert fresh.states["payments"].machine.state is SignalState.OPEN
        assert fresh.others.states["payments"].machine.state is SignalState.QUIET
        assert set(fresh.states) == {"", "payments", "delivery"} == set(fresh.others.states)


async def test_a_second_ear_that_is_new_begins_with_what_the_first_one_knows() -> None:
    async with open_watch() as watch:
        await watch.minutes(12, complaints=1)
        await watch.office.store.delete(DetectorRecord)
        whole = watch.spotting.states["payments"]
        others = Others(Settings(), on=True)
        others.restore({"payments": whole}, {})
        assert others.states["payments"] is not whole
        assert others.states["payments"].baseline == whole.baseline


def test_without_a_form_there_is_nothing_to_hear_twice() -> None:
    others = Others(Settings())
    others.restore({"payments": State()}, {"payments": learn([])})
    assert others.states == {}
    assert others.why_quiet("payments") == ""


async def test_the_card_of_a_look_has_all_that_a_person_needs_to_declare() -> None:
    async with open_watch() as watch:
        await watch.minutes(5)
        await brigade(watch, 6, 20, networks=120)
        signal: Signal = (await watch.signals())[0]
        assert signal.card is not None
        assert signal.evidence.quotes
        assert signal.mention_ids
