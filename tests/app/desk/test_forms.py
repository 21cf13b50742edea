"""Plain strings of a form become values, or a sentence that says what to change."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.desk import forms
from domain.component import ComponentStatus
from domain.errors import Refused
from domain.incidents.incident import Impact, IncidentStatus


@pytest.mark.parametrize(("said", "read"), [("1", 1), ("60", 60), ("20160", 20160), ("007", 7)])
def test_minutes_are_read(said: str, read: int) -> None:
    assert forms.minutes(said) == read


@given(st.text(max_size=20).filter(lambda text: not (text.isascii() and text.isdigit())))
def test_what_is_no_number_is_refused_in_one_line(said: str) -> None:
    with pytest.raises(Refused) as caught:
        forms.minutes(said)
    assert len(str(caught.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("values", "promise"),
    [({}, None), ({"next_update_minutes": "0"}, None), ({"next_update_minutes": "30"}, timedelta(minutes=30))],
)
def test_a_promise_may_be_none(values: dict[str, str], promise: timedelta | None) -> None:
    assert forms.promise(values) == promise


def test_texts_are_taken_in_the_languages_of_the_page_only() -> None:
    values = {"text.en": " Hello ", "text.tr": "", "text.de": "Hallo", "text.fa": "سلام"}
    assert forms.texts(values, "text", ("en", "tr", "fa")) == {"en": "Hello", "fa": "سلام"}


@pytest.mark.parametrize(
    ("values", "status", "component"),
    [
        ({}, IncidentStatus.INVESTIGATING, ComponentStatus.PARTIAL_OUTAGE),
        ({}, IncidentStatus.IDENTIFIED, None),
        ({"component_status": "major_outage"}, IncidentStatus.IDENTIFIED, ComponentStatus.MAJOR_OUTAGE),
        ({"component_status": "major_outage"}, IncidentStatus.RESOLVED, ComponentStatus.OPERATIONAL),
    ],
)
def test_the_state_of_components_follows_the_phase(
    values: dict[str, str], status: IncidentStatus, component: ComponentStatus | None
) -> None:
    assert forms.component_status(values, status) is component


def test_a_choice_has_a_default_and_known_words() -> None:
    assert forms.choice({}, "impact", Impact, Impact.MINOR) is Impact.MINOR
    with pytest.raises(Refused, match="impact must be one of"):
        forms.choice({"impact": "x" * 500}, "impact", Impact, Impact.MINOR)


def test_components_are_read_and_strange_ones_named() -> None:
    assert forms.components({"components": " a , b,"}, ("a", "b")) == ["a", "b"]
    with pytest.raises(Refused, match="'c' is no component; known are a, b"):
        forms.components({"components": "a,c"}, ("b", "a"))
