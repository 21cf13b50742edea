"""Publishers and the switches over them, as they stand in the settings."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from config.settings import Settings
from status_page.publishers.registry import PUBLISHERS

TREE: dict[str, Any] = {
    "brand": {"name": "Acme", "languages": ["en", "tr"]},
    "components": [{"id": "app", "names": {"en": "App"}}],
}


def test_every_channel_there_is_can_be_set_up() -> None:
    tree = Settings.model_validate(
        {**TREE, "publishers": [{"type": kind, "name": f"our-{kind}", "languages": ["tr"]} for kind in PUBLISHERS]}
    )
    assert [p.type for p in tree.publishers] == list(PUBLISHERS)


def test_by_default_what_is_approved_leaves() -> None:
    publishing = Settings.model_validate(TREE).publishing
    assert (publishing.dry_run, publishing.stopped) == (False, False)


def test_an_account_cannot_speak_a_language_the_brand_does_not() -> None:
    tree = {**TREE, "publishers": [{"type": "x", "name": "x", "languages": ["fa"]}]}
    with pytest.raises(ValidationError, match=r"publishers\.x\.languages: fa is not there; known are en, tr"):
        Settings.model_validate(tree)
