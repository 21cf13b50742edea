from __future__ import annotations

import pytest

from domain.incidents.signal import SignalState
from sentiment.spikes.rollup import Opening, roll_up

OPEN, RECOVERING, WATCH = SignalState.OPEN, SignalState.RECOVERING, SignalState.WATCH


@pytest.mark.parametrize(
    ("openings", "components"),
    [
        ({}, None),
        ({"app": Opening(OPEN, 100, 20)}, None),
        ({"app": Opening(OPEN, 100, 20), "login": Opening(WATCH, 101, 9)}, None),
        ({"app": Opening(OPEN, 100, 20), "login": Opening(OPEN, 200, 15)}, None),
        ({"app": Opening(OPEN, 100, 20), "login": Opening(OPEN, 110, 30)}, ("login", "app")),
        (
            {"app": Opening(OPEN, 100, 20), "login": Opening(RECOVERING, 110, 30), "pay": Opening(OPEN, 500, 40)},
            ("login", "app"),
        ),
    ],
)
def test_components_that_open_together_become_one_parent(
    openings: dict[str, Opening], components: tuple[str, ...] | None
) -> None:
    parent = roll_up(openings)
    assert (parent.components if parent else None) == components


def test_the_parent_is_open_as_long_as_one_child_is_and_says_customers_report() -> None:
    parent = roll_up({"app": Opening(RECOVERING, 100, 20), "login": Opening(OPEN, 110, 30)})
    assert parent is not None
    assert (parent.state, parent.opened, parent.score) == (OPEN, 100, 30)
    assert parent.reason == "Customers report trouble with 2 components within 30 min: login, app."
