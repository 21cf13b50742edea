"""The owner's own words for updates: read, or one clear sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import outfit
from config.load import load_settings
from domain.errors import ConfigError
from domain.incidents.incident import IncidentStatus
from domain.incidents.templates import offered

BASE = """
brand: {name: Acme, languages: [en, tr]}
components: [{id: payments, names: {en: Payments}}]
update_templates:
"""
BANK = "  - {name: Bank, phase: identified, texts: {en: 'Cards fail since {since}.', tr: 'Kartlar çalışmıyor.'}}\n"


def written(folder: Path, text: str) -> Path:
    path = folder / "hubbub.yaml"
    path.write_text(BASE + text, encoding="utf-8")
    return path


def test_they_come_before_ours_in_their_phase_and_nowhere_else(tmp_path: Path) -> None:
    own = outfit.templates(load_settings(written(tmp_path, BANK)))
    first, *others = offered(IncidentStatus.IDENTIFIED, own)
    assert (first.name, first.text("tr")) == ("Bank", "Kartlar çalışmıyor.")
    assert tuple(others) == offered(IncidentStatus.IDENTIFIED)
    assert offered(IncidentStatus.MONITORING, own) == offered(IncidentStatus.MONITORING)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("  - {name: A, phase: identified, texts: {en: We look.}}", "A has no text in tr"),
        ("  - {name: A, phase: identified, texts: {en: ' ', tr: x}}", "en: write between 1 and 2000 characters"),
        ("  - {name: A, phase: broken, texts: {en: x, tr: x}}", "investigating"),
        (BANK + BANK, "the name Bank (identified) is used more than once"),
    ],
)
def test_what_cannot_be_told_is_a_problem(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text))
    assert says in str(caught.value)


def test_a_place_that_is_never_filled_in_is_named(tmp_path: Path) -> None:
    text = "  - {name: A, phase: identified, texts: {en: 'Fixed by {eta}.', tr: x}}"
    with pytest.raises(ConfigError, match=r"en: \{eta\} is never filled in; there are \{component\}, \{since\}"):
        load_settings(written(tmp_path, text))
