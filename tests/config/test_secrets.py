"""Secrets from the environment: by value or by file, never both, never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from config.secrets import KNOWN, Secrets, read_secrets
from domain.errors import ConfigError
from domain.variables import variable


def problems(environment: dict[str, str], names: list[str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as caught:
        read_secrets(environment, names if names is not None else [])
    return caught.value.problems


def test_each_known_variable_is_read() -> None:
    secrets = read_secrets({name: f"value of {name}" for name in KNOWN}, [])
    for name, field in KNOWN.items():
        assert getattr(secrets, field).get_secret_value() == f"value of {name}"


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("xoxb-1\n")
    secrets = read_secrets({"HUBBUB_SLACK_BOT_TOKEN_FILE": str(tmp_path / "token")}, [])
    assert secrets.slack_bot_token is not None
    assert secrets.slack_bot_token.get_secret_value() == "xoxb-1"


def test_white_space_around_a_value_is_no_part_of_it() -> None:
    assert read_secrets({"HUBBUB_SECRET_TOWN": " tok\r\n"}, ["town"]).of("town") == "tok"


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    secrets = read_secrets({"HUBBUB_SLACK_BOT_TOKEN": "", "HUBBUB_SECRET_TOWN": " "}, ["town"])
    assert secrets.slack_bot_token is None
    assert secrets.of("town") is None


def test_a_name_with_a_dash_has_a_variable_with_an_underscore() -> None:
    assert variable("mastodon-tr") == "HUBBUB_SECRET_MASTODON_TR"
    assert read_secrets({"HUBBUB_SECRET_MASTODON_TR": "t"}, ["mastodon-tr"]).of("mastodon-tr") == "t"


def test_both_ways_at_once_is_a_mistake(tmp_path: Path) -> None:
    given = {"HUBBUB_STORE": "sqlite://", "HUBBUB_STORE_FILE": str(tmp_path / "x")}
    assert problems(given) == ("HUBBUB_STORE_FILE: give either HUBBUB_STORE or the file, not both",)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "token"
    if content is not None:
        path.write_bytes(content)
    (problem,) = problems({"HUBBUB_SMTP_PASSWORD_FILE": str(path)})
    assert problem.startswith(f"HUBBUB_SMTP_PASSWORD_FILE: the file {path} cannot be read")


def test_unknown_variables_are_all_named_with_the_nearest_known_one() -> None:
    given = {"HUBBUB_SLACK_BOT_TOKE": "a", "HUBBUB_SECRET_TWON": "b", "HUBBUB_QUIET_MODE_ON": "c", "HUB": "d"}
    assert problems(given, ["town"]) == (
        "HUBBUB_QUIET_MODE_ON: is not known",
        "HUBBUB_SECRET_TWON: is not known; did you mean HUBBUB_SECRET_TOWN?",
        "HUBBUB_SLACK_BOT_TOKE: is not known; did you mean HUBBUB_SLACK_BOT_TOKEN?",
    )


def test_what_only_tests_set_is_left_alone() -> None:
    assert read_secrets({"HUBBUB_TEST_MONGO_URI": "x", "HUBBUB_REQUIRE_REAL_PARTS": "1"}, []) == Secrets()


@pytest.mark.parametrize("secret", ["x", "fifteen letters"])
def test_a_secret_that_signs_what_is_sent_to_us_must_be_long(secret: str) -> None:
    said = "HUBBUB_BOUNCES_SECRET: is shorter than 16 characters; it signs what is sent to us"
    assert problems({"HUBBUB_BOUNCES_SECRET": secret}) == (said,)
    assert read_secrets({"HUBBUB_BOUNCES_SECRET": ""}, []).bounces_secret is None


def test_no_secret_is_ever_printed() -> None:
    given = dict.fromkeys(KNOWN, "hunter2 and hunter2 again") | {"HUBBUB_SECRET_TOWN": "hunter2"}
    secrets = read_secrets(given, ["town"])
    shown = f"{secrets} {secrets!r} {secrets.model_dump()} {secrets.model_dump_json()}"
    assert "hunter2" not in shown
    assert "hunter2" not in str(problems({"HUBBUB_STOR": "hunter2"}))
