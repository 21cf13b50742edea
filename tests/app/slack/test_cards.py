"""Cards in Slack: one for each record, kept true, its history in the thread, whatever fails in between."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from alerts.cards import View
from app.slack.cards import Cards
from domain.action import Verb
from domain.care.case import Case
from domain.errors import TemporaryError
from domain.incidents.signal import Signal, SignalState
from domain.work import Card
from tests.app.desk.office import Crash, Crashing
from tests.app.desk.slack_town import SlackTown
from tests.domain.make import BORA, NOW, evidence, signal


async def a_case(town: SlackTown, **changes: Any) -> Case:
    case = await town.office.hear(**changes)
    assert case is not None
    return case


async def test_a_case_is_posted_once_and_edited_in_place(town: SlackTown) -> None:
    case, outbox = await a_case(town), town.outbox()
    await outbox.run()
    await town.office.do(Verb.CLAIM, case.id, who=BORA)
    await outbox.run()
    await outbox.run()
    (card,) = town.posts()
    assert "Bora" in str(card["blocks"])
    assert town.slack.api.calls["chat.postMessage"] == 2  # the card and one line
    assert town.slack.api.calls["chat.update"] == 1
    assert (await town.office.get(case)).work_at is None


async def test_the_history_goes_to_the_thread_in_order(town: SlackTown) -> None:
    case, outbox = await a_case(town), town.outbox()
    for verb, values in ((Verb.CLAIM, {}), (Verb.NOTE, {"text": "<!channel> called *them*"}), (Verb.CLOSE, {})):
        await town.office.do(verb, case.id, values)
        await outbox.run()
    lines = town.thread()
    assert len(lines) == 3
    assert ["claimed the case" in lines[0], "called" in lines[1], "closed the case" in lines[2]] == [True] * 3
    assert "<!channel>" not in lines[1]


@pytest.mark.parametrize("written", [False, True])
@pytest.mark.parametrize("writes", range(1, 5))
async def test_a_kill_at_any_write_leaves_one_card_and_each_line_once(
    town: SlackTown, writes: int, written: bool
) -> None:
    case = await a_case(town)
    await town.office.do(Verb.CLAIM, case.id)
    await town.office.do(Verb.NOTE, case.id, {"text": "called them"})
    office, healthy = town.office, town.office.store
    office.store = Crashing(healthy, writes, written=written)  # type: ignore[assignment]
    with pytest.raises(Crash):
        await town.outbox().run()
    office.store = healthy
    for _ in range(3):
        await town.outbox().run()  # the next process knows nothing
    assert len(town.posts()) == 1
    assert [("claimed" in line, "called" in line) for line in town.thread()] == [(True, False), (False, True)]
    assert (await office.get(case)).work_at is None


async def test_a_card_whose_answer_was_lost_is_found_and_not_posted_again(town: SlackTown) -> None:
    case = await a_case(town)
    town.slack.api.fail_next(0, method="chat.postMessage", after_work=True)
    outbox = town.outbox()
    await outbox.run()
    waiting = await town.office.get(case)
    assert (waiting.card.ts, waiting.card.error is None) == (None, False)
    town.office.clock.passes(minutes=1)
    await outbox.run()
    await outbox.run()
    (card,) = town.posts()
    assert (await town.office.get(case)).card.ts == card["ts"]
    assert (await town.office.get(case)).work_at is None


async def test_a_thread_line_whose_answer_was_lost_is_not_written_again(town: SlackTown) -> None:
    case, outbox = await a_case(town), town.outbox()
    await outbox.run()
    for text in ("one", "two", "three"):
        await town.office.do(Verb.NOTE, case.id, {"text": text})
    town.slack.api.fail_next(0, method="chat.postMessage", after_work=True)
    await outbox.run()
    town.office.clock.passes(minutes=1)
    await outbox.run()
    assert [line.rpartition(" ")[2] for line in town.thread()] == ["one", "two", "three"]


async def test_lines_before_a_failure_stay_counted(town: SlackTown) -> None:
    case, outbox = await a_case(town), town.outbox()
    await outbox.run()
    for number in range(4):
        await town.office.do(Verb.NOTE, case.id, {"text": f"note-{number}"})
    real, left = town.client.thread, [2]

    class Flaky:
        def __getattr__(self, name: str) -> Any:
            return getattr(town.client, name)

        async def thread(self, *args: Any) -> str:
            if not left[0]:
                left[0] = 99
                raise_down()
            left[0] -= 1
            return await real(*args)

    flaky = replace(outbox, cards=Cards(outbox.store, Flaky(), outbox.now, outbox.cards.draw))  # type: ignore[arg-type, union-attr]
    await flaky.run()
    assert (await town.office.get(case)).card.lines == 2
    town.office.clock.passes(minutes=1)
    await flaky.run()
    assert [line.rpartition(" ")[2] for line in town.thread()] == [f"note-{n}" for n in range(4)]


def raise_down() -> None:
    raise TemporaryError("Slack could not be reached.")


async def test_while_slack_is_down_cards_wait_longer_each_time_and_come_at_last(
    town: SlackTown, caplog: pytest.LogCaptureFixture
) -> None:
    case, outbox = await a_case(town), town.outbox()
    town.slack.api.fail_next(503, 1000)
    waits = []
    for _ in range(3):
        await outbox.run()
        card = (await town.office.get(case)).card
        waits.append(card.not_before - town.office.clock.at)
        town.office.clock.at = card.not_before
    assert waits == sorted(waits)
    assert waits[0] < waits[-1] <= timedelta(minutes=15)
    assert len([line for line in caplog.records if "waits" in line.getMessage()]) == 1
    town.slack.api.troubles.clear()
    await outbox.run()
    await outbox.run()
    assert len(town.posts()) == 1
    shown = (await town.office.get(case)).card
    assert (shown.error, shown.attempts, shown.not_before) == (None, 0, None)


async def test_slacks_own_wait_is_kept(town: SlackTown) -> None:
    case = await a_case(town)
    town.slack.api.fail_next(429, 10, retry_after=77)
    await town.outbox().run()
    assert (await town.office.get(case)).card.not_before == NOW + timedelta(seconds=77)


async def test_one_card_that_fails_leaves_the_others_alone(town: SlackTown) -> None:
    lost, fine = await a_case(town), await a_case(town, native="2", person="43")
    await town.office.store.replace(replace(lost, card=Card("#gone")))
    await town.outbox().run()
    assert len(town.posts()) == 1
    assert "not known" in str((await town.office.get(lost)).card.error)
    assert (await town.office.get(fine)).card.ts


async def test_signals_and_incidents_have_their_cards_on_call(town: SlackTown) -> None:
    office = town.office
    await office.incidents.observe("payments", SignalState.OPEN, evidence(), ["men_1"])
    (opened,) = await office.all(Signal)
    outbox = town.outbox()
    await outbox.run()
    going = await office.declare(opened.id)
    await outbox.run()
    first, second = town.posts("on-call")
    assert "Payments" in first["text"]
    assert "Payments fail" in str(second["blocks"])
    assert going.id in str(second["blocks"])


async def test_a_record_without_a_card_is_not_shown(town: SlackTown) -> None:
    await town.office.store.add(signal(card=None))
    await town.outbox().run()
    assert "chat.postMessage" not in town.slack.api.calls


async def test_a_changed_record_is_drawn_as_it_is_when_it_is_shown(town: SlackTown) -> None:
    case, drawn = await a_case(town), []

    async def draw(record: Any) -> View:
        drawn.append(record.revision)
        return View("text", [])

    cards = Cards(town.office.store, town.client, town.office.clock, draw)
    await cards.show(case)
    await town.office.do(Verb.CLAIM, case.id)
    await cards.show(await town.office.get(case))
    assert drawn == [0, 1]
