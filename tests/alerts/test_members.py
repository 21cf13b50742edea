"""Where Slack says of whom a press, a command and a reaction are; anything may be missing or of another shape."""

from __future__ import annotations

from typing import Any

import pytest

from alerts.members import Home, Sender, home_of, ids_of, who_pressed, who_reacted, who_typed
from domain.errors import PermanentError


def test_a_press_is_of_the_person_not_of_the_workspace_around_it() -> None:
    payload = {"user": {"id": "U7", "team_id": "T0ELSE"}, "team": {"id": "T0ACME"}, "enterprise": {"id": "E0ACME"}}
    assert who_pressed(payload) == Sender("U7", frozenset({"T0ELSE"}))


def test_a_command_is_of_its_workspace_and_organisation() -> None:
    form = {"user_id": "U1", "team_id": "T0SHOP", "enterprise_id": "E0ACME"}
    assert who_typed(form) == Sender("U1", frozenset({"T0SHOP", "E0ACME"}))


@pytest.mark.parametrize(("named", "ids"), [
    ({"user_team": "T0ELSE", "team": "T0ACME"}, {"T0ELSE"}), ({"team": "T0ELSE"}, {"T0ELSE"}), ({}, set()),
])  # fmt: skip
def test_an_event_names_the_person_inside_never_around_it(named: dict[str, str], ids: set[str]) -> None:
    payload = {"team_id": "T0ACME", "context_team_id": "T0ACME", "event": {"user": "U7", **named}}
    assert who_reacted(payload) == Sender("U7", frozenset(ids))


@pytest.mark.parametrize("odd", [None, "", 7, [], {}, {"id": None, "team_id": ["T"]}])
def test_what_has_another_shape_says_nothing(odd: Any) -> None:
    assert who_pressed({"user": odd}).ids == who_reacted({"event": odd}).ids == who_typed({"team_id": 7}).ids == set()
    assert ids_of({"team_id": odd, "enterprise_user": odd}) == set()


def test_our_workspace_needs_an_id() -> None:
    assert home_of({"team": "Acme", "team_id": "T0ACME"}) == Home(frozenset({"T0ACME"}), "Acme")
    with pytest.raises(PermanentError, match="which workspace"):
        home_of({"team": "Acme"})
