"""How long people's words are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from pydantic import ValidationError

from config.settings import Privacy


def test_it_keeps_a_year_and_masks_unless_told_otherwise() -> None:
    assert (Privacy().keep, Privacy().mask) == (timedelta(days=365), True)


@pytest.mark.parametrize(
    ("keep", "why"),
    [("PT0S", "write a duration"), ("-P1D", "write a duration"), ("PT23H", "greater than or equal to 1 day")],
)
def test_a_slip_of_the_pen_cannot_erase_everything(keep: str, why: str) -> None:
    with pytest.raises(ValidationError, match=why):
        Privacy.model_validate({"keep": keep})


def test_a_day_is_enough() -> None:
    assert Privacy.model_validate({"keep": "P1D"}).keep == timedelta(days=1)
