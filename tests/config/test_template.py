"""The commented settings that `hubbub init` writes: they load, whatever the brand is called, and name every key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from app import outfit
from config.load import load, load_settings
from config.settings import LANGUAGES, Settings
from config.template import Answers, fill
from domain.incidents.tone import remarks
from tests.config.keys import keys_of

ABSENT = {  # each with the reason
    "enabled": "a source that is not wanted is left out of a fresh file",
    "model": "the bundled classifier needs no settings (docs list the others)",
    "model.name": "as above",
    "model.labels": "as above",
    "model.threads": "as above",
    "model.window_ms": "as above",
    "sources.enabled": "as above",
    "care.low_rating": "the default fits every store of reviews",
    "publishers.languages": "by default an account speaks every language of the brand",
    "slack.api_url": "only another Slack (a stand-in) has another address",
    "publishers.posts": "by default an account takes incident posts",
    "publishers.options": "only Bluesky has one; check-config asks for it",
}


def template() -> str:
    return (resources.files("config") / "template.yaml").read_text(encoding="utf-8")


def mentioned(text: str) -> set[str]:
    """List the keys that stand in the template, also in comments and in flow style."""
    return set(re.findall(r"([a-z_]+):(?:\s|$)", text))


def test_every_key_of_the_settings_is_in_the_template_or_absent_for_a_reason() -> None:
    there = mentioned(template())
    missing = {path for path in keys_of(Settings) if path.rpartition(".")[2] not in there} - set(ABSENT)
    assert missing == set()


def test_the_template_promises_no_key_that_does_not_exist() -> None:
    tree = yaml.safe_load(fill(Answers("Acme")))
    known = set(keys_of(Settings))
    assert {path for path in _paths(tree) if not path.startswith(_FREE)} <= known


_FREE = ("sources.options.", "components.names.", "components.keywords.")


def _paths(tree: Any, at: str = "") -> Iterator[str]:
    if isinstance(tree, dict):
        for key, inner in tree.items():
            yield f"{at}{key}"
            yield from _paths(inner, f"{at}{key}.")
    if isinstance(tree, list):
        for inner in tree:
            yield from _paths(inner, at)


def test_the_keys_are_found_at_every_depth() -> None:
    class Inner(BaseModel):
        leaf: int

    class Outer(BaseModel):
        many: tuple[Inner, ...]
        perhaps: Inner | None = None

    assert sorted(keys_of(Outer)) == ["many", "many.leaf", "perhaps", "perhaps.leaf"]


def written(tmp_path: Path, answers: Answers) -> Settings:
    path = tmp_path / "hubbub.yaml"
    path.write_bytes(fill(answers).encode())
    return load_settings(path)


def test_the_answers_arrive_in_the_settings(tmp_path: Path) -> None:
    answers = Answers("Çarşı & Söhne", ("tr", "fa"), "çarşı", "socket", "https://durum.example/x/")
    settings = written(tmp_path, answers)
    assert settings.brand.name == "Çarşı & Söhne"
    assert settings.brand.languages == ("tr", "fa")
    assert settings.brand.own_accounts == ("çarşı",)
    assert settings.slack.mode == "socket"
    assert str(settings.web.public_url) == "https://durum.example/x"
    assert settings.sources[1].options == {"query": "çarşı"}


def uncommented(text: str) -> str:
    """Take the mark away from every commented example; a remark begins with one blank and no key."""
    return re.sub(r"(?m)^( *)# (?=  |[a-z_]+:|- |\{)", r"\1", text)


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="64" height="32"><rect width="64" height="32"/></svg>'
TOKENS = {f"HUBBUB_SECRET_{name}": "sixteen letters or more" for name in ("MASTODON", "X", "TELEGRAM", "PROMETHEUS")}


def with_every_example(folder: Path, languages: tuple[str, ...]) -> Settings:
    """Load and check the template with every commented example."""
    path = folder / "hubbub.yaml"
    path.write_text(uncommented(fill(Answers("Acme", languages))), encoding="utf-8")
    for name, content in (("logo.svg", SVG), ("logo-dark.svg", SVG), ("page.css", "h1 {font-weight: 400}")):
        (folder / name).write_text(content)
    made, secrets = load(path, TOKENS)
    outfit.check(made, secrets)
    return made


@pytest.mark.parametrize("languages", [("en",), ("tr", "fa"), ("en", "tr", "fa")])
def test_every_commented_example_may_be_uncommented(languages: tuple[str, ...], tmp_path: Path) -> None:
    made = with_every_example(tmp_path, languages)
    assert [source.type for source in made.sources] == ["form", "hackernews", "mastodon", "appstore", "rss"]
    assert [outlet.type for outlet in made.publishers] == ["mastodon", "x", "telegram"]
    assert {name for name in Settings.model_fields if not getattr(made, name)} == set(), "there is one of each part"
    (own,) = made.update_templates
    assert set(own.texts) == set(LANGUAGES)
    assert [remarks(text, language, promised=True) for language, text in own.texts.items()] == [(), (), ()]


def test_nothing_that_looks_like_an_example_is_missed() -> None:
    kept = re.findall(r"(?m)^ *#.*", uncommented(template()))
    assert [line for line in kept if re.search(r"\w:( [\[{]|$)", line)] == []


HOSTILE = [
    'Say "hi"', "It's", "a: b", "# not a comment", "- list", "{flow}", "[x]", "&anchor *alias", "!!python/object:x",
    "%TAG", "@at `tick`", "$brand ${query} $$", "a\nbrand: b", "tab\there", "back\\slash \\n \\u0041", "yes", "null",
    "1e3", "🍕 Pizza", "پیتزا\u200cفروشی", "İstanbul", "\u2028line", "nel\x85x", "c1\x9fx", "\x7fdel", "bom\ufeffx",
]  # fmt: skip


@pytest.mark.parametrize("brand", HOSTILE)
def test_no_brand_name_breaks_the_file(brand: str, tmp_path: Path) -> None:
    assert written(tmp_path, Answers(brand)).brand.name == brand.strip()


@settings(deadline=None, max_examples=50)
@given(brand=st.text(st.characters(codec="utf-8"), min_size=1, max_size=80).filter(lambda name: name.strip() != ""))
def test_any_text_survives_as_a_name(brand: str) -> None:
    assert yaml.safe_load(fill(Answers(brand)))["brand"]["name"] == brand


def test_a_strange_slack_mode_cannot_add_keys(tmp_path: Path) -> None:
    assert "evil" not in yaml.safe_load(fill(Answers("A", slack="off\nevil: yes")))
