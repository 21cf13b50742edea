"""Words for updates: our own drafts pass the second look, placeholders are filled in each language's form."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from app.desk.drafts import drafts
from app.desk.wording import TOLD, filled, proofread, suggested, words_for
from domain.action import Action, Verb
from domain.component import Component
from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import offered
from domain.incidents.tone import remarks
from tests.app.desk.office import COMPONENTS, LANGUAGES
from tests.domain.make import ADA, NOW

PARTS = list(COMPONENTS.values())


def asked(verb: Verb, **values: str) -> Action:
    return Action(verb, "inc_1", ADA, {name.replace("__", "."): value for name, value in values.items()})


@pytest.mark.parametrize("phase", list(IncidentStatus))
@pytest.mark.parametrize("parts", [PARTS, PARTS[:1], []])
def test_our_own_drafts_pass_the_second_look_with_and_without_a_promise(
    phase: IncidentStatus, parts: list[object]
) -> None:
    verb = Verb.RESOLVE if phase is IncidentStatus.RESOLVED else Verb.UPDATE
    words = drafts(parts, phase, LANGUAGES)  # type: ignore[arg-type]
    assert proofread(Action(verb, "inc_1", ADA, {**words, "status": phase})) == []
    assert proofread(Action(verb, "inc_1", ADA, {**words, "next_update_minutes": "30"})) == []


def test_only_words_for_customers_are_looked_at_and_only_until_they_were_heard() -> None:
    text = {"text__en": "Due to AWS. We look."}
    assert [language for language, _ in proofread(asked(Verb.UPDATE, **text))] == ["en"]
    assert {verb for verb in Verb if proofread(asked(verb, **text))} == TOLD
    assert proofread(asked(Verb.UPDATE, heard="yes", **text)) == []
    assert proofread(asked(Verb.DECLARE, private="yes", **text)) == []


def test_placeholders_are_filled_in_the_form_of_each_language() -> None:
    texts = dict.fromkeys(LANGUAGES, "{component}, {since}. Again by {next_update}.")
    said = filled(texts, PARTS, NOW - timedelta(days=1), NOW + timedelta(minutes=30), NOW)
    assert said["en"] == "Payments and Delivery, 5 Mar, 16:45 UTC. Again by 17:15 UTC."
    assert said["tr"].startswith("Ödemeler ve Delivery, 5 Mar")
    assert "۱۷:۱۵" in said["fa"]
    assert filled(texts, [], NOW, None, NOW)["en"] == "Our service, 16:45 UTC."
    assert filled({"en": "{next_update}"}, PARTS, NOW, None, NOW) == {"en": "{next_update}"}, "never an empty text"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("از ساعت {since}. تا ساعت {next_update}.", "از ساعت ۱۶:۴۵ UTC روز ۱۴ اسفند. تا ساعت ۱۷:۱۵ UTC."),
        ("از {since}. تا {next_update}.", "از ۱۶:۴۵ UTC روز ۱۴ اسفند. تا ۱۷:۱۵ UTC."),
        ("ساعت آغاز: {since}. خبر بعدی: {next_update}.", "ساعت آغاز: ۱۶:۴۵ UTC روز ۱۴ اسفند. خبر بعدی: ۱۷:۱۵ UTC."),
    ],
)
def test_the_persian_word_for_hour_is_said_where_the_owner_wrote_it_and_nowhere_else(written: str, said: str) -> None:
    assert filled({"fa": written}, [], NOW - timedelta(days=1), NOW + timedelta(minutes=30), NOW) == {"fa": said}


@pytest.mark.parametrize(
    ("language", "days", "began", "again"),
    [
        ("en", 0, "since 16:45 UTC", "by 17:15 UTC."),
        ("en", 1, "since 5 Mar, 16:45 UTC", "by 7 Mar, 17:15 UTC."),
        ("tr", 0, "16:45 UTC", "En geç 17:15 UTC’ye kadar"),
        ("tr", 1, "5 Mar, 16:45 UTC", "En geç 7 Mar, 17:15 UTC’ye kadar"),
        ("fa", 0, "ساعت ۱۶:۴۵ UTC", "حداکثر تا ساعت ۱۷:۱۵ UTC دوباره"),
        ("fa", 1, "ساعت ۱۶:۴۵ UTC روز ۱۴ اسفند", "حداکثر تا ساعت ۱۷:۱۵ UTC روز ۱۶ اسفند دوباره"),
    ],
)
def test_our_templates_say_each_time_once_and_as_their_readers_do(
    language: str, days: int, began: str, again: str
) -> None:
    since, due = NOW - timedelta(days=days), NOW + timedelta(days=days, minutes=30)
    for template in (template for phase in IncidentStatus for template in offered(phase)):
        written = template.text(language)
        (said,) = filled({language: written}, PARTS, since, due, NOW).values()
        assert (said.count(began), said.count(again)) == (written.count("{since}"), written.count("{next_update}"))
        assert said.count("ساعت") == (said.count("UTC") if language == "fa" else 0)


def test_a_suggestion_leaves_the_promise_for_later() -> None:
    (first, *_) = offered(IncidentStatus.INVESTIGATING)
    said = suggested(first, PARTS[:1], NOW, NOW, LANGUAGES)
    assert set(said) == {"text.en", "text.tr", "text.fa"}
    assert said["text.en"].endswith("We will write again by {next_update}.")
    assert "Payments since 16:45 UTC" in said["text.en"]


@pytest.mark.parametrize("phase", list(IncidentStatus))
@pytest.mark.parametrize("parts", [PARTS, PARTS[:1], []])
def test_our_templates_pass_the_second_look_and_begin_with_a_capital(
    phase: IncidentStatus, parts: list[Component]
) -> None:
    for template in offered(phase):
        for due in (NOW + timedelta(days=1), None):
            for language, said in filled(template.texts, parts, NOW - timedelta(days=1), due, NOW).items():
                assert remarks(said, language, over=phase is IncidentStatus.RESOLVED) == ()
                assert not [each for each in re.split(r"(?<=[.!?؟]) ", said) if each[0].islower()]


@pytest.mark.parametrize(
    "name", ["", ".", "identified", "identified.", "identified.9", "identified.-1", "x.0", "identified.٠"]
)
def test_a_link_to_words_that_are_not_there_is_ignored(name: str) -> None:
    assert words_for(name) is None
    assert words_for("identified.0") is not None
