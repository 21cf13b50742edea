"""Relative paths begin at the folder of the settings file, wherever hubbub is started."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.load import load, load_settings
from config.paths import store_from

SETTINGS = """
brand: {name: Acme}
components: [{id: app, names: {en: App}}]
sources:
  - {type: replay, name: posts, options: {path: posts.jsonl}}
  - {type: json, name: api, options: {path: items}}
page: {logo: logo.svg, css: /srv/page.css}
pages: [{name: pay, brand: Pay, out_dir: pay, public_url: "https://pay.example"}]
"""


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("sqlite:///hubbub.db", "sqlite:////srv/a/hubbub.db"),
        ("sqlite:///data/hub%20bub.db", "sqlite:////srv/a/data/hub%20bub.db"),
        ("sqlite:////var/hubbub.db", "sqlite:////var/hubbub.db"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite://hubbub.db", "sqlite://hubbub.db"),  # a mistake, of which the store speaks
        ("mongodb://host:27017/hubbub", "mongodb://host:27017/hubbub"),
    ],
)
def test_only_the_relative_path_of_a_sqlite_url_is_moved(url: str, found: str) -> None:
    assert store_from(url, Path("/srv/a")) == found


def test_a_folder_is_quoted_as_the_url_is() -> None:
    assert store_from("sqlite:///a.db", Path("/srv/50% off")) == "sqlite:////srv/50%25%20off/a.db"


def test_every_path_of_the_settings_begins_at_their_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hubbub.yaml").write_text(SETTINGS)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    settings = load_settings(Path("../hubbub.yaml"))
    assert settings.store == "sqlite:///../hubbub.db"
    assert (settings.page.out_dir, settings.page.logo, settings.page.css) == ("../site", "../logo.svg", "/srv/page.css")
    assert settings.page.logo_dark is None
    assert settings.pages[0].out_dir == "../pay"
    assert [source.options for source in settings.sources] == [{"path": "../posts.jsonl"}, {"path": "items"}]


def test_a_store_from_the_environment_begins_there_too(tmp_path: Path) -> None:
    (tmp_path / "hubbub.yaml").write_text(SETTINGS)
    _, secrets = load(tmp_path / "hubbub.yaml", {"HUBBUB_STORE": "sqlite:///other.db"})
    assert secrets.store is not None
    assert secrets.store.get_secret_value() == f"sqlite:///{tmp_path}/other.db"
