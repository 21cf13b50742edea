"""The card of planned maintenance says its plan, who takes the next step, and offers what fits."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerts import modals
from alerts.actions import OpenModal, parse_interaction
from alerts.cards import View
from alerts.limits import problems, view_problems
from alerts.work_card import work_card
from domain.action import Action, Verb
from domain.errors import PermanentError
from domain.incidents.planned import PlannedWork, WorkStatus, WorkUpdate
from domain.work import DeliveryState
from tests.alerts.records import ADA, HOSTILE, NOW, a_post
from tests.alerts.shown import elements, fields, texts, words
from tests.alerts.test_actions import pressed
from tests.alerts.test_modals import submitted

HOUR = timedelta(hours=1)
LANGUAGES = ("en", "tr", "fa")
TEXTS = {"en": "Cards may fail.", "fa": "ممکن است پرداخت با کارت انجام نشود."}
BEFORE = ["start_work", "move_work:change", "update_work", "cancel_work", "open_page"]
MEANWHILE = ["complete_work", "move_work:extend", "move_work:change", "update_work", "open_page"]


def a_work(status: WorkStatus = WorkStatus.SCHEDULED, **changes: Any) -> PlannedWork:
    """Work on payments for this evening, or from an hour ago on."""
    first = WorkUpdate("upd_1", NOW - HOUR, WorkStatus.SCHEDULED, TEXTS, "Ada")
    started = status is not WorkStatus.SCHEDULED
    begun = NOW - HOUR if started and status is not WorkStatus.CANCELLED else None
    over = NOW if status in (WorkStatus.COMPLETED, WorkStatus.CANCELLED) else None
    said = (first, replace(first, id="upd_2", status=status)) if started else (first,)
    start = NOW - HOUR if started else NOW + 6 * HOUR
    made = PlannedWork(
        "mnt_1", {"en": "New database", "fa": "پایگاه داده"}, ("payments", "search"), start, start + 2 * HOUR,
        NOW - HOUR, ADA, said, begun_at=begun, finished_at=over, revision=3,
    )  # fmt: skip
    return replace(made, **changes)


def view_of(work: PlannedWork, **more: Any) -> View:
    parts: dict[str, Any] = {
        "now": NOW, "page_url": "https://status.example/en/maintenance/mnt_1.html",
        "component_names": {"payments": "Payments"}, "desk_url": "https://status.example/desk/maintenance/mnt_1",
    }  # fmt: skip
    view = work_card(work, **parts | more)
    assert problems(view.blocks) == []
    return view


def shown(work: PlannedWork, **more: Any) -> str:
    return words(view_of(work, **more).blocks)


def test_the_card_says_the_plan_and_what_customers_read() -> None:
    first, second, english, persian, *_ = texts(view_of(a_work()).blocks)
    assert first == (
        ":calendar: *New database* · scheduled\nMaintenance <!date^1795204800^{time}|20:00 UTC> to "
        "<!date^1795212000^{time}|22:00 UTC> (2 h) · announced by Ada"
    )
    assert second == "Payments · search\nIt begins and ends by itself."
    assert english == "Customers read, in English:\n> Cards may fail."
    assert persian.startswith("Customers read, in Persian:\n> \u2068ممکن")
    assert view_of(a_work()).text == "Maintenance scheduled: New database · 20 Nov 20:00 to 22:00 UTC"


@pytest.mark.parametrize(
    ("status", "first_line", "buttons"),
    [
        (WorkStatus.SCHEDULED, ":calendar: *New database* · scheduled\n", BEFORE),
        (WorkStatus.IN_PROGRESS, ":construction: *New database* · in progress\n", MEANWHILE),
        (WorkStatus.VERIFYING, ":mag: *New database* · done, the result is being checked\n", MEANWHILE),
        (WorkStatus.COMPLETED, ":white_check_mark: *New database* · completed\n", ["open_page"]),
        (WorkStatus.CANCELLED, ":heavy_multiplication_x: *New database* · called off\n", ["open_page"]),
    ],
)
def test_each_phase_is_said_first_and_offers_what_it_allows(
    status: WorkStatus, first_line: str, buttons: list[str]
) -> None:
    view = view_of(a_work(status))
    assert next(texts(view.blocks)).startswith(first_line)
    assert list(elements(view.blocks)) == buttons


@pytest.mark.parametrize(
    ("work", "said"),
    [
        (a_work(begins_by_itself=False), "*Somebody must start it.*"),
        (a_work(WorkStatus.IN_PROGRESS), "It ends by itself, unless somebody extends it."),
        (a_work(WorkStatus.IN_PROGRESS, begins_by_itself=False), "\n:point_right: *Somebody must complete it.*"),
        (a_work(WorkStatus.IN_PROGRESS, begins_by_itself=False, ends_at=NOW), ":warning: *Longer than planned.*"),
        (a_work(WorkStatus.COMPLETED), "(lasted 1 h)"),
        (a_work(WorkStatus.COMPLETED), "Nothing is left to do."),
        (a_work(WorkStatus.CANCELLED), "It does not take place"),
    ],
)
def test_the_card_says_who_takes_the_next_step(work: PlannedWork, said: str) -> None:
    assert said in shown(work)


def test_each_step_is_asked_for_once_more_before_customers_are_told() -> None:
    before, meanwhile = (elements(view_of(work).blocks) for work in (a_work(), a_work(WorkStatus.IN_PROGRESS)))
    for name in ("start_work", "cancel_work"):
        assert "posts wait for approval" in before[name]["confirm"]["text"]["text"]
    for name in ("complete_work", "move_work:extend"):
        assert "posts wait for approval" in meanwhile[name]["confirm"]["text"]["text"]
    assert (before["start_work"]["style"], before["cancel_work"]["style"]) == ("primary", "danger")
    assert meanwhile["move_work:extend"]["text"]["text"] == "Extend 30 min"
    assert meanwhile["move_work:change"]["text"]["text"] == "Change the end"


def test_its_posts_wait_for_approval_and_can_be_changed_as_those_of_an_incident() -> None:
    posts = (a_post(1), a_post(2, DeliveryState.SENT, url="https://social.example/9"),
             a_post(3, DeliveryState.FAILED, error="401 <bad token>"))  # fmt: skip
    view = view_of(a_work(deliveries=posts), remark=lambda post: "40 of 280")
    keys = elements(view.blocks)
    assert {keys[f"{verb}:0"]["value"] for verb in ("approve_post", "edit_post", "skip_post")} == {"mnt_1|del_1"}
    assert [o["value"] for o in keys["withdraw_post"]["options"]] == ["mnt_1|del_2"]
    assert "_40 of 280_" in words(view.blocks)
    assert "401 &lt;bad token&gt;" in words(view.blocks)


def test_the_card_says_that_posting_is_stopped_and_that_its_thread_is_internal() -> None:
    said = shown(a_work(), stopped="Posting is stopped by <Ada>")
    assert ":no_entry: Posting is stopped by &lt;Ada&gt;" in said
    assert said.count("nothing written here is sent to a customer") == 1


def test_without_a_page_there_is_no_button_to_it() -> None:
    assert "open_page" not in elements(view_of(a_work(), page_url="").blocks)
    assert not elements(view_of(a_work(WorkStatus.COMPLETED), page_url="").blocks)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_hostile_words_anywhere_keep_the_card_and_its_modals_whole(hostile: str) -> None:
    update = WorkUpdate("u", NOW, WorkStatus.IN_PROGRESS, {f"{hostile[:9]}{n}": hostile for n in range(12)}, hostile)
    posts = [a_post(n, text=hostile, channel=hostile, error=hostile) for n in range(12)]
    failed = [replace(post, state=DeliveryState.FAILED) for post in posts]
    work = a_work(
        titles={"en": hostile}, updates=(update,), deliveries=(*posts, *failed), begun_at=NOW,
        announced_by=replace(ADA, name=hostile), components=(hostile,) * 30,
    )  # fmt: skip
    said = shown(work)
    for ping in ("<!channel", "<!everyone", "<@U", "|Your bank>", "@channel", "\u202e"):
        assert ping not in said
    for view in (modals.work_update_modal(work, LANGUAGES), modals.work_time_modal(work, LANGUAGES)):
        assert view_problems(view) == []


@given(st.text(max_size=3000), st.text(max_size=300))
@settings(max_examples=40, deadline=None)
def test_any_words_give_a_card_that_slack_takes(text: str, title: str) -> None:
    update = replace(a_work().updates[0], texts={"en": text})
    view_of(a_work(titles={"en": title}, updates=(update,), deliveries=(a_post(1, text=text),)))


# --- what a press means


def test_every_button_is_read_as_what_it_says() -> None:
    found = {}
    for work in (a_work(), a_work(WorkStatus.IN_PROGRESS)):
        for name, element in elements(view_of(work).blocks).items():
            found[name] = parse_interaction(pressed(dict(element)))
    for name, verb in (("start_work", Verb.START_WORK), ("complete_work", Verb.COMPLETE_WORK),
                       ("cancel_work", Verb.CANCEL_WORK)):  # fmt: skip
        action = found[name]
        assert isinstance(action, Action)
        assert (action.verb, action.subject, dict(action.values)) == (verb, "mnt_1", {})
    extend = found["move_work:extend"]
    assert isinstance(extend, Action)
    assert (extend.verb, dict(extend.values)) == (Verb.MOVE_WORK, {"extend_from": "2026-11-20T15:00Z"})
    assert extend.actor == ADA
    for name, verb in (("move_work:change", Verb.MOVE_WORK), ("update_work", Verb.UPDATE_WORK)):
        modal = found[name]
        assert isinstance(modal, OpenModal)
        assert (modal.verb, modal.subject, dict(modal.values)) == (verb, "mnt_1", {})
    assert found["open_page"] is None


def test_a_button_without_its_record_is_refused() -> None:
    with pytest.raises(PermanentError, match="came without what it is about"):
        parse_interaction(pressed({"action_id": "start_work", "value": "|"}))


# --- what the modals ask for


@pytest.mark.parametrize(
    ("work", "names"),
    [(a_work(), ["starts_at", "ends_at"]), (a_work(WorkStatus.IN_PROGRESS), ["ends_at"])],
)
def test_the_time_can_be_changed_with_or_without_words(work: PlannedWork, names: list[str]) -> None:
    view = modals.work_time_modal(work, LANGUAGES)
    assert view_problems(view) == []
    assert [name for name in fields(view) if not name.startswith("text.")] == names
    assert all(block["optional"] for block in view["blocks"] if block.get("block_id", "").startswith("text."))
    action = submitted(view)
    assert (action.verb, action.subject) == (Verb.MOVE_WORK, "mnt_1")
    assert datetime.fromisoformat(action.values["ends_at"] + "+00:00") == work.ends_at
    assert not any(name.startswith("text.") for name in action.values)


@pytest.mark.parametrize(
    ("status", "steps"),
    [
        (WorkStatus.SCHEDULED, None), (WorkStatus.IN_PROGRESS, ["in_progress", "verifying"]),
        (WorkStatus.VERIFYING, ["verifying", "in_progress"]),
    ],
)  # fmt: skip
def test_an_update_asks_how_far_it_is_once_it_has_begun(status: WorkStatus, steps: list[str] | None) -> None:
    view = modals.work_update_modal(a_work(status), LANGUAGES)
    assert view_problems(view) == []
    menu = fields(view).get("status")
    assert (menu and [option["value"] for option in menu["options"]]) == steps
    action = submitted(view, **{"text.en": "Half is done."})
    assert (action.verb, action.values["text.en"]) == (Verb.UPDATE_WORK, "Half is done.")
    assert action.values.get("status") == (str(status) if steps else None)
