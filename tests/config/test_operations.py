"""Settings of quiet days, planned work, monitors and providers: read, or one clear sentence."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from app import outfit
from config.load import load, load_settings
from domain.errors import ConfigError

BASE = """
brand: {name: Acme}
components: [{id: payments, names: {en: Payments}}, {id: app, names: {en: App}}]
"""
ALL = """
holidays: [2026-03-20, 2026-12-25]
maintenance:
  - {components: [payments], from: 2026-03-20T22:00:00Z, to: 2026-03-21T05:30:00+03:30}
  - {from: "2026-04-01T00:00Z", to: "2026-04-01T01:00Z"}
monitors:
  - {name: prometheus, label: job, components: {checkout: payments}}
providers:
  - {name: GitHub, url: "https://www.githubstatus.com/api/v2/status.json"}
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "hubbub.yaml"
    path.write_text(BASE + text)
    return path


def test_all_of_it_is_read(tmp_path: Path) -> None:
    token = {"HUBBUB_SECRET_PROMETHEUS": "0123456789abcdef"}
    settings, secrets = load(written(tmp_path, ALL), token)
    first, second = outfit.maintenance(settings)
    assert settings.holidays == (date(2026, 3, 20), date(2026, 12, 25))
    assert (first.components, first.ends_at) == (("payments",), datetime(2026, 3, 21, 2, tzinfo=UTC))
    assert second.components == ()
    monitor, secret = outfit.monitors(settings, secrets)["prometheus"]
    assert (monitor.label, monitor.components, secret) == ("job", {"checkout": "payments"}, "0123456789abcdef")
    assert settings.providers[0].url == "https://www.githubstatus.com/api/v2/status.json"
    outfit.check(settings, secrets)


def test_a_monitor_without_its_token_is_a_problem(tmp_path: Path) -> None:
    settings, secrets = load(written(tmp_path, ALL), {"HUBBUB_SECRET_PROMETHEUS": "short"})
    with pytest.raises(ConfigError, match="monitor prometheus: set HUBBUB_SECRET_PROMETHEUS to at least 16"):
        outfit.check(settings, secrets)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("maintenance: [{from: 2026-03-20T22:00:00, to: 2026-03-21T22:00:00Z}]", "timezone"),
        ("maintenance: [{from: 2026-03-21T22:00:00Z, to: 2026-03-21T22:00:00Z}]", "`to` must be later than `from`"),
        ("maintenance: [{components: [shop], from: 2026-03-20T22:00:00Z, to: 2026-03-21T22:00:00Z}]",
         "maintenance.0: shop is no component; known are app, payments"),
        ("maintenance: [{frm: 2026-03-20T22:00:00Z, to: 2026-03-21T22:00:00Z}]", "did you mean from?"),
        ("monitors: [{name: prom, components: {x: shop}}]", "monitors.prom: shop is no component"),
        ("monitors: [{name: prom}, {name: prom}]", "monitors: the name prom is used more than once"),
        ("monitors: [{name: a}]\nsources: [{type: form, name: a}]", "monitors: a is a source or publisher, too"),
        ("holidays: [soon]", "holidays.0"),
        ("providers: [{name: X, url: status}]", "providers.0.url"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_sentence_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load_settings(written(tmp_path, text))
    assert says in str(caught.value)
