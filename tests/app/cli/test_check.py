"""`hubbub check-config`: all problems of settings, parts and environment, nothing else."""

from __future__ import annotations

import re

import pytest

from tests.app.cli.running import Hubbub


def test_good_settings_have_no_problems(hubbub: Hubbub) -> None:
    code, out, err = hubbub("check-config", "-c", hubbub.config)
    assert (code, err) == (0, "")
    assert out == f"{hubbub.config}: 1 sources, 1 components, no problems.\n"


def test_problems_of_every_part_are_listed_at_once(hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch) -> None:
    text = hubbub.config.read_text().replace("type: replay", "type: repla")
    extra = "publishers: [{type: mastodon, name: town}]\nslack: {mode: socket}\n"
    hubbub.config.write_text(text + extra)
    code, _, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 2
    for words in ("did you mean `replay`?", "publishers.town.base_url", "HUBBUB_SECRET_TOWN",
                  "HUBBUB_SLACK_BOT_TOKEN", "HUBBUB_SLACK_APP_TOKEN"):  # fmt: skip
        assert words in err


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("store: postgres://ana:hunter2@db/x", "store: The store's URL must begin with sqlite://, mongodb:// or"),
        ("store: sqlite:///nowhere/hubbub.db", "store: The folder of the database nowhere/hubbub.db does not exist."),
        ("on_call: {second_channel: {mail: a@b.example}}", "on_call.second_channel.mail: set `mail` to an SMTP server"),
        ("on_call: {second_channel: {mail: a@b.example}}\nmail: {url: 'maildir:///srv/mail', sender: a@b.example}",
         "on_call.second_channel.mail: set `mail` to an SMTP server"),
        ("on_call: {escalate_to: [U1]}", "on_call.escalate_to: they are called in Slack, which slack.mode turns off"),
    ],
)  # fmt: skip
def test_what_could_never_work_is_a_problem(hubbub: Hubbub, line: str, says: str) -> None:
    key = line.partition(":")[0]
    kept = [kept for kept in hubbub.config.read_text().splitlines() if kept.partition(":")[0] != key]
    hubbub.config.write_text("\n".join([*kept, line]))
    code, out, err = hubbub("check-config")
    assert (code, out) == (2, "")
    assert err.startswith(f"hubbub: {says}")
    assert "hunter2" not in err


def test_what_is_called_by_a_mail_server_and_in_slack_has_no_problems(
    hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("BOT_TOKEN", "APP_TOKEN"):
        monkeypatch.setenv(f"HUBBUB_SLACK_{name}", "x")
    more = (
        "on_call: {escalate_to: [U1], second_channel: {mail: a@b.example}}\n"
        "mail: {url: 'smtp://mail.example', sender: a@b.example}\nslack: {mode: socket}\n"
    )
    hubbub.config.write_text(hubbub.config.read_text() + more)
    assert hubbub("check-config")[0] == 0


BOT = "sources: [{type: telegram, name: our-bot}]\n"


def test_a_source_without_its_secret_is_told_which_variable_holds_it(hubbub: Hubbub) -> None:
    hubbub.config.write_text(re.sub("(?s)sources:.*", BOT, hubbub.config.read_text()))
    code, _, err = hubbub("check-config")
    assert code == 2
    assert "secret `bot_token` is missing: the token that @BotFather gave for your bot. " in err
    assert err.endswith("Set HUBBUB_SECRET_OUR_BOT in the environment.\n")


def test_an_unknown_variable_is_a_problem_and_its_value_is_not_shown(
    hubbub: Hubbub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HUBBUB_SLACK_TOKN", "xoxb-hunter2")
    code, _, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 2
    assert "HUBBUB_SLACK_TOKN: is not known; did you mean HUBBUB_SLACK_BOT_TOKEN?" in err
    assert "hunter2" not in err


def test_words_of_the_owner_are_looked_at_before_customers_read_them(hubbub: Hubbub) -> None:
    texts = "{en: 'Our bank failed us.', tr: '{since} çalışmıyor. Arıyoruz.', fa: '{next_update} خبر می‌دهیم.'}"
    own = f"update_templates: [{{name: Bank, phase: identified, texts: {texts}}}]\n"
    hubbub.config.write_text(hubbub.config.read_text() + own)
    code, out, err = hubbub("check-config", "-c", hubbub.config)
    assert code == 0
    assert "no problems" in out
    assert err == "update_templates: Bank, en: it does not say what we do now or when we write again\n"
