"""Settings from a file: every problem at once, with file, key path and a hint."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.load import MAX_BYTES, load, load_settings
from domain.errors import ConfigError
from domain.heard.classification import Kind

GOOD = """
brand: {name: Acme, languages: [en, tr, fa], own_accounts: ["@acme"]}
components:
  - {id: payments, names: {en: Payments, fa: پرداخت}, keywords: {tr: [ödeme]}, kinds: [payment_billing]}
sources:
  - {type: hackernews, name: hn, every: PT5M, options: {query: acme}}
publishers:
  - {type: mastodon, name: town, base_url: "https://town.example"}
"""


def file(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "hubbub.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def problems(path: Path) -> list[str]:
    """Give the problems of a file, without its name, which each of them must begin with."""
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert all(problem.startswith(str(path)) for problem in caught.value.problems)
    return [problem.removeprefix(f"{path}: ").removeprefix(str(path)) for problem in caught.value.problems]


def test_good_settings_are_typed(tmp_path: Path) -> None:
    settings = load_settings(file(tmp_path, GOOD))
    assert settings.sources[0].every == timedelta(minutes=5)
    assert settings.components[0].kinds == (Kind.PAYMENT_BILLING,)
    assert settings.care.answer_within == timedelta(hours=1)
    assert str(settings.web.public_url) == "http://127.0.0.1:8080"


def test_every_problem_is_listed_at_once_with_its_place(tmp_path: Path) -> None:
    text = """
brand: {name: "", languages: [en, de], colour: red}
components: [{id: Pay Ments, names: {}}]
sources: [{type: hackernews, every: PT1S}]
care: {chanel: "#care", low_rating: 9}
on_call: {second_channel: {webhok: "https://x.example"}}
web: {port: http, public_url: not a url}
folow_up: auto
"""
    found = problems(file(tmp_path, text))
    by_place = {problem.partition(": ")[0]: problem.partition(": ")[2] for problem in found}
    assert by_place.keys() == {
        "brand.name", "brand.languages", "brand.colour", "components.0.id", "components.0.names", "sources.0.name",
        "sources.0.every", "care.chanel", "care.low_rating", "on_call.second_channel.webhok", "web.port",
        "web.public_url", "folow_up",
    }  # fmt: skip
    assert by_place["brand.languages"] == "choose from en, tr, fa; de is not there yet"
    assert by_place["brand.colour"] == "is not known"
    assert by_place["sources.0.name"] == "is missing"
    assert by_place["sources.0.every"] == "poll between every 5 seconds (PT5S) and once a day (P1D)"
    assert by_place["care.chanel"] == "is not known; did you mean channel?"
    assert by_place["on_call.second_channel.webhok"] == "is not known; did you mean webhook?"
    assert by_place["folow_up"] == "is not known; did you mean follow_up?"


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("sources: [{type: rss, name: a, optons: {}}]", "sources.0.optons: is not known; did you mean options?"),
        ("publishers: [{type: webhook, name: a, langages: [en]}]",
         "publishers.0.langages: is not known; did you mean languages?"),
        ("mail: {url: 'smtp://x', sendr: a@b.example}", "mail.sendr: is not known; did you mean sender?"),
        ("desk: {users: [{nme: x, password_hash: $argon2id$x}]}", "desk.users.0.nme: is not known; did you mean name?"),
    ],
)  # fmt: skip
def test_a_near_miss_is_hinted_at_every_depth(line: str, hint: str, tmp_path: Path) -> None:
    assert hint in problems(file(tmp_path, _with(line)))


def _with(line: str) -> str:
    key = line.partition(":")[0]
    kept = [part for part in GOOD.split("\n") if part]
    start = next((number for number, part in enumerate(kept) if part.startswith(f"{key}:")), None)
    if start is not None:
        del kept[start : start + 2]
    return "\n".join([*kept, line])


def test_a_name_that_is_used_twice_is_named(tmp_path: Path) -> None:
    twice = _with("sources: [{type: form, name: a}, {type: rss, name: a}]")
    assert problems(file(tmp_path, twice)) == ["settings: sources: the name a is used more than once"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("brand: {name: A}\ncare: {}\nbrand: {name: B}\n", ", line 3: the key 'brand' is given twice, first in line 1"),
        ("brand:\n  name: A\n  name: B\n", ", line 3: the key 'name' is given twice, first in line 2"),
        ("a: [{b: 1,\n b: 2}]", ", line 2: the key 'b' is given twice, first in line 1"),
        ("'a': 1\n\"a\": 2\n", ", line 2: the key 'a' is given twice, first in line 1"),
    ],
)
def test_a_key_that_is_given_twice_is_refused_with_its_line(text: str, said: str, tmp_path: Path) -> None:
    assert problems(file(tmp_path, text)) == [said]


def test_an_anchor_may_still_be_changed_where_it_is_used(tmp_path: Path) -> None:
    hn = "{type: hackernews, name: hn, every: PT5M}"
    text = _with(f"sources: [&hn {hn}, {{<<: *hn, name: two}}]")
    assert [source.name for source in load_settings(file(tmp_path, text)).sources] == ["hn", "two"]


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("sources: [{{type: rss, name: a, every: {}}}]", "sources.0.every"),
        ("subscribers: {{unconfirmed_expire: {}}}", "subscribers.unconfirmed_expire"),
        ("care: {{answer_within: {}}}", "care.answer_within"),
        ("on_call: {{escalate_after: {}}}", "on_call.escalate_after"),
        ("privacy: {{keep: {}}}", "privacy.keep"),
    ],
)
@pytest.mark.parametrize("length", ["1h", "5", "5.5", "-PT5M", "PT0S", "P0DT0M", "P5M", "P", "PT", "P1DT", "yes", "[]"])
def test_a_duration_is_iso_8601_and_longer_than_nothing(line: str, place: str, length: str, tmp_path: Path) -> None:
    found = problems(file(tmp_path, _with(line.format(length))))
    assert found == [f"{place}: write a duration like PT5M (five minutes), PT1H or P1D"]


def test_durations_may_be_put_together(tmp_path: Path) -> None:
    care = load_settings(file(tmp_path, _with("care: {answer_within: ' P1DT2H30M '}"))).care
    assert care.answer_within == timedelta(days=1, hours=2, minutes=30)


@pytest.mark.parametrize("said", ["off", "no", "false", "'off'"])
def test_an_unquoted_off_means_off(said: str, tmp_path: Path) -> None:
    assert load_settings(file(tmp_path, _with(f"slack: {{mode: {said}}}"))).slack.mode == "off"


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("brand: {name: A\ncomponents: [", ", line "),
        ("brand:\n  name: A\n   bad: indent\n", ", line 3: is not YAML"),
        ("brand:\n\tname: A\n", ", line 2: is not YAML"),
        (b"brand:\n  name: A\n  url: \x01\n", ", line 3: is not YAML"),
        (b"\xff\xfe\xff", ""),
        ("a: !!python/object/apply:os.system [ls]", ", line 1: is not YAML"),
        ("", "must be a mapping"),
        ("- a\n- b", "must be a mapping"),
        ("just words", "must be a mapping"),
        ("[" * 1500, ""),
    ],
)
def test_what_is_no_yaml_is_said_with_its_line(text: str | bytes, start: str, tmp_path: Path) -> None:
    (problem,) = problems(file(tmp_path, text))
    assert problem.startswith(start)
    assert "\n" not in problem


def test_a_file_that_is_not_there_or_far_too_large_is_said(tmp_path: Path) -> None:
    assert problems(tmp_path / "none.yaml") == ["there is no such file; `hubbub init` writes one"]
    assert "cannot be read" in problems(tmp_path)[0]
    assert "is larger than" in problems(file(tmp_path, b"#" * (MAX_BYTES + 1)))[0]


def test_problems_of_settings_and_environment_come_together(tmp_path: Path) -> None:
    path = file(tmp_path, "brand: {name: Acme}\n")
    with pytest.raises(ConfigError) as caught:
        load(path, {"HUBBUB_SLACK_TOKEN": "x", "HUBBUB_SECRET_TOWN": "not checked: the names are not known"})
    assert caught.value.problems == (
        f"{path}: components: is missing",
        "HUBBUB_SLACK_TOKEN: is not known; did you mean HUBBUB_SLACK_BOT_TOKEN?",
    )


def test_secrets_of_sources_and_publishers_are_found_by_name(tmp_path: Path) -> None:
    settings, secrets = load(file(tmp_path, GOOD), {"HUBBUB_SECRET_TOWN": "tok", "PATH": "/bin"})
    assert settings.publishers[0].name == "town"
    assert (secrets.of("town"), secrets.of("hn")) == ("tok", None)


@settings(deadline=None, max_examples=50)
@given(st.binary(max_size=300))
def test_no_bytes_bring_more_than_a_config_error(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder, pytest.raises(ConfigError):
        load_settings(file(Path(folder), content))
